"""The pictures' numbers as CSV, for `dvc plots` and for whoever draws their own."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.evaluation.comparison import Comparison
from pipeline.files import write_text
from pipeline.spreadsheet import csv_text


def write_points(comparison: Comparison, folder: Path) -> None:
    """A curve per fine-tuned cell; reliability.csv by cell; confusion.csv with the best cell's test items."""
    truth, best = comparison.truth, comparison.best
    for row in comparison.rows:
        scored = [asdict(point) for point in row.curve if point.validation_macro_f1 is not None]
        if scored:
            write_rows(scored, folder / "curves" / f"{row.name.replace('/', '-')}.csv")
    bins = ({"cell": row.name, **asdict(one)} for row in comparison.rows for one in row.reliability)
    write_rows(bins, folder / "reliability.csv")
    predicted = best.candidate.probabilities[truth.mask("test")].argmax(1)
    pairs = zip(truth.targets("test"), predicted, strict=True)
    write_rows(({"gold": truth.leaves[t], "predicted": truth.leaves[p]} for t, p in pairs), folder / "confusion.csv")


def write_rows(rows: Iterable[dict[str, Any]], path: Path) -> None:
    """A CSV file with the columns of all rows; what a row lacks stays blank."""
    kept = list(rows)
    columns = list(dict.fromkeys(name for row in kept for name in row))
    write_text(csv_text(columns, ([row.get(name) for name in columns] for row in kept)), path)
