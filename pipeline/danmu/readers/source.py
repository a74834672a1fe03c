"""A raw file as plain UTF-8: decompressed, decoded, without a byte-order mark, in blocks of whole records.

However large a file is, and however well it is packed, memory holds a block of it.
"""

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from pipeline.danmu.readers.encodings import BEGINNING, decoded, encoding, sound, unknown_encoding, whole_characters
from pipeline.danmu.readers.packed import DAMAGED, compression, unpacked
from pipeline.danmu.record import EXCERPT, Rejected

BLOCK = 1 << 26  # bytes: what is read at once, and within which repeated comments cost nothing
LONGEST = 1 << 26  # bytes of a record; none that people wrote has a tenth of that
LONGEST_LINE = 1 << 24  # bytes of a record that is a line of text, as Python holds it: up to four bytes a character
LINES = 1 << 20  # bytes of lines that are read at once
PIECE = 1 << 20  # bytes that are asked for at once
#: the same, for a decompressor that gives nothing of a read in which it meets a fault
STEPS = {"zstd": 1 << 12, "brotli": 1 << 12, "zlib": 1 << 12, "deflate": 1 << 12}


@dataclass
class Source:
    """A raw file, or the records that begin in a range of its bytes.

    While the file is read, `faults` collects what is wrong with it as a whole, such as a compressed stream that is
    cut short, and `overlong` the records that are too long to be read. What stands beside them is read all the same.
    """

    path: Path
    name: str  # as rejected.parquet names it: the path below the corpus
    begin: int = 0
    end: int | None = None  # None: to the end of the file
    faults: list[str] = field(default_factory=list)
    overlong: list[Rejected] = field(default_factory=list)
    broken: bool = False  # a compressed stream has a fault, behind which nothing can be read
    ended: bool = False  # the block that was given last is the last one

    @cached_property
    def packed(self) -> str | None:
        """How the file is compressed; looked up once, not at every read."""
        return compression(self.path)

    def open(self) -> BinaryIO:
        """The decompressed bytes, from the file's beginning."""
        return unpacked(self.path, self.packed)

    def first(self) -> bytes:
        """The first 64 KiB as they are, decompressed; a fault is recorded only when the file is read as a whole."""
        source = Source(self.path, self.name)
        with source.open() as file:
            return source.read(file, BEGINNING)

    def beginning(self) -> bytes:
        """The first 64 KiB as UTF-8, without a byte-order mark."""
        return decoded(self.first())

    def pieces(self) -> Iterator[bytes]:
        """UTF-8, about PIECE bytes at a time, each of whole characters.

        Invalid bytes become U+FFFD, and NUL is dropped.
        """
        with self.open() as file:
            first = self.read(file, BEGINNING)
            name = encoding(first)
            if (fault := unknown_encoding(first, name)) and fault not in self.faults:
                self.faults.append(fault)
            if self.begin:
                file.seek(self.begin)
                first = b""
            elif name == "utf-8-sig":
                first = first[3:]
            plain = name in ("utf-8", "utf-8-sig")
            decoder = None if plain else codecs.getincrementaldecoder(name)(errors="replace")
            rest = b""
            while piece := first or self.read(file, PIECE):
                first = b""
                if decoder is not None:
                    yield sound(decoder.decode(piece).encode())
                    continue
                piece = rest + piece if rest else piece
                whole = whole_characters(piece)
                rest = piece[whole:]
                yield sound(piece[:whole] if rest else piece)
            yield sound(rest if decoder is None else decoder.decode(b"", True).encode())

    def blocks(
        self, record_end: bytes = b"\n", size: int = BLOCK, longest: int = LONGEST, unread: bytearray | None = None
    ) -> Iterator[bytearray]:
        """UTF-8 in blocks of about `size` bytes that end behind a `record_end`, except the last.

        A record of more than `longest` bytes goes to `overlong`; only its line feeds stay, so that lines keep their
        numbers. No byte is looked at twice.

        Args:
            record_end: what ends a record.
            size: at most `longest`.
            longest: bytes.
            unread: where the reader leaves what it wants to see again, at the beginning of the next block.
        """
        head = bytearray() if unread is None else unread
        block, searched, line, feeds = bytearray(), 0, 1, -1
        self.ended = False
        for piece in self.pieces():
            block += piece
            if feeds >= 0:  # amid a record that is too long
                end = block.find(record_end)
                behind = max(0, len(block) - len(record_end) + 1) if end < 0 else end + len(record_end)
                feeds += block.count(b"\n", 0, behind)
                del block[:behind]
                if end < 0:
                    continue
                block[:0] = b"\n" * min(feeds, LINES)
                feeds = -1
            while len(head) + len(block) >= size and feeds < 0:
                cut = block.rfind(record_end, max(0, searched - len(record_end) + 1)) + len(record_end)
                if cut >= len(record_end):
                    rest = block[cut:]
                    del block[cut:]
                    block[:0] = head
                    line += block.count(b"\n")
                    head.clear()
                    yield block
                    line -= head.count(b"\n")
                    block = rest
                searched = len(block)
                if len(block) < longest:
                    break
                excerpt = block[: 4 * EXCERPT].decode("utf-8", "replace").strip()[:EXCERPT]
                reason = f"a record of more than {longest >> 20} MiB"
                self.overlong.append(Rejected(self.name, line + head.count(b"\n"), reason, excerpt))
                behind = len(block) - len(record_end) + 1
                feeds, searched = block.count(b"\n", 0, behind), 0
                del block[:behind]
        self.ended = True
        if feeds >= 0:
            block.clear()
        block[:0] = head
        head.clear()
        if block:
            yield block

    def text(self) -> Iterator[str]:
        """The file's text, piece by piece."""
        for piece in self.pieces():
            yield piece.decode()

    def lines(self) -> Iterator[str]:
        """The file's lines with their ends; a line ends at a line feed and nowhere else."""
        for block in self.blocks(size=LINES, longest=LONGEST_LINE):
            yield from StringIO(block.decode(), newline="\n")

    def read(self, file: BinaryIO, size: int) -> bytes:
        """Up to `size` bytes of the range; after a fault, which goes on record, what came before it."""
        if self.end is not None:
            size = min(size, self.end - file.tell())
        if self.packed is None:
            return file.read(size)
        if self.broken:
            return b""
        read = getattr(file, "read1", file.read)  # where read() cannot give all, it gives nothing
        pieces: list[bytes] = []
        while size > 0:
            try:
                piece = read(min(size, STEPS.get(self.packed, PIECE)))
            except DAMAGED as error:
                self.faults.append(f"{self.packed} is damaged or cut short ({error})")
                self.broken = True
                break
            if not piece:
                break
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)


def ranges(path: Path, size: int, begins: Callable[[bytes], bool]) -> list[tuple[int, int | None]]:
    """The file cut before lines where a record `begins`, into ranges of about `size` bytes.

    A compressed file, or one in another encoding than UTF-8, cannot be cut, and is one range.
    """
    total = path.stat().st_size
    with path.open("rb") as file:
        if total <= size or compression(path) or encoding(file.read(BEGINNING)) not in ("utf-8", "utf-8-sig"):
            return [(0, None)]
        cuts = [0]
        while cuts[-1] + size < total:
            file.seek(cuts[-1] + size)
            pass_line(file)
            cut = file.tell()
            behind = cut + LONGEST
            while cut < behind and (line := file.readline(PIECE)) and not begins(line):
                if not line.endswith(b"\n"):
                    pass_line(file)
                cut = file.tell()
            cuts.append(cut)
    bounds = sorted({*cuts, total})
    return list(pairwise(bounds))


def pass_line(file: BinaryIO) -> None:
    """Go on to the next line, however long this one is."""
    while (part := file.readline(PIECE)) and not part.endswith(b"\n"):
        pass
