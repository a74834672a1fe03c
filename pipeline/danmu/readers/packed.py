"""How a file is compressed, and what is in it: as a stream that gives no more at once than it is asked for.

gzip, zstd and xz begin with marks. The bodies of HTTP answers, as some tools keep them, have none (deflate, brotli) or
hardly one (zlib): they are told by unpacking the first bytes, which must give text.
"""

import gzip
import lzma
import re
import zlib
from collections.abc import Callable
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyarrow as pa

#: what a decompressor raises of a stream that is damaged or cut short
DAMAGED = (EOFError, OSError, zlib.error, lzma.LZMAError, pa.ArrowException)
PACKED = 1 << 16  # packed bytes that are read at once
#: memory that unpacking xz may take: `xz -9` needs 65 MiB, a stream may ask for 4 GiB. (zstd has such a limit itself.)
XZ_MEMORY = 1 << 27


MARKS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"\xfd7zXZ\x00": "xz"}
HEAD, ENOUGH = 1 << 12, 1 << 12  # bytes of a file that are unpacked to see what it is, and of what is in it
SHORT = 1 << 8  # bytes: longer compressed ones have control characters
#: of what is no compressed text, though it may have bytes that no text has
NOT_PACKED = (b"PAR1", b"PK\x03\x04", b"\xff\xfe", b"\xfe\xff", b"\n", b"\x10")
NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
BEGINNINGS = (b"<", b"{", b"[", b"\xef\xbb\xbf<", b"\xef\xbb\xbf{")
#: bytes of another text: a few may be what other bytes happen to hold. zlib has two bytes of its own
LEAST = {"zlib": 1, "deflate": 64, "brotli": 1 << 12}


def compression(path: Path) -> str | None:
    """gzip, zstd, xz, zlib, deflate, brotli or None, as the file's first bytes say."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    known = next((name for mark, name in MARKS.items() if head.startswith(mark)), None)
    if known or head.startswith(NOT_PACKED) or not may_be_packed(head):
        return known
    return next((name for name in ("zlib", "deflate", "brotli") if is_text_in(head, name)), None)


def may_be_packed(head: bytes) -> bool:
    """Whether a file begins like no text: with control characters, or if it is short with bytes that are no UTF-8."""
    return NO_TEXT.search(head) is not None or (len(head) < SHORT and head != head.decode("utf-8", "ignore").encode())


def is_text_in(head: bytes, packed: str) -> bool:
    """Whether the first bytes of a file, unpacked so, are XML, JSON, or any text in UTF-8."""
    inside = b""
    try:
        with unpacked_from(BytesIO(head), packed) as stream:
            while len(inside) < ENOUGH and (piece := stream.read(16)):
                inside += piece
    except DAMAGED:
        pass
    if NO_TEXT.search(inside):
        return False
    if inside.lstrip().startswith(BEGINNINGS):
        return True
    sound = inside.decode("utf-8", "ignore").encode()
    return LEAST[packed] <= len(inside) <= len(sound) + 3


def unpacked(path: Path, packed: str | None) -> BinaryIO:
    """The decompressed bytes of a file.

    Args:
        path: the file.
        packed: how it is compressed.
    """
    return unpacked_from(path.open("rb"), packed)


def unpacked_from(file: BinaryIO, packed: str | None) -> BinaryIO:
    """The same of an open file."""
    match packed:
        case "gzip":
            return cast(BinaryIO, gzip.GzipFile(fileobj=file, mode="rb"))
        case "xz" | "zlib" | "deflate":
            return cast(BinaryIO, Streams(file, DECOMPRESSORS[packed]))
        case "zstd" | "brotli":
            return cast(BinaryIO, pa.CompressedInputStream(pa.PythonFile(file, "r"), packed))
    return file


class Inflater:
    """zlib's decompressor with the interface of lzma's: whether it needs input, and no more output than asked for."""

    def __init__(self, bits: int) -> None:
        self.stream = zlib.decompressobj(bits)
        self.waiting = b""  # packed bytes that were not looked at
        self.needs_input = True

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""
        return self.stream.eof

    @property
    def unused_data(self) -> bytes:
        """What stands behind its end."""
        return self.stream.unused_data

    def decompress(self, packed: bytes, size: int) -> bytes:
        """Up to `size` bytes."""
        piece = self.stream.decompress(self.waiting + packed, size)
        self.waiting = self.stream.unconsumed_tail
        self.needs_input = not self.waiting and len(piece) < size
        return piece


#: of what has no reader in the library that is bounded in memory
DECOMPRESSORS: dict[str, Callable[[], Any]] = {
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY),
    "zlib": lambda: Inflater(zlib.MAX_WBITS),
    "deflate": lambda: Inflater(-zlib.MAX_WBITS),
}


class Streams(RawIOBase):
    """The decompressed bytes of a file of one compressed stream, or of several with zeros between them."""

    def __init__(self, file: BinaryIO, begin: Callable[[], Any]) -> None:
        self.file = file
        self.begin = begin  # a new stream
        self.stream: Any = None
        self.rest: bytes | None = None  # packed bytes behind the end of a stream; before the first one, none

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, fewer only at the end of what the packed bytes in hand give; none at the end.

        Raises:
            LZMAError, zlib.error: the stream is damaged, or needs more memory than XZ_MEMORY.
            EOFError: it is cut short.
        """
        while True:
            packed = b""
            if self.stream is None or self.stream.needs_input:
                behind = self.rest is not None
                packed, self.rest = self.rest or self.file.read(PACKED), b""
                if self.stream is None:
                    if not packed:
                        return b""
                    packed = packed.lstrip(b"\0") if behind else packed  # between streams there may be padding
                    if not packed:
                        continue
                    self.stream = self.begin()
                elif not packed:
                    raise EOFError("the stream's end is missing")
            piece: bytes = self.stream.decompress(packed, size)
            if self.stream.eof:
                self.rest, self.stream = self.stream.unused_data, None
            if piece:
                return piece

    def close(self) -> None:
        """Close the file."""
        self.file.close()
        super().close()
