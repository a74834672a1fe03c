import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.danmu.readers.form import Form
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Rejected
from pipeline.danmu.tables.json_document import JSON_DOCUMENT
from pipeline.danmu.tables.json_stream import PIECE
from pipeline.danmu.tables.json_table import JSON_LINES

QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
SENT = datetime(2019, 12, 22, 7, 33, 20, tzinfo=UTC)
ELEMENT = {
    "id": "26140000000000001", "progress": 12500, "mode": 1, "fontsize": 25, "color": 255, "midHash": "03e39659",
    "content": "好", "ctime": "1577000000", "weight": 10, "idStr": "26140000000000001", "attr": 4,
}  # fmt: skip
COMMENT = Comment(
    "好", None, None, None, None, 12.5, 1, 25, 255, SENT, 0, "03e39659", 26140000000000001, weight=10, site="bilibili"
)


def read(form: Form, folder: Path, content: str | bytes) -> tuple[list[Comment], list[Rejected]]:
    """Comments and rejected records of a file with this content."""
    path = folder / "dump"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    results = list(form.read(Source(path, "dump")))
    rejected = [record for record in results if isinstance(record, Rejected)]
    assert all(record.file == "dump" and len(record.excerpt) <= 80 for record in rejected)
    assert all(record.reason.encode() and record.excerpt.encode() is not None for record in rejected)
    return [record for record in results if isinstance(record, Comment)], rejected


def document(folder: Path, value: Any) -> tuple[list[Comment], list[Rejected]]:
    """What a document with this value holds; it must be recognised."""
    content = value if isinstance(value, str) else json.dumps(value)
    assert JSON_DOCUMENT.recognises(content.encode())
    return read(JSON_DOCUMENT, folder, content)


def test_lines_are_read_and_bad_ones_rejected_with_their_line(tmp_path: Path) -> None:
    bad = {
        '{"code":-412}': "error page saved as data (code -412, )",
        "{坏": "the line is no JSON",
        "[" * 100_000: "the line is no JSON",
        "[1]": "the line is no JSON object",
        '{"text": "无名"}': "no id",
        '{"id": "x"}': "no text",
        '{"id": "x", "text": null}': "no text",
        '{"id": "x", "text": {"a": 1}}': "no text",
        '{"id": 26140000000000001.0, "text": "好"}': "the id '26140000000000001.0' went through a float, "
        "as others may have that are now the same",
    }
    lines = "\n".join([*bad, '{"id": 26140000000000001, "text": "好\\ud83d"}', ""])
    assert JSON_LINES.recognises(lines.encode()[: 1 << 16])
    comments, rejected = read(JSON_LINES, tmp_path, lines)
    assert comments == [Comment("好\ufffd", comment_id="26140000000000001")]
    assert [(record.line, record.reason) for record in rejected] == list(enumerate(bad.values(), start=1))


def test_a_line_may_hold_a_danmu_of_protobufs_json(tmp_path: Path) -> None:
    assert read(JSON_LINES, tmp_path, json.dumps(ELEMENT) + "\n\n") == ([COMMENT], [])


def test_protobufs_json_leaves_out_what_is_zero(tmp_path: Path) -> None:
    left = {key: value for key, value in ELEMENT.items() if key not in ("progress", "color", "idStr", "content")}
    expected = Comment(
        "", None, None, None, None, 0.0, 1, 25, 0, SENT, 0, "03e39659", 26140000000000001, weight=10, site="bilibili"
    )
    assert document(tmp_path, {"elems": [left]}) == ([expected], [])


@pytest.mark.parametrize(
    "wrapped",
    [
        [ELEMENT],
        {"elems": [ELEMENT]},
        {"code": 0, "message": "ok", "timestamp": 5, "data": {"total": 1, "tags": ["a"], "list": [ELEMENT]}},
        [[ELEMENT], []],
        [{"page": 1, "danmu": [ELEMENT]}],
        ELEMENT,
    ],
)
def test_whatever_holds_the_array(tmp_path: Path, wrapped: Any) -> None:
    for content in (json.dumps(wrapped), json.dumps(wrapped, indent=1, ensure_ascii=False)):
        assert JSON_LINES.recognises(content.encode()) + JSON_DOCUMENT.recognises(content.encode()) == 1
        assert read(JSON_DOCUMENT, tmp_path, content) == ([COMMENT], [])


