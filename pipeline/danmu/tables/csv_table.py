"""CSV and TSV: commas, tabs or semicolons, quoted fields over several lines, raw commas in a text."""

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from pipeline.danmu.readers.fields import BadField
from pipeline.danmu.readers.form import Form
from pipeline.danmu.readers.json_text import rejected
from pipeline.danmu.readers.source import LINES, LONGEST_LINE, Source
from pipeline.danmu.record import Comment, Rejected
from pipeline.danmu.tables.columns import Columns, columns_of, describes, unused_in
from pipeline.danmu.tables.csv_beginning import Beginning, cells
from pipeline.danmu.tables.csv_beginning import found as beginning_of
from pipeline.danmu.tables.csv_records import MOST_FIELDS, Row, Table, records
from pipeline.danmu.tables.kinds import AS_THEY_ARE, FIRST, Look, Values, look
from pipeline.danmu.tables.rows import row_reader

LONGEST_FIRST = 1 << 22  # characters of the lines that tell what the columns hold
LONGEST_FIELD = 100_000_000  # characters; code comments have 2.1 million, csv's own limit is 131,072
#: a value that is surely no part of a sentence: a number, a time, an id, a hash, or nothing
COLUMN = re.compile(r"[\s\w.:#+/-]*", re.ASCII)


def table(header: list[str], delimiter: str, seen: Look | None = None) -> Table:
    """A table with these columns, after a look at what they hold."""
    columns, kinds = seen or Look(columns_of(header), AS_THEY_ARE)
    return Table(columns, delimiter, row_reader(columns, kinds), header)


def recognises(beginning: bytes) -> bool:
    """Whether it is a table that names a text and an id or a field of danmu, or has the nine fields of danmu."""
    return beginning_of(beginning) is not None


def read(source: Source) -> Iterator[Comment | Rejected]:
    """Comments of a table."""
    csv.field_size_limit(LONGEST_FIELD)
    found = beginning_of(source.beginning())
    if found is None:
        yield from headless(source)
        return
    lines = lines_of(source, found)
    first = list(first_of(lines))
    of = table(found.header, found.delimiter, look_at(source, found, first))
    yield from read_rows(source.name, of, chain(first, lines), found.before)


def headless(source: Source) -> Iterator[Rejected]:
    """What is said of a file without a header."""
    for number, line in enumerate(source.lines(), start=1):
        if line.strip("\ufeff \t\r\n"):
            yield rejected(source.name, number, "no header that names a text and an id", line)
            return


def first_of(lines: Iterator[str]) -> Iterator[str]:
    """The lines that tell what the columns hold: the first, fewer where they are long."""
    size = 0
    for line in islice(lines, FIRST):
        yield line
        if (size := size + len(line)) > LONGEST_FIRST:
            return


def look_at(source: Source, found: Beginning, first: list[str]) -> Look:
    """What the columns hold, as the first lines tell; where these do not, further ones."""
    once_more = Source(source.path, source.name, source.begin, source.end)  # with faults of its own
    return look(found.header, list(simple_rows(first, found)), lambda: simple_rows(lines_of(once_more, found), found))


def simple_rows(lines: Iterable[str], found: Beginning) -> Iterator[Values]:
    """The rows that stand in one line and have a value for each column: enough to tell what a column holds."""
    width = len(found.header)
    for line in lines:
        if '"' not in line:
            row = line.rstrip("\r\n").split(found.delimiter, width)  # one value too many is enough to know
        elif line.count(found.delimiter) <= MOST_FIELDS:
            row = cells(line, found.delimiter)
        else:
            continue
        if len(row) == width:
            yield row


def lines_of(source: Source, found: Beginning) -> Iterator[str]:
    """The lines below the header."""
    lines = source.lines() if found.end == "\n" else returned(source)
    return islice(lines, found.before, None)


def returned(source: Source) -> Iterator[str]:
    """The lines of a file in which carriage returns end them."""
    for block in source.blocks(b"\r", LINES, LONGEST_LINE):
        *whole, last = block.decode().split("\r")
        yield from (line + "\r" for line in whole)
        if last:
            yield last


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
    """A row wider or narrower than the header: a comment if raw commas in its text are the reason, else rejected."""
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

    The text is everything between the columns before it and those after it. Those after it must look like values, not
    like the rest of a sentence, and the last must not be blank: that would be a stray delimiter. Otherwise None.
    """
    text, width = of.columns.at["text"], len(of.header)
    parts = raw.rstrip("\r\n").split(of.delimiter, MOST_FIELDS)
    if len(parts) > MOST_FIELDS:
        return None
    end = len(parts) - (width - text - 1)
    before, after = parts[:text], parts[end:]
    if any('"' in part for part in (*before, *after)) or not all(map(COLUMN.fullmatch, after)):
        return None
    if after and not after[-1].strip():
        return None
    return [*before, of.delimiter.join(parts[text:end]), *after]


def header_of(source: Source) -> tuple[Columns, list[str]] | None:
    """What was made of the columns, and their names."""
    found = beginning_of(source.beginning())
    if found is None:
        return None
    first = list(first_of(lines_of(source, found)))
    return look_at(source, found, first).columns, found.header


CSV = Form("CSV", recognises, read, describe=describes(header_of), unused=unused_in(header_of))
