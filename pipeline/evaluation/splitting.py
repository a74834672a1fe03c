"""Train, validation and test: whole videos, leaves spread evenly, seeded."""

from collections.abc import Collection
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
from pydantic import model_validator

from pipeline.annotation.rounds.ratings import check_named
from pipeline.artifacts.splits import HELD_OUT, LEFT_OUT, TEST, TRAIN, VALIDATION, VIDEO, SplitSummary
from pipeline.errors import UserError
from pipeline.evaluation.frozen import with_fixed_test
from pipeline.evaluation.given import given_split
from pipeline.evaluation.groups import grouped, in_parts
from pipeline.evaluation.listed import read_listed
from pipeline.settings import Section, Seed, Share
from pipeline.statistics.partition import partition
from pipeline.text.leaks import shares_video


class Split(Section):
    """How labelled comments are divided."""

    seed: Seed
    validation: Share  # of the comments
    test: Share
    train_only_rounds: list[int]  # rounds that were not drawn at random: they train, and are never scored
    frozen: str  # a file whose test comments are test, and no others; empty: test is drawn
    test_rounds: list[int]  # rounds that were drawn for test: their comments are test, and no others but the frozen
    given: str  # a file that says where every comment goes; empty: drawn here
    given_leaks: Literal["stop", "warn"]  # where a video or a text is on two sides of it

    @model_validator(mode="after")
    def leave_some_to_train(self) -> "Split":
        """Validation and test together are not everything."""
        if self.validation + self.test >= 1:
            raise ValueError("validation + test must stay below 1, or nothing is left to train on")
        for name in ("train_only_rounds", "frozen", "test_rounds"):
            if self.given and getattr(self, name):
                raise ValueError(f"given says where every comment goes, so {name} has no say; empty one of them")
        both = set(self.train_only_rounds) & set(self.test_rounds)
        if both:
            raise ValueError(f"round {min(both)} is in train_only_rounds and in test_rounds; take it out of one")
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
        UserError: too few groups to make three parts.
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

    return in_parts(comments, names)


def with_train_only(splits: pl.DataFrame, labelled: pl.DataFrame, picked: pl.DataFrame) -> pl.DataFrame:
    """The splits, and comments that were picked out for training in it, where their video is not held out.

    Args:
        splits: SPLITS, of the others.
        labelled: comment_id, video_id, text of all; picked: those of them that may only train.

    Returns:
        SPLITS, sorted by comment_id; picked comments of a video of validation or test are left out.
    """
    held_out = labelled.join(splits.filter(pl.col("split").is_in(HELD_OUT)), on="comment_id", how="semi")
    sides = [LEFT_OUT if shared else TRAIN for shared in shares_video(picked, held_out)]
    added = in_parts(grouped(picked), sides)
    return pl.concat([splits, added]).sort("comment_id")


def summary(splits: pl.DataFrame, given: str = "") -> SplitSummary:
    """How many of SPLITS are in which part.

    Args:
        given: the file that says so, if one does.
    """
    counts = dict(splits["split"].value_counts().iter_rows())
    videos = splits.filter(pl.col("group").str.starts_with(VIDEO) & (pl.col("split") != LEFT_OUT))
    sides = videos.unique(["group", "split"])
    return SplitSummary(
        train=counts.get(TRAIN, 0),
        validation=counts.get(VALIDATION, 0),
        test=counts.get(TEST, 0),
        left_out=counts.get(LEFT_OUT, 0),
        videos=len(sides.filter(pl.col("split") == TEST)),
        given=given,
        shared_videos=sides.filter(pl.col("group").is_duplicated())["group"].n_unique(),
    )


def split_rounds(labelled: pl.DataFrame, corpus: Collection[str], settings: Split) -> pl.DataFrame:
    """SPLITS of all labelled comments: as given, or drawn.

    Args:
        labelled: comment_id, leaf, first_round, video_id, text.
        corpus: the ids of all comments.

    Raises:
        UserError: every round is to train only, or one is named that is not there; what is given has a fault; there is
            one leaf alone to learn.
    """
    if settings.given:
        given = read_listed(Path(settings.given), "split.given")
        given.check_known(corpus)
        splits = given_split(labelled, given, settings.given_leaks == "stop")
    else:
        splits = drawn_split(labelled, corpus, settings)
    if labelled.join(splits.filter(pl.col("split") == TRAIN), on="comment_id")["leaf"].n_unique() < 2:
        raise UserError("All training comments have one and the same leaf; label more, or change how they are split.")
    return splits


def drawn_split(labelled: pl.DataFrame, corpus: Collection[str], settings: Split) -> pl.DataFrame:
    """SPLITS where not all is given: train-only rounds train, frozen ones and test rounds test, others are divided."""
    for name in ("train_only_rounds", "test_rounds"):
        check_named(getattr(settings, name), labelled["first_round"], f"split.{name}")
    if set(labelled["first_round"]) <= set(settings.train_only_rounds):
        raise UserError(
            "Every round is in split.train_only_rounds (params.yaml); leave one drawn at random to score by."
        )
    picked = pl.col("first_round").is_in(settings.train_only_rounds)
    rest, only_train = labelled.filter(~picked), labelled.filter(picked)
    if settings.frozen or settings.test_rounds:
        tested = frozen_test(settings, only_train["comment_id"], corpus)
        tested |= set(rest.filter(pl.col("first_round").is_in(settings.test_rounds))["comment_id"])
        divided = with_fixed_test(rest, tested, settings.validation / (1 - settings.test), settings.seed)
    else:
        divided = split(rest, settings.validation, settings.test, settings.seed)
    return with_train_only(divided, labelled, only_train)


def frozen_test(settings: Split, only_train: Collection[str], corpus: Collection[str]) -> set[str]:
    """The comments that split.frozen keeps in test, labelled or not.

    Raises:
        UserError: the file has a fault, or names a comment of a round that only trains.
    """
    if not settings.frozen:
        return set()
    listed = read_listed(Path(settings.frozen), "split.frozen")
    listed.check_known(corpus)
    tested = {comment_id for comment_id, part in listed.part_of.items() if part == TEST}
    wrong = min(tested & set(only_train), default=None)
    if wrong is not None:
        raise UserError(
            f"{listed.file}, {listed.place_of[wrong]}: {wrong} is test, and its round is in split.train_only_rounds "
            "(params.yaml); take one of them out."
        )
    return tested
