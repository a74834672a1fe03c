"""Bilibili's live messages as they come: `{"cmd": "DANMU_MSG", "info": […]}`, super chats, and what is no comment."""

import re
from typing import Any

from pipeline.danmu.readers.fields import BadField
from pipeline.danmu.readers.json_text import as_text
from pipeline.danmu.record import BILIBILI, SUPER_CHAT, Comment
from pipeline.danmu.sites.recording import no_comment, placed
from pipeline.danmu.sites.site import ROOM, Around, Keys, Site, commented, described, part, paths, value_at
from pipeline.danmu.sites.values import Object, inner, sender, sent
from pipeline.danmu.tables.attributes import fill
from pipeline.danmu.tables.values import PARSERS

COMMAND = re.compile(r"_?[A-Z][A-Z0-9_]*(?::[0-9:]*)?")
SPOKEN = ("DANMU_MSG",)  # with `:4:0:2:2:2:0` behind it, too
PAID = ("SUPER_CHAT_MESSAGE", "SUPER_CHAT_MESSAGE_JPN", "SUPER_CHAT_MESSAGE_JP")
#: where a recorder keeps the message as it came, beside its own particulars
WRAPPED = ("raw", "data", "payload", "body", "message", "msg", "raw_data", "rawData")
OPEN = ("LIVE_OPEN_PLATFORM_DM", "LIVE_OPEN_PLATFORM_SUPER_CHAT")  # of the interface for apps
DATA_TEXT = paths("message msg")
OPEN_PARTS = (
    part("sent_at", "timestamp"),
    part("sender", "uid open_id"),
    part("comment_id", "msg_id message_id"),
)
PAID_PARTS = (part("sent_at", "ts start_time"), part("sender", "uid user_info.uid"), part("comment_id", "id"))


def message_in(row: Object) -> Object:
    """The message that a row is or holds; an empty one where there is none."""
    if isinstance(row.get("cmd"), str):
        return row
    for key in WRAPPED:
        held = row.get(key)
        if held and (isinstance(held, dict) or (held[0] == "{" and '"cmd"' in held)):
            message = inner(held)
            if isinstance(message.get("cmd"), str):
                return message
    return {}


def is_message(row: Object) -> bool:
    """Whether a row is or holds a message."""
    message = message_in(row)
    return bool(message) and COMMAND.fullmatch(message["cmd"]) is not None


def read(row: Object, around: Around) -> Comment:
    """The comment that a message is."""
    message = message_in(row)
    command, _, _ = message["cmd"].partition(":")
    room = value_at(message, ROOM) or value_at(row, ROOM)
    if command in SPOKEN:
        return placed(spoken(message.get("info")), around, room)
    if command not in PAID + OPEN:
        raise no_comment(command)
    data = inner(message.get("data"))
    comment = commented(data, BILIBILI, value_at(data, DATA_TEXT), PAID_PARTS if command in PAID else OPEN_PARTS)
    comment.kind = None if command == OPEN[0] else SUPER_CHAT
    return placed(comment, around, room or value_at(data, ROOM))


def spoken(info: Any) -> Comment:
    """The comment of a list: decoration first, then the text, then who said it."""
    info = info if isinstance(info, list) else []
    text = as_text(item(info, 1))
    if text is None:
        raise BadField("no text")
    comment = Comment(text, site=BILIBILI)
    decoration, user, stamp = item(info, 0), item(info, 2), item(info, 9)
    for field, place in (("mode", 1), ("font_size", 2), ("color", 3)):
        if value := as_text(item(decoration, place)):
            fill(comment, field, value, PARSERS[field])
    for time in (as_text(item(decoration, 4)), as_text(inner(stamp).get("ts"))):
        if time and comment.sent_at is None:
            fill(comment, "sent_at", time, sent)
    comment.sender = sender(as_text(item(decoration, 7)) or "") or sender(as_text(item(user, 0)) or "")
    return comment


def item(values: Any, place: int) -> Any:
    """A list's value at a place; None where there is none."""
    return values[place] if isinstance(values, list) and len(values) > place else None


def has(keys: Keys) -> bool:
    """Whether such keys may be those of a message, or of what holds one."""
    return "cmd" in keys or not keys.isdisjoint(WRAPPED)


def finish(row: Object, comment: Comment, around: Around) -> None:
    """Fill in the recording."""
    placed(comment, around, value_at(row, ROOM))


BILIBILI_LIVE = Site(BILIBILI, has, read, is_message)
#: what a room's page shows of the last minutes
BILIBILI_ROOM = described(
    BILIBILI,
    "text timeline uid|nickname",
    "text",
    part("sent_at", "check_info.ts timeline"),
    part("sender", "uid nickname"),
    finish=finish,
)
