"""Tables as text: CSV and JSON lines, a dictionary for each row, with the number of its line."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline.errors import UserError

#: line number, column → value
Line = tuple[int, dict[str, str]]


def csv_lines(file: Path) -> Iterator[Line]:
    """The rows of a CSV file; before them, in the same shape, line 1 with the header's names.

    Raises:
        UserError: another encoding than UTF-8, a column that stands twice, a row that is too short or too long.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.reader(opened)
            header = [name.strip() for name in next(reader, [])]
            twice = sorted({name for name in header if header.count(name) > 1})
            if twice:
                raise UserError(f"{file}, line 1: the column {twice[0]} stands twice; rename or remove one.")
            yield 1, {name: name for name in header}
            for row in reader:
                if not row:
                    continue
                if len(row) != len(header):
                    many = "few columns; complete it" if len(row) < len(header) else "many columns; quote its commas"
                    raise UserError(f"{file}, line {reader.line_num}: the line has too {many}.")
                yield reader.line_num, dict(zip(header, row, strict=True))
    except UnicodeDecodeError:
        raise UserError(f"{file} is not in UTF-8; save it so (a spreadsheet calls it `CSV UTF-8`).") from None
    except csv.Error as error:
        raise UserError(f"{file} is no CSV: {error}; mend it.") from None


def json_lines(file: Path) -> Iterator[Line]:
    """The objects of a JSON-lines file with their values as text, after the first one's keys as a header.

    Raises:
        UserError: another encoding than UTF-8, a line that is no JSON object.
    """
    try:
        with file.open(encoding="utf-8-sig") as opened:
            header = None
            for number, line in enumerate(opened, start=1):
                if not line.strip():
                    continue
                row = json_value(line)
                if not isinstance(row, dict):
                    raise UserError(f"{file}, line {number}: this is no JSON object; give one object a line.")
                if header is None:
                    header = {name: name for name in row}
                    yield number, header
                yield number, {name: "" if row.get(name) is None else str(row[name]) for name in header}
    except UnicodeDecodeError:
        raise UserError(f"{file} is not in UTF-8; save it so.") from None


def json_value(text: str | bytes) -> Any:
    """The value that a JSON text holds; None where it is no JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]], end: str = "\n") -> str:
    """CSV, in quotes where a value needs them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
