"""Which comments a language model may label for training, and what its answers add to the training sets."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from pipeline.annotation.model.question import Answer
from pipeline.artifacts.silver import SILVER, SILVER_LABELS
from pipeline.artifacts.splits import HELD_OUT
from pipeline.text.leaks import leaks


def may_be_labelled(comments: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """The comments that may become silver, sorted by id: with these nothing of validation or test is learnt.

    Left out are comments with a gold label, and those that share a video or a text with validation or test
    (text/leaks.py).

    Args:
        comments: COMMENTS.
        splits: SPLITS.
    """
    held_out = splits.filter(pl.col("split").is_in(HELD_OUT)).join(comments, on="comment_id")
    unlabelled = comments.filter(~pl.col("comment_id").is_in(splits["comment_id"].implode()))
    return unlabelled.filter(~leaks(unlabelled, held_out)).sort("comment_id")


def drawn(comment_ids: Sequence[str], count: int, seed: int) -> list[str]:
    """`count` of the ids in a random order; all of them where count is 0."""
    order = np.random.default_rng(seed).permutation(len(comment_ids))
    return [comment_ids[place] for place in order[: count or None]]


def silver_labels(answers: Sequence[Answer], student: Mapping[str, str], minimum_confidence: float) -> pl.DataFrame:
    """The answers as labels.

    Args:
        student: comment_id → what a model trained on gold alone says.
        minimum_confidence: what an answer must reach to be kept; one without any does where this is 0.

    Returns:
        SILVER_LABELS, sorted by id; unanswered comments are not in it.
    """
    rows = [
        {
            "comment_id": answer.comment_id,
            "leaf": answer.leaf,
            "leaves": list(answer.leaves),
            "source": SILVER,
            "confidence": answer.confidence,
            "student_leaf": student[answer.comment_id],
            "agreed": answer.leaf == student[answer.comment_id],
            "kept": minimum_confidence == 0 or (answer.confidence or 0.0) >= minimum_confidence,
            "answer": answer.raw,
        }
        for answer in answers
        if answer.leaf is not None
    ]
    return pl.DataFrame(rows, schema=SILVER_LABELS).sort("comment_id")


def training_additions(labels: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """What each kind of training set has beside gold: nothing, the kept labels, those of them a student confirms."""
    kept = labels.filter("kept")
    added = {"gold": kept.clear(), "silver": kept, "agreed": kept.filter("agreed")}
    return {kind: rows.select("comment_id", "leaf") for kind, rows in added.items()}
