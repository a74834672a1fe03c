"""A question to a language model, its answer, and who is asked: what this folder's modules hand each other."""

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from pipeline.errors import UserError

URL_VARIABLE, KEY_VARIABLE = "DANMU_LLM_URL", "DANMU_LLM_KEY"
AnswerFormat = Literal["json_schema", "json_object", "text"]
Messages = tuple[tuple[str, str], ...]  # (role, content), in the order in which they are sent


@dataclass(frozen=True)
class Question:
    """One comment, and all that the model is told when it is asked about it."""

    comment_id: str
    messages: Messages
    allowed: tuple[str, ...]  # leaves that may be answered, in the taxonomy's order


#: why an answer ended, beside OpenAI's own words for it
REFUSAL, INPUT_FILTER = "refusal", "input_filter"


@dataclass(frozen=True)
class Said:
    """What a server sent back for one request."""

    text: str
    finish: str  # stop, length, content_filter; REFUSAL, INPUT_FILTER; whatever else a server says
    input_tokens: int | None = None  # None: the server did not say
    output_tokens: int | None = None
    served_by: str = ""  # the model's name, as the answer gives it: an alias may stand for a dated one


@dataclass(frozen=True)
class Answer:
    """What came of a question, with everything that was said on the way paid for."""

    comment_id: str
    leaf: str | None  # None: unanswered after all attempts
    leaves: tuple[str, ...]  # the leaf first, then further ones that the model named; empty when unanswered
    confidence: float | None  # 0 to 1, as the model itself puts it
    raw: str  # the last answer as it came
    fault: str  # why there is no leaf, in one sentence; empty when there is one
    input_tokens: int  # of all attempts together; 0 where the answer is that of the same question before
    output_tokens: int


@dataclass(frozen=True)
class Service:
    """A model behind an OpenAI-compatible server, and how it is asked.

    The temperature is always 0, and the seed 0 where the server takes one.

    Raises:
        UserError: the address or the key cannot be one.
    """

    base_url: str  # up to and with /v1, mostly
    model: str
    key: str | None = field(repr=False)
    concurrency: int  # requests at a time
    attempts: int  # asks in all per question, where answers cannot be used
    timeout_s: float  # until a request counts as lost
    max_output_tokens: int
    answer_format: AnswerFormat

    def __post_init__(self) -> None:
        good = is_address(self.base_url)
        if "@" in (urlsplit(self.base_url).netloc if good else self.base_url):
            raise UserError(
                f"{URL_VARIABLE} holds a name or password in front of an @; take it out, and set {KEY_VARIABLE} to the "
                "server's key."
            )
        if not good:
            raise UserError(
                f"{URL_VARIABLE} is {self.base_url!r}; set it to the server's address, as http://127.0.0.1:8000/v1."
            )
        if self.key is not None and not re.fullmatch(r"[!-~]+", self.key):
            raise UserError(
                f"{KEY_VARIABLE} is empty or holds a blank, a line break or another character that no key has; "
                "set it anew."
            )

    @property
    def address(self) -> str:
        """The server's address as it may be shown: without a key behind a question mark."""
        return urlsplit(self.base_url)._replace(query="", fragment="").geturl()


def is_address(url: str) -> bool:
    """Whether it is the address of a web server."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and url.isprintable()
    except ValueError:  # the port is no number, or a bracket stays open
        return False


@dataclass(frozen=True)
class Tokens:
    """Tokens read and tokens written; they have different prices."""

    input: int = 0
    output: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.input + other.input, self.output + other.output)

    def __sub__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.input - other.input, self.output - other.output)

    @property
    def total(self) -> int:
        """Both together."""
        return self.input + self.output
