"""The rooms of the house: imports go down only, no circles, small modules, nothing heavy at import time."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from pipeline.dag.code import Modules
from pipeline.dag.syntax import executed, read_module
from tests.conftest import ROOT

PIPELINE = ROOT / "pipeline"
#: from the top; a room may import from those behind it
ORDER = ["cli", "stages", "tracking", "reports", "evaluation", "methods", "networks", "annotation", "danmu", "text",
         "artifacts", "statistics", "dag", "ground"]  # fmt: skip
GROUND = {"addresses", "config", "device", "disk", "engine", "errors", "faults", "files", "locks", "remembered",
          "runtime", "settings", "spreadsheet", "terminal", "yaml_values"}  # fmt: skip
GENERATED = {"pipeline/danmu/readers/segment_pb2.py"}
#: find stages and methods by their names
REGISTRIES = {"pipeline/dag/declared.py", "pipeline/dag/methods.py"}
LONGEST, LONGEST_STAGE = 250, 40
HEAVY = ("torch", "transformers", "mlflow", "sentence_transformers", "sklearn", "matplotlib", "numba", "xgboost", "dvc")


def modules() -> list[Path]:
    return [path for path in sorted(PIPELINE.rglob("*.py")) if name_of(path) not in GENERATED]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room_of(path: Path) -> str:
    first = path.relative_to(PIPELINE).parts[0]
    return first if (PIPELINE / first).is_dir() else "ground"


@cache
def all_modules() -> Modules:
    return Modules()


def imported(path: Path) -> set[Path]:
    """The modules of ours that a module imports, wherever in it, those of type checkers left out."""
    modules = all_modules()
    return {ROOT / other for name in read_module(path).ours for other in modules.paths(name)} - {path}


def test_every_room_stands_in_the_order() -> None:
    assert {room_of(path) for path in modules()} == {*ORDER} | {"ground"}
    assert {path.stem for path in PIPELINE.glob("*.py") if path.stat().st_size} == GROUND


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports_go_down_only(path: Path) -> None:
    for other in imported(path):
        assert ORDER.index(room_of(other)) >= ORDER.index(room_of(path)), f"{name_of(path)} imports {name_of(other)}"


def test_there_is_no_import_circle() -> None:
    try:
        list(TopologicalSorter({path: imported(path) for path in modules()}).static_order())
    except CycleError as error:
        pytest.fail(" → ".join(map(name_of, error.args[1])))


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_module_is_one_idea(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= (LONGEST_STAGE if room_of(path) == "stages" else LONGEST)


def others_imported(path: Path) -> set[str]:
    return {name.split(".")[0] for name in read_module(path).others}


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_only_some_rooms_know_dvc_and_mlflow(path: Path) -> None:
    if room_of(path) not in ("cli", "stages", "tracking", "dag"):
        assert not others_imported(path) & {"dvc", "mlflow"}


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_statistics_and_reports_read_no_parameters(path: Path) -> None:
    if room_of(path) in ("statistics", "reports"):
        assert not any(name.startswith("pipeline.config") for name in read_module(path).ours)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_the_stages_folder_holds_stages_and_methods_holds_methods(path: Path) -> None:
    from pipeline.dag.declared import STAGES

    if room_of(path) == "stages" and path.stem != "__init__":
        assert path.stem in STAGES
    if room_of(path) == "methods" and path.stem != "__init__":
        names = {node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if hasattr(node, "name")}
        assert {"Settings", "fit", "load"} <= names


def printing() -> Iterator[str]:
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if called in ("print", "typer.echo", "sys.stdout.write", "sys.stderr.write"):
                yield name_of(path)


def test_everything_is_printed_in_one_place() -> None:
    """What others wrote would steer the terminal otherwise."""
    assert set(printing()) == {"pipeline/terminal.py"}


def table_writing() -> Iterator[str]:
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("writer", "DictWriter", "write_csv", "to_csv"):
                yield name_of(path)


def test_csv_is_written_in_one_place() -> None:
    """What others wrote would be computed by a spreadsheet otherwise. The fingerprint's table is no file."""
    assert set(table_writing()) == {"pipeline/spreadsheet.py", "pipeline/networks/fine_tuning.py"}


def dynamic_imports() -> Iterator[str]:
    for path in modules():
        for node in executed(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
                yield name_of(path)


def test_modules_are_found_by_name_in_one_place_alone() -> None:
    """A digest of what a stage imports cannot see what is imported by name."""
    assert set(dynamic_imports()) == REGISTRIES


@pytest.mark.parametrize("what", ["pipeline.cli.main", "pipeline.stages.parse", "pipeline.stages.label",
                                  "pipeline.stages.split", "pipeline.stages.versions"])  # fmt: skip
def test_light_stages_and_the_command_line_load_nothing_heavy(what: str) -> None:
    code = f"import sys, {what}; print([name for name in {HEAVY} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert answer.stdout.strip() == "[]"


def test_declaring_the_whole_dag_loads_nothing_heavy() -> None:
    """`dvc repro` begins with it, whatever is to be done."""
    code = "import sys; from pipeline.dag.declared import sections; sections(); "
    code += f"print([name for name in {HEAVY} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert answer.stdout.strip() == "[]"
