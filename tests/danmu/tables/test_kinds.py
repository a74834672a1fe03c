"""A column is read as one kind of thing, as its first values tell, or where these do not, later ones."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Rejected
from pipeline.danmu.tables.csv_table import CSV
from pipeline.danmu.tables.parquet_table import PARQUET


def read(folder: Path, header: str, *rows: str) -> tuple[list[Comment], list[Rejected]]:
    """Comments and rejected records of a CSV."""
    path = folder / "table.csv"
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    records = list(CSV.read(Source(path, path.name)))
    comments = [record for record in records if isinstance(record, Comment)]
    return comments, [record for record in records if isinstance(record, Rejected)]


def column(folder: Path, name: str, values: list[str], field: str) -> list[object]:
    """What a field holds of a table of danmu with a column of these values."""
    rows = [f'{number},1,好,"{value}"' for number, value in enumerate(values)]
    comments, rejected = read(folder, f"onset,mode,content,{name}", *rows)
    assert rejected == []
    return [getattr(comment, field) for comment in comments]


@pytest.mark.parametrize(
    ("spelled", "colors"),
    [
        (["ffffff", "019899", "123456", "0", "ff"], [0xFFFFFF, 0x019899, 0x123456, 0, 255]),
        (["000000", "999999"], [0, 0x999999]),  # no decimal number begins with a 0
        (["16777215", "123456", "255"], [16777215, 123456, 255]),
        (["#FFF", "0xFF0000", "rgb(0, 255, 0)", "0xff"], [0xFFFFFF, 0xFF0000, 0x00FF00, 255]),
        (["白色", "红", "Navy", "red", "#ff0000"], [0xFFFFFF, 0xFF0000, 0x000080, 0xFF0000, 0xFF0000]),
    ],
)
def test_one_bare_hexadecimal_colour_makes_the_column_hexadecimal(
    tmp_path: Path, spelled: list[str], colors: list[int]
) -> None:
    assert column(tmp_path, "color", spelled, "color") == colors


def days(folder: Path, dates: list[str]) -> list[str]:
    """The days of times of sending, in Beijing's clock at noon."""
    found = column(folder, "send_time", [f"{date} 12:00" for date in dates], "sent_at")
    return [time.strftime("%Y-%m-%d") for time in found]  # type: ignore[attr-defined]


def test_a_thirteenth_tells_which_is_the_day(tmp_path: Path) -> None:
    assert days(tmp_path, ["05/06/2020", "13/06/2020"]) == ["2020-06-05", "2020-06-13"]
    assert days(tmp_path, ["05/06/2020", "06/13/2020"]) == ["2020-05-06", "2020-06-13"]
    late = ["05/06/2020"] * 3000 + ["13/06/2020"]  # far behind the first rows
    assert days(tmp_path, late) == ["2020-06-05"] * 3000 + ["2020-06-13"]
    assert days(tmp_path, ["05.06.2020", "06/06/2020", "2020/06/05"]) == ["2020-06-05", "2020-06-06", "2020-06-05"]


@pytest.mark.parametrize("others", [[], ["13/06/2020", "06/13/2020"]], ids=["alone", "both"])
def test_where_nothing_tells_the_row_is_rejected(tmp_path: Path, others: list[str]) -> None:
    rows = [f"1,1,好,{date}" for date in ["05/06/2020", *others]]
    comments, rejected = read(tmp_path, "onset,mode,content,send_time", *rows)
    assert len(comments) == len(others)
    assert [record.reason for record in rejected] == [
        "sent_at '05/06/2020' may begin with the day or with the month, and its column does not tell"
    ]


def test_days_of_a_spreadsheet_are_times_where_all_are(tmp_path: Path) -> None:
    first, second = column(tmp_path, "发送时间", ["43831.5", "43832"], "sent_at")
    assert [first.isoformat(), second.isoformat()] == [  # type: ignore[attr-defined]
        "2020-01-01T04:00:00+00:00",
        "2020-01-01T16:00:00+00:00",
    ]
    assert column(tmp_path, "发送时间", ["43831.5", "1577836800"], "blanked") == [("time",), ()]


def test_a_column_named_for_one_clock_may_hold_the_other(tmp_path: Path) -> None:
    (comment,), _ = read(tmp_path, "弹幕发送时间,弹幕内容,弹幕模式", "00:12,好,1")
    assert (comment.onset_s, comment.sent_at) == (12.0, None)
    (comment,), _ = read(tmp_path, "弹幕出现时间,弹幕内容,弹幕模式", "2020-06-17 10:38:21,好,1")
    assert comment.onset_s is None and comment.sent_at is not None


def test_a_part_of_a_video_is_no_attributes(tmp_path: Path) -> None:
    (comment, _), rejected = read(tmp_path, "P,onset,mode,content", "1,12.5,5,好", "2,13,5,好")
    assert (comment.onset_s, comment.mode, rejected) == (12.5, 5, [])


def test_parquet_is_looked_at_alike(tmp_path: Path) -> None:
    columns = {"onset": [1.0] * 400, "text": ["好"] * 400, "mode": [1] * 400}
    columns |= {"color": ["123456"] * 399 + ["ffffff"], "send_time": ["05/06/2020"] * 399 + ["13/06/2020"]}
    pq.write_table(pa.table(columns), tmp_path / "table", row_group_size=100)
    first = next(iter(PARQUET.read(Source(tmp_path / "table", "table"))))
    assert isinstance(first, Comment) and first.sent_at is not None
    assert (first.color, first.sent_at.isoformat()) == (0x123456, "2020-06-04T16:00:00+00:00")
