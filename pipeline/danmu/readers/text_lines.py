"""One text per line. Any file could be that, so that it is read so only where somebody says that it is."""

from collections.abc import Iterator
from pathlib import PurePath

from pipeline.danmu.readers.form import Form
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Rejected


def is_text_name(name: str) -> bool:
    """Whether a file's name says that it is plain text: a.txt, a.TXT.gz."""
    return ".txt" in (suffix.lower() for suffix in PurePath(name).suffixes[-2:])


def read(source: Source) -> Iterator[Comment | Rejected]:
    """A comment of each line that is not blank."""
    for line in source.lines():
        for part in line.split("\r"):
            text = part.rstrip("\n")
            if text.strip():
                yield Comment(text)


TEXT_LINES = Form("one text per line", lambda _: False, read)
