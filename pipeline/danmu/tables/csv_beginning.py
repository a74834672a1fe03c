"""Where the rows of a CSV begin and what they are: behind a header, with titles and `sep=` above it, or without one."""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pipeline.danmu.readers.colours import color_number
from pipeline.danmu.readers.encodings import BEGINNING
from pipeline.danmu.readers.fields import NUMBER
from pipeline.danmu.tables.colours import SIX
from pipeline.danmu.tables.columns import columns_of
from pipeline.danmu.tables.kinds import is_date
from pipeline.danmu.tables.values import CLOCK

DELIMITERS = ",\t;"
SEPARATOR = re.compile(r"\s*\"?sep=([,;\t|])\"?[,;\t\s]*", re.I)  # for spreadsheets, above the header
MOST_TITLES = 10  # lines above a header
LOOK, SHARE = 200, 0.9  # rows that tell whether a file without a header is of danmu, and how many of them must be
#: the nine fields of a danmu, of which the last is the text; a weight may stand before it, and other columns before all
NINE = ("onset", "mode", "fontsize", "color", "ctime", "pool", "midhash", "rowid")
MOST_BEFORE = 3
SMALL, ID = (
    re.compile(r"\s*[0-9]{1,3}(?:\.0)?\s*"),
    re.compile(r"\s*['=\"]*[0-9]{1,20}(?:\.[0-9]*)?(?:[eE]\+?[0-9]+)?[\"]?\s*"),
)
COMPACT_DAY = re.compile(r"\s*20[0-9]{6}\s*")
WEIGHT, VIDEO = re.compile(r"[0-9]{1,2}"), re.compile(r"BV[0-9A-Za-z]{10}")
COUNTED = ["0", "1", "2", "3"]  # names that a program gave


#: what stands in a line, and the delimiter by which it was cut
Cells = tuple[list[str], str]


class Beginning(NamedTuple):
    """How a table begins."""

    header: list[str]
    delimiter: str
    before: int  # lines above the first row
    end: str = "\n"  # of a line


class Header(NamedTuple):
    """The row that names the columns."""

    names: list[str]
    delimiter: str
    number: int  # of its line or row, from 1


def line_end(text: str) -> str:
    """What ends a line: a line feed, or a carriage return where there are more of these, and never both together."""
    return "\r" if "\r\n" not in text and text.count("\r") > text.count("\n") else "\n"


def found(beginning: bytes) -> Beginning | None:
    """How a table begins; None if it is none of comments."""
    text = beginning.decode("utf-8", "replace").removeprefix("\ufeff")
    if text.lstrip("\ufeff\r\n\t ")[:1] in ("{", "[", "<", ""):
        return None
    end = line_end(text)
    lines = text.split(end)
    if len(beginning) >= BEGINNING:
        lines.pop()  # it is cut short
    begins = behind_titles(lines) or without_header(lines)
    return begins._replace(end=end) if begins else None


def behind_titles(lines: list[str]) -> Beginning | None:
    """The header, if one stands in the first lines."""
    header = header_among(as_cells(lines))
    return Beginning(header.names, header.delimiter, header.number) if header else None


def as_cells(lines: list[str]) -> Iterator[list[Cells]]:
    """Each line as each delimiter cuts it; nothing of the line that only names the delimiter."""
    delimiters = DELIMITERS
    for line in lines:
        line = line.strip("\ufeff\r\n")
        separator = SEPARATOR.fullmatch(line)
        if separator:
            delimiters = separator[1]
        cut = [] if separator else [(cells(line, mark), mark) for mark in delimiters if mark in line]
        yield cut or [([] if separator else [line], "")]


def header_among(rows: Iterable[list[Cells]]) -> Header | None:
    """The first row that names the columns of comments. Whatever stands above it fills fewer cells than it."""
    titles, widest = 0, 0
    for number, cut in enumerate(rows, start=1):
        good = [(filled(names), names, mark) for names, mark in cut if len(names) > 1 and not columns_of(names).fault]
        most, names, mark = max(good, default=(0, [], ""))
        if most > widest:
            return Header(names, mark, number)
        widest = max(widest, *(filled(names) for names, _ in cut))
        titles += any(filled(names) for names, _ in cut)
        if titles > MOST_TITLES:
            break
    return None


def filled(row: list[str]) -> int:
    """How many cells hold something."""
    return sum(bool(cell.strip()) for cell in row)


def cells(line: str, delimiter: str) -> list[str]:
    """What stands in a line; an empty list if it is no CSV record."""
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def without_header(lines: list[str]) -> Beginning | None:
    """The nine or ten fields of danmu without names."""
    lines = [line.lstrip("\ufeff") for line in lines[: LOOK + 1]]
    for delimiter in DELIMITERS:
        if lines and delimiter in lines[0]:
            header = nine_fields([cells(line, delimiter) for line in lines])
            if header:
                return Beginning(header.names, delimiter, header.number)
    return None


def nine_fields(rows: list[list[str]]) -> Header | None:
    """The names of the nine or ten fields of danmu, if nearly all rows have them; 0, 1, 2, … may stand above them."""
    before = int(bool(rows) and [cell for cell in rows[0] if cell][:4] == COUNTED)
    rows = [row for row in rows[before:] if filled(row)]
    for skipped in range(MOST_BEFORE + 1):
        if rows and fits(rows[0][skipped:]):
            fitting = [row for row in rows if fits(row[skipped:])]
            if len(fitting) >= SHARE * len(rows):
                return Header(names(fitting, skipped), "", before)
    return None


def names(rows: list[list[str]], skipped: int) -> list[str]:
    """The names of the columns of rows without a header, after as many others as are skipped."""
    first = ["bvid" if all(VIDEO.fullmatch(row[index].strip()) for row in rows) else "" for index in range(skipped)]
    behind = skipped + len(NINE)
    weighted = all(len(row) > behind + 1 and WEIGHT.fullmatch(row[behind].strip()) for row in rows)
    return [*first, *NINE, *["weight"] * weighted, "text"]


def fits(row: list[str]) -> bool:
    """Whether a row begins with the eight attributes of a danmu, and a text follows."""
    if len(row) <= len(NINE):
        return False
    onset, mode, size, color, sent, pool, sender, row_id, *_ = row
    return (
        (NUMBER.fullmatch(onset) or CLOCK.fullmatch(onset.strip())) is not None
        and all(SMALL.fullmatch(value) for value in (mode, size, pool))
        and (color_number(color) is not None or SIX.fullmatch(color.strip()) is not None)
        and (not sent.strip("0 ") or is_date(sent) or COMPACT_DAY.fullmatch(sent) is not None)
        and len(sender) <= 64
        and (not row_id.strip() or ID.fullmatch(row_id) is not None)
    )
