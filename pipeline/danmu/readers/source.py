"""A raw file as plain UTF-8: decompressed, decoded, without a byte-order mark, in blocks of whole records."""

import codecs
import gzip
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import polars as pl
import pyarrow as pa

BLOCK = 1 << 26  # bytes: what is read at once, and within which repeated comments cost nothing
PIECE = 1 << 20  # bytes that are asked for at once
#: the same, for a decompressor that gives nothing of a read in which it meets a fault
STEPS = {"zstd": 1 << 12}
BEGINNING = 1 << 16  # bytes that tell a file's form and encoding

COMPRESSION = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"\xfd7zXZ\x00": "xz"}
#: what a decompressor raises of a stream that is damaged or cut short
DAMAGED = (EOFError, OSError, zlib.error, lzma.LZMAError, pa.ArrowException)
BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
#: a file in which more than this share of the characters beyond ASCII are no UTF-8 is in another encoding
FOREIGN = 0.1


@dataclass
class Source:
    """A raw file, or the records that begin in a range of its bytes.

    While the file is read, `faults` collects what is wrong with it as a whole, such as a compressed stream that is
    cut short. What comes before a fault is read all the same.
    """

    path: Path
    name: str  # as rejected.parquet names it: the path below the corpus
    begin: int = 0
    end: int | None = None  # None: to the end of the file
    faults: list[str] = field(default_factory=list)

    @cached_property
    def packed(self) -> str | None:
        """How the file is compressed; looked up once, not at every read."""
        return compression(self.path)

    def open(self) -> BinaryIO:
        """The decompressed bytes, from the file's beginning."""
        match self.packed:
            case "gzip":
                return cast(BinaryIO, gzip.open(self.path, "rb"))
            case "xz":
                return cast(BinaryIO, lzma.open(self.path, "rb"))
            case "zstd":
                return cast(BinaryIO, pa.CompressedInputStream(pa.OSFile(str(self.path)), "zstd"))
        return self.path.open("rb")

    def first(self) -> bytes:
        """The first 64 KiB as they are, decompressed; a fault is recorded only when the file is read as a whole."""
        source = Source(self.path, self.name)
        with source.open() as file:
            return source._read(file, BEGINNING)

    def beginning(self) -> bytes:
        """The first 64 KiB as UTF-8, without a byte-order mark."""
        return decoded(self.first())

    def blocks(self, record_end: bytes = b"\n", size: int = BLOCK) -> Iterator[bytearray]:
        """UTF-8 in blocks of about `size` bytes or more that end behind a `record_end`, except the last.

        Invalid bytes become U+FFFD, and NUL is dropped.
        """
        with self.open() as file:
            first = self._read(file, BEGINNING)
            name = encoding(first)
            if self.begin:
                file.seek(self.begin)
                first = b""
            elif name == "utf-8-sig":
                first = first[3:]
            plain = name in ("utf-8", "utf-8-sig")
            decoder = None if plain else codecs.getincrementaldecoder(name)(errors="replace")
            block = bytearray()
            piece = first or self._read(file, size)
            while piece:
                block += piece if decoder is None else decoder.decode(piece).encode()
                cut = block.rfind(record_end) + len(record_end) if len(block) >= size else 0
                if cut >= len(record_end):
                    rest = block[cut:]
                    del block[cut:]
                    yield sound(without_nul(block))
                    block = rest
                piece = self._read(file, size)
            if decoder is not None:
                block += decoder.decode(b"", True).encode()
            if block:
                yield sound(without_nul(block))

    def lines(self) -> Iterator[str]:
        """The file's lines with their ends; a line ends at a line feed and nowhere else."""
        for block in self.blocks():
            yield from StringIO(block.decode(), newline="\n")

    def _read(self, file: BinaryIO, size: int) -> bytes:
        """Up to `size` bytes of the range; after a fault, which goes on record, what came before it."""
        if self.end is not None:
            size = min(size, self.end - file.tell())
        if self.packed is None:
            return file.read(size)
        if self.faults:
            return b""
        read = getattr(file, "read1", file.read)  # where read() cannot give all, it gives nothing
        pieces: list[bytes] = []
        while size > 0:
            try:
                piece = read(min(size, STEPS.get(self.packed, PIECE)))
            except DAMAGED as error:
                self.faults.append(f"{self.packed} is damaged or cut short ({error})")
                break
            if not piece:
                break
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)


def compression(path: Path) -> str | None:
    """gzip, zstd, xz or None, as the file's first bytes say."""
    with path.open("rb") as file:
        magic = file.read(6)
    return next((name for mark, name in COMPRESSION.items() if magic.startswith(mark)), None)


def encoding(first: bytes) -> str:
    """The encoding of a text that begins so: by its byte-order mark, else UTF-8, unless it is clearly GB 18030.

    A little damage does not change the verdict: GB 18030 it is only if more than one in ten of the characters beyond
    ASCII are invalid UTF-8, and reading it as GB 18030 leaves less than a tenth as many invalid ones.
    """
    for mark, name in BYTE_ORDER_MARKS.items():
        if first.startswith(mark):
            return name
    try:
        codecs.getincrementaldecoder("utf-8")().decode(first)
        return "utf-8"
    except UnicodeDecodeError:
        text = first.decode("utf-8", "replace")
    lost = text.count("\ufffd")
    if lost <= 1 + FOREIGN * sum(map(len, re.findall(r"[^\x00-\x7f]+", text))):
        return "utf-8"
    other = codecs.getincrementaldecoder("gb18030")(errors="replace").decode(first)
    return "gb18030" if other.count("\ufffd") < FOREIGN * lost else "utf-8"


def decoded(first: bytes) -> bytes:
    """A beginning as UTF-8, without a byte-order mark."""
    return codecs.getincrementaldecoder(encoding(first))(errors="replace").decode(first).encode()


def without_nul(block: bytearray) -> bytearray:
    """The block without NUL, which no text has."""
    return block.replace(b"\0", b"") if b"\0" in block else block


def is_sound(block: bytes | bytearray) -> bool:
    """Whether it is UTF-8, as polars checks it: without making a Python string."""
    ends = pa.py_buffer(np.array([0, len(block)], dtype=np.int64))
    texts = pa.Array.from_buffers(pa.large_binary(), 1, [None, ends, pa.py_buffer(block)])
    try:
        pl.Series(pl.from_arrow(texts)).cast(pl.String)
        return True
    except pl.exceptions.PolarsError:
        return False


def sound(block: bytearray) -> bytearray:
    """The block as UTF-8: invalid bytes become U+FFFD."""
    return block if is_sound(block) else bytearray(block.decode("utf-8", "replace").encode())


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
            file.readline()
            cut = file.tell()
            while (line := file.readline()) and not begins(line):
                cut = file.tell()
            cuts.append(cut)
    bounds = sorted({*cuts, total})
    return list(pairwise(bounds))
