"""JSON as services and exports write it: numbers too long for a float, halves of emoji, an error in place of data."""

import json
import re
from typing import Any

from pipeline.danmu.record import EXCERPT, Rejected

LONGEST_REASON = 200  # characters
SURROGATE = re.compile(r"[\ud800-\udfff]")
#: numbers stay the text that spells them, NaN is null, and strings may hold raw control characters
TOLERANT = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=lambda name: None, strict=False)


def load_json(text: str) -> Any:
    """Values with each number as the text that spells it, so that no digit of an id is lost.

    Raises:
        ValueError: it is no JSON, or nested more deeply than data is.
    """
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


def rejected(name: str, line: int, reason: str, raw: str) -> Rejected:
    """A rejected record of a text file, with its beginning as the excerpt."""
    return Rejected(name, line, storable(reason[:LONGEST_REASON]), storable(raw.strip()[:EXCERPT]))
