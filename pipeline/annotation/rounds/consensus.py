"""From what several annotators said to one gold label, or to none."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.annotation.rounds.dawid_skene import dawid_skene
from pipeline.annotation.rounds.ratings import Annotation
from pipeline.annotation.rounds.settings import Consensus
from pipeline.annotation.tree.taxonomy import Taxonomy
from pipeline.artifacts.labels import GOLD, LABELS

Leaves = tuple[str, ...]
EVEN = 1e-6  # posteriors that differ by less are a tie


@dataclass(frozen=True)
class Settled:
    """One comment's leaves, the primary first; none on a tie."""

    leaves: Leaves
    confidence: float | None


def settle(
    annotations: Iterable[Annotation],
    adjudicated: Mapping[str, Leaves],
    minimum_annotators: int,
    taxonomy: Taxonomy,
    how: Consensus = "majority",
) -> tuple[pl.DataFrame, dict[str, int]]:
    """One label per comment, by majority or by Dawid and Skene's model; the adjudication file overrides both.

    An annotator has one vote per comment: what the latest round says that he or she labelled it in.

    Args:
        annotations: of the rounds that count.
        adjudicated: comment_id → leaves, as the adjudicator settled them.
        minimum_annotators: comments with fewer are left out.
        how: majority trusts all annotators alike; dawid_skene learns whom to trust with what.

    Returns:
        labels (LABELS, sorted by id), and how many comments were settled by whom or left out.
    """
    by_comment: dict[str, dict[str, Annotation]] = defaultdict(dict)
    first_round: dict[str, int] = {}
    for annotation in sorted(annotations, key=lambda annotation: annotation.round):
        by_comment[annotation.comment_id][annotation.annotator] = annotation
        first_round.setdefault(annotation.comment_id, annotation.round)
    ballots = {
        comment_id: [by_annotator[name] for name in sorted(by_annotator)]
        for comment_id, by_annotator in sorted(by_comment.items())
        if len(by_annotator) >= minimum_annotators
    }
    voted = by_majority(ballots, taxonomy) if how == "majority" else by_dawid_skene(ballots, taxonomy)
    counts = {how: 0, "adjudicated": 0, "tied_left_out": 0, "too_few_annotators": len(by_comment) - len(ballots)}
    rows: list[dict[str, Any]] = []
    for comment_id, votes in ballots.items():
        by_hand = comment_id in adjudicated
        outcome = Settled(adjudicated[comment_id], None) if by_hand else voted[comment_id]
        counts["adjudicated" if by_hand else how if outcome.leaves else "tied_left_out"] += 1
        if not outcome.leaves:
            continue
        primary = outcome.leaves[0]
        rows.append(
            {
                "comment_id": comment_id,
                "leaf": primary,
                "leaves": list(outcome.leaves),
                "source": GOLD,
                "round": max(vote.round for vote in votes),
                "first_round": first_round[comment_id],
                "annotators": len(votes),
                "agreement": sum(primary in counted(vote, taxonomy) for vote in votes) / len(votes),
                "settled": "adjudication" if by_hand else how,
                "confidence": outcome.confidence,
                "votes": [{"annotator": v.annotator, "round": v.round, "leaves": list(v.leaves)} for v in votes],
            }
        )
    return pl.DataFrame(rows, schema=LABELS), counts


def counted(vote: Annotation, taxonomy: Taxonomy) -> Leaves:
    """The leaves that a vote is for: its primary one, or all where a text may have several labels."""
    return vote.leaves if taxonomy.kind == "multi-label" else vote.leaves[:1]


def by_majority(ballots: Mapping[str, Sequence[Annotation]], taxonomy: Taxonomy) -> dict[str, Settled]:
    """The primary leaf that more annotators chose than any other, then every leaf that more than half named.

    With several labels per text the primary is the leaf that most annotators named, if more than half did.
    """
    majorities, order = {}, taxonomy.index_of_leaf
    for comment_id, votes in ballots.items():
        named, firsts, most = tally(votes)
        if taxonomy.kind == "multi-label":
            # by votes, then by how often it stood first, then by the tree's order
            leaves = tuple(sorted(most, key=lambda leaf: (-named[leaf], -firsts[leaf], order[leaf])))
            majorities[comment_id] = Settled(leaves, named[leaves[0]] / len(votes) if leaves else None)
            continue
        (primary, count), *others = firsts.most_common(2)
        tie = bool(others) and others[0][1] == count
        leaves = () if tie else (primary, *(leaf for leaf in most if leaf != primary))
        majorities[comment_id] = Settled(leaves, None if tie else count / len(votes))
    return majorities


def tally(votes: Sequence[Annotation]) -> tuple[Counter[str], Counter[str], list[str]]:
    """How often each leaf was named, how often it stood first, and which leaves more than half named."""
    named = Counter(leaf for vote in votes for leaf in vote.leaves)
    most = sorted(leaf for leaf, count in named.items() if 2 * count > len(votes))
    return named, Counter(vote.leaves[0] for vote in votes), most


def by_dawid_skene(ballots: Mapping[str, Sequence[Annotation]], taxonomy: Taxonomy) -> dict[str, Settled]:
    """The leaf of the highest posterior, then every leaf that more than half named.

    With several labels per text each leaf has a model of its own: named or not named.
    """
    if taxonomy.kind == "multi-label":
        return by_dawid_skene_per_leaf(ballots, taxonomy)
    posterior = dawid_skene((key, vote.annotator, vote.leaves[0]) for key, votes in ballots.items() for vote in votes)
    likeliest = {}
    for comment_id, votes in ballots.items():
        shares = posterior[comment_id]
        (primary, most), *others = sorted(shares.items(), key=lambda entry: -entry[1])
        tie = bool(others) and most - others[0][1] < EVEN
        leaves = () if tie else (primary, *(leaf for leaf in tally(votes)[2] if leaf != primary))
        likeliest[comment_id] = Settled(leaves, None if tie else most)
    return likeliest


def by_dawid_skene_per_leaf(ballots: Mapping[str, Sequence[Annotation]], taxonomy: Taxonomy) -> dict[str, Settled]:
    """Every leaf whose posterior is above one half, the surest first."""
    shares: dict[str, dict[str, float]] = {comment_id: {} for comment_id in ballots}
    named_leaves = {leaf for votes in ballots.values() for vote in votes for leaf in vote.leaves}
    for leaf in sorted(named_leaves, key=taxonomy.index_of_leaf.__getitem__):
        said = [(key, vote.annotator, leaf in vote.leaves) for key, votes in ballots.items() for vote in votes]
        posterior = dawid_skene((key, who, "named" if named else "not named") for key, who, named in said)
        for comment_id, share in posterior.items():
            shares[comment_id][leaf] = share.get("named", 0.0)
    likeliest = {}
    for comment_id, by_leaf in shares.items():
        leaves = sorted((leaf for leaf in by_leaf if by_leaf[leaf] > 0.5), key=lambda leaf: -by_leaf[leaf])
        likeliest[comment_id] = Settled(tuple(leaves), by_leaf[leaves[0]] if leaves else None)
    return likeliest
