"""Compiled hashing of a comment's content: onset, time, sender, place and text (corpus/identity.py says what for)."""

from typing import Any

import numpy as np
from numba import njit

from pipeline.danmu.compiled.fields import Bytes

PRIME = np.uint64(0x9E3779B97F4A7C15)
FIRST_MIX, SECOND_MIX = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)  # MurmurHash3's finaliser
SHIFT = np.uint64(33)


@njit(cache=True, nogil=True)
def hash_rows(
    onset: Any, sent: Any, sender_end: Any, sender: Bytes, place_end: Any, place: Bytes, text_end: Any, text: Bytes
) -> Any:
    """A 64-bit hash of each row.

    Args:
        onset, sent: whole numbers, one per row.
        sender_end, place_end, text_end: where each row's text ends in its bytes, with a leading 0.
        sender, place, text: the UTF-8 bytes of all rows, one row behind the other.
    """
    hashes = np.empty(len(onset), np.uint64)
    for row in range(len(onset)):
        state = mixed(np.uint64(onset[row]) ^ PRIME)
        state = mixed(state ^ np.uint64(sent[row]))
        state = hash_bytes(sender, sender_end[row], sender_end[row + 1], state)
        state = hash_bytes(place, place_end[row], place_end[row + 1], state)
        hashes[row] = hash_bytes(text, text_end[row], text_end[row + 1], state)
    return hashes


@njit(cache=True, nogil=True)
def hash_bytes(buffer: Bytes, at: int, end: int, state: Any) -> Any:
    """The state after bytes `at` to `end`: eight at a time, then the rest, then their number."""
    length = np.uint64(end - at)
    while end - at >= 8:
        word = np.uint64(0)
        for index in range(8):
            word |= np.uint64(buffer[at + index]) << np.uint64(8 * index)
        state = mixed(state ^ word)
        at += 8
    word = np.uint64(0)
    for index in range(end - at):
        word |= np.uint64(buffer[at + index]) << np.uint64(8 * index)
    return mixed(mixed(state ^ word) + length * PRIME)


@njit(cache=True, nogil=True)
def mixed(state: Any) -> Any:
    """Every bit of the result depends on every bit of the state."""
    state = (state ^ (state >> SHIFT)) * FIRST_MIX
    state = (state ^ (state >> SHIFT)) * SECOND_MIX
    return state ^ (state >> SHIFT)
