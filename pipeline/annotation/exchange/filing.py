"""Batches out to annotators, and what comes back filed as a round: round-N/annotator.csv."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.annotation.exchange.tables import csv_text
from pipeline.annotation.exchange.tool import Tool
from pipeline.annotation.rounds.batch import Item
from pipeline.annotation.rounds.ratings import Annotation, Rating
from pipeline.annotation.rounds.reading import as_annotations, read_ratings, round_files
from pipeline.annotation.tree.taxonomy import Taxonomy
from pipeline.errors import UserError
from pipeline.files import write_text

NAME = re.compile(r"[\w.@+-]+")  # annotators' names become names of files
#: (annotator, comment) → the file that holds it, and what it says
Filing = dict[tuple[str, str], tuple[Path, Annotation]]


def write_batch(items: Sequence[Item], taxonomy: Taxonomy, tool: Tool, folder: Path) -> list[Path]:
    """Write the batch for a tool, with the tool's configuration of the tree; returns the files.

    Raises:
        UserError: the folder holds a batch already.
    """
    files = {folder / name: content for name, content in tool.batch(items, taxonomy).items()}
    for file in files:
        if file.exists():
            raise UserError(f"{file} is there already; name another folder with -o, or move it away.")
    for file, content in files.items():
        write_text(content, file)
    return list(files)


@dataclass(frozen=True)
class Filed:
    """What an import did."""

    written: dict[Path, int]  # file → annotations that it now holds
    new: int
    already: int  # the same annotation was there
    blank: int  # items that the annotator has not labelled


def file_round(
    files: Sequence[Path],
    folder: Path,
    number: int,
    taxonomy: Taxonomy,
    known: set[str],
    names: dict[str, str],
    replace_labels: bool,
) -> Filed:
    """Check what came back, and file it as round `number`; with one fault nothing is written.

    Args:
        files: of any tool.
        folder: where the rounds are.
        known: ids of the corpus.
        names: annotator as in the files → as he or she is to be called.
        replace_labels: a new label for a comment takes the place of the annotator's old one.

    Raises:
        UserError: what reading a round refuses; a comment that the corpus does not have; a name that is no file's
            name; a comment that the annotator labelled differently before.
    """
    ratings = [(file, renamed(rating, names, file)) for file in files for rating in read_ratings(file, taxonomy, True)]
    labelled = [(file, rating) for file, rating in ratings if rating.labels]
    if not labelled:
        raise UserError(
            f"{files[0]}{' and the others hold' if len(files) > 1 else ' holds'} no label; nothing was filed."
        )
    unused = sorted(set(names.values()) - {rating.annotator for _, rating in ratings})
    if unused:
        raise UserError(f"--rename gives {unused[0]} to an annotator whom no file has; correct the name before the =.")
    refuse_unknown_comments(labelled, known)
    target = folder / f"round-{number}"
    filed = filed_already(target, number, taxonomy)
    written: dict[Path, dict[str, Annotation]] = {}
    new = already = 0
    for annotation in as_annotations(labelled, number, taxonomy):
        file = target / f"{annotation.annotator}.csv"
        if file not in written:
            written[file] = own_entries(file, annotation.annotator, filed)
        place, before = filed.get((annotation.annotator, annotation.comment_id), (file, None))
        if before == annotation:
            already += 1
            continue
        if before is not None and not (replace_labels and place == file):
            end = "say --replace if the new one counts." if place == file else "change it there."
            raise UserError(
                f"{place} has {annotation.comment_id} as {said(before)}, and now it is {said(annotation)}; {end}"
            )
        new += 1
        written[file][annotation.comment_id] = annotation
    for file, entries in written.items():
        rows = [row(entries[comment_id]) for comment_id in sorted(entries)]
        write_text(csv_text(("comment_id", "labels", "confidence"), rows), file)
    return Filed({file: len(entries) for file, entries in written.items()}, new, already, len(ratings) - len(labelled))


def refuse_unknown_comments(labelled: Sequence[tuple[Path, Rating]], known: set[str]) -> None:
    """Raise UserError where a labelled comment is not in the corpus."""
    unknown = [(file, rating) for file, rating in labelled if rating.comment_id not in known]
    if unknown:
        file, rating = unknown[0]
        raise UserError(
            f"{file}, {rating.place}: there is no comment {rating.comment_id!r} in the corpus"
            f"{f' (nor {len(unknown) - 1} others)' if len(unknown) > 1 else ''}, whose ids are like {min(known)!r}; "
            "import into the project it came from, and let no spreadsheet change ids."
        )


def filed_already(folder: Path, number: int, taxonomy: Taxonomy) -> Filing:
    """What the round's files hold."""
    if not folder.is_dir():
        return {}
    filed: Filing = {}
    for file in round_files(folder):
        ratings = [(file, rating) for rating in read_ratings(file, taxonomy)]
        for annotation in as_annotations(ratings, number, taxonomy):
            filed[annotation.annotator, annotation.comment_id] = (file, annotation)
    return filed


def own_entries(file: Path, annotator: str, filed: Filing) -> dict[str, Annotation]:
    """What an annotator's file holds, by comment.

    Raises:
        UserError: it holds others' labels too, and so cannot be written anew.
    """
    entries = [(name, annotation) for (name, _), (place, annotation) in filed.items() if place == file]
    others = sorted({name for name, _ in entries} - {annotator})
    if others:
        raise UserError(f"{file} holds labels of {others[0]}, and is to hold those of {annotator}; rename that file.")
    return {annotation.comment_id: annotation for _, annotation in entries}


def renamed(rating: Rating, names: dict[str, str], file: Path) -> Rating:
    """The rating under its annotator's name here, which becomes a file's.

    Raises:
        UserError: no file can be called so.
    """
    name = names.get(rating.annotator, rating.annotator)
    if not NAME.fullmatch(name) or name.startswith("."):
        raise UserError(f"{file}: the annotator {name!r} cannot be a file's name; say --rename '{name}=NAME'.")
    return replace(rating, annotator=name)


def said(annotation: Annotation) -> str:
    """Labels and confidence, in words."""
    return ";".join(annotation.leaves) + (f" (confidence {annotation.confidence})" if annotation.confidence else "")


def row(annotation: Annotation) -> list[object]:
    """A line of an annotator's file."""
    return [annotation.comment_id, ";".join(annotation.leaves), annotation.confidence or ""]
