"""What a round's annotations say of each other: per level of the tree, per leaf, per pair of annotators."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import combinations

import numpy as np

from pipeline.annotation.rounds.ratings import Annotation
from pipeline.annotation.tree.taxonomy import Indices, Taxonomy
from pipeline.artifacts.agreement import (
    Dispute,
    DisputedItem,
    LeafAgreement,
    LevelAgreement,
    PairAgreement,
    RoundAgreement,
)
from pipeline.statistics.agreement import (
    Nominal,
    alpha_by_value,
    cohen_kappa,
    count_values,
    fleiss_kappa,
    krippendorff_alpha,
    masi,
    percent_agreement,
    specific_agreement,
)
from pipeline.statistics.intervals import Floats, Statistic, bootstrap, resampled

EXAMPLES = 3  # items that are shown of a dispute
#: item → annotator → leaves, the primary first
Votes = dict[str, dict[str, tuple[str, ...]]]


def agreement_by_round(
    annotations: Iterable[Annotation],
    taxonomy: Taxonomy | None,
    times: int,
    seed: int,
    videos: Mapping[str, str | None] | None = None,
) -> tuple[RoundAgreement, ...]:
    """Every round's agreement, in the order of the rounds.

    Args:
        annotations: of all rounds, the left-out ones included.
        taxonomy: gives the levels; without one there is a single level, the labels that occur.
        times, seed: of the bootstrap; with 0 times there are no intervals.
        videos: comment_id → video_id, as far as it is known: of comments of ten videos or more the bootstrap draws
            whole videos, and `resampled` says whether it did. For a pair of annotators that is decided by the comments
            that both labelled.
    """
    by_round: dict[int, list[Annotation]] = defaultdict(list)
    for annotation in annotations:
        by_round[annotation.round].append(annotation)
    return tuple(
        round_agreement(number, by_round[number], taxonomy, times, seed, videos or {}) for number in sorted(by_round)
    )


def round_agreement(
    number: int,
    annotations: Sequence[Annotation],
    taxonomy: Taxonomy | None,
    times: int,
    seed: int,
    videos: Mapping[str, str | None],
) -> RoundAgreement:
    """The statistics of one round; arguments as of `agreement_by_round`."""
    votes: Votes = defaultdict(dict)
    for annotation in annotations:
        votes[annotation.comment_id][annotation.annotator] = annotation.leaves
    items = sorted(votes)
    annotators = sorted({annotation.annotator for annotation in annotations})
    occurring = sorted({annotation.leaves[0] for annotation in annotations})
    # what nobody chose adds nothing to any of these numbers; in a large tree it would be most of the work
    leaves = occurring if taxonomy is None else sorted(occurring, key=taxonomy.index_of_leaf.__getitem__)
    counts = primary_counts(votes, items, leaves)
    several = counts.sum(1) >= 2
    paired = [item for item, kept in zip(items, several, strict=True) if kept]
    counts_paired = counts[several]
    groups = video_groups(paired, videos)

    levels = tree_levels(taxonomy, leaves)
    statistics: list[Statistic] = []
    for _, _, index in levels:
        chosen, column = np.unique(index, return_inverse=True)
        grouped = np.zeros((len(paired), len(chosen)))
        np.add.at(grouped.T, column, counts_paired.T)
        statistics += [partial(percent_agreement, grouped), partial(fleiss_kappa, grouped)]
        statistics.append(partial(krippendorff_alpha, grouped, Nominal()))
    sets = [[frozenset(labels) for labels in votes[item].values()] for item in paired]
    values = sorted({value for given in sets for value in given}, key=sorted)
    statistics.append(partial(krippendorff_alpha, count_values(sets, values), masi(values)))
    per_leaf: list[Statistic] = [partial(alpha_by_value, counts_paired), partial(specific_agreement, counts_paired)]
    intervals = bootstrap(together(statistics + per_leaf), len(paired), times, seed, groups)
    if not paired:
        intervals *= len(statistics)
    alphas, specific = intervals[len(statistics) :][: len(leaves)], intervals[len(statistics) + len(leaves) :]
    by_leaf = zip(leaves, counts_paired.sum(0), alphas, specific, strict=bool(paired))
    return RoundAgreement(
        round=number,
        items=len(items),
        paired_items=len(paired),
        annotators={name: sum(name in votes[item] for item in items) for name in annotators},
        resampled=resampled(groups),
        levels=tuple(
            LevelAgreement(name, categories, *intervals[3 * place : 3 * place + 3])
            for place, (name, categories, _) in enumerate(levels)
        ),
        sets=intervals[len(statistics) - 1],
        leaves=tuple(LeafAgreement(leaf, int(total), alpha, also) for leaf, total, alpha, also in by_leaf if total),
        pairs=tuple(annotator_pairs(votes, annotators, leaves, times, seed, videos)),
        confusions=tuple(disputes(votes, items, counts, leaves)),
    )


def together(statistics: Sequence[Statistic]) -> Statistic:
    """All statistics as the columns of one, so that resamples are drawn once."""
    return lambda weights: np.column_stack([statistic(weights) for statistic in statistics])


def primary_counts(votes: Votes, items: Iterable[str], leaves: Sequence[str]) -> Floats:
    """How often each leaf was an item's primary one, (items, leaves)."""
    return count_values(([labels[0] for labels in votes[item].values()] for item in items), leaves)


