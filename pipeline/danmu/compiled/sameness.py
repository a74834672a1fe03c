"""Compiled comparing of a record with one that is stored: whether both say the same of the same moment.

Only what is the same to the byte is one comment here. Records that differ in what forms lose (digits of an onset, a
missing sender) are kept, and corpus/shared.py settles what they are.
"""

from typing import Any

import numpy as np
from numba import njit

from pipeline.danmu.compiled.fields import Bytes
from pipeline.danmu.compiled.text import AMPERSAND, BACKSLASH, RAW, XML

ZERO = 48  # the digit


@njit(cache=True, nogil=True)
def is_same_moment(
    buffer: Bytes, at: int, end: int, onset: int, sent: int, place: int, known: int, records: Any
) -> bool:
    """Whether a record is of the same onset, second, place and sender (at `at`) as a stored one."""
    stored, senders = records.comments[known], records.sender
    if stored.onset != onset or stored.place != place or stored.sent // 1000 != sent // 1000:
        return False
    other = records.comments[known - 1].sender_end if known else np.int64(0)
    while at < end and buffer[at] == ZERO:
        at += 1
    while other < stored.sender_end and senders[other] == ZERO:
        other += 1
    return is_equal(buffer, at, end, senders, other, stored.sender_end)


@njit(cache=True, nogil=True)
def is_spelled(buffer: Bytes, at: int, end: int, spelling: int, text: Bytes, begin: int, behind: int) -> bool:
    """Whether nothing is escaped in a text, so that it is regular, and it is the one from `begin` to `behind`."""
    if end - at != behind - begin:
        return False
    escape = AMPERSAND if spelling == XML else BACKSLASH
    for index in range(np.uint64(end - at)):
        byte = buffer[np.uint64(at) + index]
        if byte != text[np.uint64(begin) + index]:
            return False
        if spelling != RAW and (byte == escape or byte == 13 or (byte == 60 and spelling == XML)):
            return False
    return True


@njit(cache=True, nogil=True)
def is_equal(one: Bytes, at: int, end: int, other: Bytes, begin: int, behind: int) -> bool:
    """Whether the bytes of one buffer are those of the other."""
    if end - at != behind - begin:
        return False
    for index in range(np.uint64(end - at)):
        if one[np.uint64(at) + index] != other[np.uint64(begin) + index]:
            return False
    return True
