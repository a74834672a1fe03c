"""A site whose records are JSON objects of their own kind: how they are told, and how one becomes a comment.

To add a site, write a module of this folder that ends in its Site, and name it in sites/known.py. No other code has to
know of it.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from pipeline.danmu.readers.fields import BadField
from pipeline.danmu.readers.json_text import as_text
from pipeline.danmu.record import BEIJING, Comment
from pipeline.danmu.tables.attributes import fill
from pipeline.danmu.tables.values import PARSERS, instant, milliseconds_in

#: an object as TOLERANT decodes it: each number is the text that spells it
Object = Mapping[str, Any]
Keys = frozenset[str]

EARLIEST = datetime(2005, 1, 1, tzinfo=UTC)  # no site of danmu is older
ROLLING, BOTTOM, TOP = 1, 4, 5  # modes, as Bilibili numbers them
SMALL, MEDIUM, LARGE = 18, 25, 36  # sizes, as Bilibili's player has them
WHITE = 0xFFFFFF
NOBODY = frozenset(["", "0", "-1", "null", "none", "nan"])  # written in place of a sender


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


def chosen(choices: Mapping[str, int]) -> Callable[[str], int]:
    """A reader of the few values that a field has."""

    def read(value: str) -> int:
        try:
            return choices[value.strip()]
        except KeyError:
            raise BadField(f"{value[:20]!r} is none of {', '.join(choices)}") from None

    return read


def sent(value: str) -> datetime | None:
    """A time of sending; in Beijing where no zone is named. 0 is none, and so is one that cannot be.

    Raises:
        BadField: it is no time, or none of these years.
    """
    if not value.strip(" 0.-"):
        return None
    time = instant(value, BEIJING)
    if time is not None and not EARLIEST <= time <= datetime.now(UTC) + timedelta(days=1):
        raise BadField(f"sent_at {value[:20]!r} is before 2005 or after tomorrow")
    return time


def sender(value: str) -> str | None:
    """A sender; None for what stands where there is none."""
    value = value.strip()
    return None if value.casefold() in NOBODY else value


def hundredths(value: str) -> float:
    """An onset in hundredths of a second; it may be before the start."""
    return signed(value, 100)


def thousandths(value: str) -> float:
    """An onset in milliseconds; it may be before the start."""
    return signed(value, 1000)


def signed(value: str, parts: int) -> float:
    """An onset in parts of a second."""
    value = value.strip()
    before = value.startswith("-")
    onset = (milliseconds_in(value.removeprefix("-")) or 0.0) * 1000 / parts
    return round(-onset if before else onset, 3)


def hex_colour(value: str) -> int:
    """A colour of six hexadecimal digits, with or without a mark before them, or a number of another length."""
    digits = value.strip().lower().removeprefix("#").removeprefix("0x")
    if len(digits) == 6:
        with suppress(ValueError):
            return int(digits, 16)
    return int(PARSERS["color"](value))


def place(value: str | None) -> str | None:
    """The id of a room or pool; 0 is none."""
    return None if value is None or not value.strip(" 0") else value.strip()


def element_text(said: Object) -> str | None:
    """The pool as XML that was made JSON has it: in a list, or in an object of one text."""
    value = said if said.get("name") == "chatid" else said.get("chatid")
    for _ in range(4):
        if isinstance(value, Mapping):
            value = next((value[key] for key in ELEMENT_TEXTS if key in value), None)
        if isinstance(value, list):
            value = value[0] if value else None
    return as_text(value)


def inner(value: Any) -> Object:
    """An object, also one that is written as a text; an empty one where there is none."""
    if isinstance(value, str) and value[:1] == "{":
        with suppress(ValueError, RecursionError):
            value = json.loads(value, parse_int=str, parse_float=str)
    return value if isinstance(value, Mapping) else {}


def texts_in(value: Any) -> Iterator[str]:
    """The words of a list, or of a text."""
    if isinstance(value, str):
        yield from value.split()
    elif isinstance(value, list):
        yield from (one for one in value if isinstance(one, str))


#: read in another way than in tables
OWN: dict[str, Callable[[str], Any]] = {"sent_at": sent, "sender": sender, "video_id": place, "chat_id": place}
