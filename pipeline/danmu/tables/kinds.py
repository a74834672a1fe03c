"""What a table's columns hold, as their first values tell: a column is read as one kind of thing.

Where the first rows leave it open, further ones are looked at until one decides it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from pipeline.danmu.readers.fields import NUMBER
from pipeline.danmu.tables.columns import Columns, columns_of
from pipeline.danmu.tables.dates import YEAR_LAST, is_serial_day
from pipeline.danmu.tables.names import plain
from pipeline.danmu.tables.values import CLOCK, PLAIN_ONSET
from pipeline.danmu.tables.words import is_nothing

#: a row's values by column; None is a value that is missing
Values = Sequence[str | None]

FIRST = 100  # rows that tell
BARE_HEX = re.compile(r"(?=0|[0-9]*[a-fA-F])[0-9a-fA-F]{6}")
SIX_DIGITS = re.compile(r"[0-9]{6}")
EARLIEST_TIME = 1e9  # a number from here on is no onset, in seconds or milliseconds, but a Unix time (2001)
DATE = re.compile(r"\s*(?:[0-9]{4}[-/.年][0-9]|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}|[A-Z][a-z]{2},? )")
PART = re.compile(r"[Pp]?[0-9]{1,4}(?:\.0)?")  # which part of a video
LONGEST_VIDEO = 36_000  # seconds; a column of smaller numbers or of clocks alone holds onsets


class Kinds(NamedTuple):
    """What kind of thing a column is read as, where a value alone would not tell."""

    hexadecimal: bool = False  # colours without a mark
    day_first: bool | None = None  # slashed dates; None where nothing tells
    serial: bool = False  # a spreadsheet's days


AS_THEY_ARE = Kinds()


class Look(NamedTuple):
    """What a look at the first rows gave."""

    columns: Columns
    kinds: Kinds


def look(header: Sequence[str], first: Sequence[Values], rest: Callable[[], Iterable[Values]] = tuple) -> Look:
    """What the columns with these names hold.

    Args:
        header: the names.
        first: the first rows.
        rest: gives the rows once more; it is asked where the first ones leave something open.
    """
    columns = settled(header, first)
    colours = column(first, columns.at.get("color"))
    times = [index for field in ("sent_at", "either") if (index := columns.at.get(field)) is not None]
    dates = column(first, times[0] if times else None)
    hexadecimal, orders = any(map(BARE_HEX.fullmatch, colours)), day_orders(dates)
    open_colours = bool(colours) and not hexadecimal and all(map(SIX_DIGITS.fullmatch, colours))
    open_dates = not orders and any(map(YEAR_LAST.fullmatch, dates))
    if open_colours or open_dates:
        for row in rest():
            if open_colours and (value := at(row, columns.at["color"])):
                hexadecimal = hexadecimal or BARE_HEX.fullmatch(value) is not None
                open_colours = SIX_DIGITS.fullmatch(value) is not None
            if open_dates and (value := at(row, times[0])):
                orders = day_orders([value])
                open_dates = not orders
            if not (open_colours or open_dates):
                break
    serial = "sent_at" in columns.at and bool(dates) and all(map(is_serial_day, dates))
    day_first = orders.pop() if len(orders) == 1 else None  # of both orders, neither is the column's
    return Look(columns, Kinds(hexadecimal, day_first, serial))


def at(row: Values, index: int) -> str:
    """The value of a row in a column, blank where there is none."""
    value = row[index] if index < len(row) else None
    return "" if value is None or is_nothing(value := value.strip()) else value


def column(rows: Iterable[Values], index: int | None) -> list[str]:
    """The values of a column that are there."""
    return [] if index is None else [value for row in rows if (value := at(row, index))]


def day_orders(dates: Iterable[str]) -> set[bool]:
    """Whether the day stands first, by each date whose year stands last and of which only one part can be a month."""
    matches = filter(None, map(YEAR_LAST.fullmatch, dates))
    parts = [(int(found[1]), int(found[3])) for found in matches]
    return {first > 12 for first, second in parts if (first > 12) != (second > 12)}


def settled(header: Sequence[str], first: Sequence[Values]) -> Columns:
    """The columns, after a look at what stands in those whose names say one thing or another.

    `P` without joined attributes is a video's part. `time` holds onsets or times of sending, and so may a column that
    bears the other's name.
    """
    columns = columns_of(header)
    part = column(first, columns.at.get("p"))
    if part and all(map(PART.fullmatch, part)):
        others = columns_of([name if plain(name) != "p" else "" for name in header])
        columns = columns if others.fault else others
    moves = dict(moved(columns, first))
    if not moves:
        return columns
    where = {moves.get(field, field): index for field, index in columns.at.items()}
    return replace(columns, at=MappingProxyType(where))


def moved(columns: Columns, first: Sequence[Values]) -> Iterator[tuple[str, str]]:
    """The fields that are others, by what their columns hold."""
    where = columns.at
    either = column(first, where.get("either"))
    if either and all(map(is_date, either)) and "sent_at" not in where:
        yield "either", "sent_at"
    elif columns.danmu and "sent_at" not in where and "either" not in where:
        onsets = column(first, where.get("onset_s"))
        if onsets and all(map(is_date, onsets)):
            yield "onset_s", "sent_at"
    elif columns.danmu and "onset_s" not in where and "either" not in where:
        times = column(first, where.get("sent_at"))
        if times and all(map(is_onset, times)) and any(value.strip("0:.") for value in times):
            yield "sent_at", "onset_s"


def is_date(value: str) -> bool:
    """Whether a value is surely no onset, but a date or Unix time."""
    return DATE.match(value) is not None or (NUMBER.fullmatch(value) is not None and float(value) >= EARLIEST_TIME)


def is_onset(value: str) -> bool:
    """Whether a value is surely no time of sending, but a place in a video."""
    small = PLAIN_ONSET.fullmatch(value) is not None and float(value) < LONGEST_VIDEO
    return small or CLOCK.fullmatch(value) is not None
