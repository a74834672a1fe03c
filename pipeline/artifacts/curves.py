"""Training curves as CSV: what `dvc plots` and the report draw."""

import csv
from pathlib import Path

from pipeline.files import replacing

COLUMNS = ["step", "train_loss", "validation_loss", "validation_macro_f1", "validation_accuracy"]


def write_curve(rows: list[dict[str, float]], path: Path) -> None:
    """One row per step (boosting round, or epoch); what a method does not measure stays blank."""
    with replacing(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
