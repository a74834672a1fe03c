"""Bilibili's live messages, as they come: `{"cmd": "DANMU_MSG", "info": […]}`, super chats, and all that is said by none."""

import re
from typing import Any

from pipeline.danmu.readers.fields import BadField
from pipeline.danmu.readers.json_text import as_text
from pipeline.danmu.record import BILIBILI, SUPER_CHAT, Comment
from pipeline.danmu.sites.recording import no_comment, placed
from pipeline.danmu.sites.site import ROOM, Around, Keys, Object, Site, commented, inner, part, sender, sent, value_at
from pipeline.danmu.tables.attributes import fill
from pipeline.danmu.tables.values import PARSERS

COMMAND = re.compile(r"_?[A-Z][A-Z0-9_]*(?::[0-9:]*)?")
SPOKEN = ("DANMU_MSG",)  # with `:4:0:2:2:2:0` behind it, too
PAID = ("SUPER_CHAT_MESSAGE", "SUPER_CHAT_MESSAGE_JPN", "SUPER_CHAT_MESSAGE_JP")
#: where a recorder keeps the message as it came, beside its own particulars
WRAPPED = ("raw", "data", "payload", "body", "message", "msg", "raw_data", "rawData")
PAID_PARTS = (part("sent_at", "ts start_time"), part("sender", "uid user_info.uid"), part("comment_id", "id"))


def message_in(row: Object) -> Object:
    """The message that a row is or holds; an empty one where there is none."""
    if isinstance(row.get("cmd"), str):
        return row
    for key in WRAPPED:
        held = row.get(key)
        if isinstance(held, dict) or (isinstance(held, str) and held[:1] == "{" and '"cmd"' in held):
            message = inner(held)
            if isinstance(message.get("cmd"), str):
                return message
    return {}


def is_message(row: Object) -> bool:
    """Whether a row is or holds a message."""
    return COMMAND.fullmatch(message_in(row).get("cmd", "")) is not None


def read(row: Object, around: Around) -> Comment:
    """The comment that a message is."""
    message = message_in(row)
    command, _, _ = message["cmd"].partition(":")
    room = value_at(message, ROOM) or value_at(row, ROOM)
    if command in PAID:
        data = inner(message.get("data"))
        comment = commented(data, BILIBILI, as_text(data.get("message")), PAID_PARTS)
        comment.kind = SUPER_CHAT
        return placed(comment, around, room or value_at(data, ROOM))
    if command not in SPOKEN:
        raise no_comment(command)
    return placed(spoken(message.get("info")), around, room)


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
    if time := as_text(item(decoration, 4)) or as_text(inner(stamp).get("ts")):
        fill(comment, "sent_at", time, sent)
    comment.sender = sender(as_text(item(decoration, 7)) or "") or sender(as_text(item(user, 0)) or "")
    return comment


def item(values: Any, place: int) -> Any:
    """A list's value at a place; None where there is none."""
    return values[place] if isinstance(values, list) and len(values) > place else None


def has(keys: Keys) -> bool:
    """Whether such keys may be those of a message, or of what holds one."""
    return "cmd" in keys or not keys.isdisjoint(WRAPPED)


BILIBILI_LIVE = Site(BILIBILI, has, read, is_message)
