"""What every form of raw file has to offer: its name, a look at a beginning, and a way to read it."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Rejected


class Form(NamedTuple):
    """One form in which comments come."""

    name: str  # as the table of files prints it
    recognises: Callable[[bytes], bool]  # from a file's first 64 KiB: decompressed, UTF-8, no byte-order mark
    read: Callable[[Source], Iterator[Comment | Rejected]]  # every record of the file, in its order
    describe: Callable[[Source], str | None] = lambda _: None  # what was made of its columns
