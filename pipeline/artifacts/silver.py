"""silver.parquet, silver.json and added/: a language model's labels, and what they add to a training set."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.artifacts.artifact import DERIVED, Artifact, Record, Table
from pipeline.artifacts.costs import SILVER_COST_FILE, SilverCost
from pipeline.statistics.intervals import Share

SILVER = "llm"

SILVER_LABELS: dict[str, Any] = {
    "comment_id": pl.String(),
    "leaf": pl.String(),
    "leaves": pl.List(pl.String()),  # primary first
    "source": pl.String(),  # llm: a language model, never a part of validation or test
    "confidence": pl.Float64(),  # the model's own, 0 to 1; null where it gave none
    "student_leaf": pl.String(),  # what a regression over the embeddings, trained on gold alone, says
    "agreed": pl.Boolean(),  # whether the two are the same leaf
    "kept": pl.Boolean(),  # whether the confidence reaches silver.minimum_confidence
    "answer": pl.String(),  # the model's answer as it came
}

ADDED: dict[str, Any] = {
    "comment_id": pl.String(),  # never of validation or test, nor of their videos or texts
    "leaf": pl.String(),
}


@dataclass(frozen=True)
class LeafQuality:
    """The model annotator on one leaf."""

    leaf: str
    recall: Share
    precision: Share
    mostly_mistaken_for: str | None


@dataclass(frozen=True)
class AtLeast:
    """The answers with at least so much confidence."""

    at_least: float
    agreement: Share


@dataclass(frozen=True)
class SilverQuality:
    """The model annotator against gold of validation."""

    checked: int
    unanswered: int
    agreement: Share
    macro_f1: float
    neighbours_alone: Share  # what its nearest examples alone would say
    student_alone: Share  # what a regression trained on gold says
    where_the_student_agrees: Share
    majority_leaf: Share
    asked_about_the_right_leaf: Share
    per_leaf: tuple[LeafQuality, ...]
    by_confidence: tuple[AtLeast, ...]


@dataclass(frozen=True)
class SilverSummary:
    """One run of the model annotator; quality is None where none was asked."""

    annotator: str
    model: str = ""
    served_by: tuple[str, ...] = ()
    may_be_labelled: int = 0
    labelled: int = 0
    unanswered: int = 0
    left_for_budget: int = 0
    kept: int = 0
    agreed: int = 0
    quality: SilverQuality | None = None


SILVER_FILE = Table(DERIVED / "silver.parquet", SILVER_LABELS, "silver")
SILVER_SUMMARY_FILE = Record(DERIVED / "silver.json", SilverSummary, "silver")
ADDED_FOLDER = DERIVED / "added"
#: what a training set of this kind has beside the gold labels; gold has nothing, so that silver costs it no run
ADDED_FILES = {
    labels: Table(ADDED_FOLDER / f"{labels}.parquet", ADDED, "silver") for labels in ("gold", "silver", "agreed")
}
SILVER_FILES: list[Artifact] = [SILVER_FILE, SILVER_SUMMARY_FILE, *ADDED_FILES.values(), SILVER_COST_FILE]


def write_silver(
    labels: pl.DataFrame, added: Mapping[str, pl.DataFrame], summary: SilverSummary, cost: SilverCost
) -> None:
    """The labels, what each kind of training set gains by them, what is known of them, and what they took."""
    SILVER_FILE.write(labels)
    for kind, frame in added.items():
        ADDED_FILES[kind].write(frame)
    SILVER_SUMMARY_FILE.write(summary)
    SILVER_COST_FILE.write(cost)
