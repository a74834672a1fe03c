"""Values that are too long to be decoded: they are passed over, and reading goes on behind them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.danmu.readers import json_text
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Rejected
from pipeline.danmu.tables import json_document, json_stream
from pipeline.danmu.tables.json_document import JSON_DOCUMENT
from pipeline.danmu.tables.json_stream import JsonStream

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('a"\\[]{},:é🎉', max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('a"\\}', max_size=3), inner, max_size=3),
    max_leaves=12,
)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Values of more than 400 characters are too long."""
    for module in (json_stream, json_document):
        monkeypatch.setattr(module, "LONGEST_VALUE", 400)
    monkeypatch.setattr(json_stream, "PIECE", 50)
    monkeypatch.setattr(json_text, "LARGE", 100)
    yield


@given(value=VALUES, escaped=st.booleans(), piece=st.integers(1, 9))
def test_passing_over_ends_where_decoding_does(value: object, escaped: bool, piece: int) -> None:
    text = json.dumps(value, ensure_ascii=escaped)
    whole = text + " , 7"
    stream = JsonStream(whole[at : at + piece] for at in range(0, len(whole), piece))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "PIECE", piece)
        assert stream.peek() == text[0]
        stream.pass_over()
        assert stream.passed == len(text) and stream.peek() == ","


def read(folder: Path, text: str) -> tuple[list[str], list[tuple[int, str]]]:
    """The ids of the comments, and line and reason of each rejected record."""
    (folder / "a.json").write_text(text, encoding="utf-8")
    records = list(JSON_DOCUMENT.read(Source(folder / "a.json", "a.json")))
    ids = [one.comment_id or "" for one in records if isinstance(one, Comment)]
    return ids, [(one.line, one.reason) for one in records if isinstance(one, Rejected)]


FIRST, LAST = '{"id":"x1","text":"好"}', '{"id":"x2","text":"好"}'
LONG = [(2, json_text.TOO_LONG)]


@pytest.mark.parametrize(
    "value",
    [
        '{"id":"x3","text":"' + "y\\\\" * 300 + '"}',
        '{"id":"x3","' + "k" * 500 + '":1,"text":"好"}',
        '{"id":"x3","' + "k" * 500 + '":{"a":[1]},"text":"好"}',
        '"' + "y]" * 300 + '"',
        "1" * 500,
        "[" + ",".join("1" * 300) + "]",
    ],
)
def test_a_value_that_is_too_long_costs_itself(tmp_path: Path, short: None, value: str) -> None:
    ids, rejected = read(tmp_path, f"[{FIRST},\n{value},\n{LAST}]")
    assert ids == ["x1", "x2"] and set(rejected) <= set(LONG)
    assert rejected == LONG or value.startswith("[1,")  # an array is passed item by item, and held none


def test_comments_within_a_long_value_are_read_one_by_one(tmp_path: Path, short: None) -> None:
    inner = ",".join(f'{{"id":"y{number}","text":"好"}}' for number in range(40))
    ids, rejected = read(tmp_path, f'[{{"video":1,"comments":[{inner}]}},{{"video":2,"comments":[{LAST}]}}]')
    assert ids == [*(f"y{number}" for number in range(40)), "x2"] and not rejected


def test_an_object_of_too_many_names_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_document, "MOST_KEYS", 10)
    many = ",".join(f'"k{number}":1' for number in range(50))
    ids, rejected = read(tmp_path, f"{FIRST}\n{{{many}}}\n{LAST}")
    assert ids == ["x1", "x2"] and rejected == LONG
