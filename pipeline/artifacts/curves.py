"""curve.csv: how a method's training went, a row per step."""

import csv
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.files import damaged, write_text
from pipeline.spreadsheet import csv_text


@dataclass(frozen=True)
class CurvePoint:
    """One step (boosting round, or epoch); what a method does not measure is None and stays blank."""

    step: int
    train_loss: float | None = None
    validation_loss: float | None = None
    validation_macro_f1: float | None = None
    validation_accuracy: float | None = None


COLUMNS = [field.name for field in dataclasses.fields(CurvePoint)]


def write_curve(points: Sequence[CurvePoint], path: Path) -> None:
    """One row per step."""
    write_text(csv_text(COLUMNS, map(dataclasses.astuple, points)), path)


def read_curve(path: Path) -> list[CurvePoint]:
    """The steps; none where the method wrote no curve.

    Raises:
        UserError: the file is damaged.
    """
    if not path.is_file():
        return []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [{name: value for name, value in row.items() if value} for row in csv.DictReader(file)]
        return [CurvePoint(int(row.pop("step")), **{name: float(value) for name, value in row.items()}) for row in rows]
    except (ValueError, KeyError, TypeError, csv.Error):
        raise damaged(path) from None
