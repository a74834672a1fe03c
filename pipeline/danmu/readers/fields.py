"""From the nine or ten fields of a danmu, as text, to a comment, or to the reason why there is none."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from pipeline.danmu.readers.json_text import storable
from pipeline.danmu.record import BILIBILI, Comment, Flaw

#: digits, an exponent or a fraction: what a spreadsheet or a float column makes of a row id
FLOAT_LIKE = re.compile(r"\d+(\.\d*)?[eE]\+?\d+|\d+\.\d*")
#: stricter than float(), which also reads 1_0, nan and full-width digits
NUMBER = re.compile(r"\s*-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,4})?\s*")
LARGEST_COLOR = 2**32 - 1
#: an onset beyond this is milliseconds: two minutes of them, or 28 hours of seconds
LARGEST_ONSET = 1e5
#: a Unix time beyond this (the year 5138) is milliseconds
LARGEST_TIME = 1e11


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
    if not 0 <= number < 10**15:
        raise BadField(f"{name} {value[:20]!r} is negative or no number of seconds")
    if number <= Decimal(largest):
        number = number.scaleb(3)
    return int(number.quantize(Decimal(1), ROUND_HALF_UP))


def onset(value: str) -> float:
    """Seconds into the video, to the millisecond: 9.9999997473788E-6 is 0."""
    return milliseconds(value, "onset", LARGEST_ONSET) / 1000


def moment(value: str, name: str) -> datetime:
    """Unix time, in seconds or milliseconds, to UTC and the millisecond."""
    time = milliseconds(value, name, LARGEST_TIME)
    try:
        return datetime.fromtimestamp(time // 1000, UTC) + timedelta(milliseconds=time % 1000)
    except (ValueError, OverflowError):
        raise BadField(f"{name} {value[:20]!r} is after the year 9999") from None


def row_number(value: str) -> int | None:
    """The row id, or None where there is no usable one: blank, 0, or passed through a float."""
    value = value.strip()
    if not value.strip("0") or FLOAT_LIKE.fullmatch(value):
        return None
    return whole(value, "row id", 2**63 - 1)


def went_through_float(value: str) -> bool:
    """Whether a row id is spelled as a spreadsheet or a float column does: digits are lost."""
    return FLOAT_LIKE.fullmatch(value.strip()) is not None


def read_fields(fields: list[str], video_id: str | None, chat_id: str | None, seen: datetime | None) -> Comment:
    """A comment from onset, mode, font size, colour, time, pool, sender, row id, [weight,] text.

    Raises:
        BadField: the number of fields is wrong, or one of them is not what its place says.
    """
    if len(fields) not in (9, 10):
        raise BadField(f"{len(fields)} fields where 9 or 10 belong")
    *attributes, text = fields
    return Comment(
        text=text,
        site=BILIBILI,
        video_id=video_id,
        chat_id=chat_id,
        seen=seen,
        onset_s=onset(attributes[0]),
        mode=whole(attributes[1], "mode", 99),
        font_size=whole(attributes[2], "font size", 10_000),
        color=whole(attributes[3], "colour", LARGEST_COLOR),
        sent_at=moment(attributes[4], "time"),
        pool=whole(attributes[5], "pool", 99),
        sender=attributes[6].strip(),
        row_id=row_number(attributes[7]),
        row_id_damaged=went_through_float(attributes[7]),
        weight=whole(attributes[8], "weight", 100) if len(attributes) == 9 else None,
    )


def comments_of(
    split: Iterable[list[str] | Flaw], video_id: str | None, chat_id: str | None, seen: datetime | None
) -> Iterator[Comment | Flaw]:
    """The comments of a list or document that is split into fields, and its flaws, bad fields among them."""
    for fields in split:
        if isinstance(fields, Flaw):
            yield fields
            continue
        try:
            yield read_fields([storable(field) for field in fields], video_id, chat_id, seen)
        except BadField as error:
            yield Flaw(str(error), ",".join(fields))
