import csv
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Rejected
from pipeline.danmu.tables import csv_records
from pipeline.danmu.tables.csv_table import CSV

QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"))


def read(folder: Path, content: str | bytes) -> tuple[list[Comment], list[Rejected]]:
    """Comments and rejected records of a file with this content."""
    path = folder / "table"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    results = list(CSV.read(Source(path, "table")))
    comments = [record for record in results if isinstance(record, Comment)]
    rejected = [record for record in results if isinstance(record, Rejected)]
    assert all(record.file == "table" and len(record.excerpt) <= 80 for record in rejected)
    return comments, rejected


def test_csv_needs_an_id_and_a_text_and_the_rest_is_null(tmp_path: Path) -> None:
    assert read(tmp_path, 'content,id\r\n"一,二\n三",a7\r\n') == ([Comment("一,二\n三", comment_id="a7")], [])


@pytest.mark.parametrize(
    "spelled", ["1577000000", "1577000000000", "2019-12-22 07:33:20", "2019-12-22T15:33:20+08:00", " 1577000000.0"]
)
def test_known_columns_are_read_by_name(tmp_path: Path, spelled: str) -> None:
    lines = f"id,text,video_id,onset_s,color,sent_at,row_id,other\n1,好,v1,3.5,255,{spelled},5.43E+16,x\n"
    (comment,), _ = read(tmp_path, lines)
    assert (comment.comment_id, comment.video_id, comment.onset_s, comment.color) == ("1", "v1", 3.5, 255)
    assert (comment.row_id, comment.row_id_damaged) == (None, True)
    assert comment.sent_at == datetime(2019, 12, 22, 7, 33, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2,一,二,三", "more columns than the header has"),
        ("2,一", "fewer columns than the header has"),
        ('2,"没有结尾,', "no CSV record: unexpected end of data"),
        ('2,"引号"后,', "no CSV record: ',' expected after '\"'"),
        (",无名,", "no id"),
        (",,", "every column is blank"),
        ("5.43E+16,好,", "the id '5.43E+16' went through a float, as others may have that are now the same"),
    ],
)
def test_a_bad_line_costs_itself(tmp_path: Path, line: str, reason: str) -> None:
    comments, rejected = read(tmp_path, f"id,text,mode\n1,好,\n{line}\n12e45678,行,5\n")
    assert [(comment.comment_id, comment.mode) for comment in comments] == [("1", None), ("12e45678", 5)]
    assert [(record.line, record.reason, record.excerpt) for record in rejected] == [(3, reason, line)]


@pytest.mark.parametrize("sent_at", ["999999999999999", "0001-01-01T00:00:00+08:00", "昨天"])
def test_a_time_that_is_none_is_left_blank_and_counted(tmp_path: Path, sent_at: str) -> None:
    comments, rejected = read(tmp_path, f"id,text,sent_at\n1,好,{sent_at}\n2,行,1576121201230\n")
    assert [comment.sent_at and comment.sent_at.year for comment in comments] == [None, 2019]
    assert ([comment.blanked for comment in comments], rejected) == ([("time",), ()], [])


def test_an_index_without_a_name_a_blank_line_and_a_long_field_do_no_harm(tmp_path: Path) -> None:
    comments, rejected = read(tmp_path, f'\n,"id",text\n0,1,{"好" * 200_000}\n\n1,2,"行"\n')
    assert ([len(comment.text) for comment in comments], rejected) == ([200_000, 1], [])


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_the_header_tells_the_delimiter(tmp_path: Path, delimiter: str) -> None:
    lines = f"id,time,mode,text\n26140000000000001,12.5,1,{'好' + {',': '；', ';': '，'}.get(delimiter, '吧')}\n"
    comments, rejected = read(tmp_path, lines.replace(",", delimiter))
    assert ([comment.row_id for comment in comments], rejected) == ([26140000000000001], [])


