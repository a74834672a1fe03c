"""JSON as services and exports write it: numbers too long for a float, halves of emoji, an error in place of data."""

import json
import re
from typing import Any

from pipeline.danmu.record import EXCERPT, Rejected

LONGEST_REASON = 200  # characters
LONGEST_VALUE = 1 << 24  # characters of a JSON value; a comment has some thousand, code in one up to 2.1 million
TOO_LONG = f"a JSON value of more than {LONGEST_VALUE >> 20} MiB"
#: commas, brackets and braces of a value that is decoded at once: each may take a hundred times its byte
MOST_PARTS = 1 << 20
LARGE = 1 << 20  # characters from which on they are counted
SURROGATE = re.compile(r"[\ud800-\udfff]")
#: numbers stay the text that spells them, NaN is null, and strings may hold raw control characters
TOLERANT = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=lambda name: None, strict=False)


def is_too_much(text: str, at: int = 0, longest: int = LONGEST_VALUE) -> bool:
    """Whether a text, from a place on, is more than can be decoded at once."""
    size = len(text) - at
    return size > LARGE and (size > longest or sum(text.count(mark, at) for mark in ",[{") > MOST_PARTS)


def load_json(text: str) -> Any:
    """Values with each number as the text that spells it, so that no digit of an id is lost.

    Raises:
        ValueError: it is no JSON, or nested more deeply or longer than data is.
    """
    if is_too_much(text):
        raise ValueError(TOO_LONG)
    try:
        return json.loads(text, parse_int=str, parse_float=str)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def error_page(answer: Any) -> str | None:
    """The reason on record if the value is what a service answers in place of data, else None."""
    if not isinstance(answer, dict) or "code" not in answer:
        return None
    return f"error page saved as data (code {answer['code']}, {answer.get('message', '')})"


def storable(text: str) -> str:
    """Half an emoji, which JSON can escape and UTF-8 cannot hold, becomes U+FFFD."""
    return SURROGATE.sub("\ufffd", text)


def as_text(value: Any) -> str | None:
    """A value as text, as a row reader takes it; None for null, lists and objects."""
    if isinstance(value, str):
        return value if value.isascii() else storable(value)
    return str(value) if isinstance(value, bool) else None


def rejected(name: str, line: int, reason: str, raw: str) -> Rejected:
    """A rejected record of a text file, with its beginning as the excerpt."""
    return Rejected(name, line, storable(reason[:LONGEST_REASON]), storable(raw.strip()[:EXCERPT]))
