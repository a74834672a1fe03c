"""Compiled copying of texts: escapes of a string literal or of XML become the characters they stand for.

A function copies bytes `at` to `end` of a buffer to `out` from `to` on. It returns where it stopped in `out`, or
IRREGULAR at a spelling that is left to the careful readers. No escape is shorter than its character, so `out`
needs no more room than the input has.
"""

from typing import Any

import numpy as np
from numba import njit

from pipeline.danmu.compiled.fields import IRREGULAR, Bytes

RAW, JSON, PYTHON, XML = 0, 1, 2, 3  # how a text is spelled

BACKSLASH, QUOTE, APOSTROPHE, SLASH, AMPERSAND, SEMICOLON = 92, 34, 39, 47, 38, 59


@njit(cache=True, nogil=True)
def copy_text(buffer: Bytes, at: int, end: int, spelling: int, out: Bytes, to: int) -> int:
    """Copy a text, unescaped as its spelling demands."""
    if spelling == RAW:
        for place in range(np.uint64(at), np.uint64(end)):
            out[np.uint64(to)] = buffer[place]
            to += 1
        return to
    if spelling == XML:
        return copy_xml(buffer, at, end, out, to)
    return copy_literal(buffer, at, end, spelling == JSON, out, to)


@njit(cache=True, nogil=True)
def copy_literal(buffer: Bytes, at: int, end: int, json: bool, out: Bytes, to: int) -> int:
    """The inside of a JSON or Python string."""
    position = at
    while position < end:
        byte = buffer[np.uint64(position)]
        if byte != BACKSLASH:
            out[np.uint64(to)] = byte
            to += 1
            position += 1
            continue
        if position + 1 >= end:
            return IRREGULAR
        escape = buffer[position + 1]
        position += 2
        if escape == 117:  # \uXXXX
            code = hexadecimal(buffer, position, end, 4)
            if code == IRREGULAR:
                return IRREGULAR
            position += 4
            if json and 0xD800 <= code < 0xDC00 and position + 1 < end and buffer[position] == BACKSLASH:
                low = hexadecimal(buffer, position + 2, end, 4) if buffer[position + 1] == 117 else IRREGULAR
                if 0xDC00 <= low < 0xE000:
                    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
                    position += 6
            to = put(code, out, to)
        else:
            plain = unescaped(escape, json)
            if plain == IRREGULAR:
                return IRREGULAR
            out[to] = plain
            to += 1
    return to


@njit(cache=True, nogil=True)
def unescaped(escape: int, json: bool) -> int:
    """The byte that a backslash and `escape` stand for."""
    if escape == BACKSLASH or escape == QUOTE or (json and escape == SLASH) or (not json and escape == APOSTROPHE):
        return escape
    if escape == 110:  # \n
        return 10
    if escape == 116:  # \t
        return 9
    if escape == 114:  # \r
        return 13
    return IRREGULAR


@njit(cache=True, nogil=True)
def copy_xml(buffer: Bytes, at: int, end: int, out: Bytes, to: int) -> int:
    """Character data of XML: the five named entities and numbered ones are resolved. A lone ampersand stays."""
    position = at
    while position < end:
        byte = buffer[np.uint64(position)]
        if byte == 13 or (byte == 60 and position + 1 < end and buffer[position + 1] == 33):
            return IRREGULAR  # XML turns \r into \n, and <! may begin a CDATA section
        if byte != AMPERSAND:
            out[np.uint64(to)] = byte
            to += 1
            position += 1
            continue
        stop = position + 1
        while stop < end and stop - position < 10 and is_name(buffer[stop]):
            stop += 1
        if stop == position + 1:
            out[to] = AMPERSAND
            to += 1
            position += 1
            continue
        if stop >= end or buffer[stop] != SEMICOLON:
            return IRREGULAR
        code = entity(buffer, position + 1, stop)
        if code == IRREGULAR:
            return IRREGULAR
        to = put(code, out, to)
        position = stop + 1
    return to


@njit(cache=True, nogil=True)
def is_name(byte: int) -> bool:
    """Whether an entity's name may hold it: letters, digits, #."""
    return 48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122 or byte == 35


@njit(cache=True, nogil=True)
def entity(buffer: Bytes, at: int, end: int) -> int:
    """The character that an entity of this name or number stands for."""
    first = buffer[at]
    if first == 35:  # #
        if end - at > 2 and buffer[at + 1] == 120:
            code = hexadecimal(buffer, at + 2, end, end - at - 2)
        else:
            code = 0 if end - at > 1 else IRREGULAR
            for position in range(at + 1, end):
                if not 48 <= buffer[position] <= 57:
                    return IRREGULAR
                code = code * 10 + buffer[position] - 48
        return code if 32 <= code < 127 or 0xA0 <= code < 0xD800 or 0xE000 <= code < 0xFDD0 else IRREGULAR
    length = end - at
    second = buffer[at + 1] if length > 1 else 0
    third = buffer[at + 2] if length > 2 else 0
    if length == 2 and second == 116:  # lt, gt
        return 60 if first == 108 else (62 if first == 103 else IRREGULAR)
    if length == 3 and first == 97 and second == 109 and third == 112:  # amp
        return AMPERSAND
    if length == 4 and first == 113 and second == 117 and third == 111 and buffer[at + 3] == 116:  # quot
        return QUOTE
    if length == 4 and first == 97 and second == 112 and third == 111 and buffer[at + 3] == 115:  # apos
        return APOSTROPHE
    return IRREGULAR


@njit(cache=True, nogil=True)
def hexadecimal(buffer: Bytes, at: int, end: int, digits: int) -> int:
    """The number that `digits` hexadecimal digits spell."""
    if at + digits > end or digits < 1 or digits > 6:
        return IRREGULAR
    code = 0
    for position in range(at, at + digits):
        byte = buffer[position]
        if 48 <= byte <= 57:
            code = code * 16 + byte - 48
        elif 97 <= byte <= 102:
            code = code * 16 + byte - 87
        elif 65 <= byte <= 70:
            code = code * 16 + byte - 55
        else:
            return IRREGULAR
    return code


@njit(cache=True, nogil=True)
def put(code: Any, out: Bytes, to: int) -> int:
    """Write a character as UTF-8; half a surrogate pair, which UTF-8 cannot hold, as U+FFFD."""
    if 0xD800 <= code < 0xE000:
        code = 0xFFFD
    if code < 0x80:
        out[to] = code
        return to + 1
    if code < 0x800:
        out[to] = 0xC0 | (code >> 6)
        out[to + 1] = 0x80 | (code & 0x3F)
        return to + 2
    if code < 0x10000:
        out[to] = 0xE0 | (code >> 12)
        out[to + 1] = 0x80 | ((code >> 6) & 0x3F)
        out[to + 2] = 0x80 | (code & 0x3F)
        return to + 3
    out[to] = 0xF0 | (code >> 18)
    out[to + 1] = 0x80 | ((code >> 12) & 0x3F)
    out[to + 2] = 0x80 | ((code >> 6) & 0x3F)
    out[to + 3] = 0x80 | (code & 0x3F)
    return to + 4
