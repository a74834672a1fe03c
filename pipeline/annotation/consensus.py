"""From what several annotators said to one gold label, or to none."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from pipeline.annotation.agreement import krippendorff_alpha, percent_agreement
from pipeline.annotation.rounds import Annotation
from pipeline.annotation.schema import LABELS


def majority(votes: list[Annotation]) -> str | None:
    """The primary leaf that more annotators chose than any other; None on a tie."""
    ranked = Counter(vote.leaves[0] for vote in votes).most_common(2)
    tie = len(ranked) > 1 and ranked[0][1] == ranked[1][1]
    return None if tie else ranked[0][0]


def settle(
    annotations: Iterable[Annotation],
    adjudicated: Mapping[str, tuple[str, ...]],
    minimum_annotators: int,
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Majority vote per comment; the adjudication file overrides it.

    An annotator has one vote per comment: what the latest round says that he or she labelled it in.

    Args:
        annotations: of the rounds that count.
        adjudicated: comment_id → leaves, as the adjudicator settled them.
        minimum_annotators: comments with fewer are left out.

    Returns:
        labels (LABELS, sorted by id), and how many comments were settled by whom or left out.
    """
    by_comment: dict[str, dict[str, Annotation]] = defaultdict(dict)
    for annotation in sorted(annotations, key=lambda annotation: annotation.round):
        by_comment[annotation.comment_id][annotation.annotator] = annotation
    counts = {"majority": 0, "adjudicated": 0, "tied_left_out": 0, "too_few_annotators": 0}
    rows: list[dict[str, Any]] = []
    for comment_id, by_annotator in sorted(by_comment.items()):
        votes = list(by_annotator.values())
        if len(votes) < minimum_annotators:
            counts["too_few_annotators"] += 1
            continue
        primary: str | None
        if comment_id in adjudicated:
            primary, *also = adjudicated[comment_id]
            counts["adjudicated"] += 1
        else:
            primary = majority(votes)
            named = Counter(leaf for vote in votes for leaf in vote.leaves)
            also = sorted(leaf for leaf, count in named.items() if leaf != primary and 2 * count > len(votes))
            counts["majority" if primary else "tied_left_out"] += 1
        if primary is None:
            continue
        rows.append(
            {
                "comment_id": comment_id,
                "leaf": primary,
                "leaves": [primary, *also],
                "source": "gold",
                "round": max(vote.round for vote in votes),
                "annotators": len(votes),
                "agreement": sum(vote.leaves[0] == primary for vote in votes) / len(votes),
            }
        )
    return pl.DataFrame(rows, schema=LABELS), counts


def agreement_by_round(annotations: Iterable[Annotation]) -> dict[str, dict[str, Any]]:
    """Per round, the left-out ones included: items, percent agreement, alpha on primary leaves."""
    rounds: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for annotation in annotations:
        rounds[annotation.round][annotation.comment_id].append(annotation.leaves[0])
    return {
        f"round-{number}": {
            "items": len(items),
            "percent_agreement": percent_agreement(items.values()),
            "krippendorff_alpha": krippendorff_alpha(items.values()),
        }
        for number, items in sorted(rounds.items())
    }
