"""Segments: the protobuf in which the player fetches danmu, six minutes of a video or a day of history at a time.

A segment says neither its video nor its pool; the names that `danmu collect` gives do (segment_name.py).
Segments joined into one file are read as one, as protobuf has it.
"""

import re
from collections.abc import Iterator
from itertools import chain

from google.protobuf.message import DecodeError

from pipeline.danmu.readers.fields import Blanks, row_number, sender_and_site
from pipeline.danmu.readers.form import Form
from pipeline.danmu.readers.segment_elements import RESUMPTION, elements, likely, parts, resumptions
from pipeline.danmu.readers.segment_name import UNKNOWN_VIDEO, Place, place_of
from pipeline.danmu.readers.segment_pb2 import DanmakuElem, DmSegMobileReply
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import BILIBILI, EXCERPT, Comment, Rejected

#: bytes; the fields before a comment's text take fewer
LONGEST_START = 96


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
        yield comment(element, place)


def comment(element: DanmakuElem, place: Place | None) -> Comment:
    """The comment that the element holds; what is left out of it is 0 or blank."""
    blanks = Blanks()
    row_id = blanks.read("row id", row_number, text(element.idStr)) or blanks.read(
        "row id", row_number, str(element.id)
    )
    return Comment(
        text=text(element.content),
        site=BILIBILI,
        video_id=place.video_id if place and place.video_id != UNKNOWN_VIDEO else None,
        chat_id=place.chat_id if place else None,
        seen=place.seen if place else None,
        onset_s=element.progress / 1000,
        mode=blanks.number("mode", str(element.mode), 99),
        font_size=blanks.number("size", str(element.fontsize), 10_000),
        color=element.color,
        sent_at=blanks.time(str(element.ctime)),
        pool=blanks.number("pool", str(element.pool), 99),
        sender=sender_and_site(text(element.midHash))[0],
        row_id=row_id,
        weight=blanks.number("weight", str(element.weight), 100),
        blanked=tuple(blanks),
    )


def text(value: bytes) -> str:
    """UTF-8, with U+FFFD for what is none, and without NUL."""
    return value.decode("utf-8", "replace").replace("\0", "")


SEGMENT = Form("protobuf segments", recognises, read, binary=True)
