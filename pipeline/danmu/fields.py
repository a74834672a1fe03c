"""From the nine fields of a danmu, as text, to a comment; or the reason why not."""

import re
from datetime import datetime

from pipeline.danmu.schema import Comment, comment_id, moment

#: digits, an exponent or a fraction: what a spreadsheet or a float column makes of a row id
FLOAT_LIKE = re.compile(r"\d+(\.\d*)?[eE]\+?\d+|\d+\.\d*")
LARGEST_COLOR = 2**32 - 1
#: an onset beyond this is milliseconds; no video lasts 11 days
LARGEST_ONSET = 1e6


class BadField(ValueError):
    """A field that cannot be what its place says; the message is the reason on record."""


def whole(value: str, name: str, largest: int) -> int:
    """A whole number from 0 to `largest`; blank counts as 0."""
    value = value.strip()
    if not value:
        return 0
    if not (value.isascii() and value.isdigit()) or int(value) > largest:
        raise BadField(f"{name} {value[:20]!r} is no whole number from 0 to {largest}")
    return int(value)


def decimal(value: str, name: str) -> float:
    """A number of seconds from 0 up; blank counts as 0."""
    try:
        number = float(value.strip() or 0)
    except ValueError:
        raise BadField(f"{name} {value[:20]!r} is no number") from None
    if not 0 <= number < 1e15:  # excludes NaN too
        raise BadField(f"{name} {value[:20]!r} is negative or no number of seconds")
    return number


def onset(value: str) -> float:
    """Seconds into the video, rounded to the millisecond: 9.9999997473788E-6 is 0."""
    seconds = decimal(value, "onset")
    return round(seconds / 1000 if seconds > LARGEST_ONSET else seconds, 3)


def row_number(value: str) -> int | None:
    """The row id, or None where there is no usable one: blank, 0, or passed through a float."""
    value = value.strip()
    if value in ("", "0") or FLOAT_LIKE.fullmatch(value):
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
    key = comment_id(row_id, chat_id, head[0], head[4], head[6], text)
    return Comment(
        comment_id=key,
        text=text,
        video_id=video_id,
        chat_id=chat_id,
        seen=seen,
        onset_s=onset(head[0]),
        mode=whole(head[1], "mode", 99),
        font_size=whole(head[2], "font size", 10_000),
        color=whole(head[3], "colour", LARGEST_COLOR),
        sent_at=moment(decimal(head[4], "time")),
        pool=whole(head[5], "pool", 99),
        sender=head[6].strip(),
        row_id=row_id,
        weight=whole(head[8], "weight", 100) if len(head) == 9 else None,
    )
