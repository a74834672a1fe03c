"""round-N/NAME.csv with further annotations. Whatever else stands in it, by whomever it was put there, stays."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.annotation.exchange.plain_text import text_of
from pipeline.annotation.exchange.tables import csv_rows
from pipeline.annotation.rounds.ratings import Annotation
from pipeline.errors import UserError
from pipeline.spreadsheet import MARK, guarded, raw_csv_text, unguarded

COLUMNS = ("comment_id", "labels", "confidence")


def with_annotations(file: Path, said: Mapping[str, Annotation]) -> str:
    """The file's text with what one annotator said of some comments, whose lines are changed or added.

    Other lines keep their words, other columns their values, the file its byte order mark and its line ends. A file
    in the order of the ids keeps that, in others new lines come last.

    Args:
        file: need not be there; what it holds is the annotator's.
        said: comment_id → annotation.

    Raises:
        UserError: the file has a column for each annotator.
    """
    header, *rows = [row for _, row in csv_rows(file)] if file.is_file() else [list(COLUMNS)]
    names = [unguarded(name.strip()) for name in header]
    if "labels" not in names:
        raise UserError(
            f"{file} has a column for each annotator; rename it, so that new labels get a file of their own."
        )
    if "confidence" not in names and any(annotation.confidence for annotation in said.values()):
        header, names = [*header, "confidence"], [*names, "confidence"]
    width, key = len(header), names.index("comment_id")
    rows = [row[:width] + [""] * (width - len(row)) for row in rows]
    lines = {unguarded(row[key]).strip(): row for row in rows}
    in_order = list(lines) == sorted(lines)
    for comment_id, annotation in said.items():
        line = lines.setdefault(comment_id, [""] * width)
        for name, value in cells(annotation).items():
            if name in names and (name != "annotator" or not line[names.index(name)].strip()):
                line[names.index(name)] = str(guarded(value))
    ids = sorted(lines) if in_order else list(lines)
    return in_the_manner_of(file, [header, *(lines[comment_id] for comment_id in ids)])


def cells(annotation: Annotation) -> dict[str, str]:
    """Column → what it says of an annotation."""
    confidence = "" if annotation.confidence is None else str(annotation.confidence)
    leaves = ";".join(annotation.leaves)
    known = {"comment_id": annotation.comment_id, "labels": leaves, "confidence": confidence}
    return known | {"annotator": annotation.annotator}


def in_the_manner_of(file: Path, rows: Sequence[Sequence[str]]) -> str:
    """The rows as text, with the byte order mark and the line ends that the file has."""
    if not file.is_file():
        return raw_csv_text(rows)
    mark = MARK if file.read_bytes().startswith(MARK.encode()) else ""
    return mark + raw_csv_text(rows, "\r\n" if "\r\n" in text_of(file) else "\n")
