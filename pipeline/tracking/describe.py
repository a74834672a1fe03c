"""What MLflow is to know: of every cell, and of the reproduction that they belong to."""

from typing import Any

from pipeline.artifacts.agreement import AGREEMENT_FILE
from pipeline.artifacts.curves import read_curve
from pipeline.artifacts.label_metrics import label_metrics
from pipeline.artifacts.reports import COMPARED_FILE, REPORTS, leaves_path, metrics_path, scores_on_test
from pipeline.artifacts.results import cost_path, result_folder
from pipeline.artifacts.silver import SILVER_SUMMARY_FILE
from pipeline.config import PARAMS
from pipeline.dag.cells import Cell
from pipeline.dag.dvc_yaml import DVC_YAML
from pipeline.dag.stage_key import LOCK, StageState, hashed, read_lock
from pipeline.files import read_json
from pipeline.tracking.mirror import Run, flat, git_state

#: say what the code and the weights are, and when; a reproduction's key follows from what they lead to
LEFT_OUT = ("versions", "track")


def reproduction_of(states: dict[str, StageState], cells: list[Cell]) -> Run:
    """The parent run's name, key and content: of the stages and cells that the DAG has now."""
    names = {cell.stage for cell in cells}
    present = {name: state for name, state in states.items() if "@" not in name or name in names}
    present = {name: state for name, state in present.items() if name not in LEFT_OUT}
    return Run(
        name="reproduction",
        key=hashed({name: state.key for name, state in present.items()}),
        content=hashed({name: state.content for name, state in present.items()}),
    )


def describe(reproduction: Run, params: dict[str, Any], methods: list[str]) -> None:
    """The parent run: the parameters of data and stages, every cell's scores, the report, git's and DVC's state."""
    compared = COMPARED_FILE.read()
    for name in compared.cells:
        reproduction.metrics |= {f"{score}/{name}": value for score, value in vars(scores_on_test(name)).items()}
    excluded = params["label"]["exclude_rounds"]
    reproduction.metrics |= label_metrics(AGREEMENT_FILE.read(), SILVER_SUMMARY_FILE.read(), excluded)
    for section, values in params.items():
        if section not in methods and section != "models":
            reproduction.parameters |= {f"{section}.{key}": value for key, value in values.items()}
    reproduction.tags = {**git_state(), "dvc.lock": hashed(read_lock()), "best": compared.best}
    reproduction.artifacts = [REPORTS, PARAMS, DVC_YAML, LOCK]


def described(cell: Cell, state: StageState) -> Run:
    """One cell's run: its settings, scores, curve, cost and files."""
    folder, cost = result_folder(cell.method, cell.key), cost_path(cell.method, cell.key)
    return Run(
        name=cell.name,
        key=state.key,
        content=state.content,
        parameters=cell.settings,
        metrics=flat(read_json(metrics_path(cell.name), "compare"))
        | flat(read_json(leaves_path(cell.name), "compare"), "leaf")
        | flat(read_json(cost, cell.method), "cost"),
        curve=read_curve(folder / "curve.csv"),
        artifacts=[folder, cost],
        tags={"stage": cell.stage, "method": cell.method},
    )
