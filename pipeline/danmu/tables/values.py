"""From one value of a table, as text, to a field of a comment; None if it is blank."""

import re
from collections.abc import Callable, Sized
from typing import Any, TypeVar

from pipeline.danmu.readers.fields import EXACT, NOTHING, SOURCE_TAG, BadField, milliseconds, onset, row_number
from pipeline.danmu.tables.colours import colour
from pipeline.danmu.tables.dates import instant as instant
from pipeline.danmu.tables.words import MODES, POOLS, SIZES, count, is_nothing

GUARDS = ("=", "'", '"')  # how a value begins that is kept from a spreadsheet
LONGEST_KNOWN = 1 << 12  # characters of what is remembered
#: an onset that needs no rounding: float() gives what fields.onset does, only faster
PLAIN_ONSET = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,3}0*)?")
CLOCK = re.compile(r"(?:(?:([0-9]+) days? )?([0-9]{1,3})[:：])?([0-9]{1,3})[:：]([0-5]?[0-9](?:[.,][0-9]{1,9})?)")
DECIMAL_COMMA = re.compile(r"[0-9]{1,5},[0-9]{1,2}")
UNITS = re.compile(
    r"(?=[0-9])(?:([0-9]{1,3}) ?(?:小时|时|h) ?)?(?:([0-9]{1,4}) ?(?:分钟|分|min|m) ?)?"
    r"(?:([0-9]{1,7}(?:\.[0-9]{1,9})?) ?(?:秒钟?|s|sec|seconds?))?"
)
#: an id as a spreadsheet or a float column writes it. Other ids may be any text: 12e45678 is a hash.
FLOAT_ID = re.compile(r"\d+\.\d+[eE]\+?\d+|\d+[eE]\+\d+|\d+\.0")
#: what an address says of the video and of its pool
VIDEO_IN_ADDRESS = re.compile(
    r"(?:\b|_)(BV[0-9A-Za-z]{10})\b|[?&#](?:aid|avid|bvid)=(\w+)|/(?:video|bangumi/play)/(?:av)?(\w+)", re.I
)
POOL_IN_ADDRESS = re.compile(r"[?&#](?:oid|cid|chatid)=([0-9]+)|/([0-9]+)\.(?:xml|so|json)\b", re.I)
ADDRESS = re.compile(r"\s*(?:https?:)?//|\s*www\.|.*[?&](?:oid|cid|aid|bvid)=", re.I)

Argument = TypeVar("Argument", bound=Sized)
Value = TypeVar("Value")


class Known(dict[Argument, Value]):
    """What a function gave of its arguments, but for those of more than LONGEST_KNOWN, which could fill memory."""

    def __init__(self, function: Callable[[Argument], Value], most: int, size: Callable[[Argument], int] = len) -> None:
        self.function, self.most, self.size = function, most, size

    def __missing__(self, argument: Argument) -> Value:
        """Work it out."""
        value = self.function(argument)
        if self.size(argument) <= LONGEST_KNOWN:
            if len(self) >= self.most:
                self.clear()
            self[argument] = value
        return value


def seconds(value: str) -> float | None:
    """An onset in seconds, in milliseconds where it is too large for seconds, as [hh:]mm:ss[.fff], or as 1分20秒."""
    if PLAIN_ONSET.fullmatch(value):
        return float(value)
    return signed(value, since_start)


def milliseconds_in(value: str) -> float | None:
    """An onset in milliseconds, or as a clock shows it."""
    return signed(
        value, lambda rest: since_start(rest) if CLOCK.fullmatch(rest) else milliseconds(rest, "onset", -1) / 1000
    )


def signed(value: str, read: Callable[[str], float]) -> float | None:
    """An onset with its sign: before the start of a recording there are comments too."""
    value = value.strip()
    if is_nothing(value):
        return None
    if value[0] not in "-+" or value[1:2] in ("", "-", "+"):
        return read(value)
    return (-read(value[1:]) if value[0] == "-" else read(value[1:])) + 0.0  # of minus nothing, nothing


def since_start(value: str) -> float:
    """An onset that is not negative."""
    clock = CLOCK.fullmatch(value)
    if clock:
        hours = int(clock[1] or 0) * 24 + int(clock[2] or 0)
        return round(hours * 3600 + int(clock[3]) * 60 + float(clock[4].replace(",", ".")), 3)
    if DECIMAL_COMMA.fullmatch(value):
        return float(value.replace(",", "."))
    units = UNITS.fullmatch(value)
    if units and any(units.groups()):
        return round(int(units[1] or 0) * 3600 + int(units[2] or 0) * 60 + float(units[3] or 0), 3)
    return onset(value)


def identifier(value: str) -> str | None:
    """A corpus's own id."""
    value = value.strip()
    if FLOAT_ID.fullmatch(value):
        raise BadField(f"the id {value[:40]!r} went through a float, as others may have that are now the same")
    return value or None


def sender(value: str) -> str | None:
    """A sender, to the letter; None for what programs write where there is none."""
    value = value.strip() if value[:1] not in GUARDS else unguarded(value)
    tag = SOURCE_TAG.fullmatch(value) if value[:1] == "[" else None
    return None if value in NOTHING or (tag and not tag[2]) else value


def place_id(value: str) -> str | None:
    """The id of a video or of a pool; a float column's 550001.0 is 550001, since it has lost no digit."""
    value = unguarded(value)
    exact = EXACT.fullmatch(value)
    value = exact[1] if exact and len(exact[1]) < 16 else value
    return None if value == "-1" or is_nothing(value) else value


def in_address(of: re.Pattern[str], value: str) -> str | None:
    """The id of the video or of the pool that an address names, if it names one."""
    found = of.search(value) if ADDRESS.match(value) else None
    return next((part for part in found.groups() if part), None) if found else None


def video_id(value: str) -> str | None:
    """A video by its id or its address; an address that names neither it nor a pool is itself the id."""
    video = in_address(VIDEO_IN_ADDRESS, value)
    return video or (None if in_address(POOL_IN_ADDRESS, value) else place_id(value))


def chat_id(value: str) -> str | None:
    """A pool by its id or its address; 0 is none."""
    if ADDRESS.match(value):
        return in_address(POOL_IN_ADDRESS, value)
    pool = place_id(value)
    return pool if pool and pool.strip("0") else None


def unguarded(value: str) -> str:
    """An id without the marks that keep a spreadsheet from rounding it: '2614, ="2614", or a tab."""
    return value if value.isalnum() else value.strip().removeprefix("=").strip("'\"")


weight = count("weight", 100)
PARSERS: dict[str, Callable[[str], Any]] = {
    "comment_id": identifier,
    "onset_s": seconds,
    "mode": count("mode", 99, MODES),
    "font_size": count("font size", 10_000, SIZES),
    "color": colour,
    "sent_at": instant,
    "pool": count("pool", 99, POOLS),
    "sender": sender,
    "row_id": lambda value: row_number(unguarded(value)),
    "video_id": video_id,
    "chat_id": chat_id,
    "weight": lambda value: None if value.strip() == "-1" else weight(value),
}
