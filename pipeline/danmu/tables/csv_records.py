"""The records of a CSV or TSV file: quoted fields over several lines, and quotes that never close."""

import csv
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pipeline.danmu.readers.fields import NUMBER, BadField
from pipeline.danmu.record import Comment
from pipeline.danmu.tables.columns import Columns
from pipeline.danmu.tables.kinds import Values

#: how far a quoted field may go on before its quote counts as one that never closes
LONGEST_RECORD, MOST_LINES = 1 << 23, 100_000  # characters, lines
MOST_FIELDS = 1 << 20  # of a record; a raw text may have many delimiters


class Table(NamedTuple):
    """What reading a row needs to know of its table."""

    columns: Columns
    delimiter: str
    read: Callable[[Values], Comment]
    header: list[str]  # as it is spelled; files that were joined have it again amid their rows


class Row(NamedTuple):
    """A record as it stands in the file: its fields, or the reason why there are none."""

    line: int
    fields: list[str] | str
    raw: str  # its first line


class Lines:
    """Lines that can be looked at ahead of their turn."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.rest = lines
        self.held: deque[str] = deque()
        self.ahead: list[str] = []  # what the last look ahead took
        self.in_vain = 0  # characters that were looked at and given back

    def __iter__(self) -> Iterator[str]:
        """Each line in its turn."""
        while (line := self.take()) is not None:
            yield line

    def take(self) -> str | None:
        """The next line."""
        return self.held.popleft() if self.held else next(self.rest, None)

    def look_ahead(self, line: str, delimiter: str) -> Iterator[str]:
        """The line and those after it, as far as a record may reach; fewer if looking ahead was often in vain."""
        self.ahead, size, fields = [], len(line), 0
        most = MOST_LINES if self.in_vain < 16 * LONGEST_RECORD else 100
        yield line
        while size < LONGEST_RECORD and len(self.ahead) < most and (following := self.take()) is not None:
            size += len(following)
            self.ahead.append(following)
            fields += following.count(delimiter)
            if fields > MOST_FIELDS:
                break
            yield following

    def give_back(self) -> None:
        """Put the lines that were looked at back, to be read in their turn."""
        self.in_vain += sum(map(len, self.ahead))
        self.held.extendleft(reversed(self.ahead))
        self.ahead = []


def records(rest: Iterator[str], of: Table, before: int) -> Iterator[Row]:
    """The records in their order.

    A quote that closes amid a field, or rows later, or never costs only the line that opens it: the lines that were
    read in search of its end are read again.

    Args:
        rest: the lines behind the header.
        of: the table.
        before: how many lines of the file come before them.
    """
    lines, number = Lines(rest), before
    dialect = csv.reader([], delimiter=of.delimiter, strict=True).dialect  # made once: it is half of a reader's cost
    for line in lines:
        number += 1
        if '"' not in line:
            yield Row(number, line.rstrip("\r\n").split(of.delimiter, MOST_FIELDS), line)
        elif len(line) > MOST_FIELDS and line.count(of.delimiter) > MOST_FIELDS:
            yield Row(number, f"no CSV record: more than {MOST_FIELDS:,} columns", line)
        else:
            try:
                yield Row(number, next(csv.reader((line,), dialect)), line)
            except csv.Error:
                yield Row(number, quoted(line, lines, of), line)
                number += len(lines.ahead)


def quoted(line: str, lines: Lines, of: Table) -> list[str] | str:
    """The fields of a record that begins with a line with quotes, or the reason why there are none.

    In a table with tabs the quotes may be part of the text; then the line is split at its tabs.
    """
    try:
        fields: list[str] | str = next(
            csv.reader(lines.look_ahead(line, of.delimiter), delimiter=of.delimiter, strict=True), [""]
        )
    except csv.Error as error:
        fields = f"no CSV record: {error}"
    uneven = len(fields) != len(of.header)
    if lines.ahead and not isinstance(fields, str) and (uneven or any(is_row(other, of) for other in lines.ahead)):
        fields = "no CSV record: a quote that closes rows later"
    if isinstance(fields, str):
        lines.give_back()
        if of.delimiter == "\t" and line.count("\t") == len(of.header) - 1:
            return line.rstrip("\r\n").split("\t")
    return fields


def is_row(line: str, of: Table) -> bool:
    """Whether a line amid a quoted field is a row of its own: a quote before it has not closed."""
    if of.columns.at.get("text") == 0 and line.count('"') % 2:
        return False  # the end of a text in quotes, and its row
    fields = line.rstrip("\r\n").split(of.delimiter)
    if len(fields) != len(of.header) or len(fields) < (2 if of.delimiter == "\t" else 3):
        return False
    try:
        of.read(fields)
    except BadField:
        return False
    return sum(NUMBER.fullmatch(field) is not None for field in fields) > 1 or of.delimiter == "\t"
