"""The raw files below files and folders, and what lies there that cannot be read: that is said, never passed over."""

import os
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import NamedTuple

from pipeline.danmu.readers.packed import compression
from pipeline.errors import UserError

NOTES = (".md", ".dvc")  # files that lie beside data and hold none


class RawFile(NamedTuple):
    """A file, or whatever else stands where one was looked for."""

    path: Path
    name: str  # as rejected.parquet names it
    fault: str | None = None  # why it cannot be read


def raw_files(paths: list[Path]) -> list[RawFile]:
    """What is to be read, sorted; each file once, by whatever name. Hidden files and notes are passed over.

    Linked folders are followed, each folder once, behind those that really lie there.

    Raises:
        UserError: a path does not exist, or a folder holds no file.
    """
    named: list[RawFile] = []
    paths = list({os.path.realpath(path): path for path in paths}.values())
    for path in paths:
        if path.is_file():
            named.append(RawFile(path, as_text(path.name if len(paths) == 1 else str(path))))
            continue
        if not path.is_dir():
            if path.is_symlink():
                raise UserError(f"{path} is a link to nothing; mend it, or name another file or folder.")
            raise UserError(f"There is no {path}; put raw data there, or name another file or folder.")
        below = sorted(files_below(path))
        if not below:
            raise UserError(f"{path} is empty; put raw data there (docs/formats.md lists the forms).")
        named += [
            RawFile(file, as_text(str(file.relative_to(path) if len(paths) == 1 else file)), fault)
            for file, fault in below
        ]
    return list({os.path.realpath(one.path): one for one in reversed(named)}.values())[::-1]


def readable_files(paths: list[Path]) -> list[tuple[Path, str]]:
    """The files that can be read, and their names.

    Raises:
        UserError: a path does not exist, or a folder holds no file.
    """
    return [(one.path, one.name) for one in raw_files(paths) if one.fault is None]


def files_below(folder: Path) -> Iterator[tuple[Path, str | None]]:
    """The files below a folder, and why one cannot be read. No folder is read twice, for links may loop."""
    folders, links, seen = [folder], list[Path](), set[tuple[int, int]]()
    while folders or links:
        place = folders.pop() if folders else links.pop(0)
        try:
            status = place.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            inside = sorted(place.iterdir())
        except OSError as error:
            yield place, f"folder {unreadable(error)}"
            continue
        for path in (path for path in inside if not path.name.startswith(".")):
            try:
                mode = path.stat().st_mode
            except OSError as error:
                yield path, unreadable(error)
                continue
            if S_ISDIR(mode):
                (links if path.is_symlink() else folders).append(path)
            elif path.suffix.lower() not in NOTES:
                yield path, None if S_ISREG(mode) else "neither a file nor a folder"


def unreadable(error: OSError) -> str:
    """The reason on record of what cannot be read."""
    return f"cannot be read: {error.strerror or error}"


def as_text(name: str) -> str:
    """A file's name as text; of one that is no UTF-8, the other bytes as \\xFF."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def size_of(one: RawFile) -> int:
    """A file's bytes; 0 of what is none or has gone."""
    try:
        return one.path.stat().st_size if one.fault is None else 0
    except OSError:
        return 0


def is_packed(path: Path) -> bool:
    """Whether a file is compressed, or has gone: then, too, it is read by itself."""
    try:
        return compression(path) is not None
    except OSError:
        return True
