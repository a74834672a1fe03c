from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest

from pipeline.danmu.corpus.forms import reader_of
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Rejected
from pipeline.danmu.tables import xlsx_table
from pipeline.danmu.tables.xlsx_table import XLSX

HEADER = ["弹幕ID", "出现时间", "弹幕内容", "发送时间", "备注"]
SENT = datetime(2020, 1, 1, tzinfo=UTC)


def read(folder: Path, *sheets: list[list[Any]]) -> list[Comment | Rejected]:
    """The records of a workbook with these sheets."""
    book = openpyxl.Workbook()
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    path = folder / "book.xlsx"
    book.save(path)
    source = Source(path, path.name)
    assert reader_of(source).name == "Excel"
    return list(XLSX.read(source))


def test_the_first_sheet_with_comments_is_read_below_its_titles(tmp_path: Path) -> None:
    rows = [["弹幕导出"], [], HEADER, ["26600000000000001", 12.5, "好", datetime(2020, 1, 1, 8)], [], [None, 13, "行"]]
    other = [["id", "text"], ["7", "不读"]]
    first, second = read(tmp_path, [["说明", "两张表"]], rows, other)
    assert first == Comment("好", onset_s=12.5, sent_at=SENT, row_id=26600000000000001, site="bilibili")
    assert second == Comment("行", onset_s=13.0, site="bilibili")


def test_without_a_header_the_nine_fields_are_known(tmp_path: Path) -> None:
    (comment,) = read(tmp_path, [[12.5, 1, 25, 255, 1577836800, 0, "1a2b3c4d", "26600000000000001", "好"]])
    assert isinstance(comment, Comment)
    assert (comment.sent_at, comment.row_id, comment.text) == (SENT, 26600000000000001, "好")


@pytest.mark.parametrize("number", [2.66e16, 26600000000000001, 26600000000000000])
def test_an_id_in_a_cell_of_numbers_is_damaged(tmp_path: Path, number: float) -> None:
    (comment,) = read(tmp_path, [HEADER, [number, 1, "好"]])
    assert isinstance(comment, Comment) and (comment.row_id, comment.row_id_damaged) == (None, True)
    (short,) = read(tmp_path, [HEADER, [42759017.0, 1, "好"]])
    assert isinstance(short, Comment) and short.row_id == 42759017  # a float holds it exactly


def test_a_program_that_writes_every_digit_is_believed() -> None:
    class Cell:
        data_type, number_format = "n", "General"

        def __init__(self, value: Any) -> None:
            self.value = value

    whole, also = list(xlsx_table.spelled_rows(iter([[Cell(26600000000000001)], [Cell(26600000000000004)]])))
    assert (whole, also) == (["26600000000000001"], ["26600000000000004"])


@pytest.mark.parametrize(
    ("onset", "seconds"),
    [(72, 72.0), (time(0, 1, 12), 72.0), (timedelta(minutes=1, seconds=12.5), 72.5), ("01:12", 72.0), (None, 0.0)],
)
def test_an_onset_may_be_a_number_a_clock_or_a_text(tmp_path: Path, onset: Any, seconds: float) -> None:
    (comment,) = read(tmp_path, [HEADER, ["1", onset, "好"]])
    assert isinstance(comment, Comment) and comment.onset_s == seconds


@pytest.mark.parametrize(
    "sent", [datetime(2020, 1, 1, 8), "2020/1/1 8:00", 1577836800, 43831 + 1 / 3, "Wed Jan 01 08:00:00 2020"]
)
def test_a_time_may_be_a_date_a_number_or_a_text(tmp_path: Path, sent: Any) -> None:
    (comment,) = read(tmp_path, [HEADER, ["1", 1, "好", sent]])
    assert isinstance(comment, Comment) and comment.sent_at == SENT
    (day,) = read(tmp_path, [HEADER, ["1", 1, "好", date(2020, 1, 2)]])
    assert isinstance(day, Comment) and day.sent_at == datetime(2020, 1, 1, 16, tzinfo=UTC)


def test_without_the_extra_one_sentence_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_table, "find_spec", lambda _: None)
    (record,) = read(tmp_path, [HEADER, ["1", 1, "好"]])
    assert isinstance(record, Rejected) and "make extras" in record.reason and "CSV" in record.reason


def test_a_workbook_without_comments_or_with_damage_is_one_record(tmp_path: Path) -> None:
    (record,) = read(tmp_path, [["单价", "数量"], [1, 2]])
    assert isinstance(record, Rejected) and record.reason.startswith("no sheet")
    path = tmp_path / "book.xlsx"
    path.write_bytes(path.read_bytes()[:-200])
    (record,) = XLSX.read(Source(path, path.name))
    assert isinstance(record, Rejected) and record.reason.startswith("the workbook cannot be read")


def test_what_would_fill_memory_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with ZipFile(path, "w", ZIP_DEFLATED) as parts, parts.open("xl/workbook.xml", "w", force_zip64=True) as part:
        for _ in range(300):
            part.write(bytes(1 << 20))
    (record,) = XLSX.read(Source(path, path.name))
    assert isinstance(record, Rejected) and "300 MiB" in record.reason
