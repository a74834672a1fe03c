"""From one value of a table, as text, to a field of a comment; None if it is blank."""

import re
from collections.abc import Callable, Sized
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar

from pipeline.danmu.readers.fields import (
    LARGEST_COLOR,
    NUMBER,
    BadField,
    milliseconds,
    moment,
    onset,
    row_number,
    whole,
)

LONGEST_KNOWN = 1 << 12  # characters of what is remembered
#: an onset that needs no rounding: float() gives what fields.onset does, only faster
PLAIN_ONSET = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,3}0*)?")
CLOCK = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,3}):([0-5]?[0-9](?:\.[0-9]{1,9})?)")
CALENDAR = re.compile(
    r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?"
    r"(?:[T ]*([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?)?"
)
EXACT = re.compile(r"([0-9]+)\.0*")
HEX = re.compile(r"(?:#|0[xX])([0-9a-fA-F]{1,8})")
#: an id as a spreadsheet or a float column writes it. Other ids may be any text: 12e45678 is a hash.
FLOAT_ID = re.compile(r"\d+\.\d+[eE]\+?\d+|\d+[eE]\+\d+|\d+\.0")


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


def count(name: str, largest: int) -> Callable[[str], int | None]:
    """A reader of whole numbers from 0 to `largest`; a float column's 25.0 is 25."""

    def read(value: str) -> int | None:
        value = value.strip()
        exact = EXACT.fullmatch(value)
        return whole(exact[1] if exact else value, name, largest) if value else None

    return read


def colour(value: str) -> int | None:
    """A colour as a number, or in hexadecimal as #FFFFFF, #FFF or 0xFFFFFF."""
    spelled = HEX.fullmatch(value.strip())
    if spelled is None:
        return plain_colour(value)
    digits = spelled[1]
    return int("".join(digit * 2 for digit in digits) if len(digits) == 3 else digits, 16)


def seconds(value: str) -> float | None:
    """An onset in seconds, in milliseconds where it is too large for seconds, or as [hh:]mm:ss[.fff]."""
    if PLAIN_ONSET.fullmatch(value):
        return float(value)
    if not value or value.isspace():
        return None
    clock = CLOCK.fullmatch(value.strip())
    if clock is None:
        return onset(value)
    return round(int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + float(clock[3]), 3)


def milliseconds_in(value: str) -> float | None:
    """An onset in milliseconds."""
    return milliseconds(value, "onset", -1) / 1000 if value and not value.isspace() else None


def instant(value: str, zone: tzinfo = UTC) -> datetime | None:
    """Unix seconds or milliseconds, ISO 8601, or 2019/12/22 15:31; in `zone` if none is named."""
    if len(value) == 10 and value.isascii() and value.isdigit():  # the usual spelling, read at once
        return datetime.fromtimestamp(int(value), UTC)
    value = value.strip().removesuffix(" UTC")
    if not value:
        return None
    if NUMBER.fullmatch(value):
        return moment(value, "sent_at")
    try:
        date = CALENDAR.fullmatch(value)
        if date:
            year, month, day, hour, minute, second = (int(part or 0) for part in date.groups()[:6])
            thousandths = int((date[7] or "0")[:3].ljust(3, "0"))
            return datetime(year, month, day, hour, minute, second, thousandths * 1000, zone).astimezone(UTC)
        parsed = datetime.fromisoformat(value)
        parsed = parsed.replace(microsecond=parsed.microsecond // 1000 * 1000)
        return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadField(f"sent_at {value[:20]!r} is neither Unix time nor ISO 8601") from None


def identifier(value: str) -> str | None:
    """A corpus's own id."""
    value = value.strip()
    if FLOAT_ID.fullmatch(value):
        raise BadField(f"the id {value[:40]!r} went through a float, as others may have that are now the same")
    return value or None


def place_id(value: str) -> str | None:
    """The id of a video or of a pool; a float column's 550001.0 is 550001, since it has lost no digit."""
    value = unguarded(value)
    exact = EXACT.fullmatch(value)
    return (exact[1] if exact and len(exact[1]) < 16 else value) or None


def unguarded(value: str) -> str:
    """An id without the marks that keep a spreadsheet from rounding it: '2614, ="2614", or a tab."""
    return value if value.isalnum() else value.strip().removeprefix("=").strip("'\"")


plain_colour = count("colour", LARGEST_COLOR)
PARSERS: dict[str, Callable[[str], Any]] = {
    "comment_id": identifier,
    "onset_s": seconds,
    "mode": count("mode", 99),
    "font_size": count("font size", 10_000),
    "color": colour,
    "sent_at": instant,
    "pool": count("pool", 99),
    "sender": lambda value: value.strip() or None,
    "row_id": lambda value: row_number(unguarded(value)),
    "video_id": place_id,
    "chat_id": place_id,
    "weight": count("weight", 100),
}
