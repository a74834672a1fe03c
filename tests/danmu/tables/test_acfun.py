from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Rejected
from pipeline.danmu.tables.acfun import ACFUN
from pipeline.danmu.tables.csv_table import CSV

SENT = datetime(2019, 12, 22, 7, 33, 20, tzinfo=UTC)
ROW = "12.5,255,1,25,u7,1577000000,"
UUID = "0d2cf8a4-1111-4222-8333-000000000001"


def comment(text: str, **changes: str) -> Comment:
    """The comment of ROW with this text."""
    return Comment(text, changes.get("comment_id"), None, None, None, 12.5, 1, 25, 255, SENT, None, "u7", site="acfun")


def read(folder: Path, content: bytes) -> list[Comment | Rejected]:
    """The records of a file with this content."""
    path = folder / "acfun"
    path.write_bytes(content)
    return list(ACFUN.read(Source(path, "acfun")))


def test_rows_without_a_header_are_read_with_the_texts_commas(tmp_path: Path) -> None:
    content = f'{ROW}好\n{ROW}好,吧,真的\n{ROW}"两\n行"\n0,4294967295,5,16,00159abc,1577000000,\n'.encode()
    assert ACFUN.recognises(content.replace(b"\xa4\n", b"\xa4") * 5)
    comments = read(tmp_path, content)
    assert comments[:3] == [comment("好"), comment("好,吧,真的"), comment("两\n行")]
    assert comments[3] == Comment(
        "", None, None, None, None, 0.0, 5, 16, 4294967295, SENT, None, "00159abc", site="acfun"
    )


def test_a_bad_row_costs_itself(tmp_path: Path) -> None:
    comments = read(tmp_path, f"{ROW}好\n12.5,255,x,25,u7,1577000000,行\n1,2\n{ROW}吧\n".encode())
    assert (comments[0], comments[3]) == (comment("好"), comment("吧"))
    blank = replace(comment("行"), mode=None, blanked=("mode",))
    assert comments[1:3] == [
        blank,
        Rejected("acfun", 3, "fewer columns than the header has", "1,2"),
    ]


def test_a_uuid_before_the_text_is_the_comments_id(tmp_path: Path) -> None:
    assert read(tmp_path, f"{ROW}{UUID},好,吧\n".encode()) == [comment("好,吧", comment_id=UUID)]


def test_with_a_header_it_is_a_table_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "named"
    path.write_text(f"time,color,mode,size,user,timestamp,content\n{ROW}好,吧\n", encoding="utf-8")
    assert not ACFUN.recognises(path.read_bytes()) and CSV.recognises(path.read_bytes())
    assert list(CSV.read(Source(path, "named"))) == [replace(comment("好,吧"), site="bilibili")]


@pytest.mark.parametrize(
    "beginning",
    [
        "",
        "12.5,4294967296,1,25,u7,1577000000,好\n",  # no colour
        "12.5,255,0,25,u7,1577000000,好\n",  # no mode
        "12.5,255,1,250,u7,1577000000,好\n",  # no size
        "12.5,255,1,25,u7,15770000,好\n",  # no time
        "12.5,1,25,16777215,1577000000,0,03e39659,26140000000000001,好\n",  # a day file's list
        "780001,2019122222,550001,500,\"[('12.5', '1')]\"\n",  # a day file's row
        "780001,2019122222,,500,12.5,1,25,16777215,1577000000,0,a,26140000000000001,好\n",
        f"{ROW}好\n" + "只是一句话\n" * 3,
        f"只是一句话\n{ROW}好\n",
    ],
)
def test_what_does_not_fit_exactly_is_not_recognised(beginning: str) -> None:
    assert not ACFUN.recognises(beginning.encode())


def test_a_line_that_is_cut_short_and_a_few_others_do_no_harm() -> None:
    assert ACFUN.recognises((f"{ROW}好\n".encode() * 3000)[: 1 << 16])
    assert ACFUN.recognises((f"{ROW}好\n" * 12 + "只是一句话\n").encode())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.binary(max_size=300), st.sampled_from([b"", ROW.encode()]))
def test_no_bytes_raise(tmp_path: Path, content: bytes, begin: bytes) -> None:
    ACFUN.recognises(begin + content)
    read(tmp_path, begin + content)
