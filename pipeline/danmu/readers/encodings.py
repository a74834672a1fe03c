"""What a raw file's bytes are: how they are compressed, in which encoding, and how they become sound UTF-8."""

import codecs
import re
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

BEGINNING = 1 << 16  # bytes that tell a file's form and encoding

COMPRESSION = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"\xfd7zXZ\x00": "xz"}
BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
#: a file in which more than this share of the characters beyond ASCII are no UTF-8 is in another encoding
FOREIGN = 0.1


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


def is_sound(block: bytes | bytearray) -> bool:
    """Whether it is UTF-8, as polars checks it: without making a Python string."""
    ends = pa.py_buffer(np.array([0, len(block)], dtype=np.int64))
    texts = pa.Array.from_buffers(pa.large_binary(), 1, [None, ends, pa.py_buffer(block)])
    try:
        pl.Series(pl.from_arrow(texts)).cast(pl.String)
        return True
    except pl.exceptions.PolarsError:
        return False


def sound(piece: bytes) -> bytes:
    """UTF-8 without NUL, which no text has; invalid bytes become U+FFFD."""
    if b"\0" in piece:
        piece = piece.replace(b"\0", b"")
    return piece if is_sound(piece) else piece.decode("utf-8", "replace").encode()


def whole_characters(piece: bytes) -> int:
    """How many bytes of a piece of UTF-8 hold whole characters: its last one may go on in the next piece."""
    for back, byte in enumerate(reversed(piece[-3:]), start=1):
        if byte >= 0xC0:
            return len(piece) - back if back < (2 if byte < 0xE0 else 3 if byte < 0xF0 else 4) else len(piece)
        if byte < 0x80:
            break
    return len(piece)
