from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.danmu.samples import corpus, read


def test_csv_needs_an_id_and_a_text_and_the_rest_is_null(tmp_path: Path) -> None:
    comments = corpus(tmp_path, 'content,id\r\n"一,二\n三",a7\r\n')
    assert comments.select("comment_id", "text", "snapshots").rows() == [("a7", "一,二\n三", 1)]
    left = comments.drop("comment_id", "text", "snapshots")
    assert left.null_count().row(0) == (1,) * left.width


@pytest.mark.parametrize("spelled", ["1577000000", "1577000000000", "2019-12-22 07:33:20", "2019-12-22T15:33:20+08:00"])
def test_known_columns_are_read_by_name(tmp_path: Path, spelled: str) -> None:
    lines = f"id,text,video_id,onset_s,color,sent_at,row_id,other\n1,好,v1,3.5,255,{spelled},5.43E+16,x\n"
    (comment,), _ = read(tmp_path, lines)
    assert (comment["video_id"], comment["onset_s"], comment["color"], comment["row_id"]) == ("v1", 3.5, 255, None)
    assert comment["sent_at"] == datetime(2019, 12, 22, 7, 33, 20, tzinfo=UTC)


def test_a_csv_line_with_unquoted_commas_is_rejected_with_its_line(tmp_path: Path) -> None:
    comments, rejected = read(tmp_path, "id,text\n1,好\n2,一,二,三\n3,行\n")
    assert [comment["comment_id"] for comment in comments] == ["1", "3"]
    assert [(record["line"], record["reason"]) for record in rejected] == [(3, "more columns than the header has")]


def test_json_lines_are_read_and_bad_ones_rejected_with_their_line(tmp_path: Path) -> None:
    lines = ['{"id": 26140000000000001, "text": "好"}', "{坏", "[1]", '{"text": "无名"}', '{"id": "x"}', ""]
    comments, rejected = read(tmp_path, "\n".join(lines))
    assert [(comment["comment_id"], comment["text"]) for comment in comments] == [("26140000000000001", "好")]
    assert [(record["line"], record["reason"]) for record in rejected] == [
        (2, "the line is no JSON"),
        (3, "the line is no JSON object"),
        (4, "no id"),
        (5, "no text"),
    ]


def test_a_bad_value_costs_its_row(tmp_path: Path) -> None:
    comments, rejected = read(tmp_path, "id,text,mode\n1,好,一\n2,行,5\n")
    assert [(comment["comment_id"], comment["mode"]) for comment in comments] == [("2", 5)]
    assert [(record["line"], record["reason"]) for record in rejected] == [
        (2, "mode '一' is no whole number from 0 to 99")
    ]
