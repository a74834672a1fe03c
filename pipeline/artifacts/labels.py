"""labels.parquet: one gold label per comment; label.json: how they were settled."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.artifacts.artifact import DERIVED, Record, Table
from pipeline.errors import UserError

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


def check_leaves(labels: pl.DataFrame, leaves: Collection[str], file: Table, stages: str) -> None:
    """Raise UserError where labels are of an earlier taxonomy than the one that is asked about.

    Args:
        labels: has a column `leaf`, and is from `file`.
        leaves: of the taxonomy.
        stages: what makes the labels and all that goes with them anew.
    """
    strange = sorted(set(labels["leaf"]) - set(leaves))
    if strange:
        raise UserError(
            f"{file.path} has the leaf {strange[0]!r}, which the taxonomy has not: it was made before the taxonomy was "
            f"changed; run `dvc repro {stages}` first."
        )
