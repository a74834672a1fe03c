"""A site whose records are JSON objects of their own kind: how they are told, and how one becomes a comment.

To add a site, write a module of this folder that ends in its Site, and name it in sites/known.py. No other code has to
know of it.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from pipeline.danmu.readers.fields import BadField
from pipeline.danmu.readers.json_text import as_text
from pipeline.danmu.record import BILIBILI, Comment
from pipeline.danmu.sites.values import OWN, Object, place, sent
from pipeline.danmu.tables.attributes import fill
from pipeline.danmu.tables.values import PARSERS

Keys = frozenset[str]


@dataclass(slots=True)
class Around:
    """What a file says beside its comments, so far."""

    file: str = ""
    chat_id: str | None = None
    room: str | None = None
    start: datetime | None = None  # of a recording
    platform: str | None = None
    thread: str | None = None
    counted: int = -1  # the last of the numbers that only count a file's comments

    def renew(self) -> None:
        """Forget what only holds for one document of several."""
        self.chat_id = self.thread = None

    def note(self, said: Object) -> None:
        """Keep what an object that is no comment says of those around it."""
        self.chat_id = place(value_at(said, CHAT)) or place(element_text(said)) or self.chat_id
        self.room = place(value_at(said, ROOM)) or self.room
        self.platform = value_at(said, PLATFORM) or self.platform
        if "fork" in said and "id" in said:  # Niconico's threads
            self.thread = as_text(said["id"])
        with suppress(BadField):
            self.start = sent(value_at(said, START) or "") or self.start

    def is_count(self, number: str | None) -> bool:
        """Whether a comment's number only counts: it is 0 or 1, or follows the last one that did."""
        if number is None or not number.isdecimal() or len(number) > 9:
            return False
        count = int(number)
        if count > 1 and count != self.counted + 1:
            return False
        self.counted = count
        return True


class Site(NamedTuple):
    """One kind of JSON object."""

    name: str
    has: Callable[[Keys], bool]  # whether objects with these keys may be of this kind; asked once per set of keys
    read: Callable[[Object, Around], Comment]  # raises BadField where one is no comment
    claims: Callable[[Object], bool] = lambda _: True  # whether an object with such keys is of this kind


class Part(NamedTuple):
    """One field of a comment: the keys that may hold it, and how its value is read."""

    field: str
    paths: tuple[tuple[str, ...], ...]
    read: Callable[[str], Any]


def paths(names: str) -> tuple[tuple[str, ...], ...]:
    """Keys divided by blanks; `user.id` is the key `id` of the object `user`."""
    return tuple(tuple(name.split(".")) for name in names.split())


#: where XML that was made JSON keeps an element's text
ELEMENT_TEXTS = (
    "#text", "_text", "__text", "$t", "_", "text", "#", "_value", "value", "$value", "_content", "content", "elements",
    "#cdata", "#cdata-section", "_cdata", "__cdata", "cdata", "$",
)  # fmt: skip
CHAT = paths("chatid chatId chat_id")
ROOM = paths("roomid room_id roomId _roomid real_room_id webRid web_rid")
PLATFORM = paths("platform site")
START = paths(
    "recordStartTimestamp record_start_timestamp recordStartTime record_start_time recordStart record_start "
    "startTimestamp start_timestamp startTime start_time"
)


def part(field: str, names: str, read: Callable[[str], Any] | None = None) -> Part:
    """A field, where it stands, and how it is read if not as in a table."""
    return Part(field, paths(names), read or OWN.get(field) or PARSERS[field])


def value_at(row: Object, where: tuple[tuple[str, ...], ...]) -> str | None:
    """The first text or number there is at some paths; None where all are missing or blank."""
    for path in where:
        value: Any = row
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        text = as_text(value)
        if text and not text.isspace():
            return text
    return None


def commented(row: Object, site: str | None, text: str | None, parts: tuple[Part, ...]) -> Comment:
    """The comment of an object. A value that cannot be read becomes blank, and the comment says so.

    Raises:
        BadField: it has no text.
    """
    if text is None:
        raise BadField("no text")
    comment = Comment(text, site=site)
    for field, where, read in parts:
        value = value_at(row, where)
        if value is not None:
            fill(comment, field, value, read)
    if comment.video_id is not None and site not in (None, BILIBILI):
        comment.video_id = f"{site}{comment.video_id}"  # two sites may number their videos alike
    return comment


def described(
    name: str, has: str, text: str, *parts: Part, finish: Callable[[Object, Comment, Around], None] | None = None
) -> Site:
    """A site whose records are told by their keys.

    Args:
        name: the site.
        has: keys that every record has; of keys divided by `|` one.
        text: the key of the text.
        parts: the other fields.
        finish: fills in what is no plain value.
    """
    needed = [frozenset(one.split("|")) for one in has.split()]
    parts = tuple(parts)

    def read(row: Object, around: Around) -> Comment:
        comment = commented(row, name, as_text(row.get(text)), parts)
        if finish is not None:
            finish(row, comment, around)
        return comment

    return Site(name, lambda keys: all(keys & one for one in needed), read)


def element_text(said: Object) -> str | None:
    """The pool as XML that was made JSON has it: in a list, or in an object of one text."""
    value = said if said.get("name") == "chatid" else said.get("chatid")
    for _ in range(4):
        if isinstance(value, Mapping):
            value = next((value[key] for key in ELEMENT_TEXTS if key in value), None)
        if isinstance(value, list):
            value = value[0] if value else None
    return as_text(value)
