"""Douyin's live messages: `{"method": "WebcastChatMessage", "content": "…", "user": {"id": "1"}}`."""

from pipeline.danmu.readers.json_text import as_text
from pipeline.danmu.record import Comment
from pipeline.danmu.sites.live_archive import live_comment
from pipeline.danmu.sites.recording import no_comment
from pipeline.danmu.sites.site import Around, Keys, Site, paths, value_at
from pipeline.danmu.sites.values import Object, inner

METHODS = ("method", "type", "msg_type", "msgType")
SPOKEN = frozenset(["WebcastChatMessage", "WebcastEmojiChatMessage", "WebcastScreenChatMessage"])
HELD = ("payload", "data", "message", "msg")  # where a recorder keeps the message itself
TIME = paths("event_ts_ms eventTime event_time common.createTime common.create_time timestamp_ms recv_time")


def method_of(row: Object) -> str:
    """What kind of message it is; nothing where it is none of Douyin's."""
    said = [row.get(key) for key in METHODS] + ([inner(row["common"]).get("method")] if "common" in row else [])
    return next((method for method in said if isinstance(method, str) and method.startswith("Webcast")), "")


def read(row: Object, around: Around) -> Comment:
    """The comment that a message is."""
    method = method_of(row)
    if method and method not in SPOKEN:
        raise no_comment(method)
    held = next((inner(row[key]) for key in HELD if inner(row.get(key))), {})
    message = {**row, **held}
    if time := value_at(message, TIME):
        message["timestamp"] = time
    if "defaultContent" in message and as_text(message.get("content")) is None:
        message["content"] = message["defaultContent"]
    message.pop("type", None)
    return live_comment(message, around, "douyin")


def has(keys: Keys) -> bool:
    """Whether such keys may be those of a message."""
    return not keys.isdisjoint(("method", "common", "type", "msg_type", "msgType", "event_ts_ms"))


def is_message(row: Object) -> bool:
    """Whether it names a method of Douyin's, or has its time in milliseconds and a text."""
    return bool(method_of(row)) or ("event_ts_ms" in row and "content" in row)


DOUYIN = Site("douyin", has, read, is_message)
