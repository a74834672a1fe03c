"""Excel workbooks (.xlsx), if the extra `xlsx` is installed: the first sheet with a table of comments.

A row's `line` is its number in the sheet, from 1.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from importlib.util import find_spec
from itertools import chain, islice
from typing import Any, NamedTuple
from zipfile import ZipFile

from pipeline.danmu.readers.form import Form
from pipeline.danmu.readers.json_text import storable
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Rejected
from pipeline.danmu.row_ids import FLOAT_EXACT
from pipeline.danmu.tables.columns import Columns, describes, unused_in
from pipeline.danmu.tables.csv_beginning import MOST_TITLES, Header, header_among, nine_fields
from pipeline.danmu.tables.kinds import FIRST, Look, look
from pipeline.danmu.tables.parquet_table import brief, opened, read_values
from pipeline.danmu.tables.rows import row_reader

MAGIC = b"PK\x03\x04"
SHEETS = b"xl/"  # the folder of a workbook, as the zip names its files
MISSING = "an Excel workbook, which takes the extra xlsx: make extras installs it; or save the sheet as CSV in UTF-8"
#: bytes of a workbook when unpacked; of one larger than SURELY, at least one in PACKED times as many must be packed
LARGEST, SURELY, PACKED = 1 << 30, 1 << 28, 50


class Sheet(NamedTuple):
    """A sheet with a table of comments."""

    header: Header
    first: list[list[str]]  # rows below the header
    rest: Iterator[list[str]]


def recognises(beginning: bytes) -> bool:
    """Whether it is a zip with a workbook's folder."""
    return beginning.startswith(MAGIC) and SHEETS in beginning


def read(source: Source) -> Iterator[Comment | Rejected]:
    """Comments of a workbook."""
    if find_spec("openpyxl") is None:
        yield Rejected(source.name, 1, MISSING, "")
        return
    row = 1
    try:
        with workbook(source) as book:
            sheet = sheet_of(book)
            if sheet is None:
                yield Rejected(source.name, 1, "no sheet of this workbook names a text and an id in its first rows", "")
                return
            read_row = row_reader(*look_at(sheet))
            row, width = sheet.header.number + 1, len(sheet.header.names)
            for values in chain(sheet.first, sheet.rest):
                if any(values):
                    yield read_values(source.name, row, fitted(values, width), read_row)
                row += 1
    except Exception as error:  # whatever openpyxl raises of a damaged workbook, and that is much
        yield Rejected(source.name, row, f"the workbook cannot be read from here on: {brief(error)}", "")


@contextmanager
def workbook(source: Source) -> Iterator[Any]:
    """An open workbook.

    Raises:
        ValueError: it would take too much memory.
    """
    import openpyxl

    warnings.filterwarnings("ignore", module="openpyxl")  # of styles and the like, which are not read
    with opened(source) as raw:
        with ZipFile(raw) as parts:
            size = sum(part.file_size for part in parts.infolist())
            packed = sum(part.compress_size for part in parts.infolist())
        if size > LARGEST or (size > SURELY and size > PACKED * packed):
            raise ValueError(f"it takes {size >> 20:,} MiB when unpacked; save the sheet as CSV in UTF-8")
        book = openpyxl.load_workbook(raw, read_only=True, data_only=True)
        try:
            yield book
        finally:
            book.close()


def sheet_of(book: Any) -> Sheet | None:
    """The first sheet with a table of comments."""
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what is written there is often wrong
        rows = spelled_rows(sheet.iter_rows())
        first = list(islice(rows, FIRST))
        header = header_among([(row, "")] for row in first[: 2 * MOST_TITLES]) or nine_fields(first)
        if header:
            return Sheet(header, first[header.number :], rows)
    return None


def look_at(sheet: Sheet) -> Look:
    """What the columns hold, as the first rows tell."""
    width = len(sheet.header.names)
    return look(sheet.header.names, [fitted(row, width) for row in sheet.first])


def fitted(values: list[str], width: int) -> list[str]:
    """As many values as the header has names: empty cells at a row's end are not stored."""
    return values[:width] if len(values) >= width else values + [""] * (width - len(values))


def spelled_rows(rows: Iterator[Any]) -> Iterator[list[str]]:
    """The rows of a sheet, each value as text.

    Whether large whole numbers have all their digits shows in the first rows: Excel keeps 15, other programs write all.
    """
    first = [list(row) for row in islice(rows, FIRST)]
    exact = any(
        isinstance(cell.value, int) and abs(cell.value) > FLOAT_EXACT and int(float(cell.value)) != cell.value
        for row in first
        for cell in row
    )
    for row in chain(first, rows):
        yield [spelled(cell, exact) for cell in row]


def spelled(cell: Any, exact: bool) -> str:
    """A cell's value as text; of a large number that a float may have rounded, as one that it has."""
    value = cell.value
    if value is None or cell.data_type == "e":  # an error such as #N/A
        return ""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < FLOAT_EXACT:
        return str(int(value))
    if isinstance(value, int) and abs(value) >= FLOAT_EXACT and not exact:
        return f"{value}.0"
    if isinstance(value, time):
        shown = "%H:%M:%S.%f" if "s" in (cell.number_format or "s").lower() else "%H:%M"  # 0:12 is twelve seconds then
        return value.strftime(shown)
    if isinstance(value, timedelta):
        return str(value.total_seconds())
    return value.isoformat() if isinstance(value, (datetime, date)) else str(value)


def header_of(source: Source) -> tuple[Columns, list[str]] | None:
    """What was made of the columns, and their names."""
    if find_spec("openpyxl") is None:
        return None
    try:
        with workbook(source) as book:
            sheet = sheet_of(book)
            return (look_at(sheet).columns, sheet.header.names) if sheet else None
    except Exception:  # it is said when the file is read
        return None


XLSX = Form("Excel", recognises, read, describe=describes(header_of), binary=True, unused=unused_in(header_of))
