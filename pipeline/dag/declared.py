"""What the DAG consists of, as the modules of its stages and methods declare it; and params.yaml held against that."""

import importlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from pipeline.config import PARAMS, check_names, checked, models_in
from pipeline.dag.code import Modules
from pipeline.dag.methods import cells_of, method_module, method_names, method_settings, methods_of
from pipeline.errors import UserError, near
from pipeline.settings import MODEL_KEY, Data, Models, Section, model_keys

#: a stage joins the DAG by standing here, in the order that dvc.yaml shows; its module has its name
STAGES = ["versions", "parse", "label", "split", "embed", "silver", "quality", "method", "compare", "track"]


@cache
def stage_modules() -> dict[str, ModuleType]:
    """Stage → its module."""
    return {name: importlib.import_module(f"pipeline.stages.{name}") for name in STAGES}


def sections() -> dict[str, type[Section]]:
    """Section of params.yaml → its type; of the methods the type of a cell."""
    own = {name: module.STAGE.settings for name, module in stage_modules().items() if module.STAGE.settings}
    return {"data": Data, **own, **{name: method_settings(name) for name in method_names()}}


def check_params(params: Mapping[str, Any], path: Path = PARAMS) -> None:
    """Check every section of params.yaml against its type, and that they fit each other.

    Raises:
        UserError: the first mistake, with its key.
    """
    known = sections()
    check_names(params, {**known, "models": Models}, path)
    for name in ("models", *known):
        if name not in params and name not in method_names():
            raise UserError(f"{path}: the section {name} is missing; add it (`git show HEAD:params.yaml` has it).")
    models = models_in(params, path)
    for name, kind in known.items():
        if name in params and name in method_names():
            cells_of(params, name, path)
        elif name in params:
            checked(params[name], kind, name, path)
    for parameter, key in models_in_use(params):
        if key not in models:
            raise UserError(
                f"{path}: {parameter} names {key!r}, which the models section does not have{near(key, models)}; change "
                "one of them."
            )
    check_labels(params, path)


def check_labels(params: Mapping[str, Any], path: Path) -> None:
    """Raise UserError where a method is to learn from silver labels that nobody gives."""
    for method in methods_of(params) if params["silver"]["annotator"] == "none" else []:
        labels = params[method]["labels"]
        silver = [word for word in (labels if isinstance(labels, list) else [labels]) if word != "gold"]
        if silver:
            raise UserError(
                f"{path}: {method}.labels asks for {silver[0]}, and silver.annotator is none, so that there are no "
                "such labels; take it out, or choose an annotator."
            )


def code_of_stages(params: Mapping[str, Any], modules: Modules) -> dict[str, str]:
    """Stage or method → what its code is (code.py); the stage `versions` runs always and needs none."""
    runner = stage_modules()["method"].__name__
    stages = {name: [module.__name__] for name, module in stage_modules().items() if name not in ("versions", "method")}
    methods = {name: [runner, method_module(name).__name__] for name in methods_of(params)}
    return {name: modules.text(begin) for name, begin in (stages | methods).items()}


def stages_with_model() -> list[str]:
    """The stages whose section names a model."""
    kinds = {name: module.STAGE.settings for name, module in stage_modules().items() if module.STAGE.settings}
    return [name for name, kind in kinds.items() if any(MODEL_KEY in f.metadata for f in kind.model_fields.values())]


def models_in_use(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(parameter, key of the models section) of every model that the DAG needs."""
    used = []
    for name, kind in sections().items():
        stage = stage_modules().get(name)
        if name in params and (stage is None or stage.STAGE.uses_model(params[name])):
            used += [(f"{name}.{field}", key) for field, key in model_keys(params[name], kind)]
    return used
