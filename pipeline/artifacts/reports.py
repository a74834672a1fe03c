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
