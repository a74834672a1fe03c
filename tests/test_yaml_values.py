"""The quick way of reading YAML says what ruamel says, or leaves the text to it."""

from pathlib import Path
from time import process_time
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from pipeline import yaml_values
from pipeline.yaml_values import Unusual, Words, built
from tests.conftest import ROOT

#: what YAML reads as syntax or as a type, and what stands between
PIECES = [
    "a", "名", "no", "On", "true", "NULL", "~", "1", "017", "0o17", "0x1f", "0b1", "1_0", "+1", "1e-5", "1.", ".5e+3",
    ".inf", ".NaN", "1:30", "190:20:30", "12e03", "2024-01-01", "<<", "=", "-", "- ", ": ", ":", ", ", ",", "[", "]",
    "{", "}", "? ", "?", "# x", "#", "'", '"', "|\n", ">-\n", "&a ", "*a", "!!str ", "!x ", "%", "@", "`", "\\", "\\n",
    "\\/", "\\u4e00", "\n", "\n", "\n  ", "\n    ", " ", "  ", "\t", "---", "\n---\n", "\n...\n", "\u2028", "\x85",
    "\ufeff", "\x7f", "\r", "😀",
]  # fmt: skip


def typed(value: Any) -> Any:
    """A value with its types, so that 1, 1.0 and True differ; nan equals itself."""
    if isinstance(value, dict):
        return [(typed(key), typed(one)) for key, one in value.items()]
    return [typed(one) for one in value] if isinstance(value, list) else (type(value), repr(value))


def quick(text: str) -> Any:
    """What the quick way alone makes of a text.

    Raises:
        Unusual: it leaves it to ruamel.
    """
    if yaml_values.UNUSUAL.search(text):
        raise Unusual
    try:
        return built(yaml.parse(text, Loader=yaml.CSafeLoader), Words())
    except (yaml.YAMLError, ValueError):
        raise Unusual from None


def both_say_the_same(text: str) -> None:
    try:
        value = quick(text)
    except Unusual:
        return
    assert typed(value) == typed(YAML(typ="safe", pure=True).load(text))


@settings(max_examples=600)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@example("a: [b:c]")
@example("{a: 1, 'b':2}")
@example("a: 1\nb: 1.0\nc: '1'\nd: no\ne:\nf: 017\ng: 1:30\n? h\n: x")
def test_no_text_has_two_meanings(text: str) -> None:
    both_say_the_same(text)


@pytest.mark.parametrize("file", ["params.yaml", "dvc.yaml", "data/taxonomy.yaml"])
def test_the_projects_own_files_go_the_quick_way(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert typed(quick(text)) == typed(YAML(typ="safe", pure=True).load(text))


def test_ten_thousand_leaves_take_a_second(tmp_path: Path) -> None:
    """ruamel alone takes five."""
    from pipeline.annotation.tree.taxonomy import load_taxonomy

    leaf = "  - {{name: 叶{0}, definition: '第 {0} 种', boundary: 'not {0}', examples: [例 {0}, 又 {0}]}}\n"
    file = tmp_path / "taxonomy.yaml"
    file.write_text("version: 1\nnodes:\n" + "".join(leaf.format(at) for at in range(10_000)), encoding="utf-8")
    began = process_time()
    assert len(load_taxonomy(file).leaves) == 10_000
    assert process_time() - began < 2
