"""Annotation rounds: round-N/ with a file per annotator, or with what an annotation tool exported."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.annotation.exchange.plain_text import text_of
from pipeline.annotation.exchange.ratings_csv import read_table, split_labels
from pipeline.annotation.exchange.tables import csv_lines
from pipeline.annotation.exchange.tools import TOOLS
from pipeline.annotation.rounds.ratings import Annotation, Rating
from pipeline.annotation.rounds.round_folder import ADJUDICATION, ROUND, holds_ratings, round_files, round_folders
from pipeline.annotation.tree.taxonomy import Taxonomy, UnknownLabel
from pipeline.errors import UserError


def read_rounds(folder: Path, taxonomy: Taxonomy | None) -> list[Annotation]:
    """All annotations below `folder`, in the order round, file, line.

    Args:
        folder: holds round-1, round-2, …
        taxonomy: what labels are held against; None takes every label as it is written.

    Raises:
        UserError: no rounds, a file of no known form, a leaf the taxonomy does not have, a comment
            that one annotator labelled twice; always with the file and the place.
    """
    annotations = [vote for number, path in round_folders(folder) for vote in read_round(path, number, taxonomy)]
    if not annotations:
        raise UserError(
            f"{folder} holds no annotations; put round-2/NAME.csv there (comment_id,labels,confidence; round-1 is "
            "the pilot and left out), or change data.annotations in params.yaml."
        )
    return annotations


def read_round(folder: Path, number: int, taxonomy: Taxonomy | None) -> list[Annotation]:
    """The annotations of one round's files."""
    ratings = [(file, rating) for file in round_files(folder) for rating in read_ratings(file, taxonomy)]
    return as_annotations(ratings, number, taxonomy)


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
        # a folder that has only folders in it is another one than was meant
        annotations = read_round(path, int(own[1]) if own else 1, taxonomy) if own or holds_ratings(path) else []
    else:
        ratings = read_table(path, key, raters) if raters else read_ratings(path, taxonomy)
        annotations = as_annotations([(path, rating) for rating in ratings], 1, taxonomy)
    if not annotations:
        raise UserError(f"{path} holds no ratings; name a folder of rounds, or a file of ratings.")
    return annotations


def as_annotations(ratings: Iterable[tuple[Path, Rating]], number: int, taxonomy: Taxonomy | None) -> list[Annotation]:
    """Ratings as annotations of round `number`, each with the leaves of today.

    Raises:
        UserError: an annotator labelled a comment twice, or two annotators' names differ in case alone.
    """
    annotations: dict[tuple[str, str], Annotation] = {}
    names: dict[str, str] = {}
    for file, rating in ratings:
        where, key = f"{file}, {rating.place}", (rating.annotator, rating.comment_id)
        known = names.setdefault(rating.annotator.casefold(), rating.annotator)
        if known != rating.annotator:
            raise UserError(f"{where}: {rating.annotator} and {known} differ in case alone; call both the same.")
        if key in annotations:
            raise UserError(
                f"{where}: {rating.comment_id} was labelled already by {rating.annotator}; keep one of the lines."
            )
        leaves = read_leaves(rating.labels, taxonomy, where)
        annotations[key] = Annotation(rating.comment_id, rating.annotator, number, leaves, rating.confidence)
    return list(annotations.values())


def read_ratings(file: Path, taxonomy: Taxonomy | None, with_blanks: bool = False) -> list[Rating]:
    """The ratings of one file, read by the tool that recognises it.

    Args:
        with_blanks: also the comments that nobody has labelled yet, where the tool exports all comments. Where it does
            not, a line without a label is always given: in a round it is a mistake, and in an import unfinished work.

    Raises:
        UserError: no tool recognises the file, or the tool finds a fault in it.
    """
    text_of(file)  # what is no text at all is no tool's
    tool = next((tool for tool in TOOLS.values() if tool.recognises(file)), None)
    if tool is None:
        forms = " nor ".join(tool.export for tool in TOOLS.values())
        raise UserError(f"{file} is neither {forms}; export it as one of these.")
    try:
        ratings = tool.read(file, taxonomy)
    except RecursionError:
        raise UserError(f"{file} is nested without end, as no export of {tool.name} is; export it anew.") from None
    return ratings if with_blanks or not tool.exports_unlabelled else [rating for rating in ratings if rating.labels]


def read_adjudication(folder: Path, taxonomy: Taxonomy | None) -> dict[str, tuple[str, ...]]:
    """comment_id → the leaves that the adjudicator settled on; empty where there is no such file."""
    file = folder / ADJUDICATION
    if not file.is_file():
        return {}
    adjudicated: dict[str, tuple[str, ...]] = {}
    lines = csv_lines(file)
    header = next(lines)[1]
    for column in ("comment_id", "labels"):
        if column not in header:
            raise UserError(f"{file}, line 1: there is no column {column}; the header is {list(header)}.")
    for number, row in lines:
        comment_id = row["comment_id"].strip()
        if comment_id in adjudicated:
            raise UserError(f"{file}, line {number}: {comment_id} was settled already; keep one of the lines.")
        adjudicated[comment_id] = read_leaves(split_labels(row["labels"]), taxonomy, f"{file}, line {number}")
    return adjudicated


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
