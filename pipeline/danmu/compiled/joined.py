"""Compiled reading of lists of comma-joined attributes, each followed by its text (readers/joined.py defines them)."""

from typing import Any

from numba import njit

from pipeline.danmu.compiled.fields import IRREGULAR, Bytes, is_digit
from pipeline.danmu.compiled.lists import BEGIN, COMMA, END, LONGEST_LIST, POINT
from pipeline.danmu.compiled.records import FIELDS, JOINED, WEIGHTED_JOINED, Records, leave, store
from pipeline.danmu.compiled.text import RAW

NO_ATTRIBUTES = -2
MINUS, CAPITAL_E, SMALL_E = 45, 69, 101
TEXT = 16  # the place of the text's span among the spans; two further where there is a weight


@njit(cache=True, nogil=True)
def store_joined(
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
    """Store the comments of such a list; False, with nothing stored, if it is irregular."""
    number = split_joined(buffer, at, end, layout)
    if number <= 0 or layout[0, BEGIN] != at:
        return False
    if has_signs(buffer, number, layout) or has_commas(buffer, layout[number - 1, TEXT], end):
        return False
    separated = is_separated(buffer, number, layout)
    weighted = number > 1
    for index in range(number):
        spans = layout[index]
        stop = max(spans[TEXT], layout[index + 1, BEGIN] - separated) if index + 1 < number else end
        spans[TEXT + 1] = stop
        spans[END] = stop
        weighted = weighted and behind_weight(buffer, spans[TEXT], stop) != IRREGULAR
    for index in range(number):
        spans = layout[index]
        if weighted:
            spans[TEXT + 2] = behind_weight(buffer, spans[TEXT], spans[TEXT + 1])
            spans[TEXT + 3] = spans[TEXT + 1]
            spans[TEXT + 1] = spans[TEXT + 2] - 1
        fields = FIELDS if weighted else FIELDS - 1
        if not store(buffer, spans, fields, RAW, row, hour, place, damaged, by_row_id, records):
            leave(records, WEIGHTED_JOINED if weighted else JOINED, spans[BEGIN], spans[END], row)
    return True


@njit(cache=True, nogil=True)
def split_joined(buffer: Bytes, at: int, end: int, layout: Any) -> int:
    """Spans of the attributes of all comments between `at` and `end`, and where each text begins.

    Returns:
        how many comments there are, or IRREGULAR
    """
    number = 0
    text = at
    while at < end:
        if buffer[at] != COMMA:
            at += 1
            continue
        if number == LONGEST_LIST:
            return IRREGULAR
        spans = layout[number]
        behind = match_attributes(buffer, at, end, spans)
        if behind == IRREGULAR:
            return IRREGULAR
        if behind == NO_ATTRIBUTES:
            at += 1
            continue
        begin = onset_begin(buffer, at, text)
        spans[0] = begin
        spans[1] = at
        spans[BEGIN] = begin
        spans[TEXT] = behind
        number += 1
        text = behind
        at = behind
    return number


@njit(cache=True, nogil=True)
def match_attributes(buffer: Bytes, at: int, end: int, spans: Any) -> int:
    """Match a comment's attributes from the comma behind the onset on.

    Returns:
        where the text begins; NO_ATTRIBUTES; or IRREGULAR where they may be attributes in another spelling,
        so that the careful reader has to look at the whole list
    """
    mode = behind_digits(buffer, at + 1, end, 1, 2)
    size = behind_digits(buffer, mode + 1, end, 1, 3) if mode != NO_ATTRIBUTES else NO_ATTRIBUTES
    if size == NO_ATTRIBUTES:
        return NO_ATTRIBUTES
    color = behind_anything(buffer, size + 1, end, 12)
    if color < 0:
        return color
    time = color + 1
    while time < end and is_digit(buffer[time]):
        time += 1
    if not 9 <= time - color - 1 <= 13:
        return IRREGULAR if is_no_time(buffer, color + 1, time, end) else NO_ATTRIBUTES
    if time < end and buffer[time] == POINT:
        time = behind_digits(buffer, time + 1, end, 1, 6)
    elif time >= end or buffer[time] != COMMA:
        return NO_ATTRIBUTES
    pool = behind_digits(buffer, time + 1, end, 1, 1) if time != NO_ATTRIBUTES else NO_ATTRIBUTES
    if pool == NO_ATTRIBUTES:
        return NO_ATTRIBUTES
    sender = behind_anything(buffer, pool + 1, end, 12)
    if sender < 0:
        return sender
    row_id = sender + 1
    while row_id < end and is_digit(buffer[row_id]):
        row_id += 1
    if row_id >= end or buffer[row_id] != COMMA or row_id - sender > 25:
        return IRREGULAR
    before = at
    stops = (mode, size, color, time, pool, sender, row_id)
    for field in range(7):
        spans[2 * field + 2] = before + 1
        spans[2 * field + 3] = stops[field]
        before = stops[field]
    return row_id + 1


@njit(cache=True, nogil=True)
def is_no_time(buffer: Bytes, at: int, stop: int, end: int) -> bool:
    """Whether what stands in the place of a time may say that there is none, and a pool follows it.

    Args:
        stop: behind its digits.
    """
    if stop - at > 1:
        return False
    while stop < end and stop - at < 10 and buffer[stop] != COMMA:
        stop += 1
    return stop + 2 < end and buffer[stop] == COMMA and is_digit(buffer[stop + 1]) and buffer[stop + 2] == COMMA


@njit(cache=True, nogil=True)
def behind_digits(buffer: Bytes, at: int, end: int, least: int, most: int) -> int:
    """The comma behind `least` to `most` digits, or NO_ATTRIBUTES."""
    stop = at
    while stop < end and stop - at <= most and is_digit(buffer[stop]):
        stop += 1
    return stop if least <= stop - at <= most and stop < end and buffer[stop] == COMMA else NO_ATTRIBUTES


@njit(cache=True, nogil=True)
def behind_anything(buffer: Bytes, at: int, end: int, most: int) -> int:
    """The comma behind at most `most` ASCII characters, or NO_ATTRIBUTES; IRREGULAR where one is not ASCII."""
    for stop in range(at, min(end, at + most + 1)):
        if buffer[stop] == COMMA:
            return stop
        if buffer[stop] >= 128:
            return IRREGULAR
    return NO_ATTRIBUTES


@njit(cache=True, nogil=True)
def onset_begin(buffer: Bytes, comma: int, floor: int) -> int:
    """Where the onset before `comma` begins: as far to the left as a number can be read, but not before `floor`."""
    at = comma
    while at > floor and is_digit(buffer[at - 1]):
        at -= 1
    digits = comma - at
    mark = at
    if 1 <= digits <= 3:
        if mark > floor and buffer[mark - 1] == MINUS:
            mark -= 1
        if mark > floor and (buffer[mark - 1] == CAPITAL_E or buffer[mark - 1] == SMALL_E):
            begin = fraction_begin(buffer, mark - 1, floor)
            if begin != NO_ATTRIBUTES:
                return begin
    begin = fraction_begin(buffer, comma, floor)
    return begin if begin != NO_ATTRIBUTES else comma - min(digits, 12)


@njit(cache=True, nogil=True)
def fraction_begin(buffer: Bytes, end: int, floor: int) -> int:
    """Where the number begins that ends at `end` with a fraction of 1 to 20 digits, or NO_ATTRIBUTES."""
    at = end
    while at > floor and is_digit(buffer[at - 1]):
        at -= 1
    if not 1 <= end - at <= 20 or at == floor or buffer[at - 1] != POINT:
        return NO_ATTRIBUTES
    point = at - 1
    at = point
    while at > floor and point - at < 12 and is_digit(buffer[at - 1]):
        at -= 1
    return at


@njit(cache=True, nogil=True)
def has_commas(buffer: Bytes, at: int, end: int) -> bool:
    """Whether a text has two commas or more: in a list's last text they may be those of attributes cut short."""
    commas = 0
    for position in range(at, end):
        commas += buffer[position] == COMMA
    return commas > 1


@njit(cache=True, nogil=True)
def has_signs(buffer: Bytes, number: int, layout: Any) -> bool:
    """Whether a minus stands before an onset: it may belong to it."""
    for index in range(1, number):
        if buffer[layout[index, BEGIN] - 1] == MINUS:
            return True
    return False


@njit(cache=True, nogil=True)
def is_separated(buffer: Bytes, number: int, layout: Any) -> bool:
    """Whether the same mark, one of `,;| `, stands before every onset but the first."""
    if number < 2:
        return False
    mark = buffer[layout[1, BEGIN] - 1]
    if mark != COMMA and mark != 59 and mark != 124 and mark != 32:
        return False
    for index in range(2, number):
        if buffer[layout[index, BEGIN] - 1] != mark:
            return False
    return True


@njit(cache=True, nogil=True)
def behind_weight(buffer: Bytes, at: int, end: int) -> int:
    """The place behind the one or two digits and the comma that a text begins with, or IRREGULAR."""
    stop = behind_digits(buffer, at, end, 1, 2)
    return IRREGULAR if stop == NO_ATTRIBUTES else stop + 1
