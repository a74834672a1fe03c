"""Which methods there are, one file each in pipeline/methods, and which cells params.yaml makes of them."""

import importlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from pipeline.config import PARAMS, checked, read_params
from pipeline.dag.cells import Cell, cells
from pipeline.errors import UserError
from pipeline.settings import MethodSettings, section_of, swept_fields

METHODS = Path(__file__).resolve().parents[1] / "methods"


@cache
def method_names() -> list[str]:
    """The methods there are: one file each, by name."""
    return sorted(file.stem for file in METHODS.glob("*.py") if not file.stem.startswith("_"))


@cache
def method_module(name: str) -> ModuleType:
    """A method's module.

    Raises:
        UserError: there is no such method.
    """
    if name not in method_names():
        raise UserError(f"There is no method {name}; there are {', '.join(method_names())}.")
    return importlib.import_module(f"pipeline.methods.{name}")


def method_settings(name: str) -> type[MethodSettings]:
    """The settings of one cell of a method."""
    settings: type[MethodSettings] = method_module(name).Settings
    missing = {"labels", "silver_weight"} - set(settings.model_fields)
    if missing:
        raise TypeError(f"pipeline/methods/{name}.py: Settings has no {missing.pop()}, which every method has")
    return settings


def methods_of(params: Mapping[str, Any]) -> list[str]:
    """The methods that params.yaml has a section for, in its order: those that the DAG has."""
    return [name for name in params if name in method_names()]


def cells_of(params: Mapping[str, Any], method: str, path: Path = PARAMS) -> list[Cell]:
    """A method's cells.

    Raises:
        UserError: its section has a mistake.
    """
    settings = method_settings(method)
    if method not in params:
        raise UserError(f"{path}: there is no section {method}; add it, or leave the method out.")
    section = checked(params[method], section_of(settings), method, path)
    made = cells(method, section.model_dump(), swept_fields(settings))
    for cell in made:
        checked(cell.settings, settings, method, path)
    return made


def all_cells(params: Mapping[str, Any] | None = None) -> list[Cell]:
    """Every cell of every method that the DAG has now."""
    content = read_params() if params is None else params
    return [cell for method in methods_of(content) for cell in cells_of(content, method)]


def read_cell(method: str, key: str) -> tuple[ModuleType, MethodSettings]:
    """A method's module and the settings of one of its cells; of params.yaml only its section is read.

    Raises:
        UserError: there is no such method or cell.
    """
    module, settings = method_module(method), method_settings(method)
    made = cells_of(read_params(), method)
    for cell in made:
        if cell.key == key:
            return module, settings.model_validate(cell.settings)
    raise UserError(f"{method} has no cell {key}; params.yaml makes {', '.join(cell.key for cell in made)}.")
