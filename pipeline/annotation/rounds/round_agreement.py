"""What a round's annotations say of each other: per level of the tree, per leaf, per pair of annotators."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np

from pipeline.annotation.rounds.ratings import Annotation
from pipeline.annotation.tree.taxonomy import Taxonomy
from pipeline.statistics.agreement import (
    Estimate,
    Floats,
    alpha_by_value,
    cohen_kappa,
    count_values,
    estimates,
    fleiss_kappa,
    krippendorff_alpha,
    masi,
    nominal,
    percent_agreement,
    specific_agreement,
)

EXAMPLES = 3


@dataclass(frozen=True)
class Level:
    """Agreement on the categories of one level of the tree."""

    name: str
    categories: int
    percent: Estimate
    fleiss_kappa: Estimate
    alpha: Estimate


@dataclass(frozen=True)
class Leaf:
    """Agreement on one leaf against all others."""

    leaf: str
    ratings: int
    alpha: Estimate
    specific: Estimate


@dataclass(frozen=True)
class Pair:
    """Two annotators on the items that both labelled."""

    first: str
    second: str
    items: int
    percent: Estimate
    cohen_kappa: Estimate


@dataclass(frozen=True)
class Example:
    """An item that annotators see differently, with everybody's primary leaf."""

    comment_id: str
    votes: dict[str, str]


@dataclass(frozen=True)
class Confusion:
    """Two leaves that stand against each other in `pairs` pairs of ratings; who said which how often."""

    first: str
    second: str
    pairs: int
    said_first: dict[str, int]  # annotator → in the disputed items
    said_second: dict[str, int]
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class RoundAgreement:
    """One round."""

    round: int
    items: int
    paired_items: int  # with at least two ratings: what every statistic rests on
    annotators: dict[str, int]  # items of each
    levels: tuple[Level, ...]  # from the top of the tree to the leaves
    sets: Estimate  # Krippendorff's alpha of the whole label sets, MASI distance
    leaves: tuple[Leaf, ...]
    pairs: tuple[Pair, ...]
    confusions: tuple[Confusion, ...]  # the most frequent first

    def record(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    def gated(self, kind: str) -> Estimate:
        """The alpha that a gate looks at: of the primary leaves, or of the label sets where several count."""
        return self.sets if kind == "multi-label" else self.levels[-1].alpha


def agreement_by_round(
    annotations: Iterable[Annotation], taxonomy: Taxonomy | None, times: int, seed: int
) -> list[RoundAgreement]:
    """Every round's agreement, in the order of the rounds.

    Args:
        annotations: of all rounds, the left-out ones included.
        taxonomy: gives the levels; without one there is a single level, the labels that occur.
        times, seed: of the bootstrap.
    """
    by_round: dict[int, list[Annotation]] = defaultdict(list)
    for annotation in annotations:
        by_round[annotation.round].append(annotation)
    return [round_agreement(number, by_round[number], taxonomy, times, seed) for number in sorted(by_round)]


def round_agreement(
    number: int, annotations: Sequence[Annotation], taxonomy: Taxonomy | None, times: int, seed: int
) -> RoundAgreement:
    """The statistics of one round."""
    votes: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for annotation in annotations:
        votes[annotation.comment_id][annotation.annotator] = annotation.leaves
    items = sorted(votes)
    annotators = sorted({annotation.annotator for annotation in annotations})
    occurring = sorted({annotation.leaves[0] for annotation in annotations})
    leaves = occurring if taxonomy is None else taxonomy.leaves
    counts = count_values(([said[0] for said in votes[item].values()] for item in items), leaves)
    paired = counts.sum(1) >= 2
    counts_paired = counts[paired]

    def estimate(statistic: Any, *arguments: Any) -> list[Estimate]:
        return estimates(partial(statistic, *arguments), len(counts_paired), times, seed)

    levels = []
    for name, categories, index in tree_levels(taxonomy, leaves):
        grouped = np.zeros((len(counts_paired), categories))
        np.add.at(grouped.T, index, counts_paired.T)
        levels.append(
            Level(
                name,
                categories,
                *estimate(percent_agreement, grouped),
                *estimate(fleiss_kappa, grouped),
                *estimate(krippendorff_alpha, grouped, nominal(categories)),
            )
        )
    sets = [[frozenset(said) for said in votes[item].values()] for item, kept in zip(items, paired) if kept]
    values = sorted({value for said in sets for value in said}, key=sorted)
    by_leaf = zip(
        leaves,
        counts_paired.sum(0),
        estimate(alpha_by_value, counts_paired),
        estimate(specific_agreement, counts_paired),
        strict=len(counts_paired) > 0,
    )
    return RoundAgreement(
        round=number,
        items=len(items),
        paired_items=int(paired.sum()),
        annotators={name: sum(name in votes[item] for item in items) for name in annotators},
        levels=tuple(levels),
        sets=estimate(krippendorff_alpha, count_values(sets, values), masi(values))[0],
        leaves=tuple(Leaf(leaf, int(total), alpha, specific) for leaf, total, alpha, specific in by_leaf if total),
        pairs=tuple(annotator_pairs(votes, annotators, leaves, times, seed)),
        confusions=tuple(confusions(votes, items, counts, leaves)),
    )


def tree_levels(taxonomy: Taxonomy | None, leaves: list[str]) -> list[tuple[str, int, Any]]:
    """Name, number of categories, and each leaf's category, from the top down to the leaves."""
    own = np.arange(len(leaves))
    if taxonomy is None:
        return [("labels", len(leaves), own)]
    upper = [(f"level {depth + 1}", *taxonomy.level(depth)) for depth in range(taxonomy.depth - 1)]
    return [*((name, len(names), index) for name, names, index in upper), ("leaves", len(leaves), own)]


def annotator_pairs(
    votes: dict[str, dict[str, tuple[str, ...]]], annotators: list[str], leaves: list[str], times: int, seed: int
) -> Iterable[Pair]:
    """Cohen's kappa of every two annotators who share items."""
    for first, second in combinations(annotators, 2):
        shared = [said for _, said in sorted(votes.items()) if first in said and second in said]
        if not shared:
            continue
        one, other = (count_values(([said[name][0]] for said in shared), leaves) for name in (first, second))
        percent, kappa = (
            estimates(statistic, len(shared), times, seed)[0]
            for statistic in (partial(percent_agreement, one + other), partial(cohen_kappa, one, other))
        )
        yield Pair(first, second, len(shared), percent, kappa)


def confusions(
    votes: dict[str, dict[str, tuple[str, ...]]], items: list[str], counts: Floats, leaves: list[str]
) -> Iterable[Confusion]:
    """Every two leaves that were given to one item, the most frequent first, with the clearest examples."""
    together = counts.T @ counts
    found = [
        (-int(together[one, other]), one, other)
        for one, other in combinations(range(len(leaves)), 2)
        if together[one, other] > 0
    ]
    for pairs, one, other in sorted(found):
        disputed = np.flatnonzero(counts[:, one] * counts[:, other])
        heads = [{name: said[0] for name, said in sorted(votes[items[row]].items())} for row in disputed]
        said = [
            {name: n for name in sorted({name for head in heads for name in head})
             if (n := sum(head.get(name) == leaves[leaf] for head in heads))}
            for leaf in (one, other)
        ]  # fmt: skip
        # the most evenly disputed first
        sides = counts[disputed][:, [one, other]]
        order = np.lexsort((-sides.sum(1), -sides.min(1)))
        examples = tuple(Example(items[disputed[at]], heads[at]) for at in order[:EXAMPLES])
        yield Confusion(leaves[one], leaves[other], -pairs, said[0], said[1], examples)
