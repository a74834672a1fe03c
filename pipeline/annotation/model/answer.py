"""What a model said → a leaf that may be answered, or one sentence on why it cannot be used.

The model answers one JSON object:

    {"leaf": "joy", "also": ["moved"], "confidence": 0.9}

Models put a fence around it, talk before and after it, write single quotes. That is read all the same, as long
as it is plain what is meant: two objects that differ, a leaf that may not be answered, or an answer that breaks
off are not guessed at. An answer has no way to say whose it is; it belongs to the comment that was asked about,
and whatever else stands in it is passed over.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.annotation.model.question import INPUT_FILTER, REFUSAL, Said
from pipeline.annotation.model.request import FURTHER

REPAIRABLE = 4000  # characters; repair takes seconds on more, and no answer of ours is as long
LEAF_KEY = re.compile(r"(?<![A-Za-z_])leaf[\"'”’]?\s*[:：=]")
UNREAD = {
    INPUT_FILTER: "the server's content filter refused the question",
    "content_filter": "the server's content filter withheld the answer",
    "length": "it was cut off at the most tokens that an answer may have",
}


class Malformed(Exception):
    """The answer cannot be used; why, as the rest of a sentence."""


@dataclass(frozen=True)
class Reading:
    """What an answer says."""

    leaf: str
    leaves: tuple[str, ...]  # the leaf first
    confidence: float | None


def read_said(said: Said, allowed: Sequence[str]) -> Reading:
    """An answer and the way it ended; what was cut off or withheld is not read.

    Raises:
        Malformed: there is no answer that can be used.
    """
    if said.finish == REFUSAL:
        raise Malformed(f"the model refused: {shortened(said.text, 120)}")
    if said.finish in UNREAD:
        raise Malformed(UNREAD[said.finish])
    return read_answer(said.text, allowed)


def read_answer(text: str, allowed: Sequence[str]) -> Reading:
    """The leaf, further leaves and confidence that an answer's text gives.

    Leaves are matched without regard to case and blanks around them. Further leaves beyond two are passed over,
    as are those that repeat one.

    Raises:
        Malformed: it holds no object, several that differ, or a leaf that may not be answered.
    """
    content = answer_object(text)
    if "leaf" not in content:
        raise Malformed("the object has no leaf")
    also = content.get("also") or []
    if isinstance(also, str):
        also = [also]
    if not isinstance(also, list):
        raise Malformed("also is no list of leaves")
    leaf, *further = (match_leaf(name, allowed) for name in (content["leaf"], *also))
    leaves = tuple(dict.fromkeys([leaf, *further]))[: 1 + FURTHER]
    return Reading(leaf, leaves, read_confidence(content.get("confidence")))


def answer_object(text: str) -> dict[str, Any]:
    """The one object that a text holds, as it stands there or as json-repair puts it right.

    Raises:
        Malformed: it holds none, or it is not plain which.
    """
    text = text.rpartition("</think>")[2].strip()  # what a model thinks aloud is no answer
    if not text:
        raise Malformed("it is empty")
    objects, rest = sound_objects(text)
    if any(content != objects[0] for content in objects):
        raise Malformed("it holds several objects")
    if len(LEAF_KEY.findall(rest)) + bool(objects) > 1:
        raise Malformed("it names a leaf more than once")
    return objects[0] if objects else repaired_object(text)


def sound_objects(text: str) -> tuple[list[dict[str, Any]], str]:
    """The objects with a leaf that stand somewhere in a text as sound JSON, and the text without them."""
    decoder = json.JSONDecoder(object_pairs_hook=distinct_keys)
    objects: list[dict[str, Any]] = []
    rest, read = "", 0  # `read`: how far the text is in one of the two
    at = text.find("{")
    while 0 <= at < REPAIRABLE:
        try:
            content, end = decoder.raw_decode(text, at)
            if "leaf" in content:
                objects.append(content)
                rest, read = rest + text[read:at], end
        except (ValueError, RecursionError):
            end = at + 1
        at = text.find("{", end)
    return objects, rest + text[read:]


def distinct_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; json would take the last of several values of a key."""
    content = dict(pairs)
    if len(content) < len(pairs):
        raise Malformed("it gives a key several values")
    return content


def repaired_object(text: str) -> dict[str, Any]:
    """What json-repair makes of the part between the first and the last brace."""
    from json_repair import loads

    start, end = text.find("{"), text.rfind("}") + 1
    if start >= 0 and end <= start:
        raise Malformed("it breaks off")  # json-repair would end it, and a leaf that was cut may be another leaf
    if end - start > REPAIRABLE:
        raise Malformed("it is far too long")
    try:
        content = loads(text[start:end], skip_json_loads=True) if start >= 0 else None
    except Exception:  # whatever a library that guesses may stumble over
        content = None
    if isinstance(content, list):
        objects = [part for part in content if isinstance(part, dict) and "leaf" in part]
        content = objects[0] if len(objects) == 1 else None
    if not isinstance(content, dict):
        raise Malformed("it holds no JSON object")
    return content


def match_leaf(name: Any, allowed: Sequence[str]) -> str:
    """The leaf that may be answered and is called so."""
    if not isinstance(name, str) or not name.strip():
        raise Malformed("a leaf is not a word")
    exact = [leaf for leaf in allowed if leaf == name.strip()]
    similar = exact or [leaf for leaf in allowed if leaf.strip().casefold() == name.strip().casefold()]
    if len(similar) != 1:
        wrong = "is several leaves" if similar else "is no leaf that may be answered"
        raise Malformed(f"{json.dumps(shortened(name, 60), ensure_ascii=False)} {wrong}")
    return similar[0]


def read_confidence(value: Any) -> float | None:
    """A number from 0 to 1; None where there is none, or one whose scale cannot be told.

    From above 10 to 100, or with a percent sign, it is a percentage. What lies between 1 and 10 could be a mark
    out of five or of ten as well. A confidence is not worth another request: none is no fault.
    """
    percent = isinstance(value, str) and value.strip().endswith(("%", "％"))
    try:
        value = float(value.strip().rstrip("%％")) if isinstance(value, str) else value
    except ValueError:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if percent or 10 < value <= 100:
        value /= 100
    return float(value) if 0 <= value <= 1 else None


def shortened(text: str, most: int) -> str:
    """The text in one line of at most so many characters."""
    line = " ".join(text.split()).encode(errors="replace").decode()  # JSON can spell what UTF-8 cannot
    return line if len(line) <= most else line[: most - 1] + "…"
