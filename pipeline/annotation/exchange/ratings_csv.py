"""Ratings in CSV, and in tables of JSON lines: one annotator's file, or several annotators as columns.

comment_id,labels,confidence        one annotator, named by the file: `joy;admiration` is a primary and a further leaf
comment_id,annotator,labels         several annotators, one below the other
comment_id,anna,ben,chris           several annotators side by side; an empty cell is no rating
"""

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline.annotation.rounds.ratings import Rating
from pipeline.errors import UserError

#: columns that a batch carries along for the annotator's eyes; never an annotator's name
CARRIED = frozenset(
    [
        "comment_id",
        "text",
        "before",
        "after",
        "context",
        "video_id",
        "onset_s",
        "confidence",
        "reason",
        "note",
        "notes",
        "sampling",
        "leaf",
    ]
)

Line = tuple[int, dict[str, str]]


def read_csv(file: Path) -> list[Rating]:
    """Every rating of a CSV file of one of the three shapes.

    Raises:
        UserError: none of the shapes, a line that is too short or too long, a confidence that is none; with file
            and line.
    """
    lines = csv_lines(file)
    header = list(next(lines)[1])
    if "comment_id" not in header:
        mend = " Save it with commas." if len(header) == 1 and ";" in header[0] else ""
        raise UserError(f"{file}, line 1: there is no column comment_id; the header is {header}.{mend}")
    if "labels" in header:
        return [long_rating(file, number, row) for number, row in lines]
    raters = [name for name in header if name not in CARRIED]
    if len(raters) < 2 or {"annotator", "label", "rater", "user"} & {name.casefold() for name in raters}:
        raise UserError(
            f"{file}, line 1: there is no column labels; the header is {header}. Write comment_id,labels for one "
            "annotator, comment_id,annotator,labels for several, or comment_id and a column for each."
        )
    return wide_ratings(file, lines, "comment_id", raters)


def csv_lines(file: Path) -> Iterator[Line]:
    """Line number and values of each row; before them, in the same shape, line 1 with the header's names."""
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


def long_rating(file: Path, number: int, row: dict[str, str]) -> Rating:
    """A line that holds one annotator's labels."""
    annotator = (row.get("annotator") or "").strip() or file.stem
    labels, confidence = split_labels(row["labels"]), read_confidence(row.get("confidence"), file, number)
    return Rating(item_of(row["comment_id"], file, number), annotator, labels, confidence, f"line {number}")


def wide_ratings(file: Path, lines: Iterator[Line], key: str, raters: Sequence[str]) -> list[Rating]:
    """A line that holds a column for each annotator; empty cells are missing ratings."""
    return [
        Rating(item_of(row[key], file, number), rater, labels, None, f"line {number}")
        for number, row in lines
        for rater in raters
        if (labels := split_labels(row[rater]))
    ]


def item_of(name: str, file: Path, number: int) -> str:
    """What the line is about."""
    if not name.strip():
        raise UserError(f"{file}, line {number}: the line does not say which comment it is about; give its id.")
    return name.strip()


def read_table(file: Path, key: str, raters: Sequence[str]) -> list[Rating]:
    """Annotators as named columns of a CSV file or of JSON lines, e.g. `label0` to `label4`.

    Raises:
        UserError: a column that is not there, a line that is no JSON object.
    """
    lines = json_lines(file) if file.suffix.casefold() in (".json", ".jsonl") else csv_lines(file)
    start = next(lines, None)
    if start is None:
        raise UserError(f"{file} is empty; name another file.")
    for name in (key, *raters):
        if name not in start[1]:
            raise UserError(f"{file}, line {start[0]}: there is no column {name}; there are {', '.join(start[1])}.")
    return wide_ratings(file, lines, key, raters)


def json_lines(file: Path) -> Iterator[Line]:
    """The objects of a JSON-lines file with their values as text, after the first one's keys as a header."""
    try:
        with file.open(encoding="utf-8-sig") as opened:
            header = None
            for number, line in enumerate(opened, start=1):
                if not line.strip():
                    continue
                row = decoded(line)
                if not isinstance(row, dict):
                    raise UserError(f"{file}, line {number}: this is no JSON object; give one object a line.")
                if header is None:
                    header = {name: name for name in row}
                    yield number, header
                yield number, {name: "" if row.get(name) is None else str(row[name]) for name in header}
    except UnicodeDecodeError:
        raise UserError(f"{file} is not in UTF-8; save it so.") from None


def decoded(text: str) -> Any:
    """The JSON value; None where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def split_labels(labels: str) -> tuple[str, ...]:
    """`joy; admiration` → ("joy", "admiration")."""
    return tuple(part.strip() for part in labels.split(";") if part.strip())


def read_confidence(value: str | None, file: Path, line: int) -> int | None:
    """1, 2 or 3; blank is None."""
    if value is None or not value.strip():
        return None
    if value.strip() not in ("1", "2", "3"):
        raise UserError(f"{file}, line {line}: confidence {value!r} is not 1, 2 or 3.")
    return int(value)
