"""The compiled readers say the same of every file as the careful ones in plain Python, sound or damaged."""

import json
import re
from datetime import UTC, datetime
from html import escape
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.danmu.readers import day_file, day_file_blocks, element
from pipeline.danmu.readers.comments import comments_at
from pipeline.danmu.readers.day_file_blocks import read_day_file
from pipeline.danmu.readers.documents import read_documents
from pipeline.danmu.readers.json_text import storable
from pipeline.danmu.readers.place import Place
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import EXCERPT, Comment, Flaw
from tests.danmu.samples import PLAIN, as_fragments, as_joined, as_json, as_python, danmu, quoted, row

FIELDS = (
    "video_id",
    "chat_id",
    "onset_s",
    "mode",
    "font_size",
    "color",
    "sent_at",
    "pool",
    "sender",
    "row_id_damaged",
    "text",
)

TEXTS = st.text(
    st.characters(blacklist_categories=["Cs"]) | st.sampled_from(list("\"'\\&<>,;|[]() \t\r/dp=123.")), max_size=12
) | st.sampled_from(
    [
        "666",
        "10.5,1,25,",
        "<d p=",
        "</d>",
        "&amp;",
        "&#39;",
        "&lt",
        "\\u4e00",
        "[前方高能]",
        "3,2,1",
        "\u3000",
        "\\x41",
        "\\/",
    ]
)
SENDERS = st.sampled_from(["3e396595", "0", "", "2.89E+60", "D1a2", "DEADBEEF", "0a", " b", "张三"])
ROW_IDS = st.integers(1, 2**63 - 1).map(str) | st.sampled_from(
    ["0", "", "5.43E+16", "7", "26140000000000001", "x", "12.0"]
)
ONSETS = st.sampled_from(
    ["12.5", "", "0", "9.9999997473788E-6", "73.37900", "0.0005", "100001", "-1", "1e3", ".5", "5.", "00.1"]
)
TIMES = st.sampled_from(["1577000000", "1577000000123", "1577000000.5", "", "100000000001", "x"])
NUMBERS = st.sampled_from(["1", "25", "", "0", "7", "4294967295", "-1", "white", "99", "100", " 1", "１"])


@st.composite
def records(draw: st.DrawFn) -> list[str]:
    attributes = [draw(ONSETS), draw(NUMBERS), draw(NUMBERS), draw(NUMBERS), draw(TIMES), draw(NUMBERS)]
    weight = [draw(NUMBERS)] if draw(st.booleans()) else []
    odd = draw(st.integers(0, 3)) == 0
    plain = danmu(row_id=draw(ROW_IDS), onset=draw(ONSETS), text=draw(TEXTS))
    if draw(st.booleans()):  # few ids, senders and texts, so that records meet that say the same, or nearly
        sender = draw(st.sampled_from(["a1", "00a1", "0", ""]))
        text = draw(st.sampled_from(["1 < 2", "1 &lt; 2", "\\\\", "\\", "\n"]))
        return danmu(row_id="7", onset=draw(st.sampled_from(["1", "1.0", "2"])), sender=sender, text=text)
    return [*attributes, draw(SENDERS), draw(ROW_IDS), *weight, draw(TEXTS)] if odd else plain


def as_numbers(comments: list[list[str]]) -> str:
    """A Python list with its numbers bare, as repr prints them."""
    return str([tuple(number(value) if place < 8 else value for place, value in enumerate(c)) for c in comments])


def number(value: str) -> Any:
    if value.isascii() and value.isdigit():
        return int(value)
    return float(value) if re.fullmatch(r"[0-9]+\.[0-9]+", value) else value


def as_ascii(comments: list[list[str]]) -> str:
    return json.dumps(comments)


SPELLINGS = [as_json, as_ascii, as_python, as_numbers, as_fragments, as_joined]
SEPARATORS = ["", ",", ";", "|", " "]


@st.composite
def lists(draw: st.DrawFn) -> str:
    comments = draw(st.lists(records(), max_size=4))
    spell = draw(st.sampled_from(SPELLINGS))
    return as_joined(comments, draw(st.sampled_from(SEPARATORS))) if spell is as_joined else spell(comments)


