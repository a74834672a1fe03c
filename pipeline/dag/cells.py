"""What the DAG is right now: its method cells, as dvc.yaml and params.yaml define them.

The folder of results cannot say this: after a value is taken out of params.yaml its old files stay.
"""

from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from pipeline.config import read_yaml

DAG = Path("dvc.yaml")


@dataclass(frozen=True)
class MethodCell:
    """One cell of a method's matrix; `method@key` is its stage name in DVC."""

    method: str
    key: str
    parameters: dict[str, Any]

    @property
    def name(self) -> str:
        """The cell's name in tables and in MLflow, which refuses `@`."""
        return f"{self.method}/{self.key}"

    @property
    def stage(self) -> str:
        """The stage's name in dvc.yaml and dvc.lock."""
        return f"{self.method}@{self.key}"


def method_cells(dag: Path = DAG, params: Path = Path("params.yaml")) -> list[MethodCell]:
    """The cells of every matrix stage that writes into results/, in dvc.yaml's order.

    Keys are made as DVC makes them: the values joined by `-`, in the matrix's order.
    """
    values = read_yaml(params)
    cells = []
    for method, stage in read_yaml(dag)["stages"].items():
        matrix = stage.get("matrix")
        if not matrix or not any(str(out).startswith("results/") for out in stage["outs"]):
            continue
        names = list(matrix)
        for combination in product(*(resolve(matrix[name], values) for name in names)):
            key = "-".join(str(value).lower() if isinstance(value, bool) else str(value) for value in combination)
            cells.append(MethodCell(method, key, dict(zip(names, combination, strict=True))))
    return cells


def resolve(value: Any, params: Any) -> list[Any]:
    """A matrix entry: a list, or `${section.key}` of params.yaml."""
    if isinstance(value, list):
        return value
    found = params
    for part in value.removeprefix("${").removesuffix("}").split("."):
        found = found[part]
    return list(found)
