"""curve.csv: how a method's training went, a row per step."""

import csv
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.files import replacing


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
    with replacing(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(dataclasses.asdict(point) for point in points)


def read_curve(path: Path) -> list[CurvePoint]:
    """The steps; none where the method wrote no curve."""
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        rows = [{name: value for name, value in row.items() if value} for row in csv.DictReader(file)]
    return [CurvePoint(int(row.pop("step")), **{name: float(value) for name, value in row.items()}) for row in rows]
