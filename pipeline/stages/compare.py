"""compare: every cell's predictions → one table, one report."""

import csv
import dataclasses
from pathlib import Path

import numpy as np
import polars as pl

from pipeline.annotation.taxonomy import load_taxonomy
from pipeline.config import load_params
from pipeline.errors import UserError
from pipeline.evaluation import plots
from pipeline.evaluation.comparison import Row, Truth, compare, majority_row
from pipeline.evaluation.metrics import rounded
from pipeline.evaluation.report import Background, report
from pipeline.files import read_json, read_parquet, replacing, write_json, write_text
from pipeline.models.predictions import schema
from pipeline.stages.frame import COSTS, DERIVED, REPORTS, RESULTS, run
from pipeline.stages.labelled import read_labelled
from pipeline.tracking.dag import MethodCell, method_cells


def compare_cells() -> None:
    params = load_params()
    data, taxonomy = read_labelled(params), load_taxonomy(Path(params.data.taxonomy))
    truth = Truth(
        leaves=taxonomy.leaves,
        parents=taxonomy.parents,
        parent_of=taxonomy.parent_of(),
        items=data.predicted().select("comment_id", "split", "target"),
        train_targets=data.part("train")["target"].to_numpy(),
    )
    rows = [majority_row(truth), *(read_cell(cell, truth) for cell in method_cells())]
    settings = params.compare
    best = compare(rows, truth, settings.resamples, settings.confidence, settings.calibration_bins, settings.seed)
    for row in rows:
        write_json(metrics(row), REPORTS / "metrics" / f"{row.name}.json")
        write_json(leaf_metrics(row), REPORTS / "leaves" / f"{row.name}.json")
    write_json({"best": best.name, "cells": {row.name: row.parameters for row in rows}}, REPORTS / "cells.json")
    write_pictures(rows, best, truth)
    background = Background(
        parse=read_json(DERIVED / "parse.json"),
        label=read_json(DERIVED / "label.json"),
        split=read_json(DERIVED / "split.json"),
        excluded_rounds=params.label.exclude_rounds,
        confidence=settings.confidence,
    )
    write_text(report(rows, best, truth, background), REPORTS / "report.md")
    print(f"{best.name}: macro-F1 {best.scores['test']['macro_f1']:.3f} on test, see {REPORTS / 'report.md'}")


def read_cell(cell: MethodCell, truth: Truth) -> Row:
    """A cell's predictions, in Truth's order, with its curve, facts and costs where it wrote any."""
    folder = RESULTS / cell.method / cell.key
    frame = read_parquet(folder / "predictions.parquet", schema(truth.leaves))
    if frame["comment_id"].to_list() != truth.items["comment_id"].to_list():
        raise UserError(f"{folder}/predictions.parquet predicts other comments than the split has; run `dvc repro`.")
    row = Row(cell.name, cell.method, cell.parameters, frame.select(truth.leaves).to_numpy().astype(np.float64))
    if (folder / "curve.csv").is_file():
        row.curve = pl.read_csv(folder / "curve.csv").to_dicts()
    if (folder / "facts.json").is_file():
        row.facts = read_json(folder / "facts.json")
    cost = COSTS / cell.method / f"{cell.key}.json"
    if cost.is_file():
        row.cost = read_json(cost)
    return row


def metrics(row: Row) -> dict[str, object]:
    """What `dvc metrics show` and MLflow get."""
    interval = {} if row.macro_f1 is None else dataclasses.asdict(row.macro_f1)
    answer: dict[str, object] = rounded({**row.scores, "macro_f1_interval": interval})
    return answer


def leaf_metrics(row: Row) -> dict[str, object]:
    """Precision, recall, F1 and support of each leaf; apart, since two dozen leaves drown a table."""
    names = ("precision", "recall", "f1", "support")
    answer: dict[str, object] = rounded(
        {entry["leaf"]: {name: entry[name] for name in names} for entry in row.per_class}
    )
    return answer


def write_pictures(rows: list[Row], best: Row, truth: Truth) -> None:
    """The report's pictures, and the same numbers as CSV for `dvc plots`."""
    plots.draw_scores(rows, REPORTS / "scores.png")
    plots.draw_class_f1(rows, truth, REPORTS / "class_f1.png")
    plots.draw_confusion(best, truth, REPORTS / "confusion.png")
    plots.draw_curves(rows, REPORTS / "curves.png")
    plots.draw_reliability(rows, REPORTS / "reliability.png")
    plots.draw_cost(rows, REPORTS / "cost.png")
    write_rows([{"cell": row.name, **point} for row in rows for point in row.curve], REPORTS / "plots" / "curves.csv")
    write_rows(
        [{"cell": row.name, **point} for row in rows for point in row.reliability],
        REPORTS / "plots" / "reliability.csv",
    )
    leaf = truth.leaves
    predicted = best.probabilities[truth.mask("test")].argmax(1)
    pairs = zip(truth.targets("test"), predicted, strict=True)
    write_rows([{"gold": leaf[t], "predicted": leaf[p]} for t, p in pairs], REPORTS / "plots" / "confusion.csv")


def write_rows(rows: list[dict[str, object]], path: Path) -> None:
    """A CSV file with the columns of all rows."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with replacing(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    run(compare_cells)
