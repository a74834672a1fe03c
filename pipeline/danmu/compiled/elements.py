"""Compiled reading of `<d p="…">text</d>`, in Bilibili XML and in day files (readers/element.py defines it)."""

from typing import Any

import numpy as np
from numba import njit

from pipeline.danmu.compiled.fields import Bytes
from pipeline.danmu.compiled.records import (
    BETWEEN,
    ELEMENT,
    FIELDS,
    MOST,
    PIECES,
    RECORDS,
    SHORTEST,
    Records,
    is_full,
    leave,
    store,
    with_room,
)
from pipeline.danmu.compiled.text import APOSTROPHE, QUOTE, XML

LESS_THAN, GREATER_THAN, SLASH, EQUALS, SMALL_D, SMALL_P, COMMA, MINUS = 60, 62, 47, 61, 100, 112, 44, 45
NOWHERE = -1
NO_HOUR = -1
RUNS = 40  # bits for the stretches of a document between pieces that are left


@njit(cache=True, nogil=True)
def scan_documents(
    buffer: Bytes, begins: Any, ends: Any, damaged: Any, spans: Any, by_row_id: Any, records: Records
) -> Any:
    """Read XML files that lie in one buffer, each from `begins` to `ends`; `row` of a record is the file's number.

    Returns:
        of each file, how many records and pieces it has; how far the buffer was read before the arrays were full.
    """
    counts = np.zeros(len(begins), np.int64)
    read = np.int64(0)
    for row in range(len(begins)):
        before = records.count[RECORDS]
        by_row_id = with_room(by_row_id, records, min((ends[row] - begins[row]) // SHORTEST, MOST) + 1)
        read = store_elements(
            buffer, begins[row], ends[row], row, NO_HOUR, row << RUNS, damaged[row], spans, by_row_id, records, True
        )
        counts[row] = records.count[RECORDS] - before
        if read < ends[row]:
            break
    return counts, read


@njit(cache=True, nogil=True)
def store_elements(
    buffer: Bytes,
    at: int,
    end: int,
    row: int,
    hour: int,
    place: int,
    damaged: bool,
    spans: Any,
    by_row_id: Any,
    records: Records,
    in_parts: bool,
) -> int:
    """Store each element; leave what stands before and between them, and what is no regular element.

    Args:
        place: a number for the video and the pool. Of a document it is the file's, and the pool may change with each
            piece that is left.
        in_parts: it is a document; stop where the arrays are full.

    Returns:
        how far it was read.
    """
    begin = next_element(buffer, at, end)
    if not is_white(buffer, at, begin):
        leave(records, BETWEEN, at, begin, row)
    while begin < end:
        behind = split_element(buffer, begin, end, spans)
        stop = next_element(buffer, behind_closing(buffer, begin, end) if behind == NOWHERE else behind, end)
        if behind == NOWHERE:
            leave(records, ELEMENT, begin, stop, row)
        else:
            fields = spans[2 * FIELDS]
            here = place + records.count[PIECES] if in_parts else place
            if not store(buffer, spans, fields, XML, row, hour, here, damaged, by_row_id, records):
                leave(records, ELEMENT, begin, behind, row)
            if not is_white(buffer, behind, stop):
                leave(records, BETWEEN, behind, stop, row)
        begin = stop
        if in_parts and is_full(records):
            break
    return begin


@njit(cache=True, nogil=True)
def is_white(buffer: Bytes, at: int, end: int) -> bool:
    for position in range(at, end):
        if buffer[position] != 32 and not 9 <= buffer[position] <= 13:
            return False
    return True


@njit(cache=True, nogil=True)
def next_element(buffer: Bytes, at: int, end: int) -> int:
    """Where the next `<d`, white space, name, `=`, quote begins outside of remarks, or `end`."""
    behind_remarks = at
    for place in range(np.uint64(at), np.uint64(max(at, end))):
        if buffer[place] == LESS_THAN and place >= behind_remarks:
            if begins_element(buffer, np.int64(place), end):
                return np.int64(place)
            behind_remarks = max(behind_remarks, behind_remark(buffer, np.int64(place), end))
    return end


@njit(cache=True, nogil=True, inline="always")
def is_closing(buffer: Bytes, at: int, end: int) -> bool:
    """Whether the `<` that stands here begins `</d>`."""
    return at + 3 < end and buffer[at + 1] == SLASH and buffer[at + 2] == SMALL_D and buffer[at + 3] == GREATER_THAN


@njit(cache=True, nogil=True, inline="always")
def begins_remark(buffer: Bytes, at: int, end: int) -> bool:
    """Whether the `<` that stands here begins `<!--`."""
    return at + 3 < end and buffer[at + 1] == 33 and buffer[at + 2] == MINUS and buffer[at + 3] == MINUS


@njit(cache=True, nogil=True)
def behind_remark(buffer: Bytes, at: int, end: int) -> int:
    """The place behind a remark `<!-- … -->` that begins here; NOWHERE if none does, or another begins within it."""
    if not begins_remark(buffer, at, end):
        return NOWHERE
    for place in range(at + 4, end - 2):
        byte = buffer[place]
        if byte == MINUS and buffer[place + 1] == MINUS and buffer[place + 2] == GREATER_THAN:
            return place + 3
        if byte == LESS_THAN and begins_remark(buffer, place, end):
            return NOWHERE
    return NOWHERE


@njit(cache=True, nogil=True)
def behind_closing(buffer: Bytes, at: int, end: int) -> int:
    """Of an irregular element, from where on the next one is looked for: its `</d>` or `/>`, or the next one itself.

    A remark that stands before that is a part of its text.
    """
    for place in range(at + 2, end):
        byte = buffer[place]
        if byte == SLASH and place + 1 < end and buffer[place + 1] == GREATER_THAN:
            return place + 2
        if byte == LESS_THAN:
            if is_closing(buffer, place, end):
                return place + 4
            if begins_element(buffer, place, end):
                return place
    return end


@njit(cache=True, nogil=True)
def begins_element(buffer: Bytes, at: int, end: int) -> bool:
    """Whether `<d name="` or the like begins here."""
    if at + 6 >= end or buffer[at + 1] != SMALL_D:
        return False
    name = at + 2
    while name < end and is_white(buffer, name, name + 1):
        name += 1
    stop = name
    while stop < end and (97 <= buffer[stop] <= 122 or 65 <= buffer[stop] <= 90):
        stop += 1
    if name == at + 2 or stop == name:
        return False
    while stop < end and is_white(buffer, stop, stop + 1):
        stop += 1
    if stop >= end or buffer[stop] != EQUALS:
        return False
    stop += 1
    while stop < end and is_white(buffer, stop, stop + 1):
        stop += 1
    return stop < end and (buffer[stop] == QUOTE or buffer[stop] == APOSTROPHE)


@njit(cache=True, nogil=True)
def split_element(buffer: Bytes, at: int, end: int, spans: Any) -> int:
    """Spans of an element spelled exactly `<d p="…">text</d>`; returns the place behind it, or NOWHERE."""
    if buffer[at + 2] != 32 or buffer[at + 3] != SMALL_P or buffer[at + 4] != EQUALS or buffer[at + 5] != QUOTE:
        return NOWHERE
    field = 0
    begin = at + 6
    position = begin
    while True:
        if position >= end or field == FIELDS - 1:
            return NOWHERE
        byte = buffer[np.uint64(position)]
        if byte == COMMA or byte == QUOTE:
            spans[2 * field] = begin
            spans[2 * field + 1] = position
            field += 1
            begin = position + 1
            if byte == QUOTE:
                break
        elif byte == LESS_THAN or byte == GREATER_THAN:
            return NOWHERE
        position += 1
    if field < FIELDS - 2 or position + 1 >= end or buffer[position + 1] != GREATER_THAN:
        return NOWHERE
    text = position + 2
    stop = text
    while stop < end:
        if buffer[np.uint64(stop)] == LESS_THAN:
            if is_closing(buffer, stop, end):
                break
            if begins_element(buffer, stop, end):
                return NOWHERE
        stop += 1
    if stop + 3 >= end:
        return NOWHERE
    spans[2 * field] = text
    spans[2 * field + 1] = stop
    spans[2 * FIELDS] = field + 1
    return stop + 4
