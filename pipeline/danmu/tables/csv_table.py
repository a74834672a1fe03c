"""CSV and TSV with a header: commas, tabs or semicolons, quoted fields over lines, a text with raw commas."""

import csv
import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pipeline.danmu.readers.fields import NUMBER, BadField
from pipeline.danmu.readers.form import Form
from pipeline.danmu.readers.json_text import rejected
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Rejected
from pipeline.danmu.tables.columns import Columns, columns_of, described
from pipeline.danmu.tables.rows import Values, row_reader

DELIMITERS = ",\t;"
LONGEST_FIELD = 100_000_000  # characters; code comments have 2.1 million, csv's own limit is 131,072
#: how far a quoted field may go on before its quote counts as one that never closes
LONGEST_RECORD, MOST_LINES = 1 << 23, 100_000  # characters, lines
#: a value that is surely no part of a sentence: a number, a time, an id, a hash, or nothing
COLUMN = re.compile(r"[\s\w.:#+/-]*", re.ASCII)


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


def table(header: list[str], delimiter: str) -> Table:
    """A table with these columns."""
    columns = columns_of(header)
    return Table(columns, delimiter, row_reader(columns), header)


def header_table(line: str) -> Table | None:
    """The table that a header begins; None if the line is no header."""
    line = line.strip("\ufeff\r\n")
    if line.lstrip()[:1] in ("{", "[", "<"):
        return None
    found = [table(header(line, delimiter), delimiter) for delimiter in DELIMITERS if delimiter in line]
    return max((one for one in found if not one.columns.fault), key=lambda one: len(one.header), default=None)


def header(line: str, delimiter: str) -> list[str]:
    """The names in a line; none where it is no record."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def recognises(beginning: bytes) -> bool:
    """Whether the first line that is not blank names a text and an id or a field of danmu."""
    first, end, _ = beginning.lstrip(b"\xef\xbb\xbf\r\n\t ").partition(b"\n")
    whole = bool(end) or len(beginning) < 1 << 16
    return whole and header_table(first.decode("utf-8", "replace")) is not None


def read(source: Source) -> Iterator[Comment | Rejected]:
    """Comments of a table with a header."""
    lines = source.lines()
    for number, line in enumerate(lines, start=1):
        if line.strip("\ufeff \t\r\n"):
            found = header_table(line)
            if found is None:
                yield rejected(source.name, number, "no header that names a text and an id", line)
                return
            yield from read_rows(source.name, found, lines, number)
            return


def read_rows(name: str, of: Table, lines: Iterator[str], before: int = 0) -> Iterator[Comment | Rejected]:
    """Comments of a table's rows.

    Args:
        name: the file's name.
        of: the table.
        lines: the rows, without the header.
        before: how many lines of the file come before them.
    """
    csv.field_size_limit(LONGEST_FIELD)
    width, text, read_row = len(of.header), of.columns.at["text"], of.read
    begin, *heading = of.header
    for row in records(lines, of, before):
        fields = row.fields
        if isinstance(fields, str):
            yield rejected(name, row.line, fields, row.raw)
        elif len(fields) != width:
            if len(fields) > 1 or fields[0].strip():
                yield uneven(name, row, of)
        elif fields[-1] == heading[-1] and fields[1:] == heading and begin in fields[0]:
            continue  # the header again
        elif not fields[text] and not "".join(fields).strip():
            yield rejected(name, row.line, "every column is blank", row.raw)
        else:
            try:
                yield read_row(fields)
            except BadField as error:
                yield rejected(name, row.line, str(error), row.raw)


def uneven(name: str, row: Row, of: Table) -> Comment | Rejected:
    """A row that is wider or narrower than the header; a comment where its text's raw commas are to blame."""
    many = len(row.fields) > len(of.header)
    if many:
        fields = salvaged(row.raw, of)
        if fields:
            try:
                return of.read(fields)
            except BadField:
                pass
    return rejected(name, row.line, f"{'more' if many else 'fewer'} columns than the header has", row.raw)


def salvaged(raw: str, of: Table) -> list[str] | None:
    """The fields of a line whose text holds raw delimiters, counted from both ends.

    The text is what the columns before and after it leave. Those after it must look like columns, not
    like the rest of a sentence, and the last must not be blank: a blank one is a stray delimiter.
    """
    text, width = of.columns.at["text"], len(of.header)
    parts = raw.rstrip("\r\n").split(of.delimiter)
    end = len(parts) - (width - text - 1)
    before, after = parts[:text], parts[end:]
    if any('"' in part for part in (*before, *after)) or not all(map(COLUMN.fullmatch, after)):
        return None
    if after and not after[-1].strip():
        return None
    return [*before, of.delimiter.join(parts[text:end]), *after]


class Lines:
    """Lines that can be looked at ahead of their turn."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.rest = lines
        self.held: deque[str] = deque()
        self.ahead: list[str] = []  # what the last look ahead took
        self.in_vain = 0  # characters that were looked at for nothing

    def __iter__(self) -> Iterator[str]:
        """Each line in its turn."""
        while (line := self.take()) is not None:
            yield line

    def take(self) -> str | None:
        """The next line."""
        return self.held.popleft() if self.held else next(self.rest, None)

    def look_ahead(self, line: str) -> Iterator[str]:
        """The line and those after it, as far as a record may reach; very little where that was often in vain."""
        self.ahead, size = [], 0
        most = MOST_LINES if self.in_vain < 16 * LONGEST_RECORD else 100
        yield line
        while size < LONGEST_RECORD and len(self.ahead) < most and (following := self.take()) is not None:
            size += len(following)
            self.ahead.append(following)
            yield following

    def give_back(self) -> None:
        """What was looked at comes in its turn after all."""
        self.in_vain += sum(map(len, self.ahead))
        self.held.extendleft(reversed(self.ahead))
        self.ahead = []


def records(rest: Iterator[str], of: Table, before: int) -> Iterator[Row]:
    """The records in their order.

    A quote that closes amid a field, or never, or rows later costs only the line that opened it: the
    lines read in search of its end are read again.
    """
    lines, number = Lines(rest), before
    dialect = csv.reader([], delimiter=of.delimiter, strict=True).dialect  # made once: it is half of a reader's cost
    for line in lines:
        number += 1
        if '"' not in line:
            yield Row(number, line.rstrip("\r\n").split(of.delimiter), line)
        else:
            try:
                yield Row(number, next(csv.reader((line,), dialect)), line)
            except csv.Error:
                yield Row(number, quoted(line, lines, of), line)
                number += len(lines.ahead)


def quoted(line: str, lines: Lines, of: Table) -> list[str] | str:
    """The fields of a record that begins with a line with quotes, or the reason why there are none.

    In a table with tabs the quotes may be part of the text, and nothing is quoted.
    """
    try:
        fields: list[str] | str = next(csv.reader(lines.look_ahead(line), delimiter=of.delimiter, strict=True), [""])
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


def describe(source: Source) -> str | None:
    """What was made of the header."""
    found = header_table(next(source.lines(), ""))
    return described(found.columns, found.header) if found else None


CSV = Form("CSV", recognises, read, describe)
