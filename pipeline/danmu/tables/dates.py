"""Times of sending as tables spell them: Unix time, ISO 8601, compact, slashed, Chinese, ctime, spreadsheets' days."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import partial

from pipeline.danmu.readers.fields import EARLIEST_SENT, LATEST_SENT, NUMBER, BadField
from pipeline.danmu.tables.words import is_nothing

#: Unix time is counted in seconds, or in thousandths, millionths, …
UNITS = (10**0, 10**3, 10**6, 10**9)
FIRST_HOUR = 2_005_010_100
FIRST_YEAR, LAST_YEAR = 2005, 2099  # between them, every time may be one of sending
COMPACT = {8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S", 17: "%Y%m%d%H%M%S%f"}
CLOCK = (
    r"(?:[T ,]*(?:(?:星期|周|礼拜)[一二三四五六日天] *)?(上午|下午|中午|晚上|凌晨|早上|[AaPp][Mm])? *"
    r"([0-9]{1,2})(?:[:：时点]|小时)([0-9]{1,2})(?:[:：分]([0-9]{1,2})(?:[.,:]([0-9]+))?秒?)?分?(?: *([AaPp][Mm]))? *"
    r"(?:(Z|UTC|GMT)|(?:UTC|GMT)?([-+][0-9]{2}):?([0-9]{2}))?)?"
)
YEAR_FIRST = re.compile(r"([0-9]{4}) ?[-/._年] ?([0-9]{1,2}) ?[-/._月] ?([0-9]{1,2}) ?[日号]?" + CLOCK)
YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})" + CLOCK)
MONTHS = dict(zip(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], range(1, 13)))
#: ctime's `Wed Jun 17 10:38:21 2020`, a browser's `Wed Jun 17 2020 10:38:21 GMT+0800 (…)`, mail's `Wed, 17 Jun 2020 …`
NAMED_MONTH = re.compile(
    r"(?:[A-Za-z]{3,9}\.?,? +)?"
    r"(?:([A-Za-z]{3,9})\.? +([0-9]{1,2}),?|([0-9]{1,2})[ -]([A-Za-z]{3,9})\.?,?)(?:[ -]+([0-9]{4}),?)?"
    r"(?: +([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?"
    r"(?: +[A-Z]{3,4}(?![-+A-Za-z]))?(?: *(?:GMT|UTC)?([-+][0-9]{2}):?([0-9]{2}))?"
    r"(?: +([0-9]{4}))?(?: +\(.{0,40}\))?"
)
LONGEST_DATE = 80  # characters
AFTERNOON = frozenset(["下午", "晚上", "pm"])
SERIAL_EPOCH = datetime(1899, 12, 30)  # a spreadsheet's day 0
SERIAL_DAYS = (38_353, 73_051)  # 2005 and 2100
SERIAL = re.compile(r"[0-9]{5}(?:\.[0-9]{1,12})?")


class Undecided(BadField):
    """A date that may be either of two, as nothing in its column tells."""


def instant(value: str, zone: tzinfo = UTC, day_first: bool | None = None) -> datetime | None:
    """A time of sending, in UTC and to the millisecond; None for what is blank, 0 or none.

    Args:
        value: as it is spelled.
        zone: where no zone is named.
        day_first: the order of day and month in dates whose year stands last; None where it is not known.

    Raises:
        Undecided: day and month cannot be told apart.
        BadField: it is no time, or none at which anybody can have sent a comment.
    """
    if len(value) == 10 and value.isdigit() and value.isascii() and EARLIEST_SENT <= (time := int(value)) < FIRST_HOUR:
        return datetime.fromtimestamp(time, UTC)  # the usual spelling, read at once
    if len(value) == 19 and value[4] == "-" == value[7]:
        with suppress(ValueError):
            plain = datetime.fromisoformat(value)
            if FIRST_YEAR < plain.year < LAST_YEAR and plain.tzinfo is None:
                return plain.replace(tzinfo=zone).astimezone(UTC)  # another usual spelling
    value = value.strip().strip("'\"")
    if is_nothing(value):
        return None
    try:
        found = of_number(value, zone) if NUMBER.fullmatch(value) else of_words(value, zone, day_first)
        if found is None:
            return None
        found = found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        if isinstance(error, BadField):
            raise
        raise BadField(f"sent_at {value[:20]!r} is no time that is known here") from None
    if not is_within(found.timestamp()):
        raise BadField(f"sent_at {value[:20]!r} is before 2005 or after 2099")
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def is_within(time: float) -> bool:
    """Whether a Unix time may be one of sending."""
    return EARLIEST_SENT <= time < LATEST_SENT


def compact(digits: str, zone: tzinfo) -> datetime | None:
    """A date without marks, such as 20200617103821; None where there is none in the digits.

    Ten digits from 2005010100 on would be Unix times from 2033 on, and are dates if they can be.
    """
    if len(digits) not in COMPACT or not str(FIRST_YEAR) <= digits[:4] <= str(LAST_YEAR):
        return None
    try:
        return datetime.strptime(digits, COMPACT[len(digits)]).replace(tzinfo=zone)
    except ValueError:
        return None


def of_number(value: str, zone: tzinfo) -> datetime | None:
    """Unix time in any unit, or a compact date: as what it would be a time within our years. None for 0 and -1."""
    whole, _, fraction = value.partition(".")
    number = float(value)
    if whole.isdigit() and not fraction.strip("0") and (day := compact(whole, zone)) is not None:
        return day
    if number in (0, -1):
        return None
    for unit in UNITS:
        if is_within(number / unit):
            exact = Decimal(value) * 1000 / unit
            milliseconds = int(exact.quantize(Decimal(1), ROUND_HALF_UP if unit == 1 else ROUND_FLOOR))
            return datetime.fromtimestamp(milliseconds // 1000, UTC) + timedelta(milliseconds=milliseconds % 1000)
    raise BadField(f"sent_at {value[:20]!r} is before 2005 or after 2099")


def of_words(value: str, zone: tzinfo, day_first: bool | None) -> datetime:
    """A date with separators or the name of a month."""
    if len(value) > LONGEST_DATE:
        raise ValueError(value)
    parts = YEAR_FIRST.fullmatch(value)
    if parts:
        year, month, day = map(int, parts.groups()[:3])
        return on_day(year, month, day, parts.groups()[3:], zone)
    parts = YEAR_LAST.fullmatch(value)
    if parts:
        first, mark, second, year = int(parts[1]), parts[2], int(parts[3]), int(parts[4])
        first_is_day = order_of(first, second, mark, day_first)
        if first_is_day is None:
            raise Undecided(
                f"sent_at {value[:20]!r} may begin with the day or with the month, and its column does not tell"
            )
        day, month = (first, second) if first_is_day else (second, first)
        return on_day(year, month, day, parts.groups()[4:], zone)
    parts = NAMED_MONTH.fullmatch(value)
    if parts and (year_of := parts[5] or parts[11]):
        month = MONTHS[name] if (name := (parts[1] or parts[4])[:3].casefold()) in MONTHS else 0
        clock = None, parts[6], parts[7], parts[8], None, None, None, parts[9], parts[10]
        return on_day(int(year_of), month, int(parts[2] or parts[3]), clock, zone)
    parsed = datetime.fromisoformat(value)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)


def order_of(first: int, second: int, mark: str, day_first: bool | None) -> bool | None:
    """Whether the day stands first: where only one of the two can be a month, with dots, or as the column has it."""
    if first > 12 or second > 12:
        return first > 12
    return True if mark == "." or first == second else day_first


def on_day(year: int, month: int, day: int, clock: tuple[str | None, ...], zone: tzinfo) -> datetime:
    """The time on a day that a clock shows: half of the day, hour, minute, second, fraction, half, UTC, offset."""
    before, hour, minute, second, fraction, behind, utc, hours, minutes = clock
    half = (before or behind or "").casefold()
    shown = int(hour or 0)
    if half and shown <= 12:
        shown = shown % 12 + 12 * (half in AFTERNOON or (half == "中午" and shown in (12, 1, 2)))
    thousandths = int((fraction or "0")[:3].ljust(3, "0"))
    if utc:
        zone = UTC
    if hours:
        offset = timedelta(hours=abs(int(hours)), minutes=int(minutes or 0))
        return datetime(year, month, day, shown, int(minute or 0), int(second or 0), thousandths * 1000, UTC) - (
            -offset if hours.startswith("-") else offset
        )
    return datetime(year, month, day, shown, int(minute or 0), int(second or 0), thousandths * 1000, zone)


def serial_day(value: str, zone: tzinfo) -> datetime | None:
    """A spreadsheet's number of days, to the second: its fractions hold no more for certain. Else a time as usual."""
    value = value.strip()
    if not SERIAL.fullmatch(value):
        return instant(value, zone)
    day = SERIAL_EPOCH + timedelta(seconds=round(float(value) * 86400))
    return instant(day.isoformat(), zone)


def is_serial_day(value: str) -> bool:
    """Whether it may be a spreadsheet's number of days."""
    return SERIAL.fullmatch(value) is not None and SERIAL_DAYS[0] <= float(value) < SERIAL_DAYS[1]


def reader(zone: tzinfo, day_first: bool | None, serial: bool) -> Callable[[str], datetime | None]:
    """What reads the times of one column."""
    if serial:
        return partial(serial_day, zone=zone)
    return partial(instant, zone=zone, day_first=day_first)