def test_answers_one_a_line_are_documents_in_a_row(tmp_path: Path) -> None:
    answer = json.dumps({"code": 0, "data": {"elems": [ELEMENT]}}) + "\n"
    assert not JSON_LINES.recognises(answer.encode() * 3)
    assert document(tmp_path, answer * 3) == ([COMMENT] * 3, [])


def test_dandanplays_comments(tmp_path: Path) -> None:
    answer = {"count": 1, "comments": [{"cid": 77, "p": "12.50,1,255,[A]b1", "m": "好"}]}
    expected = Comment("好", comment_id="77", onset_s=12.5, mode=1, color=255, sender="b1", site="a")
    assert document(tmp_path, answer) == ([expected], [])


def test_dplayers_lists(tmp_path: Path) -> None:
    rows = [[12.5, kind, 255, "u7", "好"] for kind in (0, 1, 2)]
    comments, rejected = document(tmp_path, {"code": 0, "data": [*rows, [1, 2]]})
    assert [(comment.onset_s, comment.mode, comment.color, comment.sender, comment.text) for comment in comments] == [
        (12.5, mode, 255, "u7", "好") for mode in (1, 5, 4)
    ]
    assert [record.reason for record in rejected] == ["a list of 2 values where 5, 9 or 10 belong"]


def test_lists_of_nine_and_ten(tmp_path: Path) -> None:
    nine = ["12.5", 1, 25, 255, 1577000000, 0, "03e39659", 26140000000000001, "好"]
    assert document(tmp_path, [nine, [*nine[:-1], 10, "好"]])[0][1] == COMMENT


def test_acfuns_objects(tmp_path: Path) -> None:
    uuid = "0d2cf8a4-1111-4222-8333-000000000001"
    rows = [{"c": "12.5,255,1,25,u7,1577000000", "m": "好"}, {"c": f"12.5,255,1,25,u7,1577000000,{uuid}", "m": "好"}]
    expected = Comment("好", None, None, None, None, 12.5, 1, 25, 255, SENT, None, "u7", site="acfun")
    comments, _ = document(tmp_path, [rows, []])
    assert comments[0] == expected
    assert comments[1].comment_id == uuid


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"code":-412,"message":"request was banned"}', "error page saved as data (code -412, request was banned)"),
        (
            '{\n"code": -404,\n"message": "没有", "timestamp": 5, "data": null}',
            "error page saved as data (code -404, 没有)",
        ),
    ],
)
def test_an_error_page_is_rejected_by_its_name(tmp_path: Path, content: str, reason: str) -> None:
    comments, rejected = document(tmp_path, content)
    assert comments == []
    assert [(record.line, record.reason) for record in rejected] == [(1, reason)]


@pytest.mark.parametrize("content", ["[]", '{"code":0,"data":[]}', '{"code":0,"message":"0","data":{}}'])
def test_an_answer_without_comments_has_no_records(tmp_path: Path, content: str) -> None:
    assert document(tmp_path, content) == ([], [])


def test_a_document_that_is_cut_short_yields_what_is_whole(tmp_path: Path) -> None:
    whole = json.dumps({"code": 0, "data": {"list": [ELEMENT, ELEMENT]}}, ensure_ascii=False)
    first, second = whole.index("}") + 1, whole.rindex("}]") + 1
    for end in range(whole.index("[") + 1, len(whole)):
        comments, rejected = read(JSON_DOCUMENT, tmp_path, whole[:end])
        assert len(comments) == (end >= first) + (end >= second)
        assert [record.reason for record in rejected] == ["the JSON is cut short or damaged from here on"]


def test_a_damaged_object_costs_itself(tmp_path: Path) -> None:
    content = (
        '[\n{"id":1,"text":"一"},\n{"id":2 "text":"二"},\n{"id":3,"text":"三\t三"},\n{"id":4},\n{"id":5,"text":NaN}\n]'
    )
    comments, rejected = document(tmp_path, content)
    assert [(comment.comment_id, comment.text) for comment in comments] == [("1", "一"), ("3", "三\t三")]
    assert [(record.line, record.reason) for record in rejected] == [
        (3, "damaged JSON"),
        (5, "no text"),
        (6, "no text"),
    ]


