"""Annotation rounds: round-N/annotator.csv with comment_id, labels, confidence."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UserError

ROUND = re.compile(r"round-(\d+)")
ADJUDICATION = "adjudication.csv"


@dataclass(frozen=True)
class Annotation:
    """What one annotator said of one comment."""

    comment_id: str
    annotator: str
    round: int
    leaves: tuple[str, ...]  # the primary first
    confidence: int | None  # 3 sure, 2 fairly sure, 1 a guess; None where the file has no such column


def read_rounds(folder: Path, leaves: Iterable[str]) -> list[Annotation]:
    """All annotations below `folder`, in the order round, annotator, line.

    Raises:
        UserError: no rounds, a column that is missing, a leaf the taxonomy does not have, a comment
            that one annotator labelled twice; always with file and line.
    """
    known = set(leaves)
    rounds = sorted((int(match[1]), path) for path in folder.glob("round-*") if (match := ROUND.fullmatch(path.name)))
    for path in folder.glob("round*"):
        if not ROUND.fullmatch(path.name):
            raise UserError(f"{path} is no round; call it round-1, round-2, …, or move it away.")
    annotations = [
        annotation
        for number, path in rounds
        for file in sorted(path.glob("*.csv"))
        for annotation in read_annotator(file, number, known)
    ]
    if not annotations:
        raise UserError(
            f"{folder} holds no annotations; put round-2/NAME.csv there (comment_id,labels,confidence; round-1 is "
            "the pilot and left out), or change data.annotations in params.yaml."
        )
    return annotations


def read_annotator(file: Path, number: int, known: set[str]) -> list[Annotation]:
    """One annotator's file of one round."""
    annotations: dict[str, Annotation] = {}
    for line, row in rows(file, ("comment_id", "labels")):
        comment_id = row["comment_id"]
        if comment_id in annotations:
            raise UserError(f"{file}, line {line}: {comment_id} was labelled already; keep one of the lines.")
        annotations[comment_id] = Annotation(
            comment_id=comment_id,
            annotator=file.stem,
            round=number,
            leaves=read_leaves(row["labels"], known, file, line),
            confidence=read_confidence(row.get("confidence"), file, line),
        )
    return list(annotations.values())


def read_adjudication(folder: Path, leaves: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """comment_id → the leaves that the adjudicator settled on; empty where there is no such file."""
    file = folder / ADJUDICATION
    if not file.is_file():
        return {}
    known = set(leaves)
    found: dict[str, tuple[str, ...]] = {}
    for line, row in rows(file, ("comment_id", "labels")):
        if row["comment_id"] in found:
            raise UserError(f"{file}, line {line}: {row['comment_id']} was settled already; keep one of the lines.")
        found[row["comment_id"]] = read_leaves(row["labels"], known, file, line)
    return found


def rows(file: Path, needed: tuple[str, ...]) -> Iterable[tuple[int, dict[str, str]]]:
    """Line number and values of each row of a CSV file that has the columns `needed`, comment_id among them."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        reader = csv.DictReader(opened)
        for column in needed:
            if column not in (reader.fieldnames or ()):
                raise UserError(f"{file}, line 1: there is no column {column}; the header is {reader.fieldnames}.")
        for row in reader:
            if any(row[column] is None for column in needed):
                raise UserError(f"{file}, line {reader.line_num}: the line has too few columns; complete it.")
            yield reader.line_num, {**row, "comment_id": row["comment_id"].strip()}


def read_leaves(labels: str, known: set[str], file: Path, line: int) -> tuple[str, ...]:
    """`joy;admiration` → ("joy", "admiration"), each in the taxonomy and none twice."""
    leaves = tuple(part.strip() for part in labels.split(";") if part.strip())
    if not leaves:
        raise UserError(f"{file}, line {line}: there is no label; give the primary leaf.")
    for leaf in leaves:
        if leaf not in known:
            raise UserError(f"{file}, line {line}: {leaf!r} is no leaf of the taxonomy; correct it or add the leaf.")
    if len(set(leaves)) < len(leaves):
        raise UserError(f"{file}, line {line}: {labels} names a leaf twice; keep it once.")
    return leaves


def read_confidence(value: str | None, file: Path, line: int) -> int | None:
    """1, 2 or 3; blank is None."""
    if value is None or not value.strip():
        return None
    if value.strip() not in ("1", "2", "3"):
        raise UserError(f"{file}, line {line}: confidence {value!r} is not 1, 2 or 3.")
    return int(value)
