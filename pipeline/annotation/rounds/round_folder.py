"""What lies in the folder of rounds: the rounds, the files that hold ratings, and what would be passed over."""

import re
from collections.abc import Collection, Iterator
from itertools import pairwise
from pathlib import Path

from pipeline.annotation.exchange.plain_text import WORKBOOKS
from pipeline.annotation.exchange.tools import SUFFIXES
from pipeline.errors import UserError

ROUND = re.compile(r"round-(\d+)")
ADJUDICATION = "adjudication.csv"
#: may lie among ratings: words about them. A file without an ending or a text is looked into
NOTES = ("", ".txt", ".md", ".rst", ".pdf", ".doc", ".docx", ".html", ".log", ".png", ".jpg", ".yaml", ".yml", ".py",
         ".ipynb")  # fmt: skip
TEXTS = ("", ".txt")  # spreadsheets save tables as .txt too
TABLES, PACKED = (".csv", ".tsv", ".tab"), (".zip", ".gz", ".7z", ".rar")
DROPPINGS = ("Thumbs.db", "desktop.ini", "__MACOSX")  # systems leave them, and files that begin with a dot or ~$


def round_folders(folder: Path) -> list[tuple[int, Path]]:
    """The rounds below a folder, (number, folder), in the order of their numbers.

    Raises:
        UserError: what is nearly a round; two rounds of one number; files that hold ratings, in no round.
    """
    rounds = sorted((int(match[1]), path) for path in folder.glob("round-*") if (match := ROUND.fullmatch(path.name)))
    for path in sorted(folder.glob("*")):
        if path.name.casefold().startswith("round") and not (ROUND.fullmatch(path.name) and path.is_dir()):
            raise UserError(f"{path} is no round, a folder called round-1, round-2, …; rename or move it.")
        if is_ratings(path) and path.name != ADJUDICATION:
            raise UserError(f"{path} is in no round; move it into round-N/, or call it {ADJUDICATION} if it is that.")
    for (number, path), (following, other) in pairwise(rounds):
        if number == following:
            raise UserError(f"{path} and {other} are both round {number}; move the files into one of them.")
    for unread in lost_beside(folder, {path for _, path in rounds}):
        raise UserError(f"{unread} is in no round, and is not read; {mend(unread, folder / 'round-N')}.")
    return rounds


def round_files(folder: Path) -> list[Path]:
    """The files of a round that hold ratings, by name.

    Raises:
        UserError: a file or folder that would be passed over though it may hold ratings; an adjudication.
    """
    files = []
    for path in sorted(folder.iterdir()):
        if is_ratings(path):
            if path.stem.casefold() == Path(ADJUDICATION).stem:
                raise UserError(
                    f"{path} is no annotator's; call it by the name of who labelled it. Only what was settled over the "
                    f"votes, and counts for more than all of them, belongs into {folder.parent / ADJUDICATION}."
                )
            files.append(path)
            continue
        for unread in would_be_lost(path):
            raise UserError(f"{unread} is not read: a round is {', '.join(SUFFIXES)} files; {mend(unread, folder)}.")
    return files


def is_ratings(path: Path) -> bool:
    """Whether it is a file that a tool may have written."""
    return path.is_file() and path.suffix.casefold() in SUFFIXES and not is_dropping(path)


def holds_ratings(folder: Path) -> bool:
    """Whether a folder has files that hold ratings, or may."""
    return any(path.is_file() and any(would_be_lost(path)) for path in folder.iterdir())


def lost_beside(folder: Path, rounds: Collection[Path]) -> Iterator[Path]:
    """What may hold ratings beside the rounds, where much else may lie: in the folders there, tables with labels."""
    for path in sorted(set(folder.glob("*")) - set(rounds)):
        if is_dropping(path):
            continue
        kind, below = path.suffix.casefold(), path.iterdir() if path.is_dir() else ()
        yield from (file for file in sorted(below) if file.suffix.casefold() in TABLES and has_labels(file))
        if path.is_file() and (kind in (*WORKBOOKS, *PACKED, *TABLES[1:]) or (kind in TEXTS and has_labels(path))):
            yield path


def would_be_lost(path: Path) -> Iterator[Path]:
    """The file itself, or what is in the folder, where it may hold ratings."""
    if is_dropping(path):
        return
    kind = path.suffix.casefold()
    if path.is_dir() and not path.is_symlink():
        for below in sorted(path.iterdir()):
            yield from would_be_lost(below)
    elif not path.is_file() or kind not in NOTES or (kind in TEXTS and b"comment_id" in header_of(path)):
        yield path


def is_dropping(path: Path) -> bool:
    """Whether a system or an editor left it there."""
    return path.name.startswith((".", "~$")) or path.name.endswith("~") or path.name in DROPPINGS


def has_labels(path: Path) -> bool:
    """Whether a file begins with a header that has a column for comments and one for labels."""
    header = header_of(path)
    return b"comment_id" in header and (b"labels" in header or b"annotator" in header)


def header_of(path: Path) -> bytes:
    """A file's first line; of UTF-16, too, what of it is ASCII."""
    if not path.is_file():
        return b""
    with path.open("rb") as opened:
        return opened.readline(4096).replace(b"\0", b"")


def mend(path: Path, folder: Path) -> str:
    """How it comes to be read."""
    kind = path.suffix.casefold()
    if path.is_dir() or kind in SUFFIXES:
        return f"move it into {folder} itself, or out of {folder.parent}"
    if kind in PACKED:
        return f"unpack it in {folder}, and move it away"
    return f"save it as `CSV UTF-8` in {folder} if it holds labels, and move it away"
