"""What it means when a server gives no answer: which key of params.yaml is at fault, and what to do about it."""

import re
from typing import TYPE_CHECKING

from pipeline.addresses import through
from pipeline.annotation.model.answer import shortened
from pipeline.annotation.model.bounded import MOST
from pipeline.annotation.model.question import KEY_VARIABLE, URL_VARIABLE, Service
from pipeline.errors import UserError

if TYPE_CHECKING:
    from openai import APIError

UNSOUND = 599  # the status that we give to an answer that is no chat completion
#: how hosted services say that they refuse one question for what stands in it: OpenAI, Azure, DashScope, DeepSeek,
#: Moonshot, Volcengine, Zhipu, OpenRouter
FILTERED = re.compile(
    r"content.?filter|content.?policy|content management policy|data_inspection|content exists risk|"
    r"considered high risk|sensitive.?content|不安全或敏感|敏感内容|input was flagged",
    re.IGNORECASE,
)
ANY = range(600)
NO_MODEL = (
    f"it has no model {{model}}, or none at this address: mend silver.model (params.yaml) or {URL_VARIABLE}, which "
    "mostly ends in /v1"
)
#: HTTP status, what the server's words hold, and what to do about such a refusal; the first that fits counts
MENDS = (
    (range(300, 400), "", f"it points elsewhere: give that address as {URL_VARIABLE}"),
    ((404,), "", NO_MODEL),
    ((403,), r"\bmodel\b|pinned to", NO_MODEL),
    ((401, 403), "", f"the environment variable {KEY_VARIABLE} {{key}}: set it to the server's key"),
    ((402,), "", "it wants to be paid first"),
    (
        (400, 422),
        r"response.?format|json.?(schema|object|mode)|guided|grammar|structured",
        "it does not take silver.answer_format {answer_format}: set it to json_schema, json_object or text, whichever "
        "the server knows (params.yaml)",
    ),
    (
        (400, 413, 422),
        r"context.?(length|window|size)|too (long|many tokens)|maximum.{0,20}length",
        "the question is too long: start the server with a longer context, or give fewer examples",
    ),
    (
        (400, 422),
        "temperature",
        "{model} cannot be asked at temperature 0, so that its answers could not be repeated: name another "
        "silver.model (params.yaml)",
    ),
    (ANY, r"\bmodel\b|pinned to", NO_MODEL),
    (ANY, "", "mend the keys of silver (params.yaml)"),
)


def words(error: "APIError", service: Service) -> str:
    """The server's own words, wherever in its answer they stand; never the key."""
    said = error.message if error.body is None else error.body
    while isinstance(said, dict):
        said = next((said[name] for name in ("error", "message", "detail", "code") if said.get(name)), str(said))
    if isinstance(said, list):  # FastAPI's: what is wrong and where, and all that was sent, which would mislead MENDS
        said = "; ".join(f"{p.get('loc')} {p.get('msg')}" if isinstance(p, dict) else str(p) for p in said)
    return str(said) if service.key is None else str(said).replace(service.key, "…")


def is_filtered(error: "APIError") -> bool:
    """Whether the server refuses this one question for its content."""
    return getattr(error, "status_code", 0) in (400, 403, 422, 451) and bool(FILTERED.search(f"{error.body}"))


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
            f"{service.address}{through(service.base_url)} did not answer about comment {comment_id}, however often it "
            f"was asked {lost(error, service)}. {kept}"
        )
    said = words(error, service)
    mend = next(mend for statuses, sign, mend in MENDS if status in statuses and re.search(sign, said, re.IGNORECASE))
    key = "is not set" if service.key is None else "is not good for it"
    mend = mend.format(model=service.model, answer_format=service.answer_format, key=key)
    return UserError(
        f"{service.address} refuses to answer about comment {comment_id} (HTTP {status}: {shortened(said, 200)}); "
        f"{mend}. {kept}"
    )


def lost(error: "APIError", service: Service) -> str:
    """What became of the last of many requests, and what to do about it."""
    from openai import APIStatusError, APITimeoutError

    if isinstance(error, APITimeoutError):
        seconds = f"{service.timeout_s:g} seconds"
        return f"(last: nothing within {seconds}); raise DANMU_LLM_TIMEOUT or lower DANMU_LLM_CONCURRENCY"
    if not isinstance(error, APIStatusError):
        return "(last: a connection that broke or was refused); see whether the server still runs"
    said, wait = words(error, service), error.response.headers.get("retry-after")
    if error.status_code == UNSOUND and len(error.response.content) > MOST:
        return f"(last: an answer of more than {MOST >> 20} MiB); see whether {URL_VARIABLE} is right"
    if error.status_code == UNSOUND:
        return f"(last: no chat completion, but {shortened(said, 100)!r}); see whether {URL_VARIABLE} is right"
    waiting = f", with {shortened(wait, 20)} to wait" if wait else ""
    last = f"(last: HTTP {error.status_code}{waiting}: {shortened(said, 200)})"
    busy = error.status_code == 429
    return f"{last}; {'lower DANMU_LLM_CONCURRENCY, or wait' if busy else 'see what its log says'}"
