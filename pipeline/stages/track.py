"""track: everything above → MLflow; runs always, changes nothing."""

import sys
from pathlib import Path

import polars as pl

from pipeline.artifacts.paths import COSTS, REPORTS, RESULTS
from pipeline.config import load_params, read_yaml
from pipeline.dag.cells import MethodCell, method_cells
from pipeline.dag.frame import run
from pipeline.dag.stage_key import LOCK, StageState, hashed, stage_states
from pipeline.files import read_json
from pipeline.stages.about_labels import label_metrics
from pipeline.tracking.mirror import Cell, Mirror, flat, git_state, stamp, stamped, tracking_uri


def track() -> None:
    load_params()
    states, cells = stage_states(), method_cells()
    present = {name: state for name, state in states.items() if "@" not in name or name in {c.stage for c in cells}}
    reproduction = Cell(
        name="reproduction",
        key=hashed({name: state.key for name, state in present.items() if name != "track"}),
        content=hashed({name: state.content for name, state in present.items() if name != "track"}),
    )
    if stamped(reproduction):
        return
    try:
        mirror = Mirror(tracking_uri())
        if not mirror.complete(reproduction):
            describe(reproduction)
            mirror.mirror(reproduction, [mirrored(cell, states[cell.stage]) for cell in cells])
        stamp(reproduction)
        print(f"{len(cells)} cells in {mirror.uri}")
    except Exception as error:  # the files are the truth: a store that fails must not fail the DAG
        print(f"track: MLflow was not brought up to date: {error}", file=sys.stderr)


def describe(reproduction: Cell) -> None:
    """The parent run: data parameters, the best cell's scores, the report, git and DVC state."""
    summary = read_json(REPORTS / "cells.json")
    for name in summary["cells"]:
        scores = read_json(REPORTS / "metrics" / f"{name}.json")["test"]
        reproduction.metrics |= {f"{key}/{name}": scores[key] for key in ("accuracy", "macro_f1", "ece")}
    params = read_yaml(Path("params.yaml"))
    reproduction.metrics |= label_metrics(params["label"]["exclude_rounds"])
    for section in ("data", "label", "split", "embed", "silver", "quality", "compare"):
        reproduction.parameters |= {f"{section}.{key}": value for key, value in params[section].items()}
    reproduction.tags = {**git_state(), "dvc.lock": hashed(read_yaml(LOCK)), "best": summary["best"]}
    reproduction.artifacts = [REPORTS, Path("params.yaml"), Path("dvc.yaml"), LOCK]


def mirrored(cell: MethodCell, state: StageState) -> Cell:
    """One cell's run: its parameters, its section's, scores, curve, cost and files."""
    folder = RESULTS / cell.method / cell.key
    cost = COSTS / cell.method / f"{cell.key}.json"
    curve = folder / "curve.csv"
    section = {k: v for k, v in read_yaml(Path("params.yaml"))[cell.method].items() if k not in cell.parameters}
    return Cell(
        name=cell.name,
        key=state.key,
        content=state.content,
        parameters=section | cell.parameters,
        metrics=flat(read_json(REPORTS / "metrics" / f"{cell.name}.json"))
        | flat(read_json(REPORTS / "leaves" / f"{cell.name}.json"), "leaf")
        | flat(read_json(cost), "cost"),
        curve=pl.read_csv(curve).to_dicts() if curve.is_file() else [],
        artifacts=[folder, cost],
        tags={"stage": cell.stage, "method": cell.method},
    )


if __name__ == "__main__":
    run(track)
