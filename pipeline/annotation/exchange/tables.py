"""Tables that came back: CSV and JSON lines, a dictionary for each row, with the number of its line."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.annotation.exchange.plain_text import json_value, text_of
from pipeline.errors import UserError
from pipeline.spreadsheet import unguarded

#: line number, column → value
Line = tuple[int, dict[str, str]]
#: how pandas calls a column that has no name
NAMELESS = re.compile(r"(Unnamed: \d+[\w.]*)?")
NO_NAME = ", without a name"  # what ends the name of such a column here


def csv_rows(file: Path) -> list[tuple[int, list[str]]]:
    """The rows of a CSV file as they stand there, the header too, each with the number of its last line.

    Rows without anything in them are left out, which spreadsheets leave at a table's end.

    Raises:
        UserError: another encoding than UTF-8, no CSV.
    """
    try:
        reader = csv.reader(io.StringIO(text_of(file), newline=""))
        return [(reader.line_num, row) for row in reader if reader.line_num == 1 or any(map(str.strip, row))]
    except csv.Error as error:
        raise UserError(f"{file} is no CSV: {error}; mend it.") from None


def csv_lines(file: Path) -> Iterator[Line]:
    """The rows of a CSV file; before them, in the same shape, line 1 with the header's names.

    What keeps a spreadsheet from computing a cell is taken away. Columns without a name are left out where they are
    blank, as spreadsheets leave them, or number the lines, as pandas and R do.

    Raises:
        UserError: another encoding than UTF-8, a column that stands twice, a row that is too short or too long.
    """
    [(_, first), *rows] = csv_rows(file) or [(1, [])]
    header = [unguarded(name.strip()) for name in first]
    named = [place for place, name in enumerate(header) if not NAMELESS.fullmatch(name)]
    lost = [place for place in range(len(header)) if place not in named and not is_index(rows, place)]
    names = {place: header[place] for place in named} | {place: nameless(place) for place in lost}
    twice = sorted({name for name in names.values() if list(names.values()).count(name) > 1})
    if twice:
        raise UserError(f"{file}, line 1: the column {twice[0]} stands twice; rename or remove one.")
    yield 1, {names[place]: names[place] for place in sorted(names)}
    for number, row in rows:
        if len(row) <= max(named, default=-1):
            raise UserError(f"{file}, line {number}: the line has too few columns; complete it.")
        if any(map(str.strip, row[len(header) :])):
            raise UserError(f"{file}, line {number}: the line has too many columns; quote its commas.")
        yield number, {names[place]: unguarded(row[place]) if place < len(row) else "" for place in sorted(names)}


def nameless(place: int) -> str:
    """What a column is called that has no name and holds something."""
    return f"column {place + 1}{NO_NAME}"


def is_index(rows: Sequence[tuple[int, list[str]]], place: int) -> bool:
    """Whether a column without a name is blank, or numbers the lines: every number stands once."""
    cells = [cell for _, row in rows if place < len(row) and (cell := row[place].strip())]
    return all(map(str.isdecimal, cells)) and len(set(cells)) == len(cells)


def json_lines(file: Path) -> Iterator[Line]:
    """The objects of a JSON-lines file with their values as text, after the first one's keys as a header.

    Raises:
        UserError: another encoding than UTF-8, a line that is no JSON object.
    """
    header = None
    for number, line in enumerate(io.StringIO(text_of(file), newline=None), start=1):
        if not line.strip():
            continue
        row = json_value(line)
        if not isinstance(row, dict):
            raise UserError(f"{file}, line {number}: this is no JSON object; give one object a line.")
        if header is None:
            header = {name: name for name in row}
            yield number, header
        yield number, {name: "" if row.get(name) is None else str(row[name]) for name in header}
