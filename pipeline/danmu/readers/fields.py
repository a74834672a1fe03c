"""From a field of a danmu, as text, to its value, or to the reason why there is none."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

from pipeline.danmu.readers.colours import LARGEST_COLOR as LARGEST_COLOR
from pipeline.danmu.readers.colours import color_number

#: digits, an exponent or a fraction: what a spreadsheet or a float column makes of a row id
FLOAT_LIKE = re.compile(r"\d+(\.\d*)?[eE]\+?\d+|\d+\.\d*")
#: stricter than float(), which also reads 1_0, nan and full-width digits
NUMBER = re.compile(r"\s*-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,4})?\s*")
#: an onset beyond this is milliseconds: two minutes of them, or 28 hours of seconds
LARGEST_ONSET = 1e5
#: a Unix time beyond this (the year 5138) is milliseconds
LARGEST_TIME = 1e11
#: an onset from here on is no time of a video, nor milliseconds of one, but a Unix time (2001)
NO_ONSET = 10**9
#: 2005, before which no site had danmu, and 2100: a time before or after is none. (What is after today, no bytes of a
#: file tell; and what is read must not depend on the day.)
EARLIEST_SENT, LATEST_SENT = 1_104_537_600, 4_102_444_800
#: what writers put in the place of a value that they do not have
NOTHING = frozenset(["", "NULL", "Null", "null", "None", "undefined", "nan", "NaN", "-1", "\\N"])
#: where a comment is from, as collections of several sites note it before or in place of its sender: [bilibili]1a2b
SOURCE_TAG = re.compile(r"\[([A-Za-z][\w.-]{0,31})\]\s*(.*)", re.DOTALL)
CLOCK = re.compile(r"(-?)(?:([0-9]{1,3}):)?([0-9]{1,3}):([0-5]?[0-9](?:\.[0-9]{1,9})?)")
EXACT = re.compile(r"([0-9]{1,20})\.0*")

Value = TypeVar("Value")


class BadField(ValueError):
    """A field that cannot be what its place says; the message is the reason on record."""


def whole(value: str, name: str, largest: int) -> int:
    """A whole number from 0 to `largest`; blank counts as 0."""
    value = value.strip()
    if not value:
        return 0
    digits = value.isascii() and value.isdigit() and len(value) <= 20  # int() refuses more than 4300
    if not digits or int(value) > largest:
        raise BadField(f"{name} {value[:20]!r} is no whole number from 0 to {largest}")
    return int(value)


def milliseconds(value: str, name: str, largest: float) -> int:
    """A number of seconds, or of milliseconds where seconds would be beyond `largest`; blank is 0.

    Rounded half up from the decimal digits, not from a float.
    """
    if not value.strip():
        return 0
    if not NUMBER.fullmatch(value):
        raise BadField(f"{name} {value[:20]!r} is no number")
    number = Decimal(value.strip())
    if abs(number) >= 10**15:
        raise BadField(f"{name} {value[:20]!r} is no number of seconds")
    if abs(number) <= Decimal(largest):
        number = number.scaleb(3)
    return int(number.quantize(Decimal(1), ROUND_HALF_UP))


def onset(value: str) -> float:
    """Seconds into the video, to the millisecond: 9.9999997473788E-6 is 0. Before a live begins, it is negative."""
    if clock := CLOCK.fullmatch(value.strip()):
        seconds = int(clock[2] or 0) * 3600 + int(clock[3]) * 60 + float(clock[4])
        return round(-seconds if clock[1] else seconds, 3)
    time = milliseconds(value, "onset", LARGEST_ONSET)
    if abs(time) >= NO_ONSET:
        raise BadField(f"onset {value[:20]!r} is no time of a video")
    return time / 1000


def moment(value: str, name: str) -> datetime:
    """Unix time, in seconds, milliseconds or microseconds, to UTC and the millisecond."""
    if NUMBER.fullmatch(value) and 10**14 <= Decimal(value.strip()) < 10**17:
        value = str(Decimal(value.strip()).scaleb(-3))
    time = milliseconds(value, name, LARGEST_TIME)
    if not EARLIEST_SENT * 1000 <= time < LATEST_SENT * 1000:
        raise BadField(f"{name} {value[:20]!r} is before 2005 or after 2099")
    return datetime.fromtimestamp(time // 1000, UTC) + timedelta(milliseconds=time % 1000)


def colour(value: str) -> int:
    """A colour as a number."""
    number = color_number(value)
    if number is None:
        raise BadField(f"colour {value[:20]!r} is none")
    return number


def sender_and_site(value: str) -> tuple[str | None, str | None]:
    """Who sent it, if that is known; and the site that a tag in front of it, or in its place, names."""
    value = value.strip()
    tag = SOURCE_TAG.fullmatch(value)
    site, value = (tag[1].lower(), tag[2]) if tag else (None, value)
    return None if value in NOTHING else value, site


def chat_number(value: str) -> str | None:
    """The number of a pool; None where it names none: 0 is none."""
    value = value.strip()
    return None if value in NOTHING or not value.strip("0") else value


class Blanks(list[str]):
    """The names of values that could not be read, as they are met."""

    def read(self, name: str, parse: Callable[[str], Value], value: str) -> Value | None:
        """What `parse` makes of a value; None where it is blank, or cannot be read."""
        if not value or value.isspace():
            return None
        try:
            return parse(value)
        except BadField:
            self.append(name)
            return None

    def number(self, name: str, value: str, largest: int) -> int | None:
        """A whole number from 0 to `largest`, also where a float column made 25.0 of 25."""
        exact = EXACT.fullmatch(value.strip())
        return self.read(name, lambda digits: whole(digits, name, largest), exact[1] if exact else value)

    def time(self, value: str) -> datetime | None:
        """The time of sending. 0 is what those write who do not know it."""
        known = value.strip() not in NOTHING and value.strip(" 0.")
        return self.read("time", lambda spelled: moment(spelled, "time"), value) if known else None


def row_number(value: str) -> int | None:
    """The row id, or None where there is no usable one: blank, 0, or passed through a float."""
    value = value.strip()
    if value in NOTHING or not value.strip("0") or FLOAT_LIKE.fullmatch(value):
        return None
    return whole(value, "row id", 2**63 - 1)


def went_through_float(value: str) -> bool:
    """Whether a row id is spelled as a spreadsheet or a float column does: digits are lost."""
    return FLOAT_LIKE.fullmatch(value.strip()) is not None
