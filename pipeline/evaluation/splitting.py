"""Train, validation and test: whole videos, no text on both sides, leaves spread evenly, seeded."""

import warnings
from typing import Any

import numpy as np
import polars as pl
from sklearn.model_selection import StratifiedGroupKFold

from pipeline.artifacts.splits import SPLITS
from pipeline.errors import UserError
from pipeline.text.normalisation import normalised

TRAIN, VALIDATION, TEST, LEFT_OUT = "train", "validation", "test", "left_out"


def split(labelled: pl.DataFrame, validation: float, test: float, seed: int) -> pl.DataFrame:
    """Assign every labelled comment.

    Groups are whole videos, so that no method can know a test video's in-jokes. Texts that stand in
    several videos (`？？？`, `哈哈哈`) would still link the splits: a training comment whose normalised
    text occurs in validation or test is left out, and so is a validation comment whose text occurs
    in test. The test set thus keeps its natural mix, and nothing in it was seen before.

    Args:
        labelled: comment_id, video_id (may be null), text, leaf.
        validation, test: shares of the comments; reached as closely as whole groups allow.
        seed: of the shuffle.

    Returns:
        SPLITS, sorted by comment_id.

    Raises:
        UserError: too few groups to make three parts, or too few texts of their own to fill them.
    """
    frame = grouped(labelled.sort("comment_id"))
    groups = frame["group"].to_numpy()
    leaves = frame["leaf"].to_numpy()
    if len(set(groups)) < 3:
        raise UserError(
            f"The labelled comments come from {len(set(groups))} videos (or distinct texts, where there are no "
            "videos), and three are needed for train, validation and test; label more."
        )
    names = np.full(len(frame), TRAIN, dtype=object)
    held_out = take(leaves, groups, test, seed)
    names[held_out] = TEST
    rest = np.flatnonzero(names == TRAIN)
    names[rest[take(leaves[rest], groups[rest], validation / (1 - test), seed)]] = VALIDATION

    texts = frame["normalised"].to_numpy()
    for name, later in ((VALIDATION, [TEST]), (TRAIN, [VALIDATION, TEST])):
        names[(names == name) & np.isin(texts, texts[np.isin(names, later)])] = LEFT_OUT
    empty = [name for name in (TRAIN, VALIDATION, TEST) if name not in names]
    if empty:
        raise UserError(
            f"No comment is left for {empty[0]}: every text there stands in the test or validation videos too; "
            "label more comments, or lower split.test and split.validation in params.yaml."
        )
    if len(set(leaves[names == TRAIN])) < 2:
        raise UserError(
            "All training comments have one and the same leaf; label more, or change split.seed in params.yaml."
        )
    return frame.select("comment_id", pl.Series("split", names.astype(str)), "group").cast(SPLITS)  # type: ignore[arg-type]


def grouped(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with each comment's normalised text and its group: the video, or the text where there is none."""
    text = pl.col("text").map_elements(normalised, return_dtype=pl.String).alias("normalised")
    group = pl.coalesce(pl.lit("video ") + pl.col("video_id"), "normalised").alias("group")
    return frame.with_columns(text).with_columns(group)


def take(leaves: np.ndarray[Any, Any], groups: np.ndarray[Any, Any], share: float, seed: int) -> np.ndarray[Any, Any]:
    """Indices of whole groups that make up about `share`, with leaves in proportion.

    The rows fall into folds of equal size; the fold nearest to the share is taken, one of them
    where the share is up to a half.

    Raises:
        UserError: there is only one group, and no rest would remain.
    """
    if len(set(groups)) < 2:
        raise UserError(
            "One video remains for train and validation; label comments of more videos, or lower split.test "
            "in params.yaml."
        )
    folds = min(max(2, round(1 / share)), len(set(groups)))
    if np.unique(leaves, return_counts=True)[1].max() < folds:
        leaves = np.zeros(len(leaves))  # every leaf is too rare to be spread
    parts = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():  # leaves with fewer comments than folds: they go where they can
        warnings.simplefilter("ignore", UserWarning)
        found = [held for _, held in parts.split(leaves, leaves, groups)]
    sizes = np.array([len(held) / len(leaves) for held in found])
    return np.asarray(found[int(np.abs(sizes - share).argmin())])


def with_train_only(splits: pl.DataFrame, labelled: pl.DataFrame, picked: pl.DataFrame) -> pl.DataFrame:
    """The splits, and comments that were picked out for training in it, where they would not leak.

    Args:
        splits: SPLITS, of the others.
        labelled: comment_id, video_id, text of all; picked: those of them that may only train.

    Returns:
        SPLITS, sorted by comment_id; picked comments of a video, or with a text, of validation or test are left out.
    """
    held_ids = splits.filter(pl.col("split").is_in([VALIDATION, TEST]))["comment_id"].to_list()
    held = grouped(labelled.filter(pl.col("comment_id").is_in(held_ids)))
    leaks = pl.col("group").is_in(held["group"].to_list()) | pl.col("normalised").is_in(held["normalised"].to_list())
    split = pl.when(leaks).then(pl.lit(LEFT_OUT)).otherwise(pl.lit(TRAIN)).alias("split")
    added = grouped(picked).select("comment_id", split, "group").cast(SPLITS)  # type: ignore[arg-type]
    return pl.concat([splits, added]).sort("comment_id")
