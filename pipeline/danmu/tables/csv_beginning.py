"""Where the rows of a CSV begin and what they are: behind a header, with titles and `sep=` above it, or without one."""

import csv
import re
from typing import NamedTuple

from pipeline.danmu.readers.encodings import BEGINNING
from pipeline.danmu.readers.fields import LARGEST_COLOR, NUMBER
from pipeline.danmu.tables.colours import HEX, SIX
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
COUNTED_HEADER = re.compile(r"\D{0,2}0\D{1,3}1\D{1,3}2\D{1,3}3\D.*")  # 0,1,2,3: names that a program gave


class Beginning(NamedTuple):
    """How a table begins."""

    header: list[str]
    delimiter: str
    before: int  # lines above the first row
    end: str = "\n"  # of a line


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
    """The header, if one stands in the first lines. What stands above it has fewer columns filled than it has names."""
    delimiters, titles, widest = DELIMITERS, 0, 0
    for number, line in enumerate(lines, start=1):
        if not line.strip("\ufeff \t\r\n,;"):
            continue
        separator = SEPARATOR.fullmatch(line)
        if separator:
            delimiters = separator[1]
            continue
        header = best_header(line, delimiters)
        if header and sum(bool(name.strip()) for name in header[0]) > widest:
            return Beginning(*header, before=number)
        titles += 1
        widest = max(widest, *(sum(bool(cell.strip()) for cell in cells(line, mark)) for mark in delimiters))
        if titles > MOST_TITLES:
            break
    return None


def best_header(line: str, delimiters: str) -> tuple[list[str], str] | None:
    """The names in a line and what separates them, if they are those of a table of comments."""
    line = line.strip("\ufeff\r\n")
    headers = [(cells(line, mark), mark) for mark in delimiters if mark in line]
    good = [header for header in headers if header[0] and not columns_of(header[0]).fault]
    return max(good, key=lambda header: len(header[0]), default=None)


def cells(line: str, delimiter: str) -> list[str]:
    """What stands in a line; an empty list if it is no CSV record."""
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def without_header(lines: list[str]) -> Beginning | None:
    """The nine or ten fields of danmu, if nearly all lines have them, the first among them or names 0, 1, 2, …"""
    rows = [line.lstrip("\ufeff") for line in lines[: LOOK + 1]]
    if not rows:
        return None
    before = int(COUNTED_HEADER.fullmatch(rows[0].strip()) is not None)
    rows = [row for row in rows[before:] if row.strip()]
    for delimiter in DELIMITERS:
        for skipped in range(MOST_BEFORE + 1):
            if rows and fits(cells(rows[0], delimiter)[skipped:]):
                fitting = [row for line in rows if fits((row := cells(line, delimiter))[skipped:])]
                if len(fitting) >= SHARE * len(rows):
                    return Beginning(names(fitting, skipped), delimiter, before)
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
        and is_colour(color.strip())
        and (not sent.strip("0 ") or is_date(sent) or COMPACT_DAY.fullmatch(sent) is not None)
        and len(sender) <= 64
        and (not row_id.strip() or ID.fullmatch(row_id) is not None)
    )


def is_colour(value: str) -> bool:
    """Whether a value may be a colour."""
    return (value.isascii() and value.isdigit() and len(value) < 11 and int(value) <= LARGEST_COLOR) or bool(
        HEX.fullmatch(value) or SIX.fullmatch(value)
    )
