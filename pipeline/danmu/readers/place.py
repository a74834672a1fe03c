"""Where the comments of an XML document belong: a pool, or the recording of a live room."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from pipeline.danmu.readers.fields import NOTHING, NUMBER, BadField, moment
from pipeline.danmu.record import BEIJING

#: whether a stretch of bytes may say so at all
HINT = re.compile(rb"<chatid>|<oid>|room_?id|start_time", re.IGNORECASE)
CHAT_ID = re.compile(r"<(chatid|oid)>\s*([0-9]+|-1|NULL|null|None|undefined|nan)\s*</\1>")
ROOM = re.compile(r"<room_?id>\s*([^<>]*?)\s*</room_?id>|\sroom_?id\s*=\s*[\"']([^\"'<>]*)[\"']", re.IGNORECASE)
#: when the recording began, as recorders name it, and else when the live did
STARTS = tuple(
    re.compile(rf"<{name}>\s*([^<>]*?)\s*</{name}>|\s{name}\s*=\s*[\"']([^\"'<>]*)[\"']", re.IGNORECASE)
    for name in ("(?:record|video)_start_time", "start_time", "live_start_time")
)


class Place(NamedTuple):
    """What a document has said so far."""

    chat_id: str | None = None
    room: str | None = None
    start: datetime | None = None
    is_recording: bool = False  # it names a room, a start, or the pool 0, as recorders do

    def after(self, text: str) -> "Place":
        """The place of what stands behind this text, which is outside of all comments."""
        chats = CHAT_ID.findall(text)
        room = next((value for value in found(ROOM, text) if value.strip("0") and value not in NOTHING), None)
        start = next(filter(None, (start_of(value) for name in STARTS for value in found(name, text))), None)
        if not (chats or room or start):
            return self
        before = Place() if chats else self
        chat_id = chats[-1][1] if chats else ""
        known = chat_id if chat_id.isdigit() and chat_id.strip("0") else None
        return Place(
            known if chats else self.chat_id,
            room or before.room,
            start or before.start,
            before.is_recording or bool(room or start) or (bool(chats) and known is None),
        )

    def video_id(self, file: str) -> str | None:
        """The recording: of a room and its start, else of a file. None where only a pool is named, or nothing."""
        return recording(self.room, self.start, file) if self.is_recording else None


def recording(room: str | None, start: datetime | None, file: str) -> str:
    """The name of a recording: its room and start, else its file."""
    if room and start:
        return f"live{room}-{start:%Y%m%dT%H%M%SZ}"
    return f"live{room}-{file}" if room else file


def found(name: re.Pattern[str], text: str) -> Iterator[str]:
    """The values of an element, or of an attribute, that is not blank."""
    return (value for match in name.finditer(text) if (value := (match[1] or match[2] or "").strip()))


def start_of(value: str) -> datetime | None:
    """A moment as recorders write it: ISO 8601 or Unix time; in Beijing where no zone is named."""
    try:
        if NUMBER.fullmatch(value):
            return moment(value, "start")
        start = datetime.fromisoformat(value)
        return (start if start.tzinfo else start.replace(tzinfo=BEIJING)).astimezone(UTC)
    except (BadField, ValueError, OverflowError):
        return None
