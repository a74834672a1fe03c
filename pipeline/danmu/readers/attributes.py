"""The attributes of a `<d>` element in the order of the nine fields, however many there are and in whatever order.

8 or 9, and more     onset, mode, size, colour, time, pool, sender, row id, weight; the rest is of no known meaning
9 of a player's cache    id, attribute, onset in milliseconds, mode, size, colour, time, pool, sender
fewer                onset, mode, [size,] colour, [time,] [pool,] [sender,] [row id], as the values themselves tell
"""

from decimal import Decimal

from pipeline.danmu.readers.colours import color_number
from pipeline.danmu.readers.fields import CLOCK, EARLIEST_SENT, LATEST_SENT, NUMBER

COUNT = 8
LARGEST_SIZE = 200  # of a font, where the same place may hold a colour
SHORTEST_ID = 8  # digits


def in_order(attributes: list[str]) -> list[str]:
    """The eight or nine attributes of the XML, blank where a value is not there.

    Attributes that are none are given back as they are: they have not the shape of a comment.
    """
    if len(attributes) > COUNT and of_cache(attributes):
        row_id, _, onset, mode, size, color, time, pool, sender = attributes[:9]
        return [str(Decimal(onset).scaleb(-3)), mode, size, color, time, pool, sender, row_id]
    if len(attributes) >= COUNT:
        return attributes[: COUNT + 1]
    if not is_onset(attributes[0] or "0" * (len(attributes) > 2)):
        return attributes
    onset, mode, *rest = [*attributes, ""][: max(2, len(attributes))]
    size = rest.pop(0) if len(rest) > 1 and is_size(rest[0]) and color_number(rest[1]) is not None else ""
    color = rest.pop(0) if rest else ""
    time = rest.pop(0) if rest and is_time(rest[0]) else ""
    pool = rest.pop(0) if len(rest) > 2 or (rest and is_pool(rest, time)) else ""
    row_id = rest.pop() if len(rest) > 1 or (rest and is_long(rest[0])) else ""
    return [onset, mode, size, color, time, pool, rest[0] if rest else "", row_id]


def of_cache(attributes: list[str]) -> bool:
    """Whether the first is the row id and the seventh the time of sending, and not the other way round."""
    row_id, onset, time = attributes[0].strip(), attributes[2].strip(), attributes[6]
    return (
        row_id.isascii()
        and row_id.isdigit()
        and len(row_id) >= SHORTEST_ID
        and onset.removeprefix("-").isdecimal()
        and is_time(time)
        and not is_time(attributes[4])
    )


def is_pool(values: list[str], time: str) -> bool:
    """Whether the first of one or two values is a pool: small, and a sender behind it or the time before it."""
    return is_number(values[0], 2) and (not is_long(values[1]) if len(values) > 1 else bool(time))


def is_onset(value: str) -> bool:
    """Whether it is a time in a video."""
    value = value.strip()
    return NUMBER.fullmatch(value) is not None or CLOCK.fullmatch(value) is not None


def is_number(value: str, most: int) -> bool:
    """Whether it is a whole number of at most so many digits."""
    value = value.strip()
    return value.isascii() and value.isdigit() and len(value) <= most


def is_size(value: str) -> bool:
    """Whether it is the size of a font, and hardly a colour."""
    return is_number(value, 3) and 0 < int(value) <= LARGEST_SIZE


def is_long(value: str) -> bool:
    """Whether it is a row id, and hardly a sender."""
    return is_number(value, 20) and len(value.strip()) > SHORTEST_ID


def is_time(value: str) -> bool:
    """Whether it is a Unix time, in seconds or milliseconds."""
    value = value.strip()
    if not NUMBER.fullmatch(value):
        return False
    number = Decimal(value)
    return any(EARLIEST_SENT <= number / unit < LATEST_SENT for unit in (1, 1000))