@pytest.mark.parametrize(
    ("header", "line", "text"),
    [
        ("id,mode,text", "2,1,好,吧,真,的", "好,吧,真,的"),
        ("id,mode,text", "2,1," + ",".join("一" * 27), ",".join("一" * 27)),
        ("id,mode,text", '2,1,他说"好,吧"', '他说"好,吧"'),
        ("text,mode,id", "好,吧,1,2", "好,吧"),
        ("id,text,mode,sender", "2,好,吧,1,3e396595", "好,吧"),
        ("mode,text,id,note", "1,好,吧,2,x1", "好,吧"),
    ],
)
def test_raw_commas_are_the_texts_where_the_other_columns_fit(
    tmp_path: Path, header: str, line: str, text: str
) -> None:
    comments, rejected = read(tmp_path, f"{header}\n{line}\n")
    assert ([(comment.comment_id, comment.mode, comment.text) for comment in comments], rejected) == (
        [("2", 1, text)],
        [],
    )


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("id,text,mode", "2,好,5,"),  # a stray delimiter at the end, not a text "好,5"
        ("id,text,mode", "2,好,吧,很,多"),
        ("id,text,note", "2,好,吧,真的"),  # either may hold the comma
        ("id,text,mode", '2,"好",吧,"5"'),
    ],
)
def test_where_they_do_not_the_line_is_rejected(tmp_path: Path, header: str, line: str) -> None:
    comments, rejected = read(tmp_path, f"{header}\n{line}\n")
    assert comments == []
    assert [record.reason for record in rejected] == ["more columns than the header has"]


def test_a_quote_that_never_closes_costs_its_own_line_alone(tmp_path: Path) -> None:
    rows = "".join(f"{number},1,第{number}条\n" for number in range(3, 2000))
    comments, rejected = read(tmp_path, f'id,mode,text\n1,1,"没有结尾\n2,1,"引,号"\n{rows}')
    assert [comment.comment_id for comment in comments] == [str(number) for number in range(2, 2000)]
    assert [record.line for record in rejected] == [2]


def test_a_quote_that_closes_rows_later_costs_its_own_line_alone(tmp_path: Path) -> None:
    lines = 'id,mode,text\n1,1,"没有\n2,1,好\n3,1,尾"\n4,1,行\n'
    comments, rejected = read(tmp_path, lines)
    assert [comment.text for comment in comments] == ["好", '尾"', "行"]
    assert [(record.line, record.reason) for record in rejected] == [
        (2, "no CSV record: a quote that closes rows later")
    ]


def test_in_a_table_with_tabs_quotes_may_be_the_texts(tmp_path: Path) -> None:
    lines = 'id\ttext\n1\t"前方\n2\t好\n3\t高能"\n4\t"引"号\n5\t"两\n行"\n6\t"引,号"\n'
    comments, rejected = read(tmp_path, lines)
    assert [comment.text for comment in comments] == ['"前方', "好", '高能"', '"引"号', "两\n行", "引,号"]
    assert rejected == []


def test_the_header_amid_the_file_is_no_record(tmp_path: Path) -> None:
    comments, rejected = read(tmp_path, "id,text,mode\n1,好,1\nid,text,mode\n2,行,1\n\ufeffid,text,mode\n3,吧,1\n")
    assert ([comment.text for comment in comments], rejected) == (["好", "行", "吧"], [])


def test_invalid_bytes_become_replacement_characters(tmp_path: Path) -> None:
    long = "好" * 200
    comments, rejected = read(tmp_path, b"id,text\n1,\xff" + long.encode() + b"\n")
    assert ([comment.text for comment in comments], rejected) == (["\ufffd" + long], [])


@pytest.mark.parametrize(
    ("beginning", "expected"),
    [
        ("id,text\n1,好\n", True),
        ('\n\n,"id",text\n', True),
        ("弹幕内容;出现时间\n", True),
        ("text\n好\n", False),
        ("text,label\n好,1\n", False),
        ("video_id,collect_YMDH,chat_id,maxlimit,danmu_list\n", False),
        ("video_id\tcollect_YMDH\tchat_id\tmaxlimit\tdanmu_list\n", False),
        ("Dear all, the text, which has an id, is long.\nYours\n", False),
        ("<html><title>id,text</title>\n", False),
        ('<?xml version="1.0"?><i><d p="1,1,25,255,1577000000,0,a,1">id,text</d></i>', False),
        ('{"id":1,"text":"好"}\n', False),
        ("12.5,16777215,1,25,u,1577000000,好\n", False),
        ("\x00\x01\x02,\x03\n", False),
        ("", False),
    ],
)
def test_a_header_is_recognised_and_nothing_else(beginning: str, expected: bool) -> None:
    assert CSV.recognises(beginning.encode()) is expected


