"""Compiled reading of single fields: bytes `at` to `end` of a buffer → a number, or IRREGULAR.

The compiled readers (this folder) read what is spelled regularly, which is nearly everything. The rest they
leave, piece by piece, to the careful readers in plain Python (pipeline/danmu/readers), so that what a damaged
record means is defined once. Tests compare the two.
"""

from typing import Any

import numpy as np
from numba import njit

Bytes = Any  # np.ndarray of uint8; numba's compiled functions are opaque to mypy

IRREGULAR = -1
BLANK = -2  # there is no value
NO_TIME = 0  # of sending: blank, or 0
LARGEST_ONSET_MS = 100_000_000  # from 1e5 seconds on, onsets are milliseconds (readers.fields.LARGEST_ONSET)
LARGEST_TIME = 100_000_000_000  # from 1e11 seconds on, times are milliseconds (readers.fields.LARGEST_TIME)
#: what is no time of sending is left to the careful readers (readers.fields.EARLIEST_SENT, LATEST_SENT)
EARLIEST_SENT_MS, LATEST_SENT_MS = 1_104_537_600_000, 4_102_444_800_000
LARGEST_ROW_ID = np.uint64(2**63 - 1)
TENS = np.array([10**power for power in range(19)], dtype=np.int64)


@njit(cache=True, nogil=True, inline="always")
def is_digit(byte: int) -> bool:
    return 48 <= byte <= 57


@njit(cache=True, nogil=True)
def whole(buffer: Bytes, at: int, end: int, largest: int) -> int:
    """A whole number from 0 to `largest` (at most ten digits); blank, which is unknown, is irregular."""
    if end - at > 10 or end == at:
        return IRREGULAR
    value = 0
    for place in range(np.uint64(at), np.uint64(end)):
        byte = buffer[place]
        if not is_digit(byte):
            return IRREGULAR
        value = value * 10 + (np.int64(byte) - 48)
    return value if value <= largest else IRREGULAR


@njit(cache=True, nogil=True)
def whole_or_blank(buffer: Bytes, at: int, end: int, largest: int) -> int:
    """The same, and BLANK where nothing stands."""
    return BLANK if end == at else whole(buffer, at, end, largest)


@njit(cache=True, nogil=True)
def milliseconds(buffer: Bytes, at: int, end: int) -> int:
    """A decimal number of seconds as milliseconds, rounded half up; blank is 0.

    At most 18 significant digits are looked at: rounding needs only the first digit that is dropped.
    """
    mantissa, significant, fraction = 0, 0, 0
    point, digits = False, False
    position = at
    while position < end:
        byte = buffer[np.uint64(position)]
        if is_digit(byte):
            digits = True
            if significant < 18:
                mantissa = mantissa * 10 + (np.int64(byte) - 48)
                significant += mantissa > 0
                fraction += point
            elif not point:
                return IRREGULAR
        elif byte == 46 and not point:  # .
            point = True
        else:
            break
        position += 1
    if position < end:
        exponent = negative_exponent(buffer, position, end)
        if not digits or exponent == IRREGULAR:
            return IRREGULAR
        fraction += exponent
    elif not digits and end > at:
        return IRREGULAR
    shift = fraction - 3
    if shift > 18:
        return 0
    if shift > 0:
        return (mantissa + TENS[shift] // 2) // TENS[shift]
    return mantissa * TENS[-shift] if mantissa < LARGEST_ROW_ID // np.uint64(1000) else IRREGULAR


@njit(cache=True, nogil=True)
def negative_exponent(buffer: Bytes, at: int, end: int) -> int:
    """A negative exponent without its sign: 6 for E-6."""
    if (buffer[at] != 101 and buffer[at] != 69) or end - at < 3 or end - at > 5 or buffer[at + 1] != 45:
        return IRREGULAR
    return whole(buffer, at + 2, end, 999)


@njit(cache=True, nogil=True)
def onset_ms(buffer: Bytes, at: int, end: int) -> int:
    """Milliseconds into the video, from seconds."""
    value = milliseconds(buffer, at, end)
    return value if value < LARGEST_ONSET_MS else IRREGULAR


@njit(cache=True, nogil=True)
def sent_ms(buffer: Bytes, at: int, end: int) -> int:
    """Unix milliseconds, from seconds or milliseconds; IRREGULAR where that is no time of sending."""
    if end == at or (end == at + 1 and buffer[at] == 48):
        return NO_TIME
    value = 0
    plain = end - at <= 13
    if plain:
        for place in range(np.uint64(at), np.uint64(end)):
            byte = buffer[place]
            if not is_digit(byte):
                plain = False
                break
            value = value * 10 + (np.int64(byte) - 48)
    if not plain:
        value = milliseconds(buffer, at, end)
    elif value <= LARGEST_TIME:
        value *= 1000
    return value if EARLIEST_SENT_MS <= value < LATEST_SENT_MS else IRREGULAR


@njit(cache=True, nogil=True)
def row_number(buffer: Bytes, at: int, end: int) -> int:
    """The row id; 0 where there is none."""
    if end - at > 19:
        return IRREGULAR
    value = np.uint64(0)
    for place in range(np.uint64(at), np.uint64(end)):
        byte = buffer[place]
        if not is_digit(byte):
            return IRREGULAR
        value = value * np.uint64(10) + np.uint64(byte - 48)
    return np.int64(value) if value <= LARGEST_ROW_ID else IRREGULAR


@njit(cache=True, nogil=True)
def is_sender(buffer: Bytes, at: int, end: int) -> bool:
    """Whether it is blank, or plain and begins like no tag and no word for nobody: NULL, None, undefined, nan, -1."""
    if at >= end:
        return True
    first = buffer[at]
    if first == 91 or first == 45 or first == 78 or first == 110 or first == 117:  # [ - N n u
        return False
    return is_plain(buffer, at, end)


@njit(cache=True, nogil=True)
def is_plain(buffer: Bytes, at: int, end: int) -> bool:
    """Whether it is visible ASCII without \\ and &: then nothing has to be stripped or unescaped."""
    for place in range(np.uint64(at), np.uint64(end)):
        byte = buffer[place]
        if byte <= 32 or byte >= 127 or byte == 92 or byte == 38:
            return False
    return True
