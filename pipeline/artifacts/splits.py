"""splits.parquet and split.json: which part of the experiment a labelled comment is in."""

from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from pipeline.artifacts.artifact import DERIVED, Record, Table

TRAIN, VALIDATION, TEST, LEFT_OUT = "train", "validation", "test", "left_out"
HELD_OUT = (VALIDATION, TEST)  # what every method predicts and none learns from
VIDEO = "video "  # what a group begins with where it is a video; no normalised text has a space
Part = Literal["train", "validation", "test"]

SPLITS: dict[str, Any] = {
    "comment_id": pl.String(),
    "split": pl.String(),  # train, validation, test; left_out: may only train, and its video is held out; or not given
    "group": pl.String(),  # the video, or the normalised text where there are no videos
}


@dataclass(frozen=True)
class SplitSummary:
    """How many labelled comments are in which part."""

    train: int
    validation: int
    test: int
    left_out: int  # they may only train, and their video is in validation or test; or split.given leaves them out
    videos: int  # in test
    given: str = ""  # the file that says where every comment goes, if one does
    shared_videos: int = 0  # on two sides, which only split.given can bring about


SPLITS_FILE = Table(DERIVED / "splits.parquet", SPLITS, "split")
SPLIT_FILE = Record(DERIVED / "split.json", SplitSummary, "split")
