"""CSV, for a spreadsheet: a batch with room for labels, and ratings in one of three shapes.

comment_id,labels,confidence        one annotator, named by the file: `joy;admiration` is a primary and a further leaf
comment_id,annotator,labels         several annotators, one below the other
comment_id,anna,ben,chris           several annotators side by side; an empty cell is no rating
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.annotation.exchange.tables import NO_NAME, Line, csv_lines, json_lines
from pipeline.annotation.exchange.tool import Tool
from pipeline.annotation.rounds.ratings import Rating
from pipeline.errors import UserError
from pipeline.spreadsheet import MARK, csv_text

if TYPE_CHECKING:
    from pipeline.annotation.rounds.batch import Item
    from pipeline.annotation.tree.taxonomy import Taxonomy

BATCH_COLUMNS = ("comment_id", "before", "text", "after", "labels", "confidence")
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
        "index",  # what pandas calls a table's index that was made a column
        "level_0",
    ]
)


def batch(items: "Sequence[Item]", taxonomy: "Taxonomy") -> dict[str, str]:
    """batch.csv with a byte order mark and line ends as spreadsheets want them; the taxonomy does not stand in it."""
    return {"batch.csv": MARK + csv_text(BATCH_COLUMNS, map(batch_row, items), "\r\n")}


def batch_row(item: "Item") -> list[str]:
    """A comment with room for its labels and confidence."""
    return [item.comment_id, " / ".join(item.before), item.text, " / ".join(item.after), "", ""]


def read_csv(file: Path) -> list[Rating]:
    """Every rating of a CSV file of one of the three shapes.

    Raises:
        UserError: none of the shapes, a line that is too short or too long, a confidence that is none; with file
            and line.
    """
    lines = csv_lines(file)
    header = list(next(lines)[1])
    if "comment_id" not in header:
        mend = " Save it with commas." if len(header) == 1 and {";", "\t"} & {*header[0]} else ""
        raise UserError(f"{file}, line 1: there is no column comment_id; the header is {header}.{mend}")
    if "labels" in header:
        return [long_rating(file, number, row) for number, row in lines]
    raters = [name for name in header if name not in CARRIED]
    if len(raters) < 2 or {"annotator", "label", "rater", "user"} & {name.casefold() for name in raters}:
        raise UserError(
            f"{file}, line 1: there is no column labels; the header is {header}. Write comment_id,labels for one "
            "annotator, comment_id,annotator,labels for several, or comment_id and a column for each."
        )
    if lost := [name for name in raters if name.endswith(NO_NAME)]:
        raise UserError(f"{file}, line 1: {lost[0]}, holds something; name its annotator there, or remove it.")
    return wide_ratings(file, lines, "comment_id", raters)


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


CSV = Tool(
    name="csv",
    export="CSV",
    suffixes=(".csv",),
    next_step="Give every annotator a copy named after them; they fill labels (`joy` or `joy;admiration`) and "
    "confidence (3 sure, 2 fairly sure, 1 a guess). Then: danmu annotate import anna.csv ben.csv --round N",
    batch=batch,
    recognises=lambda file: file.suffix.casefold() == ".csv",
    read=lambda file, taxonomy: read_csv(file),
)