@pytest.mark.parametrize(
    "text", ["好" * PIECE, "好" * 2_100_000, "}" * 100_000, '"' * 100_000], ids=["p", "l", "b", "q"]
)
def test_long_texts_are_read_across_pieces(tmp_path: Path, text: str) -> None:
    rows = [
        {"id": "a", "content": "短", "mode": 1},
        {"id": "b", "content": text, "mode": 8},
        {"id": "c", "content": "短"},
    ]
    comments, rejected = document(tmp_path, rows)
    assert ([comment.text for comment in comments], rejected) == (["短", text, "短"], [])


def test_a_first_comment_longer_than_the_beginning_is_recognised(tmp_path: Path) -> None:
    content = json.dumps([ELEMENT | {"content": "好" * 50_000}], ensure_ascii=False).encode()
    late = json.dumps([{"mode": 8, "progress": 1, "content": "x" * 100_000}]).encode()
    assert JSON_DOCUMENT.recognises(content[: 1 << 16]) and JSON_DOCUMENT.recognises(late[: 1 << 16])
    assert len(read(JSON_DOCUMENT, tmp_path, content)[0]) == 1


@pytest.mark.parametrize(
    "beginning",
    [
        "text, id\n", "<html>{}</html>", '{"name": "package", "version": "1"}', '[{"a": 1}, {"b": 2}]', "{not JSON",
        '{"label": "1", "label_desc": "x"}\n{"label": "2", "label_desc": "y"}\n', "[前方高能]\n哈", "{", "[", "\x00",
        "[('12.5', '1', '25', '255', '1577000000', '0', 'a', '1', '好')]",
    ],
)  # fmt: skip
def test_what_is_no_comment_is_not_recognised(beginning: str) -> None:
    assert not JSON_LINES.recognises(beginning.encode())
    assert not JSON_DOCUMENT.recognises(beginning.encode())


@pytest.mark.parametrize(
    "content",
    [
        '[{"id":1,"text":"a"}' + ',{"a":[{},' * 20_000,
        '[{"id":1,"text":"a"},' + "[" * 200_000,
        '[{"id":1,"text":"a"},' + '{"a":' * 100_000,
        '[{"id":1,"text":"a"}' + ',{"id":1,"text":"a}' * 100_000,
        '[{"id":1,"text":"a"}' + ",{x}" * 200_000,
        "[" * 7 + '{"id":1,"text":"a"}',
        '{"a":' * 100_000,
    ],
    ids=[*"abcdefg"],
)
def test_hostile_documents_take_linear_time(tmp_path: Path, content: str) -> None:
    begin = time.monotonic()
    JSON_DOCUMENT.recognises(content.encode()[: 1 << 16])
    _, rejected = read(JSON_DOCUMENT, tmp_path, content)
    assert rejected
    assert time.monotonic() - begin < 20


ROWS = st.lists(st.tuples(st.text(), st.integers(1, 2**63 - 1), st.integers(0, 9)), max_size=8)


@QUIET
@given(rows=ROWS, ascii_only=st.booleans(), indent=st.sampled_from([None, 1]))
def test_what_is_written_is_read(
    tmp_path: Path, rows: list[tuple[str, int, int]], ascii_only: bool, indent: int | None
) -> None:
    values = [{"idStr": str(row_id), "content": text, "mode": mode} for text, row_id, mode in rows]
    lines = "".join(json.dumps(value, ensure_ascii=ascii_only) + "\n" for value in values)
    whole = json.dumps({"data": values}, ensure_ascii=ascii_only, indent=indent)
    for form, content in ((JSON_LINES, lines), (JSON_DOCUMENT, whole)):
        comments, rejected = read(form, tmp_path, content)
        assert rejected == []
        assert [(comment.text, comment.row_id, comment.mode) for comment in comments] == rows


@QUIET
@given(
    st.binary(max_size=300), st.sampled_from([b"", b'{"id":1,"text":"', b'[{"p":"', b'[[1,0,255,"u","x"],', b'{"a":['])
)
def test_no_bytes_raise(tmp_path: Path, content: bytes, begin: bytes) -> None:
    for form in (JSON_LINES, JSON_DOCUMENT):
        form.recognises(begin + content)
        read(form, tmp_path, begin + content)


@QUIET
@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=6)
    | st.dictionaries(st.sampled_from(["id", "text", "p", "m", "c", "code", "mode", "progress"]), inner)))  # fmt: skip
def test_no_json_raises(tmp_path: Path, value: Any) -> None:
    content = json.dumps(value)
    for form in (JSON_LINES, JSON_DOCUMENT):
        form.recognises(content.encode())
        read(form, tmp_path, content)
