"""Compressed files as streams that give no more at once than they are asked for, however well they are packed."""

import gzip
import lzma
import zlib
from io import RawIOBase
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyarrow as pa

#: what a decompressor raises of a stream that is damaged or cut short
DAMAGED = (EOFError, OSError, zlib.error, lzma.LZMAError, pa.ArrowException)
PACKED = 1 << 16  # packed bytes that are read at once
#: memory that unpacking xz may take: `xz -9` needs 65 MiB, a stream may ask for 4 GiB. (zstd has such a limit itself.)
XZ_MEMORY = 1 << 27


def unpacked(path: Path, packed: str | None) -> BinaryIO:
    """The decompressed bytes of a file.

    Args:
        path: the file.
        packed: how it is compressed.
    """
    match packed:
        case "gzip":
            return cast(BinaryIO, gzip.open(path, "rb"))
        case "xz":
            return cast(BinaryIO, Xz(path.open("rb")))
        case "zstd":
            return cast(BinaryIO, pa.CompressedInputStream(pa.PythonFile(path.open("rb"), "r"), "zstd"))
    return path.open("rb")


class Xz(RawIOBase):
    """The decompressed bytes of an xz file, of one stream or several; Python's own reader has no limit of memory."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.stream: Any = None
        self.rest = b""  # packed bytes behind the end of a stream

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, fewer only at the end of what the packed bytes in hand give; none at the end.

        Raises:
            LZMAError: the stream is damaged, or needs more memory than XZ_MEMORY.
            EOFError: it is cut short.
        """
        while True:
            packed = b""
            if self.stream is None or self.stream.needs_input:
                packed, self.rest = self.rest or self.file.read(PACKED), b""
                if self.stream is None:
                    if not packed:
                        return b""
                    packed = packed.lstrip(b"\0")  # between streams there may be padding
                    if not packed:
                        continue
                    self.stream = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)
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
