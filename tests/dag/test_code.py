"""What a stage's code is: the closure of its imports, and digests that see what is executed and nothing else."""

from pathlib import Path

import pytest

from pipeline.dag.code import code_text, import_closure, own_lines, read_module
from pipeline.dag.methods import method_names

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
    read_module.cache_clear()
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
    assert read_module(tmp_path / "module.py").others == {"json", "typing", "typing.TYPE_CHECKING"}


def test_a_text_names_modules_python_and_packages() -> None:
    lines = code_text(["pipeline.stages.split"]).splitlines()
    names = [line.split()[0] for line in lines]
    assert {"pipeline/stages/split.py", "pipeline/text/leaks.py", "python", "scikit-learn", "polars"} <= set(names)
    assert not {"torch", "transformers", "mlflow", "pipeline/dag/stage.py"} & set(names)
    assert all(len(line.split()) == 2 for line in lines) and code_text(["pipeline.stages.split"]).splitlines() == lines


def test_a_build_s_device_is_no_version() -> None:
    torch = [line for line in code_text(["pipeline.methods.bert"]).splitlines() if line.startswith("torch ")]
    assert torch and "+" not in torch[0]


@pytest.mark.parametrize("method", method_names())
def test_a_method_s_code_has_no_other_method_in_it(method: str) -> None:
    files = {path.name for path in import_closure(["pipeline.stages.method", f"pipeline.methods.{method}"])
             if path.parent.name == "methods"}  # fmt: skip
    assert files == {"__init__.py", f"{method}.py"}


def test_the_code_of_a_light_stage_is_small() -> None:
    """An edit in the networks must not parse raw danmu again."""
    for stage in ("parse", "label", "split"):
        rooms = {line.split("/")[1] for line in own_lines([f"pipeline.stages.{stage}"])}
        assert not rooms & {"networks", "methods", "reports", "tracking", "cli"}, stage
