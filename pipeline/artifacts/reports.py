"""reports/: what `compare` writes for people, for `dvc metrics show` and for MLflow."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.artifacts.artifact import Record

REPORTS = Path("reports")


@dataclass(frozen=True)
class ComparedCells:
    """Which cells were compared."""

    best: str  # by validation
    cells: dict[str, dict[str, Any]]  # name → its swept settings


COMPARED_FILE = Record(REPORTS / "cells.json", ComparedCells, "compare")


def metrics_path(cell: str) -> Path:
    """A cell's scores."""
    return REPORTS / "metrics" / f"{cell}.json"


@dataclass(frozen=True)
class ScoresOnTest:
    """Of a cell's scores on test, those that stand for it where one line has to do."""

    accuracy: float
    macro_f1: float
    ece: float


@dataclass(frozen=True)
class CellScores:
    """What of a cell's scores is read again."""

    test: ScoresOnTest


def scores_on_test(cell: str) -> ScoresOnTest:
    """A cell's main scores on test.

    Raises:
        UserError: they are missing or damaged.
    """
    return Record(metrics_path(cell), CellScores, "compare").read().test


def leaves_path(cell: str) -> Path:
    """A cell's scores leaf by leaf; apart, since two dozen leaves drown a table."""
    return REPORTS / "leaves" / f"{cell}.json"


#: what `dvc plots show` shows: picture or table → its axes
PLOTS: dict[Path, dict[str, str]] = {
    **{REPORTS / f"{name}.png": {} for name in ("scores", "class_f1", "confusion", "curves", "reliability", "cost")},
    REPORTS / "plots" / "curves": {
        "x": "step",
        "y": "validation_macro_f1",
        "title": "Validation macro-F1 along training",
    },
}
