"""Compiled reading of a block of a day file (readers/day_file.py defines the form)."""

from typing import Any

import numpy as np
from numba import njit

from pipeline.danmu.compiled.content import hash_bytes
from pipeline.danmu.compiled.elements import store_elements
from pipeline.danmu.compiled.fields import IRREGULAR, Bytes, is_digit, whole
from pipeline.danmu.compiled.joined import store_joined
from pipeline.danmu.compiled.lists import COMMA, OPEN_LIST, SPACE, TAB, store_tuples
from pipeline.danmu.compiled.records import LIST, MOST, ROWS, SHORTEST, Records, is_full, leave, with_room
from pipeline.danmu.compiled.text import QUOTE

#: columns of the array of rows: spans of video and pool, the hour, the line, where the list begins
VIDEO, VIDEO_END, CHAT, CHAT_END, HOUR, LINE, LIST_BEGIN = range(7)
ROW_COLUMNS = 7
MONTH_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
BEIJING = 8  # hours ahead of UTC
LARGE = 1 << 23  # bytes of a list, from which on it may hold more elements than anybody's
CARRIAGE_RETURN, LESS_THAN, BRACE = 13, 60, 123


@njit(cache=True, nogil=True)
def scan_rows(
    buffer: Bytes,
    ends: Any,
    last: bool,
    line: int,
    damaged: bool,
    rows: Any,
    layout: Any,
    by_row_id: Any,
    records: Records,
) -> Any:
    """Read the comments of a block's rows into `records`, and what a row says besides into `rows`.

    Lines that begin no row may be the rest of a text with line breaks: they are left to the careful reader
    together with the row above them. The last row of a block may go on in the next block, and is read there. Where the
    arrays are full, the rest is left to the next call.

    Args:
        ends: where the lines of the block end.
        last: no block follows, so that the last row is read too.
        line: number of the block's first line.
        damaged: the file's row ids went through a float.
        rows: (lines + 1, ROW_COLUMNS), filled here.
        layout: room for one list (list_layout).
        by_row_id: hash table of the comments (records.find).

    Returns:
        bytes read, lines read, rows read
    """
    lines = len(ends)
    at, number, current = 0, 0, 0
    while current < lines and not (number > 0 and is_full(records)):
        stop = ends[current]
        sound = read_row(buffer, at, stop, rows[number])
        following, alone = current + 1, True
        while following < lines and not read_row(buffer, ends[following - 1] + 1, ends[following], rows[number + 1]):
            alone = alone and is_blank(buffer, ends[following - 1] + 1, ends[following])
            following += 1
        if following == lines and not last:
            break
        rows[number, LINE] = line + current
        if not sound or not alone or rows[number, HOUR] == IRREGULAR:
            leave(records, ROWS, at, min(ends[following - 1] + 1, len(buffer)), number)
        else:
            by_row_id = with_room(by_row_id, records, (stop - at) // SHORTEST + 1)
            store_list(buffer, rows[number, LIST_BEGIN], stop, number, rows, damaged, layout, by_row_id, records)
        at = ends[following - 1] + 1
        current = following
        number += 1
    return min(at, len(buffer)), current, number


@njit(cache=True, nogil=True)
def is_blank(buffer: Bytes, at: int, end: int) -> bool:
    for position in range(at, end):
        if not (buffer[position] == SPACE or 9 <= buffer[position] <= 13):
            return False
    return True


@njit(cache=True, nogil=True)
def read_row(buffer: Bytes, at: int, end: int, row: Any) -> bool:
    """Whether a row begins at `at`; its columns go to `row`."""
    video = at
    while video < end and is_letter_or_digit(buffer[video]):
        video += 1
    hour = video + 1
    if video == at or hour + 10 >= end or not is_gap(buffer, video) or not is_gap(buffer, hour + 10):
        return False
    if not (is_digit(buffer[at]) or buffer[at] == 66 or buffer[at] == 97):
        return False
    for position in range(hour, hour + 10):
        if not is_digit(buffer[position]):
            return False
    chat = hour + 11
    limit = chat
    while limit < end and is_digit(buffer[limit]):
        limit += 1
    if limit == chat:
        limit = behind_no_pool(buffer, chat, end)
    begin = limit + 1
    while begin < end and is_digit(buffer[begin]):
        begin += 1
    if begin >= end or not is_gap(buffer, limit) or not is_gap(buffer, begin):
        return False
    row[VIDEO] = at
    row[VIDEO_END] = video
    row[CHAT] = chat
    row[CHAT_END] = limit
    row[HOUR] = hour_number(buffer, hour)
    row[LIST_BEGIN] = begin + 1
    return True


@njit(cache=True, nogil=True)
def behind_no_pool(buffer: Bytes, at: int, end: int) -> int:
    """The place behind what stands for no pool, -1, NULL, null or None; where it is none of them, the same place."""
    if at + 1 < end and buffer[at] == 45 and buffer[at + 1] == 49:
        return at + 2
    if at + 3 < end:
        a, b, c, d = buffer[at], buffer[at + 1], buffer[at + 2], buffer[at + 3]
        if (a == 78 and b == 85 and c == 76 and d == 76) or (a == 110 and b == 117 and c == 108 and d == 108):
            return at + 4
        if a == 78 and b == 111 and c == 110 and d == 101:
            return at + 4
    return at


@njit(cache=True, nogil=True, inline="always")
def is_gap(buffer: Bytes, at: int) -> bool:
    return buffer[at] == TAB or buffer[at] == COMMA


@njit(cache=True, nogil=True, inline="always")
def is_letter_or_digit(byte: int) -> bool:
    return 48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122


@njit(cache=True, nogil=True)
def hour_number(buffer: Bytes, at: int) -> int:
    """Hours from 1970 in UTC to YYYYMMDDHH in Beijing; IRREGULAR if it is no hour since then."""
    year, month = whole(buffer, at, at + 4, 9999), whole(buffer, at + 4, at + 6, 12)
    day, hour = whole(buffer, at + 6, at + 8, 31), whole(buffer, at + 8, at + 10, 23)
    if year < 1971 or month < 1 or day < 1 or hour == IRREGULAR:
        return IRREGULAR
    leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
    if day > MONTH_DAYS[month - 1] + (leap and month == 2):
        return IRREGULAR
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400 - 719162  # to 1 January of the year
    for earlier in range(month - 1):
        days += MONTH_DAYS[earlier]
    days += (leap and month > 2) + day - 1
    return days * 24 + hour - BEIJING


@njit(cache=True, nogil=True)
def store_list(
    buffer: Bytes, at: int, end: int, row: int, rows: Any, damaged: bool, layout: Any, by_row_id: Any, records: Records
) -> None:
    """Store a row's comments, or leave them to the careful reader."""
    hour = rows[row, HOUR]
    place = place_number(buffer, rows[row])
    while end > at and buffer[end - 1] == CARRIAGE_RETURN:
        end -= 1
    while at < end and (buffer[at] == SPACE or buffer[at] == TAB):
        at += 1
    if end - at > 1 and buffer[at] == QUOTE and buffer[end - 1] == QUOTE:
        end = unquote(buffer, at, end)
        at += 1
    if at >= end:
        return
    first = buffer[at]
    sound = False
    if first == OPEN_LIST:
        sound = store_tuples(buffer, at, end, row, hour, place, damaged, layout, by_row_id, records)
    elif first == LESS_THAN and not (end - at > LARGE and number_of(buffer, LESS_THAN, at, end) > 2 * MOST):
        store_elements(buffer, at, end, row, hour, place, damaged, layout[0], by_row_id, records, False)
        sound = True
    elif first != BRACE and first != LESS_THAN:
        sound = store_joined(buffer, at, end, row, hour, place, damaged, layout, by_row_id, records)
    if not sound:
        leave(records, LIST, at, end, row)


@njit(cache=True, nogil=True)
def place_number(buffer: Bytes, row: Any) -> int:
    """A hash of a row's video and pool."""
    video = hash_bytes(buffer, row[VIDEO], row[VIDEO_END], np.uint64(0))
    return np.int64(hash_bytes(buffer, row[CHAT], row[CHAT_END], video) >> np.uint64(1))


@njit(cache=True, nogil=True)
def number_of(buffer: Bytes, mark: int, at: int, end: int) -> int:
    """How often a byte stands between `at` and `end`."""
    number = 0
    for position in range(at, end):
        number += buffer[position] == mark
    return number


@njit(cache=True, nogil=True)
def unquote(buffer: Bytes, at: int, end: int) -> int:
    """Take back, in place, what a CSV writer did to a field: doubled quotes become one. Returns the new end."""
    to = at + 1
    position = at + 1
    while position < end - 1:
        buffer[to] = buffer[position]
        to += 1
        position += 2 if buffer[position] == QUOTE and buffer[position + 1] == QUOTE and position + 1 < end - 1 else 1
    return to
