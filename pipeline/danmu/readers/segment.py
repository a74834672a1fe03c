"""Segments: the protobuf in which the player fetches danmu, six minutes of a video or a day of history at a time.

A segment says neither its video nor its pool; the names that `danmu collect` gives do (segment_name.py).
Segments joined into one file are read as one, as protobuf has it.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain

from google.protobuf.message import DecodeError

from pipeline.danmu.readers.fields import LARGEST_COLOR, LARGEST_TIME, BadField, moment, whole
from pipeline.danmu.readers.form import Form
from pipeline.danmu.readers.segment_name import UNKNOWN_VIDEO, Place, place_of
from pipeline.danmu.readers.segment_pb2 import DanmakuElem, DmSegMobileReply
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import EXCERPT, Comment, Rejected

ELEMENT = 0x0A  # what stands before every comment: field 1, with a length
PIECE = 1 << 16  # bytes read at once
PART, LONGEST = 1 << 19, 1 << 24  # bytes that are parsed at once, which take a hundred times as many; of a comment
#: where a comment may begin: the mark, a length, the id or what follows it
RESUMPTION = re.compile(rb"\n(?=[\x80-\xff]{0,3}[\x01-\x7f]([\x08\x10\x18]))")
#: the site opened in 2009. A time since then takes five bytes, the last of them a control character: no text has it
SITE_OPENED, FAR_FUTURE = 1_240_000_000, 2**32
#: bytes; the fields before a comment's text take fewer
LONGEST_START = 96
SHORT = 1 << 10  # bytes of nearly every comment
MOST_SPOILT = 1 << 12  # comments in a row that are damaged while their lengths are sound


def recognises(beginning: bytes) -> bool:
    """Whether a file that begins so is a segment: a comment with a likely time stands in it, or none at all.

    A text file may begin with a line feed too, which is the byte before every comment. But no text parses as a
    comment with a likely time: that takes a control character at the right place.
    """
    if beginning[:1] == b"\n":
        return any(likely(element) for _, element in resumptions(beginning, 0)) or begins_long(beginning)
    try:  # a pool that is empty or closed: its state alone
        return beginning[:1] == b"\x10" and not DmSegMobileReply.FromString(beginning).elems
    except DecodeError:
        return False


def likely(element: DanmakuElem) -> bool:
    """Whether this is a comment, and not other bytes that happen to parse."""
    return (
        SITE_OPENED <= element.ctime < FAR_FUTURE
        and 0 <= element.mode <= 99
        and 0 <= element.pool <= 99
        and element.progress >= 0
    )


def begins_long(beginning: bytes) -> bool:
    """Whether the first comment's text goes on beyond the beginning: code may have millions of characters."""
    mark = RESUMPTION.match(beginning)
    if mark is None:
        return False
    for length in range(LONGEST_START):
        try:
            start = DanmakuElem.FromString(beginning[mark.start(1) :][:length])
        except DecodeError:
            continue
        if start.id > 0 and 0 < start.mode <= 99 and re.fullmatch(rb"[0-9A-Za-z]{1,16}", start.midHash):
            return True
    return False


def read(source: Source) -> Iterator[Comment | Rejected]:
    """The comments of a segment, in its order.

    Of a damaged file, every whole comment is read. A rejected record's line is the number of the comment, from 1.
    """
    place = place_of(source.name)
    for number, element in enumerate(chain.from_iterable(map(elements, parts(source))), start=1):
        if isinstance(element, bytes):
            reason = "segment is damaged or cut short: no comment can be read here"
            yield Rejected(source.name, number, reason, text(element[:EXCERPT]))
            continue
        try:
            yield comment(element, place)
        except BadField as error:
            yield Rejected(source.name, number, str(error), text(element.content)[:EXCERPT])


def parts(source: Source) -> Iterator[bytes]:
    """The file's bytes, up to a fault, which goes on record: whole, or if there are many, in parts of whole fields.

    Where a field goes on for more than LONGEST bytes, or its length is damaged, a part ends amid it.
    """
    data = bytearray()
    with source.open() as file:
        while block := source.read(file, PIECE):
            data += block
            while len(data) > PART:
                end = whole_fields(data, PART)
                if end == 0 and len(data) <= LONGEST:
                    break
                yield bytes(data[: end or LONGEST])
                del data[: end or LONGEST]
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


def other_fields(data: bytes) -> bool:
    """Whether these bytes are sound fields of a reply, and none of them a comment."""
    try:
        return not DmSegMobileReply.FromString(data).elems
    except DecodeError:
        return False


def comment(element: DanmakuElem, place: Place | None) -> Comment:
    """The comment that the element holds.

    Raises:
        BadField: one of its values is not what its place says.
    """
    if element.progress < 0:
        raise BadField(f"onset '{element.progress}' is negative or no number of seconds")
    time = element.ctime
    return Comment(
        text=text(element.content),
        video_id=place.video_id if place and place.video_id != UNKNOWN_VIDEO else None,
        chat_id=place.chat_id if place else None,
        seen=place.seen if place else None,
        onset_s=element.progress / 1000,
        mode=whole(str(element.mode), "mode", 99),
        font_size=whole(str(element.fontsize), "font size", 10_000),
        color=whole(str(element.color), "colour", LARGEST_COLOR),
        sent_at=datetime.fromtimestamp(time, UTC) if 0 <= time <= LARGEST_TIME else moment(str(time), "time"),
        pool=whole(str(element.pool), "pool", 99),
        sender=text(element.midHash).strip(),
        row_id=whole(text(element.idStr).strip() or str(element.id), "row id", 2**63 - 1) or None,
        weight=whole(str(element.weight), "weight", 100),
    )


def text(value: bytes) -> str:
    """UTF-8, with U+FFFD for what is none, and without NUL."""
    return value.decode("utf-8", "replace").replace("\0", "")


SEGMENT = Form("protobuf segments", recognises, read, binary=True)
