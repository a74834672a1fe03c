"""What it means when a server gives no answer: which key of params.yaml is at fault, and what to do about it."""

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.annotation.model.answer import shortened
from pipeline.annotation.model.question import Service
from pipeline.errors import UserError

if TYPE_CHECKING:
    from openai import APIError

KEY_VARIABLE = "DANMU_LLM_KEY"
UNSOUND = 599  # the status that we give to an answer that is no chat completion
#: how hosted services say that they refuse one question for what stands in it: OpenAI, Azure, DashScope, DeepSeek,
#: Moonshot, Volcengine, Zhipu, OpenRouter
FILTERED = re.compile(
    r"content.?filter|content.?policy|content management policy|data_inspection|content exists risk|"
    r"considered high risk|sensitive.?content|不安全或敏感|敏感内容|input was flagged",
    re.IGNORECASE,
)
FORMAT = re.compile(r"response.?format|json.?(schema|object|mode)|guided|grammar|structured", re.IGNORECASE)
LENGTH = re.compile(r"context.?(length|window|size)|too (long|many tokens)|maximum.{0,20}length", re.IGNORECASE)
MODEL = re.compile(r"\bmodel\b|pinned to", re.IGNORECASE)


def check_service(service: Service) -> None:
    """Raise UserError where an address or a key cannot be one."""
    parts = urlsplit(service.base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UserError(
            f"DANMU_LLM_URL is {service.base_url!r}; set it to the server's address, as http://127.0.0.1:8000/v1."
        )
    if service.key is not None and not re.fullmatch(r"[!-~]+", service.key):
        raise UserError(
            f"{KEY_VARIABLE} is empty or holds a blank, a line break or another character that no key has; set it anew."
        )


def address(service: Service) -> str:
    """The server's address as it may be shown: without a name and password in it."""
    parts = urlsplit(service.base_url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def words(error: "APIError", service: Service) -> str:
    """The server's own words, in whatever member of its answer they stand; never the key."""
    body = error.body
    while isinstance(body, dict):
        body = next((body[name] for name in ("error", "message", "detail", "code") if body.get(name)), str(body))
    if isinstance(body, list):  # FastAPI's: what is wrong and where, and all that was sent
        body = "; ".join(
            f"{item.get('loc')} {item.get('msg')}" if isinstance(item, dict) else f"{item}" for item in body
        )
    text = error.message if body is None else str(body)
    return text if service.key is None else text.replace(service.key, "…")


def is_filtered(error: "APIError") -> bool:
    """Whether the server refuses this one question for its content."""
    return getattr(error, "status_code", 0) in (400, 403, 422, 451) and bool(FILTERED.search(f"{error.body}"))


def unreachable(service: Service, kept: str) -> UserError:
    """The sentence for a server of which there is no sign at the start."""
    return UserError(f"There is no server at {address(service)}; start it, or mend DANMU_LLM_URL. {kept}")


def refused(error: "APIError", service: Service, comment_id: str, kept: str) -> UserError:
    """The sentence for an error of the server.

    Args:
        error: what the openai package raised once it had been patient enough.
        service: who was asked.
        comment_id: the comment that the question was about.
        kept: a sentence on where the answers are that there are already.
    """
    status = getattr(error, "status_code", None)
    if status is None or status in (408, 409, 429) or status >= 500:
        return UserError(
            f"{address(service)} did not answer about comment {comment_id}, however often it was asked "
            f"{lost(error, service)}. {kept}"
        )
    said = words(error, service)
    return UserError(
        f"{address(service)} refuses to answer about comment {comment_id} (HTTP {status}: {shortened(said, 200)}); "
        f"{mend(status, said, service)}. {kept}"
    )


def mend(status: int, said: str, service: Service) -> str:
    """What to do about a refusal that no patience mends."""
    if 300 <= status < 400:
        return "it points elsewhere: give that address as DANMU_LLM_URL"
    if status == 401 or (status == 403 and not MODEL.search(said)):
        given = "is not set" if service.key is None else "is not good for it"
        return f"the environment variable {KEY_VARIABLE} {given}: set it to the server's key"
    if status == 402:
        return "it wants to be paid first"
    if status in (400, 422) and FORMAT.search(said):
        return (
            f"it does not take silver.answer_format {service.answer_format}: set it to json_schema, json_object or "
            "text, whichever the server knows (params.yaml)"
        )
    if status in (400, 413, 422) and LENGTH.search(said):
        return "the question is too long: start the server with a longer context, or give fewer examples"
    if status in (400, 422) and "temperature" in said:
        return (
            f"{service.model} cannot be asked at temperature 0, so that its answers could not be repeated: name "
            "another silver.model (params.yaml)"
        )
    if status in (403, 404) or MODEL.search(said):
        return (
            f"it has no model {service.model}, or none at this address: mend silver.model "
            "(params.yaml) or DANMU_LLM_URL, which mostly ends in /v1"
        )
    return "mend the keys of silver (params.yaml)"


def lost(error: "APIError", service: Service) -> str:
    """What became of the last of many requests, and what to do about it."""
    from openai import APIStatusError, APITimeoutError

    if isinstance(error, APITimeoutError):
        seconds = f"{service.timeout_s:g} seconds"
        return f"(last: nothing within {seconds}); raise DANMU_LLM_TIMEOUT or lower DANMU_LLM_CONCURRENCY"
    if not isinstance(error, APIStatusError):
        return "(last: a connection that broke or was refused); see whether the server still runs"
    if error.status_code == UNSOUND:
        page = shortened(words(error, service), 100)
        return f"(last: no chat completion, but {page!r}); see whether DANMU_LLM_URL is right"
    wait = error.response.headers.get("retry-after")
    asks = f", with {wait} to wait" if wait else ""
    last = f"(last: HTTP {error.status_code}{asks}: {shortened(words(error, service), 200)})"
    busy = error.status_code == 429
    return f"{last}; " + ("lower DANMU_LLM_CONCURRENCY, or wait" if busy else "see what its log says")
