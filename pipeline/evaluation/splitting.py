"""Train, validation and test: whole videos, leaves spread evenly, seeded."""

import numpy as np
import polars as pl
from pydantic import model_validator

from pipeline.annotation.rounds.ratings import check_named
from pipeline.artifacts.splits import HELD_OUT, LEFT_OUT, SPLITS, TEST, TRAIN, VALIDATION, VIDEO, SplitSummary
from pipeline.errors import UserError
from pipeline.settings import Section, Seed, Share
from pipeline.statistics.partition import partition
from pipeline.text.leaks import normalised_texts, shares_video


class Split(Section):
    """How labelled comments are divided."""

    seed: Seed
    validation: Share  # of the comments
    test: Share
    train_only_rounds: list[int]  # rounds that were not drawn at random: they train, and are never scored

    @model_validator(mode="after")
    def leave_some_to_train(self) -> "Split":
        """Validation and test together are not everything."""
        if self.validation + self.test >= 1:
            raise ValueError("validation + test must stay below 1, or nothing is left to train on")
        return self


def split(labelled: pl.DataFrame, validation: float, test: float, seed: int) -> pl.DataFrame:
    """Assign every labelled comment.

    Groups are whole videos, so that no method can know a test video's in-jokes. Texts that stand in several videos
    (`？？？`, `哈哈哈`) stay on all sides: that a comment says what many say is a part of the task. The comparison
    tells held-out comments whose text was seen in training from those with a new one.

    Args:
        labelled: comment_id, video_id (may be null), text, leaf.
        validation, test: shares of the comments; reached as closely as whole groups allow.
        seed: another one gives another split (statistics/partition.py).

    Returns:
        SPLITS, sorted by comment_id.

    Raises:
        UserError: too few groups to make three parts, or one leaf alone to learn.
    """
    comments = grouped(labelled.sort("comment_id"))
    groups = comments["group"].to_numpy()
    leaves = comments["leaf"].to_numpy()
    if len(set(groups)) < 3:
        raise UserError(
            f"The labelled comments come from {len(set(groups))} videos (or distinct texts, where there are no "
            "videos), and three are needed for train, validation and test; label more."
        )
    shares = {TEST: test, VALIDATION: validation, TRAIN: 1 - test - validation}
    names = np.array(list(shares), dtype=object)[partition(leaves, groups, list(shares.values()), seed)]

    if len(set(leaves[names == TRAIN])) < 2:
        raise UserError(
            "All training comments have one and the same leaf; label more, or change split.seed in params.yaml."
        )
    return comments.select("comment_id", pl.Series("split", names.astype(str)), "group").cast(SPLITS)  # type: ignore[arg-type]


def grouped(comments: pl.DataFrame) -> pl.DataFrame:
    """The comments with their group: the video, or the normalised text where there is none."""
    normalised = normalised_texts(comments["text"])
    return comments.with_columns(group=pl.coalesce(pl.lit(VIDEO) + pl.col("video_id"), normalised))


def with_train_only(splits: pl.DataFrame, labelled: pl.DataFrame, picked: pl.DataFrame) -> pl.DataFrame:
    """The splits, and comments that were picked out for training in it, where their video is not held out.

    Args:
        splits: SPLITS, of the others.
        labelled: comment_id, video_id, text of all; picked: those of them that may only train.

    Returns:
        SPLITS, sorted by comment_id; picked comments of a video of validation or test are left out.
    """
    held_out = labelled.join(splits.filter(pl.col("split").is_in(HELD_OUT)), on="comment_id", how="semi")
    sides = pl.Series(
        "split", [LEFT_OUT if shared else TRAIN for shared in shares_video(picked, held_out)], pl.String()
    )
    added = grouped(picked).select("comment_id", sides, "group").cast(SPLITS)  # type: ignore[arg-type]
    return pl.concat([splits, added]).sort("comment_id")


def summary(splits: pl.DataFrame) -> SplitSummary:
    """How many of SPLITS are in which part."""
    counts = dict(splits["split"].value_counts().iter_rows())
    test_groups = splits.filter(pl.col("split") == TEST)["group"]
    return SplitSummary(
        train=counts.get(TRAIN, 0),
        validation=counts.get(VALIDATION, 0),
        test=counts.get(TEST, 0),
        left_out=counts.get(LEFT_OUT, 0),
        videos=test_groups.filter(test_groups.str.starts_with(VIDEO)).n_unique(),
    )


def split_rounds(labelled: pl.DataFrame, settings: Split) -> pl.DataFrame:
    """SPLITS of all labelled comments: those of train-only rounds train, the others are divided.

    Args:
        labelled: comment_id, leaf, first_round, video_id, text.

    Raises:
        UserError: every round is to train only, or one is named that is not there.
    """
    check_named(settings.train_only_rounds, labelled["first_round"], "split.train_only_rounds")
    if set(labelled["first_round"]) <= set(settings.train_only_rounds):
        raise UserError(
            "Every round is in split.train_only_rounds (params.yaml); leave one drawn at random to score by."
        )
    picked = pl.col("first_round").is_in(settings.train_only_rounds)
    divided = split(labelled.filter(~picked), settings.validation, settings.test, settings.seed)
    return with_train_only(divided, labelled, labelled.filter(picked))