@pytest.mark.parametrize(
    "line", ['a","b\n', 'x,"b""\n', '"\n', 'a,1,"\n', '""",""\n', '1,1,"a\n1,1,"",\n'], ids=["chain", *"bcdef"]
)
def test_hostile_quotes_take_linear_time(tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted are the characters of all lines that are looked at, as often as they are."""
    longest, content, looked_at = 1 << 16, "id,mode,text\n" + line * 50_000, 0
    most = 17 * longest + 101 * len(content)  # looks in vain until they stop, then a hundred lines for each line
    take = csv_records.Lines.take

    def counted(lines: csv_records.Lines) -> str | None:
        nonlocal looked_at
        taken = take(lines)
        looked_at += len(taken or "")
        assert looked_at <= most
        return taken

    monkeypatch.setattr(csv_records, "LONGEST_RECORD", longest)
    monkeypatch.setattr(csv_records.Lines, "take", counted)
    comments, rejected = read(tmp_path, content)
    assert comments or rejected
    assert looked_at >= len(content) - len("id,mode,text\n")


def test_a_search_for_a_quotes_end_gives_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_records, "MOST_LINES", 3)
    comments, _ = read(tmp_path, 'id,text\n1,"一\n二\n三\n四"\n2,"一\n二\n三\n四\n五"\n3,好\n')
    assert [comment.text for comment in comments] == ["一\n二\n三\n四", "好"]


@QUIET
@given(rows=st.lists(st.tuples(TEXT, st.integers(1, 2**63 - 1), st.integers(0, 9)), max_size=8), end=st.sampled_from(
    ["\n", "\r\n"]
), quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))  # fmt: skip
def test_what_is_written_is_read(tmp_path: Path, rows: list[tuple[str, int, int]], end: str, quoting: int) -> None:
    file = StringIO(newline="")
    writer = csv.writer(file, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(["progress", "mode", "idStr", "content", "extra"])
    writer.writerows((500, mode, row_id, text, "x") for text, row_id, mode in rows)
    comments, rejected = read(tmp_path, file.getvalue())
    assert rejected == []
    assert [(comment.text, comment.row_id, comment.mode) for comment in comments] == rows
    assert all(comment.onset_s == 0.5 for comment in comments)


@QUIET
@given(
    st.binary(max_size=300), st.sampled_from([b"", b"id,text\n", b"p,m\n", b"time\tmode\tid\ttext\n", b"text,id;\n"])
)
def test_no_bytes_raise(tmp_path: Path, content: bytes, header: bytes) -> None:
    CSV.recognises(content)
    read(tmp_path, header + content)


@pytest.mark.parametrize(
    ("header", "hour"),
    [("弹幕内容,出现时间,模式,发送时间", 4), ("text,onset,mode,sent_at", 12), ("text,comment_id,created_at,stars", 12)],
)
def test_a_time_without_a_zone_is_beijings_in_exports_of_danmu_and_utc_elsewhere(
    tmp_path: Path, header: str, hour: int
) -> None:
    value = "2019-12-22 12:00:00"
    line = f"好,7,{value},5" if "stars" in header else f"好,7,1,{value}"
    path = tmp_path / "a.csv"
    path.write_text(f"{header}\n{line}\n", encoding="utf-8")
    (comment,) = CSV.read(Source(path, "a.csv"))
    assert isinstance(comment, Comment) and comment.sent_at == datetime(2019, 12, 22, hour, tzinfo=UTC)


def test_a_clock_beside_a_time_of_sending_is_the_onset(tmp_path: Path) -> None:
    for header in ("时间,弹幕内容,发送时间,发送者", "time,text,date,user"):
        comments, _ = read(tmp_path, f"{header}\n1.5,甲,2021-03-04 05:06:07,z\n0:02.5,甲,2021-03-04 05:06:07,z\n")
        assert [comment.onset_s for comment in comments] == [1.5, 2.5]
