"""What is sent to a server: the form that an answer must have, the repeated question, and what a request is kept under.

The answers that are on disk were paid for, and are found by `request_key`: a change to what is sent, or to the key,
asks for all of them again.
"""

import hashlib
import json
from functools import lru_cache
from typing import Any

from pipeline.annotation.model.question import AnswerFormat, Messages, Question, Service

FURTHER = 2  # leaves that may be named beside the first
TEMPERATURE = 0
PROTOCOL = 1  # raise it when the same question would be asked in another way: older answers are then left alone
# What a re-ask adds is cut to so many bytes each, so that its cost is known before (budget.py).
ECHO_BYTES, COMPLAINT_BYTES = 600, 400


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


def request_key(service: Service, question: Question, messages: Messages) -> str:
    """The SHA-256 of all that determines the answer to these messages; `question` says which leaves its form allows.

    The server's address is not part of it: the same model at another address is the same model. Neither is the API
    key, which is never written anywhere.
    """
    determines = {
        "protocol": PROTOCOL,
        "model": service.model,
        "messages": messages,
        "temperature": TEMPERATURE,
        "max_output_tokens": service.max_output_tokens,
        "response_format": response_format(service.answer_format, question.allowed),
    }
    return hashlib.sha256(json.dumps(determines, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