@st.composite
def damaged(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> str:
    """A text in which up to two stretches are replaced."""
    text = draw(texts)
    for _ in range(draw(st.integers(0, 2))):
        begin = draw(st.integers(0, len(text)))
        end = draw(st.integers(begin, min(len(text), begin + 6)))
        text = text[:begin] + draw(TEXTS) + text[end:]
    return text


@st.composite
def day_files(draw: st.DrawFn) -> str:
    rows = []
    for _ in range(draw(st.integers(1, 3))):
        hour = draw(st.sampled_from(["2019122222", "2019122223", "2020022923", "2019022923", "0001010100"]))
        listed = draw(lists())
        csv = draw(st.integers(0, 4)) == 0
        rows.append(quoted(listed) if csv else row(listed, hour, draw(st.sampled_from(["1", "BV1xx", "0"]))))
    return "".join(rows)


def key(comment: Comment | dict[str, Any]) -> tuple[Any, ...]:
    values = comment if isinstance(comment, dict) else {name: getattr(comment, name) for name in (*FIELDS, "row_id")}
    return tuple(values[name] for name in (*FIELDS, "row_id"))


def careful_day_file(content: str) -> tuple[list[Comment], list[tuple[int, str, str]]]:
    """What the careful reader says: comments, and line, reason and excerpt of what is none."""
    lines = content.split("\n")
    begins = [0] + [n for n, line in enumerate(lines) if n and day_file.begins_row(line.encode())]
    comments, flaws = [], []
    for begin, end in pairwise([*begins, len(lines)]):
        for below, record in day_file.read_rows("\n".join(lines[begin:end])):
            if isinstance(record, Flaw):
                flaws.append((begin + below + 1, storable(record.reason), storable(record.excerpt[:EXCERPT])))
            else:
                comments.append(record)
    return comments, flaws


def by_key(comments: list[Comment]) -> list[Comment]:
    """Of comments with the same row id that say the same the first, with the weight that is known first."""
    kept: dict[Any, Comment] = {}
    for comment in comments:
        second = comment.sent_at and comment.sent_at.replace(microsecond=0)
        said = (comment.row_id, comment.text, comment.onset_s, second, (comment.sender or "").lstrip("0"))
        first = kept.setdefault((*said, comment.video_id, comment.chat_id) if comment.row_id else id(comment), comment)
        first.weight = comment.weight if first.weight is None else first.weight
    return list(kept.values())


@given(content=damaged(day_files()))
@example(content=row(as_python([danmu(text="\xa0'\"\\")])))
@example(content=row(as_joined([danmu(), danmu(row_id="7")], "|")) + "garbage\n")
@settings(max_examples=400, deadline=None)
def test_day_files(content: str) -> None:
    content = content.encode("utf-8", "replace").decode().replace("\0", "")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "day"
        path.write_text(content, encoding="utf-8", newline="")
        batches = list(read_day_file(Source(path, "day")))
    comments, flaws = careful_day_file(content.removeprefix("\ufeff"))
    assert [(r.line, r.reason, r.excerpt) for batch in batches for r in batch.rejected] == flaws
    assert sum(batch.records[0] for batch in batches) == len(comments) + len(flaws)
    table = [comment for batch in batches for comment in batch.comments.sort("order", maintain_order=True).to_dicts()]
    seen = {key(comment) for comment in by_key(comments)}
    assert {key(comment) for comment in by_key([Comment(**as_comment(c)) for c in table])} == seen
    hours = {(c.row_id, c.text, int(c.seen.timestamp()) // 3600) for c in comments if c.row_id and c.seen}
    assert {(c["row_id"], c["text"], hour) for c in table for hour in c["hours"] if c["row_id"]} == hours


def as_comment(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("file", "order", "hours")}


@st.composite
def documents(draw: st.DrawFn) -> str:
    comments = draw(st.lists(records(), max_size=4))
    begin = draw(st.sampled_from(["", "<i>", '<?xml version="1.0"?><i><chatid>5</chatid>', "\n"]))
    raw = draw(st.booleans())
    spell = (lambda text: text) if raw else escape
    elements = (f'<d p="{",".join(fields[:-1])}">{spell(fields[-1])}</d>' for fields in comments)
    return begin + draw(st.sampled_from(["", "\n"])).join(elements) + draw(st.sampled_from(["", "</i>", "\n</i>\n"]))


@given(content=damaged(documents()))
@example(content='<d p="1,1,25,1,1577000000,0,a,7">甲<d p="2,1,25,1,1577000000,0,a,8">乙</d>')
@settings(max_examples=400, deadline=None)
def test_documents(content: str) -> None:
    content = content.encode("utf-8", "replace").decode().replace("\0", "")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.xml"
        path.write_text(content, encoding="utf-8", newline="")
        (batch,) = list(read_documents([Source(path, "a"), Source(path, "b")]))
    content = content.removeprefix("\ufeff")
    expected = list(comments_at(element.split_elements(content), Place().after(content), "a"))
    flaws = [(storable(f.reason), storable(f.excerpt[:EXCERPT])) for f in expected if isinstance(f, Flaw)]
    comments = [comment for comment in expected if isinstance(comment, Comment)]
    assert [(r.reason, r.excerpt) for r in batch.rejected] == flaws * 2
    assert batch.records == [len(expected)] * 2
    table = [Comment(**as_comment(row)) for row in batch.comments.sort("order", maintain_order=True).to_dicts()]
    assert {key(comment) for comment in by_key(table)} == {key(comment) for comment in by_key(comments)}


@pytest.mark.parametrize("spell", SPELLINGS)
def test_what_is_regular_is_not_left_to_the_careful_reader(tmp_path: Path, spell, monkeypatch) -> None:
    """Else all would be right, and slow."""
    path = tmp_path / "day"
    onset = "0.125" if spell is as_numbers else "9.9999997473788E-6"
    odd = danmu(row_id="7", sender="0a", onset=onset, text="他说'好'，“\u3000”")
    path.write_text(row(spell([danmu(), odd])), encoding="utf-8")
    monkeypatch.setattr(day_file_blocks, "comments_of", None)
    monkeypatch.setattr(day_file, "read_rows", None)
    (batch,) = list(read_day_file(Source(path, "day")))
    assert batch.comments["text"].to_list() == [PLAIN[-1], odd[-1]]
    assert batch.comments["sent_at"][0] == datetime.fromtimestamp(1577000000, UTC)
