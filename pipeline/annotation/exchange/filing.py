"""Batches out to annotators, and what comes back filed as a round: round-N/annotator.csv."""

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.annotation.exchange import doccano, label_studio
from pipeline.annotation.exchange import label_studio_interface as label_studio_page
from pipeline.annotation.rounds.batch import Item
from pipeline.annotation.rounds.ratings import Annotation, Rating
from pipeline.annotation.rounds.reading import read_ratings, round_files, settled
from pipeline.annotation.tree.taxonomy import Taxonomy
from pipeline.errors import UserError
from pipeline.files import write_text

Tool = Literal["csv", "label-studio", "doccano"]
HEADER = ("comment_id", "before", "text", "after", "labels", "confidence")
NAME = re.compile(r"[\w.@+-]+")


def write_batch(items: Sequence[Item], taxonomy: Taxonomy, tool: Tool, folder: Path) -> list[Path]:
    """Write the batch for a tool, with the tool's configuration of the tree; returns the files.

    Raises:
        UserError: the folder holds a batch already.
    """
    files: dict[str, str] = {}
    if tool == "csv":
        # with a mark and line ends as spreadsheets want them
        files["batch.csv"] = "\ufeff" + csv_text(HEADER, map(line, items), "\r\n")
    elif tool == "label-studio":
        files["tasks.json"] = json.dumps(label_studio.tasks(items), ensure_ascii=False, indent=1) + "\n"
        files["configuration.xml"] = label_studio_page.configuration(taxonomy)
    else:
        files["batch.jsonl"] = "".join(json.dumps(entry) + "\n" for entry in doccano.lines(items))
        files["labels.json"] = json.dumps(doccano.labels(taxonomy), ensure_ascii=False, indent=1) + "\n"
    for name in files:
        if (folder / name).exists():
            raise UserError(f"{folder / name} is there already; name another folder with -o, or move it away.")
    for name, content in files.items():
        write_text(content, folder / name)
    return [folder / name for name in files]


def line(item: Item) -> list[str]:
    """An item with room for its labels."""
    texts = (" / ".join(item.before), item.text, " / ".join(item.after))
    return [item.comment_id, *map(shown, texts), "", ""]


def shown(text: str) -> str:
    """A text as a spreadsheet shows it; one that begins like a formula would be computed."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


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
    replace: bool,
) -> Filed:
    """Check what came back, and file it as round `number`; with one fault nothing is written.

    Args:
        files: of any form that rounds.py reads.
        folder: where the rounds are.
        known: ids of the corpus.
        names: annotator as in the files → as he or she is to be called.
        replace: a new label for a comment takes the place of the annotator's old one.

    Raises:
        UserError: what rounds.py refuses; a comment that the corpus does not have; a name that is no file's name; a
            comment that the annotator labelled differently before.
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
    unknown = [(file, rating) for file, rating in labelled if rating.comment_id not in known]
    if unknown:
        file, rating = unknown[0]
        raise UserError(
            f"{file}, {rating.place}: there is no comment {rating.comment_id!r} in the corpus"
            f"{f' (nor {len(unknown) - 1} others)' if len(unknown) > 1 else ''}, whose ids are like {min(known)!r}; "
            "import into the project it came from, and let no spreadsheet change ids."
        )
    came = settled(labelled, number, taxonomy)
    target = folder / f"round-{number}"
    filed = filed_already(target, number, taxonomy)
    written: dict[Path, dict[str, Annotation]] = {}
    new = already = 0
    for annotation in came:
        file = target / f"{annotation.annotator}.csv"
        if file not in written:
            written[file] = own_entries(file, annotation.annotator, filed)
        place, before = filed.get((annotation.annotator, annotation.comment_id), (file, None))
        if before == annotation:
            already += 1
            continue
        if before is not None and not (replace and place == file):
            end = "say --replace if the new one counts." if place == file else "change it there."
            raise UserError(
                f"{place} has {annotation.comment_id} as {said(before)}, and now it is {said(annotation)}; {end}"
            )
        new += 1
        written[file][annotation.comment_id] = annotation
    for file, entries in written.items():
        write_text(csv_text(("comment_id", "labels", "confidence"), map(row, sorted_by_id(entries))), file)
    return Filed({file: len(entries) for file, entries in written.items()}, new, already, len(ratings) - len(labelled))


def filed_already(folder: Path, number: int, taxonomy: Taxonomy) -> dict[tuple[str, str], tuple[Path, Annotation]]:
    """(annotator, comment) → the file that holds it, and what it says; of every file of the round."""
    if not folder.is_dir():
        return {}
    found = {}
    for file in round_files(folder):
        ratings = [(file, rating) for rating in read_ratings(file, taxonomy)]
        for annotation in settled(ratings, number, taxonomy):
            found[annotation.annotator, annotation.comment_id] = (file, annotation)
    return found


def own_entries(
    file: Path, annotator: str, filed: dict[tuple[str, str], tuple[Path, Annotation]]
) -> dict[str, Annotation]:
    """What an annotator's file holds; a file of that name that holds others' labels cannot be written anew."""
    entries = [(name, annotation) for (name, _), (place, annotation) in filed.items() if place == file]
    others = sorted({name for name, _ in entries} - {annotator})
    if others:
        raise UserError(f"{file} holds labels of {others[0]}, and is to hold those of {annotator}; rename that file.")
    return {annotation.comment_id: annotation for _, annotation in entries}


def renamed(rating: Rating, names: dict[str, str], file: Path) -> Rating:
    """The rating under its annotator's own name, which becomes a file's."""
    name = names.get(rating.annotator, rating.annotator)
    if not NAME.fullmatch(name) or name.startswith("."):
        raise UserError(f"{file}: the annotator {name!r} cannot be a file's name; say --rename '{name}=NAME'.")
    return Rating(rating.comment_id, name, rating.labels, rating.confidence, rating.place)


def sorted_by_id(entries: dict[str, Annotation]) -> Iterable[Annotation]:
    """In the order of the ids."""
    return (entries[key] for key in sorted(entries))


def said(annotation: Annotation) -> str:
    """Labels and confidence, in words."""
    return ";".join(annotation.leaves) + (f" (confidence {annotation.confidence})" if annotation.confidence else "")


def row(annotation: Annotation) -> list[object]:
    """A line of an annotator's file."""
    return [annotation.comment_id, ";".join(annotation.leaves), annotation.confidence or ""]


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]], end: str = "\n") -> str:
    """CSV with the quotes that it needs."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