def video_groups(items: Sequence[str], videos: Mapping[str, str | None]) -> list[str] | None:
    """Each item's video, and a group of its own where that is not known; None where too few videos are known."""
    known = [video for item in items if (video := videos.get(item)) is not None]
    if resampled(known) == "comments":
        return None
    return [f"item {item}" if (video := videos.get(item)) is None else f"video {video}" for item in items]


def tree_levels(taxonomy: Taxonomy | None, leaves: list[str]) -> list[tuple[str, int, Indices]]:
    """Name, number of categories, and the category of each of these leaves, from the top down to the leaves."""
    own = np.arange(len(leaves))
    if taxonomy is None:
        return [("labels", len(leaves), own)]
    places = [taxonomy.index_of_leaf[leaf] for leaf in leaves]
    upper = [(f"level {depth + 1}", *taxonomy.level(depth)) for depth in range(taxonomy.depth - 1)]
    levels = [(name, len(names), index[places]) for name, names, index in upper]
    return [*levels, ("leaves", len(taxonomy.leaves), own)]


def annotator_pairs(
    votes: Votes,
    annotators: list[str],
    leaves: list[str],
    times: int,
    seed: int,
    videos: Mapping[str, str | None],
) -> Iterable[PairAgreement]:
    """Agreement and Cohen's kappa of every two annotators who share items."""
    for first, second in combinations(annotators, 2):
        shared = [item for item, given in sorted(votes.items()) if first in given and second in given]
        if not shared:
            continue
        one, other = (count_values(([votes[item][name][0]] for item in shared), leaves) for name in (first, second))
        statistics = [partial(percent_agreement, one + other), partial(cohen_kappa, one, other)]
        percent, kappa = bootstrap(together(statistics), len(shared), times, seed, video_groups(shared, videos))
        yield PairAgreement(first, second, len(shared), percent, kappa)


def disputes(votes: Votes, items: list[str], counts: Floats, leaves: list[str]) -> Iterable[Dispute]:
    """Every two leaves that were given to one item, the most frequent pair first, with the clearest examples.

    Args:
        counts: of primary leaves, (items, leaves).
    """
    given_to: dict[tuple[int, int], list[int]] = defaultdict(list)  # two leaves → the items that were given both
    for row in range(len(items)):
        for pair in combinations(np.flatnonzero(counts[row]).tolist(), 2):
            given_to[pair].append(row)
    pairs_of_ratings = {pair: (counts[rows, pair[0]] * counts[rows, pair[1]]).sum() for pair, rows in given_to.items()}
    for one, other in sorted(sorted(given_to), key=lambda pair: -pairs_of_ratings[pair]):
        disputed = given_to[one, other]
        primaries = [{name: labels[0] for name, labels in sorted(votes[items[row]].items())} for row in disputed]
        # the most evenly disputed first, then those with the most votes
        sides = counts[np.ix_(disputed, [one, other])]
        order = np.lexsort((-sides.sum(1), -sides.min(1)))
        yield Dispute(
            leaves[one],
            leaves[other],
            int(pairs_of_ratings[one, other]),
            who_said(leaves[one], primaries),
            who_said(leaves[other], primaries),
            tuple(DisputedItem(items[disputed[place]], primaries[place]) for place in order[:EXAMPLES]),
        )


def who_said(leaf: str, primaries: Iterable[Mapping[str, str]]) -> dict[str, int]:
    """Annotator → in how many of the items this was his or her primary leaf."""
    return dict(sorted(Counter(name for given in primaries for name, said in given.items() if said == leaf).items()))
