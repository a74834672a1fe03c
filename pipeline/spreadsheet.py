"""CSV that people open: the one way to write it, so that a spreadsheet computes nothing that others wrote."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

MARK = "\ufeff"  # without it spreadsheets misread Chinese
#: What a spreadsheet may take for a formula (OWASP, CSV injection): = + - @, full-width ones too, with or without
#: blanks before them; and a tab or a line break at the beginning. Apostrophes before it are counted, so that the one
#: which is put there can be taken away again, whatever the text was.
FORMULA = re.compile(r"'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n])")


def guarded(value: object) -> object:
    """A cell as a spreadsheet displays it: `=1+1` becomes `'=1+1`. Numbers are no words, and stay."""
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]], end: str = "\n") -> str:
    """A table, in quotes where a value needs them; None is blank."""
    return raw_csv_text([[guarded(value) for value in row] for row in (header, *rows)], end)


def raw_csv_text(rows: Iterable[Sequence[object]], end: str = "\n") -> str:
    """Rows whose cells are guarded already, or were so written by whoever made the file."""
    return "".join(line(row) + end for row in rows)


def line(row: Sequence[object]) -> str:
    """A row without its end. What breaks a line anywhere stands in quotes, whichever end the lines have."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(row)
    return text.getvalue().removesuffix("\r\n")
