from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.danmu.samples import corpus, read


def test_csv_needs_an_id_and_a_text_and_the_rest_is_null(tmp_path: Path) -> None:
    comments = corpus(tmp_path, 'content,id\r\n"一,二\n三",a7\r\n')
    assert comments.select("comment_id", "text", "snapshots").rows() == [("a7", "一,二\n三", 1)]
    left = comments.drop("comment_id", "text", "snapshots")
    assert left.null_count().row(0) == (1,) * left.width


@pytest.mark.parametrize(
    "spelled", ["1577000000", "1577000000000", "2019-12-22 07:33:20", "2019-12-22T15:33:20+08:00", " 1577000000.0"]
)
def test_known_columns_are_read_by_name(tmp_path: Path, spelled: str) -> None:
    lines = f"id,text,video_id,onset_s,color,sent_at,row_id,other\n1,好,v1,3.5,255,{spelled},5.43E+16,x\n"
    (comment,), _ = read(tmp_path, lines)
    assert (comment["video_id"], comment["onset_s"], comment["color"], comment["row_id"]) == ("v1", 3.5, 255, None)
    assert comment["sent_at"] == datetime(2019, 12, 22, 7, 33, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2,一,二,三", "more columns than the header has"),
        ("2,一", "fewer columns than the header has"),
        ('2,"没有结尾,', "no CSV record: unexpected end of data"),
        ('2,"引号"后,', "no CSV record: ',' expected after '\"'"),
        (",无名,", "no id"),
        ("5.43E+16,好,", "the id '5.43E+16' went through a float, as others may have that are now the same"),
        ("2,好,一", "mode '一' is no whole number from 0 to 99"),
    ],
)
def test_a_bad_csv_line_costs_itself(tmp_path: Path, line: str, reason: str) -> None:
    comments, rejected = read(tmp_path, f"id,text,mode\n1,好,\n{line}\n12e45678,行,5\n")
    assert [(comment["comment_id"], comment["mode"]) for comment in comments] == [("1", None), ("12e45678", 5)]
    assert [(record["line"], record["reason"]) for record in rejected] == [(3, reason)]


@pytest.mark.parametrize("sent_at", ["999999999999999", "0001-01-01T00:00:00+08:00", "昨天"])
def test_a_time_that_is_none_costs_its_row(tmp_path: Path, sent_at: str) -> None:
    comments, rejected = read(tmp_path, f"id,text,sent_at\n1,好,{sent_at}\n2,行,1576121201230\n")
    assert [comment["sent_at"].year for comment in comments] == [2019]
    assert rejected[0]["reason"].startswith("sent_at")


def test_an_index_without_a_name_a_blank_line_and_a_long_field_do_no_harm(tmp_path: Path) -> None:
    comments, rejected = read(tmp_path, f'\n,"id",text\n0,1,{"好" * 200_000}\n1,2,行\n')
    assert ([len(comment["text"]) for comment in comments], rejected) == ([200_000, 1], [])


def test_json_lines_are_read_and_bad_ones_rejected_with_their_line(tmp_path: Path) -> None:
    bad = {
        '{"code":-412}': "error page saved as data (code -412, )",
        "{坏": "the line is no JSON",
        "[" * 100_000: "the line is no JSON",
        "[1]": "the line is no JSON object",
        '{"text": "无名"}': "no id",
        '{"id": "x"}': "no text",
        '{"id": "x", "text": null}': "no text",
        '{"id": 26140000000000001.0, "text": "好"}': "the id '26140000000000001.0' went through a float, "
        "as others may have that are now the same",
    }
    lines = [*bad, '{"id": 26140000000000001, "text": "好\\ud83d"}', ""]
    comments, rejected = read(tmp_path, "\n".join(lines))
    assert [(comment["comment_id"], comment["text"]) for comment in comments] == [("26140000000000001", "好\ufffd")]
    assert [(record["line"], record["reason"]) for record in rejected] == list(enumerate(bad.values(), start=1))
