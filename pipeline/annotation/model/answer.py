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
from functools import lru_cache
from typing import Any

from pipeline.annotation.model.question import AnswerFormat, Messages

FURTHER = 2  # leaves that may be named beside the first
REPAIRABLE = 4000  # characters; repair takes seconds on more, and no answer of ours is as long
LEAF_KEY = re.compile(r"(?<![A-Za-z_])leaf[\"'”’]?\s*[:：=]")
# What a re-ask adds is cut to so many bytes each, so that its cost is known before (budget.py).
ECHO_BYTES, COMPLAINT_BYTES = 600, 400

#: why an answer ended, beside OpenAI's own words for it
REFUSAL, INPUT_FILTER = "refusal", "input_filter"


class Malformed(Exception):
    """The answer cannot be used; why, as the rest of a sentence."""


@dataclass(frozen=True)
class Said:
    """One answer as the server gave it."""

    text: str
    finish: str  # stop, length, content_filter; REFUSAL, INPUT_FILTER; whatever else a server says
    input_tokens: int | None = None  # None: the server did not say
    output_tokens: int | None = None
    served_by: str = ""  # the model's name, as the answer gives it: an alias may stand for a dated one


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
    if said.finish == INPUT_FILTER:
        raise Malformed("the server's content filter refused the question")
    if said.finish == REFUSAL:
        raise Malformed(f"the model refused: {shortened(said.text, 120)}")
    if said.finish == "content_filter":
        raise Malformed("the server's content filter withheld the answer")
    if said.finish == "length":
        raise Malformed("it was cut off at the most tokens that an answer may have")
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
    leaf = match_leaf(content["leaf"], allowed)
    also = content.get("also") or []
    if isinstance(also, str):
        also = [also]
    if not isinstance(also, list):
        raise Malformed("also is no list of leaves")
    further = [match_leaf(name, allowed) for name in also]
    leaves = tuple(dict.fromkeys([leaf, *further]))[: 1 + FURTHER]
    return Reading(leaf, leaves, read_confidence(content.get("confidence")))


def answer_object(text: str) -> dict[str, Any]:
    """The one object that a text holds: the whole of it, a part of it, or a part that can be repaired.

    Raises:
        Malformed: it holds none, or it is not plain which.
    """
    text = text.rpartition("</think>")[2].strip()  # what a model thinks aloud is no answer
    if not text:
        raise Malformed("it is empty")
    try:
        whole = json.loads(text, object_pairs_hook=distinct_keys)
        if isinstance(whole, dict):
            return whole
    except (ValueError, RecursionError):
        pass
    found = whole_objects(text)
    if any(content != found[0] for content in found):
        raise Malformed("it holds several objects")
    if len(LEAF_KEY.findall(text)) > max(1, len(found)):
        raise Malformed("it names a leaf more than once")
    return found[0] if found else repaired_object(text)


def distinct_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; json would take the last of several values of a key."""
    content = dict(pairs)
    if len(content) < len(pairs):
        raise Malformed("it gives a key several values")
    return content


def whole_objects(text: str) -> list[dict[str, Any]]:
    """The sound objects with a leaf that stand somewhere in a text."""
    decoder = json.JSONDecoder(object_pairs_hook=distinct_keys)
    found: list[dict[str, Any]] = []
    at = text.find("{")
    while 0 <= at < REPAIRABLE:
        try:
            content, end = decoder.raw_decode(text, at)
            if "leaf" in content:
                found.append(content)
        except (ValueError, RecursionError):
            end = at + 1
        at = text.find("{", end)
    return found


def repaired_object(text: str) -> dict[str, Any]:
    """What json-repair makes of the part between the first and the last brace."""
    from json_repair import loads

    start, end = text.find("{"), text.rfind("}") + 1
    if start < 0:
        raise Malformed("it holds no JSON object")
    if end <= start:
        raise Malformed("it breaks off")  # json-repair would end it, and a leaf that was cut may be another leaf
    if end - start > REPAIRABLE:
        raise Malformed("it is far too long")
    try:
        content = loads(text[start:end], skip_json_loads=True)
    except Exception as error:  # whatever a library that guesses may stumble over
        raise Malformed("it holds no JSON object") from error
    if isinstance(content, list):
        objects = [item for item in content if isinstance(item, dict) and "leaf" in item]
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
    percent = False
    if isinstance(value, str):
        percent = value.strip().endswith(("%", "％"))
        try:
            value = float(value.strip().rstrip("%％"))
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if percent or 10 < value <= 100:
        value /= 100
    return float(value) if 0 <= value <= 1 else None


def ask_again(messages: Messages, text: str, fault: str) -> Messages:
    """The conversation with the answer that cannot be used, and what is wrong with it.

    Both are cut. No message is empty and the roles take turns, since some servers refuse anything else.
    """
    complaint = f"That answer cannot be used: {cut(fault, COMPLAINT_BYTES // 2)}. Answer with one JSON object only: "
    complaint += '{"leaf": "…", "also": [], "confidence": 0.0}'
    return (*messages, ("assistant", cut(text.strip(), ECHO_BYTES) or "…"), ("user", cut(complaint, COMPLAINT_BYTES)))


def cut(text: str, most: int) -> str:
    """The text's beginning, of at most so many bytes of UTF-8."""
    return text.encode(errors="replace")[:most].decode(errors="ignore")


def shortened(text: str, most: int) -> str:
    """The text in one line of at most so many characters."""
    line = " ".join(text.split()).encode(errors="replace").decode()  # JSON can spell what UTF-8 cannot
    return line if len(line) <= most else line[: most - 1] + "…"


@lru_cache
def response_format(answer_format: AnswerFormat, allowed: tuple[str, ...]) -> dict[str, Any] | None:
    """What a request says of the answer's form; None where it says nothing.

    The schema keeps to what the servers' grammars know: no bounds of numbers, for one.
    """
    if answer_format == "text":
        return None
    if answer_format == "json_object":
        return {"type": "json_object"}
    leaf = {"type": "string", "enum": list(allowed)}
    properties = {
        "leaf": leaf,
        "also": {"type": "array", "items": leaf, "maxItems": FURTHER},
        "confidence": {"type": "number"},
    }
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return {"type": "json_schema", "json_schema": {"name": "label", "strict": True, "schema": schema}}
