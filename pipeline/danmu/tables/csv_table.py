"""CSV and TSV with a header: commas, tabs or semicolons, quoted fields over several lines, raw commas in a text."""

import csv
import re
from collections.abc import Iterator

from pipeline.danmu.readers.encodings import BEGINNING
from pipeline.danmu.readers.fields import BadField
from pipeline.danmu.readers.form import Form
from pipeline.danmu.readers.json_text import rejected
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Rejected
from pipeline.danmu.tables.columns import columns_of, described
from pipeline.danmu.tables.csv_records import MOST_FIELDS, Row, Table, records
from pipeline.danmu.tables.rows import row_reader

DELIMITERS = ",\t;"
LONGEST_FIELD = 100_000_000  # characters; code comments have 2.1 million, csv's own limit is 131,072
#: a value that is surely no part of a sentence: a number, a time, an id, a hash, or nothing
COLUMN = re.compile(r"[\s\w.:#+/-]*", re.ASCII)


def table(header: list[str], delimiter: str) -> Table:
    """A table with these columns."""
    columns = columns_of(header)
    return Table(columns, delimiter, row_reader(columns), header)


def header_table(line: str) -> Table | None:
    """The table that a header begins; None if the line is no header."""
    line = line.strip("\ufeff\r\n")
    if line.lstrip()[:1] in ("{", "[", "<"):
        return None
    tables = [table(header(line, delimiter), delimiter) for delimiter in DELIMITERS if delimiter in line]
    return max((one for one in tables if not one.columns.fault), key=lambda one: len(one.header), default=None)


def header(line: str, delimiter: str) -> list[str]:
    """The names in a line; an empty list if it is no CSV record."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def recognises(beginning: bytes) -> bool:
    """Whether the first line that is not blank names a text and an id or a field of danmu."""
    first, end, _ = beginning.lstrip(b"\xef\xbb\xbf\r\n\t ").partition(b"\n")
    whole = bool(end) or len(beginning) < BEGINNING
    return whole and header_table(first.decode("utf-8", "replace")) is not None


def read(source: Source) -> Iterator[Comment | Rejected]:
    """Comments of a table with a header."""
    lines = source.lines()
    for number, line in enumerate(lines, start=1):
        if line.strip("\ufeff \t\r\n"):
            of = header_table(line)
            if of is None:
                yield rejected(source.name, number, "no header that names a text and an id", line)
                return
            yield from read_rows(source.name, of, lines, number)
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


def describe(source: Source) -> str | None:
    """What was made of the header."""
    of = header_table(next(source.lines(), ""))
    return described(of.columns, of.header) if of else None


CSV = Form("CSV", recognises, read, describe)
