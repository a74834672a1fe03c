"""compare: every cell's predictions → one table, one report."""

from pathlib import Path

import numpy as np
import polars as pl

from pipeline.annotation.tree.taxonomy import load_taxonomy
from pipeline.artifacts.labelled import read_labelled
from pipeline.artifacts.paths import COSTS, DERIVED, REPORTS, RESULTS
from pipeline.artifacts.predictions import schema
from pipeline.config import load_params
from pipeline.dag.cells import MethodCell, method_cells
from pipeline.dag.frame import run
from pipeline.errors import UserError
from pipeline.evaluation.comparison import Row, Truth, compare, majority_row
from pipeline.files import read_json, read_parquet, write_json, write_text
from pipeline.reports.comparison import Background, report
from pipeline.reports.comparison_pictures import draw_all
from pipeline.reports.labels import write_page
from pipeline.reports.points import write_points
from pipeline.stages.about_labels import read_label_background


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
        write_json(row.summary(), REPORTS / "metrics" / f"{row.name}.json")
        write_json(row.leaf_summary(), REPORTS / "leaves" / f"{row.name}.json")
    write_json({"best": best.name, "cells": {row.name: row.parameters for row in rows}}, REPORTS / "cells.json")
    draw_all(rows, best, truth, REPORTS)
    write_points(rows, best, truth, REPORTS / "plots")
    labels = read_label_background(params)
    background = Background(
        parse=read_json(DERIVED / "parse.json"),
        label=labels.label,
        agreement=labels.rounds,
        split=dict(labels.splits),
        excluded_rounds=params.label.exclude_rounds,
        confidence=settings.confidence,
    )
    write_text(report(rows, best, truth, background), REPORTS / "report.md")
    write_page(labels, REPORTS)
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


if __name__ == "__main__":
    run(compare_cells)
