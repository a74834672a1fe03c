"""The cells of a method: every combination of its swept settings, as DVC's matrix makes them from params.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from pipeline.errors import UserError

ALL = "all"  # the key of a method that sweeps nothing: its only cell


@dataclass(frozen=True)
class Cell:
    """One combination; `method@key` is its stage's name in DVC."""

    method: str
    key: str
    swept: dict[str, Any]  # its values of the swept settings
    settings: dict[str, Any]  # all of its settings

    @property
    def name(self) -> str:
        """The cell's name in tables and in MLflow, which refuses `@`."""
        return f"{self.method}/{self.key}"

    @property
    def stage(self) -> str:
        """The stage's name in dvc.yaml and dvc.lock."""
        return f"{self.method}@{self.key}" if self.swept else self.method


def cells(method: str, section: Mapping[str, Any], swept: list[str]) -> list[Cell]:
    """A method's cells, in DVC's order.

    Args:
        section: of params.yaml, a list of each swept setting.
        swept: names of the swept settings, in the order in which a key has them.

    Raises:
        UserError: two cells would have one name.
    """
    made = []
    for combination in product(*(section[name] for name in swept)):
        values = dict(zip(swept, combination, strict=True))
        made.append(Cell(method, key_of(values), values, {**section, **values}))
    keys = [cell.key for cell in made]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise UserError(f"params.yaml: two cells of {method} would both be called {twice}; rename one of the values.")
    return made


def key_of(values: Mapping[str, Any]) -> str:
    """A cell's key as DVC makes it: the values joined by `-`, in the matrix's order; ALL without any."""
    words = [str(value).lower() if isinstance(value, bool) else str(value) for value in values.values()]
    return "-".join(words) or ALL
