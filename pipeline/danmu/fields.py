"""From the nine fields of a danmu, as text, to a comment; or the reason why not."""

import re
from datetime import UTC, datetime

from pipeline.danmu.schema import Comment, comment_id

#: digits, an exponent or a fraction: what a spreadsheet or a float column makes of a row id
FLOAT_LIKE = re.compile(r"\d+(\.\d*)?[eE]\+?\d+|\d+\.\d*")
#: stricter than float(), which also reads 1_0, nan and full-width digits
NUMBER = re.compile(r"\s*-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\s*")
LARGEST_COLOR = 2**32 - 1
#: an onset beyond this is milliseconds; no video lasts 11 days
LARGEST_ONSET = 1e6
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


def decimal(value: str, name: str) -> float:
    """A number of seconds from 0 up; blank counts as 0."""
    if not value.strip():
        return 0.0
    if not NUMBER.fullmatch(value):
        raise BadField(f"{name} {value[:20]!r} is no number")
    number = float(value)
    if not 0 <= number < 1e15:
        raise BadField(f"{name} {value[:20]!r} is negative or no number of seconds")
    return number


def onset(value: str) -> float:
    """Seconds into the video, rounded to the millisecond: 9.9999997473788E-6 is 0."""
    seconds = decimal(value, "onset")
    return round(seconds / 1000 if seconds > LARGEST_ONSET else seconds, 3)


def moment(value: str, name: str) -> datetime:
    """Unix time, in seconds or milliseconds, to UTC."""
    seconds = decimal(value, name)
    try:
        return datetime.fromtimestamp(seconds / 1000 if seconds > LARGEST_TIME else seconds, UTC)
    except (ValueError, OverflowError):
        raise BadField(f"{name} {value[:20]!r} is after the year 9999") from None


def row_number(value: str) -> int | None:
    """The row id, or None where there is no usable one: blank, 0, or passed through a float."""
    value = value.strip()
    if not value.strip("0") or FLOAT_LIKE.fullmatch(value):
        return None
    return whole(value, "row id", 2**63 - 1)


def read_fields(fields: list[str], video_id: str, chat_id: str, seen: datetime | None) -> Comment:
    """A comment from onset, mode, font size, colour, time, pool, sender, row id, [weight,] text.

    Raises:
        BadField: the number of fields is wrong, or one of them is not what its place says.
    """
    if len(fields) not in (9, 10):
        raise BadField(f"{len(fields)} fields where 9 or 10 belong")
    *head, text = fields
    row_id = row_number(head[7])
    onset_s, sent_at, sender = onset(head[0]), moment(head[4], "time"), head[6].strip()
    return Comment(
        comment_id=comment_id(row_id, chat_id, onset_s, sent_at, sender, text),
        text=text,
        video_id=video_id,
        chat_id=chat_id,
        seen=seen,
        onset_s=onset_s,
        mode=whole(head[1], "mode", 99),
        font_size=whole(head[2], "font size", 10_000),
        color=whole(head[3], "colour", LARGEST_COLOR),
        sent_at=sent_at,
        pool=whole(head[5], "pool", 99),
        sender=sender,
        row_id=row_id,
        weight=whole(head[8], "weight", 100) if len(head) == 9 else None,
    )
