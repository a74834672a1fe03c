"""Nothing that others wrote steers a terminal, and all of it is there to read."""

import io
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.terminal import STEERING, in_line, in_lines, say

HOSTILE = "\x1b]0;mine\x07\x1b[2J\x9b31m\x08\x7f\u202eabc\u2028\udcff"


def test_what_steers_is_spelled_out() -> None:
    assert in_line("弹幕 \x1b[2J") == "弹幕 \\u001b[2J"
    assert in_line("a\nb\tc\rd") == "a\\nb\\tc\\rd"
    assert in_lines("a\nb\tc\rd") == "a\nb\tc\\rd"
    assert in_line("plain, 中文, 👍, é") == "plain, 中文, 👍, é"


@given(st.text() | st.text(HOSTILE, max_size=10))
def test_nothing_steers_whatever_it_is(text: str) -> None:
    assert not STEERING.search(in_line(text))
    assert not STEERING.search(in_lines(text).replace("\n", "").replace("\t", ""))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_json_is_still_the_same_json(text: str) -> None:
    assert json.loads(in_lines(json.dumps([text], ensure_ascii=False))) == [text]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "gbk"])
def test_it_is_printed_whatever_the_terminals_encoding_is(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(written, encoding=encoding))
    say(f"弹幕 é {HOSTILE}", error=True)
    said = written.getvalue().decode(encoding)
    assert "abc" in said and "\\udcff" in said and said.endswith("\n") and not STEERING.search(said[:-1])
