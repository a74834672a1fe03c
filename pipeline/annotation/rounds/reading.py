"""Annotation rounds: round-N/ with a file per annotator, or with what an annotation tool exported."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from pipeline.annotation.exchange import doccano, label_studio
from pipeline.annotation.exchange.ratings_csv import csv_lines, decoded, read_csv, read_table, split_labels
from pipeline.annotation.rounds.ratings import Annotation, Rating
from pipeline.annotation.tree.taxonomy import Taxonomy, UnknownLabel
from pipeline.errors import UserError

ROUND = re.compile(r"round-(\d+)")
ADJUDICATION = "adjudication.csv"
FILES = (".csv", ".json", ".jsonl")


def read_rounds(folder: Path, taxonomy: Taxonomy | None) -> list[Annotation]:
    """All annotations below `folder`, in the order round, file, line.

    Args:
        folder: holds round-1, round-2, …
        taxonomy: what labels are held against; None takes every label as it is written.

    Raises:
        UserError: no rounds, a file of no known form, a leaf the taxonomy does not have, a comment
            that one annotator labelled twice; always with the file and the place.
    """
    rounds = sorted((int(match[1]), path) for path in folder.glob("round-*") if (match := ROUND.fullmatch(path.name)))
    for path in sorted(folder.glob("*")):
        if path.name.casefold().startswith("round") and not (ROUND.fullmatch(path.name) and path.is_dir()):
            raise UserError(f"{path} is no round, a folder called round-1, round-2, …; rename or move it.")
        if path.is_file() and path.suffix.casefold() in FILES and path.name != ADJUDICATION:
            raise UserError(f"{path} is in no round; move it into round-N/, or call it {ADJUDICATION} if it is that.")
    for (number, path), (following, other) in pairwise(rounds):
        if number == following:
            raise UserError(f"{path} and {other} are both round {number}; move the files into one of them.")
    annotations = [found for number, path in rounds for found in read_round(path, number, taxonomy)]
    if not annotations:
        raise UserError(
            f"{folder} holds no annotations; put round-2/NAME.csv there (comment_id,labels,confidence; round-1 is "
            "the pilot and left out), or change data.annotations in params.yaml."
        )
    return annotations


def read_round(folder: Path, number: int, taxonomy: Taxonomy | None) -> list[Annotation]:
    """The annotations of one round's files."""
    ratings = [(file, rating) for file in round_files(folder) for rating in read_ratings(file, taxonomy)]
    return settled(ratings, number, taxonomy)


def round_files(folder: Path) -> list[Path]:
    """The files of a round that hold ratings, by name."""
    files = [file for file in folder.iterdir() if file.suffix.casefold() in FILES and not file.name.startswith(".")]
    if folder / ADJUDICATION in files:
        raise UserError(f"{folder / ADJUDICATION} is no annotator's; move it beside the rounds, into {folder.parent}.")
    return sorted(files)


def read_anything(
    path: Path, taxonomy: Taxonomy | None, raters: Sequence[str] = (), key: str = "comment_id"
) -> list[Annotation]:
    """Annotations of a folder of rounds, of a folder of files, or of one file: the latter two as round 1.

    Args:
        raters, key: of a table, the columns that are annotators and the one that names the item.

    Raises:
        UserError: there is nothing of the kind.
    """
    if not path.exists():
        raise UserError(f"There is no {path}; name a folder of rounds, or a file of ratings.")
    if path.is_dir():
        own = ROUND.fullmatch(path.name)
        if any(ROUND.fullmatch(below.name) for below in path.iterdir()):
            return read_rounds(path, taxonomy)
        found = read_round(path, int(own[1]) if own else 1, taxonomy)
    else:
        ratings = read_table(path, key, raters) if raters else read_ratings(path, taxonomy)
        found = settled([(path, rating) for rating in ratings], 1, taxonomy)
    if not found:
        raise UserError(f"{path} holds no ratings; name a folder of rounds, or a file of ratings.")
    return found


def settled(ratings: Iterable[tuple[Path, Rating]], number: int, taxonomy: Taxonomy | None) -> list[Annotation]:
    """Ratings as annotations of round `number`, each with the leaves of today."""
    found: dict[tuple[str, str], Annotation] = {}
    names: dict[str, str] = {}
    for file, rating in ratings:
        where, key = f"{file}, {rating.place}", (rating.annotator, rating.comment_id)
        known = names.setdefault(rating.annotator.casefold(), rating.annotator)
        if known != rating.annotator:
            raise UserError(f"{where}: {rating.annotator} and {known} differ in case alone; call both the same.")
        if key in found:
            raise UserError(
                f"{where}: {rating.comment_id} was labelled already by {rating.annotator}; keep one of the lines."
            )
        leaves = read_leaves(rating.labels, taxonomy, where)
        found[key] = Annotation(rating.comment_id, rating.annotator, number, leaves, rating.confidence)
    return list(found.values())


def read_ratings(file: Path, taxonomy: Taxonomy | None, with_blanks: bool = False) -> list[Rating]:
    """The ratings of one file, of whatever form it is: CSV, Label Studio's JSON, Doccano's JSON lines.

    Args:
        with_blanks: also the lines of Doccano that nobody has labelled yet. A CSV gives its own in any case: in a
            round they are a mistake, and in an import unfinished work.
    """
    if file.suffix.casefold() == ".csv":
        return read_csv(file)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{file} is not in UTF-8; save it so.") from None
    if label_studio.is_label_studio(decoded(text)):
        return label_studio.read_export(file)
    if doccano.is_doccano(decoded(text.partition("\n")[0])):
        found = doccano.read_export(file, single_label=taxonomy is not None and taxonomy.kind == "single-label")
        return [rating for rating in found if rating.labels or with_blanks]
    raise UserError(f"{file} is neither Label Studio's JSON nor Doccano's JSON lines; export it as one of these.")


def read_adjudication(folder: Path, taxonomy: Taxonomy | None) -> dict[str, tuple[str, ...]]:
    """comment_id → the leaves that the adjudicator settled on; empty where there is no such file."""
    file = folder / ADJUDICATION
    if not file.is_file():
        return {}
    found: dict[str, tuple[str, ...]] = {}
    lines = csv_lines(file)
    header = next(lines)[1]
    for column in ("comment_id", "labels"):
        if column not in header:
            raise UserError(f"{file}, line 1: there is no column {column}; the header is {list(header)}.")
    for number, row in lines:
        comment_id = row["comment_id"].strip()
        if comment_id in found:
            raise UserError(f"{file}, line {number}: {comment_id} was settled already; keep one of the lines.")
        found[comment_id] = read_leaves(split_labels(row["labels"]), taxonomy, f"{file}, line {number}")
    return found


def read_leaves(labels: tuple[str, ...], taxonomy: Taxonomy | None, where: str) -> tuple[str, ...]:
    """Labels as written → today's leaves, each in the taxonomy and none twice."""
    if not labels:
        raise UserError(f"{where}: there is no label; give the primary leaf.")
    try:
        leaves = labels if taxonomy is None else tuple(taxonomy.leaf_of(label) for label in labels)
    except UnknownLabel as error:
        raise UserError(f"{where}: {error}.") from None
    if len(set(labels)) < len(labels):
        raise UserError(f"{where}: {';'.join(labels)} names a leaf twice; keep it once.")
    quarrel = taxonomy.quarrel(leaves) if taxonomy is not None else ""
    if quarrel:
        raise UserError(f"{where}: {quarrel}; keep one of them.")
    return tuple(dict.fromkeys(leaves))  # two old labels may have become one leaf
