"""What a stage's code is: the closure of its imports, and digests that see what is executed and nothing else."""

from pathlib import Path

import pytest

from pipeline.dag.code import Modules
from pipeline.dag.methods import method_names
from pipeline.dag.packages import package_versions, packages_in
from pipeline.dag.syntax import read_module

BODY = '''"""A module."""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def f(x: int) -> int:
    """Double."""
    if x < 0:
        raise ValueError(f"{x} is below zero")
    return 2 * x  # twice
'''


def digest(folder: Path, text: str) -> str:
    file = folder / "module.py"
    file.write_text(text, encoding="utf-8")
    return read_module(file).digest


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("# twice", "# once more", True),
        ('"""Double."""', '"""Twice as much."""', True),
        ('"""A module."""', '"""Another one."""', True),
        ("is below zero", "is negative", True),
        ("{x} is below", "{x:d} is below", True),
        ("\n\n\ndef f", "\n\n\n\n\ndef f", True),
        ("2 * x", "3 * x", False),
        ("x < 0", "x <= 0", False),
        ("ValueError", "TypeError", False),
        ("import json", "import re", False),
    ],
)
def test_a_digest_is_of_what_is_executed(tmp_path: Path, old: str, new: str, same: bool) -> None:
    assert old in BODY
    assert (digest(tmp_path, BODY) == digest(tmp_path, BODY.replace(old, new))) == same


def test_what_only_a_type_checker_imports_does_not_count(tmp_path: Path) -> None:
    digest(tmp_path, BODY)
    assert read_module(tmp_path / "module.py").others == ["json", "typing", "typing.TYPE_CHECKING"]


def test_a_text_names_modules_python_and_packages() -> None:
    text = Modules().text(["pipeline.stages.split"])
    lines = text.splitlines()
    names = [line.split()[0] for line in lines]
    assert {"pipeline/stages/split.py", "pipeline/text/leaks.py", "python", "numpy", "polars"} <= set(names)
    assert not {"torch", "transformers", "mlflow", "pipeline/dag/stage.py"} & set(names)
    assert all(len(line.split()) == 2 for line in lines) and Modules().text(["pipeline.stages.split"]) == text


def test_a_build_s_device_is_no_version() -> None:
    torch = [line for line in Modules().text(["pipeline.methods.bert"]).splitlines() if line.startswith("torch ")]
    assert torch and "+" not in torch[0]


@pytest.mark.parametrize("method", method_names())
def test_a_method_s_code_has_no_other_method_in_it(method: str) -> None:
    closure = Modules().closure(["pipeline.stages.method", f"pipeline.methods.{method}"])
    files = {path for path in closure if path.startswith("pipeline/methods/")}
    assert files == {"pipeline/methods/__init__.py", f"pipeline/methods/{method}.py"}


def test_the_code_of_a_light_stage_is_small() -> None:
    """An edit in the networks must not parse raw danmu again."""
    for stage in ("parse", "label", "split"):
        rooms = {line.split("/")[1] for line in Modules().lines([f"pipeline.stages.{stage}"])}
        assert not rooms & {"networks", "methods", "reports", "tracking", "cli"}, stage


def test_a_module_that_does_not_parse_concerns_those_who_import_it(tmp_path: Path) -> None:
    folder = tmp_path / "pipeline"
    folder.mkdir()
    (folder / "broken.py").write_text("def f(:\n", encoding="utf-8")
    (folder / "whole.py").write_text("import json\n", encoding="utf-8")
    modules = Modules(tmp_path)
    assert modules.closure(["pipeline.whole"]) == {"pipeline/whole.py"}
    first = modules.lines(["pipeline.broken"])
    (folder / "broken.py").write_text("def g(:\n", encoding="utf-8")
    assert Modules(tmp_path).lines(["pipeline.broken"]) != first


def test_packages_that_share_a_name_are_told_apart(tmp_path: Path) -> None:
    for name, version, file in (("Proto", "3.1+cpu", "google/protobuf/a.py"), ("auth", "2", "google/auth/b.py"),
                                ("single", "1.0", "single.py")):  # fmt: skip
        folder = tmp_path / f"{name}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (folder / "RECORD").write_text(f"{file},,\n")
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    table = packages_in(tmp_path)
    assert package_versions(["google.protobuf.message", "single", "json", "ray", "nowhere"], [table]) == {
        "proto": "3.1",
        "single": "1.0",
    }
