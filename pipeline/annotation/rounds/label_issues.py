"""Which gold labels look wrong: confident learning (Northcutt, Jiang and Chuang 2021), by cleanlab."""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
import polars as pl
from pydantic import Field

from pipeline.annotation.rounds.batch import Item
from pipeline.artifacts.label_issues import LABEL_ISSUES
from pipeline.settings import ClassWeight, Positive, Section, Seed

Floats = np.ndarray[Any, Any]


class Quality(Section):
    """The section `quality` of params.yaml, which says what each key trades: the regression that judges gold."""

    folds: Annotated[int, Field(ge=2)]
    class_weight: ClassWeight
    inverse_regularisation: Positive
    seed: Seed


def likely_errors(targets: Floats, probabilities: Floats) -> tuple[Floats, Floats]:
    """Indices of the labels that are likely wrong, the worst first, and every label's quality, 0 to 1.

    A label is suspect where the model is as sure of another class as it is, on average, of the items that
    are labelled so; how many are pruned follows from the estimated noise rates.

    Args:
        targets: class indices as labelled, (items,).
        probabilities: out of fold, (items, classes).
    """
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    # cleanlab knows only classes that occur; those that do not can be nobody's label, only a suggestion
    occurring = np.unique(targets)
    index = np.full(probabilities.shape[1], -1)
    index[occurring] = np.arange(len(occurring))
    labels, shares = index[targets], probabilities[:, occurring]
    shares = shares / shares.sum(1, keepdims=True)
    suspect = find_label_issues(labels, shares, n_jobs=1, verbose=False)
    scores = get_label_quality_scores(labels, shares, method="self_confidence")
    flagged = np.flatnonzero(suspect)
    return flagged[np.argsort(scores[flagged], kind="stable")], scores


def issue_table(
    labels: pl.DataFrame, items: Sequence[Item], leaves: Sequence[str], probabilities: Floats
) -> pl.DataFrame:
    """LABEL_ISSUES, the most doubtful label first.

    Args:
        labels: comment_id, leaf, split, agreement, votes; one row per labelled comment.
        items: the same comments as an annotator sees them.
        probabilities: out of fold, (rows of labels, leaves).
    """
    index = {leaf: number for number, leaf in enumerate(leaves)}
    targets = np.array([index[leaf] for leaf in labels["leaf"]])
    worst, scores = likely_errors(targets, probabilities)
    rows = []
    for rank, row in enumerate(worst.tolist(), start=1):
        label, item = labels.row(row, named=True), items[row]
        others = np.where(np.arange(len(leaves)) == targets[row], -1, probabilities[row])
        rows.append(
            {
                "rank": rank,
                "comment_id": label["comment_id"],
                "before": " / ".join(item.before),
                "text": item.text,
                "after": " / ".join(item.after),
                "leaf": label["leaf"],
                "suggested": leaves[int(others.argmax())],
                "quality": round(float(scores[row]), 6),
                "probability_of_suggested": round(float(others.max()), 6),
                "split": label["split"],
                "agreement": label["agreement"],
                "votes": " ".join(f"{vote['annotator']}:{';'.join(vote['leaves'])}" for vote in label["votes"]),
            }
        )
    return pl.DataFrame(rows, schema=LABEL_ISSUES)
