"""What tells one file from another where its comments name neither video nor pool: two recordings are two videos."""

from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from pathlib import Path

from pipeline.danmu.readers.source import Source


def origins(files: dict[int, tuple[Path, str]]) -> Callable[[int], str]:
    """The function that gives it for the number of a file, from the file's path and its name on record.

    It is the name without folders, and a hash of how the file begins: one file read under another folder is the same, a
    `danmaku.xml` in each of many folders is not, and a recording that has grown since is.
    """

    @cache
    def origin(number: int) -> str:
        path, name = files[number]
        try:
            beginning = Source(path, name).first()
        except OSError:
            beginning = b""
        return f"{name.rsplit('/', 1)[-1]} {blake2b(beginning, digest_size=8).hexdigest()}"

    return origin
