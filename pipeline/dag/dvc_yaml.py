"""dvc.yaml, written from what stages and methods declare; nobody edits it by hand."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from pipeline.dag.cells import ALL
from pipeline.dag.declared import stage_modules
from pipeline.dag.methods import method_module, method_settings, methods_of
from pipeline.dag.stage import CODE_FOLDER, Stage, cell_weights_file, code_file
from pipeline.errors import UserError
from pipeline.settings import MODEL_KEY, swept_fields

DVC_YAML = Path("dvc.yaml")
HEADER = """\
# The way through the house, top to bottom; docs/architecture.md says why. Written by `danmu dag` from what the modules
# of pipeline/stages and pipeline/methods declare: change it there.
#
# `matrix` makes one cell per combination of the lists in params.yaml; `item` holds the cell's values, `key` joins
# them into its name. What a stage's code is stands in data/derived/code, which weights are behind a model in
# data/derived/weights; both are written anew at every `dvc repro`, and only what changed in them re-runs anything.

stages:
"""
WIDTH = 116


def dvc_yaml(params: Mapping[str, Any]) -> str:
    """The file's text.

    Args:
        params: params.yaml, whose sections say which methods there are.
    """
    parts = []
    for name, module in stage_modules().items():
        if name == "method":
            parts += [method_stanza(method, module) for method in methods_of(params)]
        else:
            stage = replace(module.STAGE, needs=[need for need in module.STAGE.needed() if is_set(need, params)])
            parts.append(stanza(name, sentence_of(module), f"python -m {module.__name__}", stage))
    shown = stage_modules()["compare"].SHOWN
    return HEADER + "\n".join(parts) + "\n" + outputs(shown)


def is_set(place: str, params: Mapping[str, Any]) -> bool:
    """Whether a place is one: a file that a parameter of a stage's section names may be none, an empty text."""
    section, _, key = place.removeprefix("${").removesuffix("}").partition(".")
    return not place.startswith("${") or section == "data" or params.get(section, {}).get(key) != ""


def check_current(params: Mapping[str, Any]) -> None:
    """Raise UserError where dvc.yaml says something else than what stages, methods and params.yaml declare."""
    if not DVC_YAML.is_file() or DVC_YAML.read_text(encoding="utf-8") != dvc_yaml(params):
        raise UserError("dvc.yaml is not what params.yaml and the code declare; run `danmu dag`, then this again.")


def sentence_of(module: ModuleType) -> str:
    """What a module says of itself in its first line, without its name."""
    return (module.__doc__ or "").splitlines()[0].partition(": ")[2].rstrip(".")


def stanza(name: str, sentence: str, command: str, stage: Stage, matrix: Sequence[str] = ()) -> str:
    """One stage."""
    code = [] if CODE_FOLDER.as_posix() in stage.made() else [code_file(name).as_posix()]
    own = [name] if stage.settings else []
    lines = [f"  {name}:", f"    desc: {sentence}"]
    if matrix:
        lines.append("    matrix:")
        lines += [f"      {field}: ${{{name}.{field}}}" for field in matrix]
    lines.append(f"    cmd: {command}")
    lines += ["    always_changed: true"] * stage.always
    lines += listed("deps", [*code, *stage.needed()]) + wrapped("params", [*own, *stage.params])
    lines += listed("outs", stage.made())
    return "\n".join(lines) + "\n"


def method_stanza(name: str, runner: ModuleType) -> str:
    """A method's cells; its settings that are not swept are parameters one by one."""
    settings, module = method_settings(name), method_module(name)
    swept = swept_fields(settings)
    values = {field: f"${{{'item' if field in swept else name}.{field}}}" for field in settings.model_fields}
    key = "${key}" if swept else ALL
    filled = {"METHOD": name, "KEY": key, "LABELS": values["labels"]}
    fields = [field for field, entry in settings.model_fields.items() if MODEL_KEY in entry.metadata]
    weights = [cell_weights_file(values[field]) for field in fields]
    vectors = runner.VECTORS if module.NEEDS_VECTORS else []
    stage = Stage(
        needs=[*weights, *(fill(place, filled) for place in runner.STAGE.needed()), *vectors],
        makes=[fill(place, filled) for place in runner.STAGE.made()],
        params=[*runner.STAGE.params, *(f"{name}.{field}" for field in settings.model_fields if field not in swept)],
    )
    # quoted, for the key is pasted into a shell's command line as it is
    return stanza(name, sentence_of(module), f"python -m {runner.__name__} {name} '{key}'", stage, swept)


def fill(place: str, words: Mapping[str, str]) -> str:
    """A place of every method as one of this method."""
    for word, value in words.items():
        place = place.replace(word, value)
    return place


def listed(name: str, values: Sequence[str]) -> list[str]:
    """A list, a line each."""
    return [f"    {name}:", *(f"      - {value}" for value in values)] if values else []


def wrapped(name: str, values: Sequence[str]) -> list[str]:
    """A list in brackets, in as few lines as it takes."""
    if not values:
        return []
    # in brackets YAML would take `${a.b}` for a mapping
    words = [f'"{value}"' if "$" in value else value for value in values]
    text = f"{name}: [{', '.join(words)}]"
    return textwrap.wrap(text, WIDTH, initial_indent="    ", subsequent_indent="      ", break_long_words=False,
                         break_on_hyphens=False)  # fmt: skip


def outputs(shown: Mapping[str, Any]) -> str:
    """What `dvc metrics show` and `dvc plots show` show."""
    lines = ["metrics:", *(f"  - {path}" for path in shown["metrics"]), "", "plots:"]
    for path, axes in shown["plots"].items():
        lines.append(f"  - {path}" + (":" if axes else ""))
        lines += [f"      {name}: {value}" for name, value in axes.items()]
    return "\n".join(lines) + "\n"
