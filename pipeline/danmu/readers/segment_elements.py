"""The comments of a segment of any size, sound or damaged, part by part (segment.py says what a comment is)."""

import re
from collections.abc import Iterator

from google.protobuf.message import DecodeError

from pipeline.danmu.readers.segment_pb2 import DanmakuElem, DmSegMobileReply
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import EXCERPT

ELEMENT = 0x0A  # what stands before every comment: field 1, with a length
PIECE = 1 << 16  # bytes read at once
PART, LONGEST = 1 << 19, 1 << 24  # bytes that are parsed at once, which take a hundred times as many; of a comment
#: where a comment may begin: the mark, a length, the id or what follows it
RESUMPTION = re.compile(rb"\n(?=[\x80-\xff]{0,3}[\x01-\x7f]([\x08\x10\x18]))")
#: the site opened in 2009. A time since then takes five bytes, the last of them a control character: no text has it
SITE_OPENED, FAR_FUTURE = 1_240_000_000, 2**32
SHORT = 1 << 10  # bytes of nearly every comment
MOST_SPOILT = 1 << 12  # comments in a row that are damaged while their lengths are sound


def parts(source: Source) -> Iterator[bytes]:
    """The file's bytes, up to a fault, which goes on record: whole, or if there are many, in parts of whole fields.

    Of a field of more than LONGEST bytes only the beginning is given, which is no comment then. Where a comment follows
    earlier, it is the length that is damaged.
    """
    data, passing = bytearray(), 0
    with source.open() as file:
        while block := source.read(file, PIECE):
            data += block[passing:]
            passing = max(0, passing - len(block))
            while len(data) > PART:
                end = whole_fields(data, PART)
                if end == 0 and len(data) <= LONGEST:
                    break
                if end == 0:
                    end = next((begin for begin, one in resumptions(bytes(data), 1) if likely(one)), 0)
                if end == 0:
                    length, begin = number_at(data, 1)
                    passing = max(0, begin + length - len(data))
                    del data[4 * EXCERPT :]
                    end = len(data)
                yield bytes(data[:end])
                del data[:end]
    yield bytes(data)


def whole_fields(data: bytearray, most: int) -> int:
    """How many of the first `most` bytes are whole fields of a reply, as their own lengths say.

    Where the first of them is longer, it is that one; 0 if even that goes on beyond the data.
    """
    at, end = 0, 0
    while at < len(data):
        if data[at] & 7 == 2:
            length, at = number_at(data, at + 1)
            at += length
        elif data[at] & 7 == 0:
            at = number_at(data, at + 1)[1]
        else:
            at += 1 + {1: 8, 5: 4}.get(data[at] & 7, 0)
        if at > len(data) or (at > most and end):
            break
        end = at
    return end


def number_at(data: bytes | bytearray, at: int) -> tuple[int, int]:
    """The number that begins at `at`, seven bits a byte, and where it ends; of one that has no end, beyond the data."""
    number = 0
    for shift in range(0, 64, 7):
        if at >= len(data):
            break
        number |= (data[at] & 127) << shift
        at += 1
        if data[at - 1] < 128:
            return number, at
    return number, len(data) + 1


def elements(data: bytes) -> Iterator[DanmakuElem | bytes]:
    """The comments of a reply; of a damaged reply the whole ones, and the bytes of each other one."""
    try:
        yield from DmSegMobileReply.FromString(data).elems
        return
    except DecodeError:
        pass
    at = 0
    while at < len(data):
        element, end = element_at(data, at)
        if element is not None:
            yield element
        elif spoilt := spoilt_elements(data, at):
            yield from spoilt
            end = at + sum(map(len, spoilt))
        else:
            resumed = (begin for begin, element in resumptions(data, at) if likely(element))
            end = next(resumed, len(data))
            if not other_fields(data[at:end]):
                yield data[at:end]
        at = end


def element_at(data: bytes, at: int) -> tuple[DanmakuElem | None, int]:
    """The comment that begins at `at`, or None; and where it ends by its own length."""
    if at >= len(data) or data[at] != ELEMENT:
        return None, at
    length, begin = number_at(data, at + 1)
    end = begin + length
    if end > len(data):
        return None, len(data)
    try:
        return DanmakuElem.FromString(data[begin:end]), end
    except DecodeError:
        return None, end


def spoilt_elements(data: bytes, at: int) -> list[bytes]:
    """The damaged comments from `at` on, if their lengths lead to a sound one; none if the lengths are damaged too."""
    spoilt: list[bytes] = []
    element, end = element_at(data, at)
    while element is None and at < end and len(spoilt) < MOST_SPOILT:
        spoilt.append(data[at:end])
        at = end
        element, end = element_at(data, at)
    return spoilt if element is not None else []


def resumptions(data: bytes, at: int) -> Iterator[tuple[int, DanmakuElem]]:
    """Everything from `at` on that parses as a comment, and where it begins.

    Where much was parsed in vain, only short comments are looked for: lengths that are none may each be the whole data.
    """
    in_vain = 0
    for match in RESUMPTION.finditer(data, at):
        length, _ = number_at(data, match.start() + 1)
        if in_vain > 16 * len(data) and length > SHORT:
            continue
        in_vain += length
        element, _ = element_at(data, match.start())
        if element is not None:
            yield match.start(), element


def likely(element: DanmakuElem) -> bool:
    """Whether this is a comment, and not other bytes that happen to parse."""
    return (
        SITE_OPENED <= element.ctime < FAR_FUTURE
        and 0 <= element.mode <= 99
        and 0 <= element.pool <= 99
        and element.progress >= 0
    )


def other_fields(data: bytes) -> bool:
    """Whether these bytes are sound fields of a reply, and none of them a comment."""
    try:
        return not DmSegMobileReply.FromString(data).elems
    except DecodeError:
        return False
