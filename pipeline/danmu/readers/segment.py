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
        try:
            yield comment(element, place)
        except BadField as error:
            yield Rejected(source.name, number, str(error), text(element.content)[:EXCERPT])


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
        site=BILIBILI,
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
