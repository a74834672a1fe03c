"""Batches out to annotators, and what comes back filed as a round: round-N/annotator.csv."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.annotation.exchange.annotator_file import with_annotations
from pipeline.annotation.exchange.tool import Tool
from pipeline.annotation.rounds.batch import Item
from pipeline.annotation.rounds.ratings import Annotation, Rating
from pipeline.annotation.rounds.reading import as_annotations, read_ratings
from pipeline.annotation.rounds.round_folder import ADJUDICATION, ROUND, round_files
from pipeline.annotation.tree.taxonomy import Taxonomy
from pipeline.errors import UserError
from pipeline.files import replacing

NAME = re.compile(r"[\w.@+-]+")  # annotators' names become names of files
LONGEST_NAME = 200  # bytes of a name, of the 255 that a file's has
#: what a file cannot be called on Windows, with whatever ending
DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{kind}{digit}" for kind in ("com", "lpt") for digit in range(10))})
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
    write_all(files)
    return list(files)


def write_all(contents: Mapping[Path, str]) -> None:
    """Write files, all or none: each is written whole beside its place before the first one takes it."""
    with ExitStack() as parts:
        for file, content in contents.items():
            parts.enter_context(replacing(file)).write_text(content, encoding="utf-8", newline="")


@dataclass(frozen=True)
class Filed:
    """What an import did."""

    written: dict[Path, int]  # file that was changed → annotations that it now holds
    new: int
    already: int  # the same annotation was there
    blank: int  # items that the annotator has not labelled
    replaced: int = 0  # of the new ones, those that took the place of another label


def file_round(
    files: Sequence[Path],
    folder: Path,
    number: int,
    taxonomy: Taxonomy,
    known: Callable[[], set[str]],
    names: dict[str, str],
    replace_labels: bool,
) -> Filed:
    """Check what came back, and file it as round `number`; with one fault nothing is written.

    Args:
        files: of any tool.
        folder: where the rounds are.
        known: gives the ids of the corpus; asked once names are in order.
        names: annotator as in the files → as he or she is to be called.
        replace_labels: a new label for a comment takes the place of the annotator's old one.

    Raises:
        UserError: what reading a round refuses; a comment that the corpus does not have; a name that is no file's
            name, or that `names` mistypes; a comment that the annotator labelled differently before.
    """
    found = [(file, rating) for file in files for rating in read_ratings(file, taxonomy, True)]
    refuse_unknown_annotators(names, {rating.annotator for _, rating in found})
    ratings = [(file, renamed(rating, names, file)) for file, rating in found]
    labelled = [(file, rating) for file, rating in ratings if rating.labels]
    if not labelled:
        raise UserError(
            f"{files[0]}{' and the others hold' if len(files) > 1 else ' holds'} no label; nothing was filed."
        )
    refuse_merged(found, names)
    refuse_unknown_comments(labelled, known())
    target = place_of_round(folder, number)
    filed = filed_already(target, number, taxonomy)
    changed: dict[Path, dict[str, Annotation]] = {}
    totals: dict[Path, int] = {}
    already = replaced = 0
    for annotation in as_annotations(labelled, number, taxonomy):
        file = target / f"{annotation.annotator}.csv"
        if file not in totals:
            totals[file] = own_entries(file, annotation.annotator, filed)
        place, before = filed.get((annotation.annotator, annotation.comment_id), (file, None))
        if before == annotation:
            already += 1
            continue
        if before is not None and not (replace_labels and place == file):
            end = "say --replace if the new one counts." if place == file else "change it there."
            raise UserError(
                f"{place} has {annotation.comment_id} as {said(before)}, and now it is {said(annotation)}; {end}"
            )
        totals[file] += before is None
        replaced += before is not None
        changed.setdefault(file, {})[annotation.comment_id] = annotation
    write_all({file: with_annotations(file, said) for file, said in changed.items()})
    new = sum(map(len, changed.values()))
    blank = len(ratings) - len(labelled)
    return Filed({file: totals[file] for file in changed}, new, already, blank, replaced)


def refuse_unknown_annotators(names: Mapping[str, str], annotators: set[str]) -> None:
    """Raise UserError where somebody is to be called otherwise who is in no file."""
    unknown = [name for name in names if name not in annotators]
    if unknown:
        raise UserError(
            f"--rename {unknown[0]}={names[unknown[0]]}: no file has an annotator {unknown[0]!r}, but "
            f"{', '.join(map(repr, sorted(annotators))) or 'nobody'}; correct the name before the =."
        )


def refuse_merged(found: Sequence[tuple[Path, Rating]], names: Mapping[str, str]) -> None:
    """Raise UserError where two annotators of the files get one name here, and both labelled the same comment."""
    first: dict[tuple[str, str], str] = {}
    for file, rating in found:
        name = names.get(rating.annotator, rating.annotator)
        other = first.setdefault((name, rating.comment_id), rating.annotator) if rating.labels else rating.annotator
        if other != rating.annotator:
            given = " and ".join(f"--rename {one}={name}" for one in (other, rating.annotator) if one in names)
            raise UserError(
                f"{given}: {other} and {rating.annotator} would both be {name}, and both labelled {rating.comment_id} "
                f"({file}, {rating.place}); give one of them another name."
            )


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


def place_of_round(folder: Path, number: int) -> Path:
    """The round's folder: round-2, or as it is called where it is there already (round-02).

    Raises:
        UserError: a file is called so.
    """
    matches = ((ROUND.fullmatch(path.name), path) for path in sorted(folder.glob("round-*")))
    called = (path for match, path in matches if match and int(match[1]) == number)
    place = next(called, folder / f"round-{number}")
    if place.exists() and not place.is_dir():
        raise UserError(f"{place} is a file, and has to be a folder; move it away.")
    return place


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


def own_entries(file: Path, annotator: str, filed: Filing) -> int:
    """How many annotations an annotator's file holds.

    Raises:
        UserError: it holds others' labels too, or is a folder; the round has an annotator whose name differs in case.
    """
    if file.is_dir():
        raise UserError(f"{file} is a folder, and has to be a file; move it away.")
    alike = {name for name, _ in filed if name != annotator and name.casefold() == annotator.casefold()}
    if alike:
        raise UserError(
            f"{file.parent} has labels of {min(alike)}, who differs from {annotator} in case alone; call both the same "
            f"with --rename '{annotator}={min(alike)}'."
        )
    entries = [name for (name, _), (place, _) in filed.items() if place == file]
    others = sorted(set(entries) - {annotator})
    if others:
        raise UserError(f"{file} holds labels of {others[0]}, and is to hold those of {annotator}; rename that file.")
    return len(entries)


def renamed(rating: Rating, names: dict[str, str], file: Path) -> Rating:
    """The rating under its annotator's name here, which becomes a file's.

    Raises:
        UserError: no file can be called so.
    """
    name = names.get(rating.annotator, rating.annotator)
    mend = f"say --rename '{rating.annotator}=NAME' with the name of who labelled it"
    if not NAME.fullmatch(name) or name.startswith(".") or name.partition(".")[0].casefold() in DEVICES:
        raise UserError(f"{file}: the annotator {name!r} cannot be a file's name; {mend}.")
    if len(name.encode()) > LONGEST_NAME:
        raise UserError(f"{file}: the annotator {name[:20]}… cannot be a file's name, which is too long; {mend}.")
    if f"{name}.csv".casefold() == ADJUDICATION:
        raise UserError(f"{file}: no annotator is called {name}, as the file that overrides all votes; {mend}.")
    return replace(rating, annotator=name)


def said(annotation: Annotation) -> str:
    """Labels and confidence, in words."""
    return ";".join(annotation.leaves) + (f" (confidence {annotation.confidence})" if annotation.confidence else "")
