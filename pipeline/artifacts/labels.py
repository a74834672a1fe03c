"""labels.parquet: one gold label per comment; label.json: how they were settled."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.artifacts.artifact import DERIVED, Record, Table

GOLD = "gold"

VOTE = pl.Struct({"annotator": pl.String(), "round": pl.Int32(), "leaves": pl.List(pl.String())})

LABELS: dict[str, Any] = {
    "comment_id": pl.String(),
    "leaf": pl.String(),  # the primary leaf that the annotators settled on
    "leaves": pl.List(pl.String()),  # primary first, then every leaf that a majority also named
    "source": pl.String(),  # gold: annotators by the written procedure
    "round": pl.Int32(),  # the latest that a vote is from
    "first_round": pl.Int32(),  # the one whose batch the comment was drawn for
    "annotators": pl.Int32(),
    "agreement": pl.Float64(),  # share of the annotators whose primary leaf this is
    "settled": pl.String(),  # how: majority, dawid_skene, adjudication
    "confidence": pl.Float64(),  # dawid_skene: the leaf's posterior; majority: the agreement; null where adjudicated
    "votes": pl.List(VOTE),  # what the label was made of, by annotator
}


@dataclass(frozen=True)
class LabelSummary:
    """What became of the annotations."""

    labelled: int  # comments with a gold label
    passed_gate: bool
    settled: dict[str, int]  # by majority or dawid_skene, adjudicated; tied_left_out, too_few_annotators, not_in_corpus


LABELS_FILE = Table(DERIVED / "labels.parquet", LABELS, "label")
LABEL_FILE = Record(DERIVED / "label.json", LabelSummary, "label")
