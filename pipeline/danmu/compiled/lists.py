"""Compiled reading of a day file's list of tuples, Python's or JSON's (readers/day_file.py describes them).

Where the brackets, quotes or commas of a list are irregular, the whole list is left to the careful reader. In a
list that is regular, only a comment with an irregular field is.
"""

from typing import Any

import numpy as np
from numba import njit

from pipeline.danmu.compiled.fields import IRREGULAR, Bytes, is_digit
from pipeline.danmu.compiled.records import FIELDS, TUPLE, Records, leave, store
from pipeline.danmu.compiled.text import APOSTROPHE, BACKSLASH, JSON, PYTHON, QUOTE

LONGEST_LIST = 1 << 16  # comments; a pool holds some thousands
TAB, SPACE, COMMA, POINT, LINE_FEED = 9, 32, 44, 46, 10
OPEN, CLOSE, OPEN_LIST, CLOSE_LIST = 40, 41, 91, 93

#: columns of a list's layout behind the spans of the fields: where the comment begins and ends, number of fields
BEGIN, END, WIDTH = 2 * FIELDS, 2 * FIELDS + 1, 2 * FIELDS + 2


def list_layout() -> Any:
    """Room for where the fields of a list's comments lie, one row per comment."""
    return np.empty((LONGEST_LIST, WIDTH + 1), np.int64)


@njit(cache=True, nogil=True, inline="always")
def behind_blanks(buffer: Bytes, at: int, end: int) -> int:
    while at < end and (buffer[at] == SPACE or buffer[at] == TAB):
        at += 1
    return at


@njit(cache=True, nogil=True)
def store_tuples(
    buffer: Bytes,
    at: int,
    end: int,
    row: int,
    hour: int,
    place: int,
    damaged: bool,
    layout: Any,
    by_row_id: Any,
    records: Records,
) -> bool:
    """Store a Python or JSON list of tuples; False, with nothing stored, if it is irregular."""
    while end > at and (buffer[end - 1] == SPACE or buffer[end - 1] == TAB or buffer[end - 1] == 13):
        end -= 1
    first = behind_blanks(buffer, at + 1, end)
    if first >= end or buffer[end - 1] != CLOSE_LIST:
        return False
    if first == end - 1:
        return True
    python = buffer[first] == OPEN
    number = split_tuples(buffer, first, end - 1, python, layout)
    if number == IRREGULAR:
        return False
    for index in range(number):
        spans = layout[index]
        width = spans[WIDTH]
        sound = width == FIELDS or width == FIELDS - 1
        spelling = PYTHON if python else JSON
        if not sound or not store(buffer, spans, width, spelling, row, hour, place, damaged, by_row_id, records):
            leave(records, TUPLE, spans[BEGIN], spans[END], row)
    return True


@njit(cache=True, nogil=True)
def split_tuples(buffer: Bytes, at: int, end: int, python: bool, layout: Any) -> int:
    """Spans of the tuples between `at` and `end`; all in round brackets (Python) or all in square ones (JSON)."""
    opening, closing = (OPEN, CLOSE) if python else (OPEN_LIST, CLOSE_LIST)
    number = 0
    while True:
        if at >= end or buffer[at] != opening or number == LONGEST_LIST:
            return IRREGULAR
        spans = layout[number]
        spans[BEGIN] = at
        at = split_items(buffer, at + 1, end, closing, python, spans)
        if at == IRREGULAR:
            return IRREGULAR
        spans[END] = at
        number += 1
        at = behind_blanks(buffer, at, end)
        if at == end:
            return number
        if buffer[at] != COMMA:
            return IRREGULAR
        at = behind_blanks(buffer, at + 1, end)


@njit(cache=True, nogil=True)
def split_items(buffer: Bytes, at: int, end: int, closing: int, python: bool, spans: Any) -> int:
    """Spans of one tuple's items; returns the place behind its bracket, or IRREGULAR.

    An item is a string without control characters, or a number. A bare fraction is regular as onset or time only:
    elsewhere its spelling may matter, and Python and JSON print some fractions differently. A tuple with such a one
    gets the width IRREGULAR.
    """
    width, sound = 0, True
    while True:
        at = behind_blanks(buffer, at, end)
        if at >= end:
            return IRREGULAR
        quote = buffer[at]
        if quote == QUOTE or (python and quote == APOSTROPHE):
            begin = at + 1
            at = behind_string(buffer, begin, end, quote)
            if at == IRREGULAR:
                return IRREGULAR
            stop = at - 1
        else:
            begin = at
            at = behind_number(buffer, at, end)
            stop = at
            if at == IRREGULAR:
                return IRREGULAR
            if at < end and buffer[at] == POINT:
                at = behind_fraction(buffer, begin, at, end)
                stop = at
                if at == IRREGULAR:
                    return IRREGULAR
                sound = sound and (width == 0 or width == 4)
        if width < FIELDS:
            spans[2 * width] = begin
            spans[2 * width + 1] = stop
        width += 1
        at = behind_blanks(buffer, at, end)
        if at >= end:
            return IRREGULAR
        if buffer[at] == closing:
            spans[WIDTH] = width if sound else IRREGULAR
            return at + 1
        if buffer[at] != COMMA:
            return IRREGULAR
        at += 1


@njit(cache=True, nogil=True)
def behind_string(buffer: Bytes, at: int, end: int, quote: int) -> int:
    """Behind the quote that ends a string, or IRREGULAR where a control character stands in it.

    Unsigned places are faster: numba need not ask whether one is negative, and so counts from the buffer's end.
    """
    place, behind, one = np.uint64(at), np.uint64(end), np.uint64(1)
    while place < behind:
        byte = buffer[place]
        if byte == quote:
            return np.int64(place + one)
        if byte == BACKSLASH:
            place += one
        elif byte < SPACE or byte == 127:
            return IRREGULAR
        place += one
    return IRREGULAR


@njit(cache=True, nogil=True)
def behind_number(buffer: Bytes, at: int, end: int) -> int:
    """The place behind the digits of a number without a leading zero, or IRREGULAR."""
    begin = at
    while at < end and is_digit(buffer[at]):
        at += 1
    if at == begin or at - begin > 300 or (buffer[begin] == 48 and at - begin > 1):
        return IRREGULAR
    return at


@njit(cache=True, nogil=True)
def behind_fraction(buffer: Bytes, begin: int, at: int, end: int) -> int:
    """The place behind a number with a fraction, or IRREGULAR if it has more than the 15 digits that a float keeps."""
    point = at
    at += 1
    while at < end and is_digit(buffer[at]):
        at += 1
    return at if point + 1 < at <= begin + 16 else IRREGULAR
