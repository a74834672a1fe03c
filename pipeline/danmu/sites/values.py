"""From one value of a site's record to a field of a comment; a value that cannot be read raises BadField."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from pipeline.danmu.readers.fields import NOTHING, BadField, milliseconds
from pipeline.danmu.record import BEIJING
from pipeline.danmu.tables.values import PARSERS, instant

#: an object as TOLERANT decodes it: each number is the text that spells it
Object = Mapping[str, Any]

ROLLING, BOTTOM, TOP = 1, 4, 5  # modes, as Bilibili numbers them
SMALL, MEDIUM, LARGE = 18, 25, 36  # sizes, as Bilibili's player has them
WHITE = 0xFFFFFF


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
    if not value.strip(" 0.") or value.strip() in NOTHING:
        return None
    return instant(value, BEIJING)


def sender(value: str) -> str | None:
    """A sender; None for what stands where there is none."""
    value = value.strip()
    return None if value in NOTHING or value == "0" else value


def hundredths(value: str) -> float:
    """An onset in hundredths of a second; it may be before the start."""
    return milliseconds(value, "onset", -1) / 100


def thousandths(value: str) -> float:
    """An onset in milliseconds; it may be before the start."""
    return milliseconds(value, "onset", -1) / 1000


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
