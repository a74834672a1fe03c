"""An OpenAI-compatible server, as we ask it: one question a request, and again where it was busy or gone.

The requests, and the patience with which they are sent again, are the openai package's: after 429, 408, 409, 5xx,
timeouts and broken connections it waits half a second and twice as long each time, up to eight seconds, or as
long as Retry-After says, up to two minutes. This module says what is sent, and sees that nothing else is: of
what the package would tell about this machine (its system, its OPENAI_… variables) the server learns nothing.
How much a server may send, and in what time, is bounded.py's.
"""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.addresses import heed_proxies, through
from pipeline.annotation.model.bounded import MOST, bounded_client
from pipeline.annotation.model.question import INPUT_FILTER, REFUSAL, URL_VARIABLE, Messages, Question, Said, Service
from pipeline.annotation.model.request import TEMPERATURE, response_format
from pipeline.annotation.model.trouble import UNSOUND, is_filtered, refused, words
from pipeline.errors import UserError

if TYPE_CHECKING:
    from httpx2 import Request, Response
    from openai import APIError, AsyncOpenAI

RETRIES = 10  # a minute together, where the server says nothing else
CONNECT_S = 10.0  # a server that does not pick up within this is not there
NOBODY_THERE = ("ConnectError", "ConnectTimeout", "ProxyError")  # the HTTP library's words for it
NO_KEY = "none"  # without a key the package would look for one of its own
SECRET = 8  # characters; a shorter key is a placeholder for a local server, and may be part of any word
LONGEST_NAME = 100  # characters of a model's name; the longest of hosted models have half as many
HEADERS = {
    *("host", "accept", "accept-encoding", "connection", "content-type", "content-length"),
    *("user-agent", "authorization", "x-stainless-raw-response"),  # the last is the package's note to itself
}


class Server:
    """The connection, opened when there is first something to ask.

    Args:
        service: where the server is, and how it is asked.
        cache_file: where its answers are kept, for the sentences of errors.
        retries: how often a request is sent again.
    """

    def __init__(self, service: Service, cache_file: Path, retries: int) -> None:
        self.service, self.retries = service, retries
        self.kept = f"What was answered is kept in {cache_file}, and the same command goes on from there."
        self.requests = 0
        # what not every server takes, or not under this name
        self.optional = {"seed": 0, "max_tokens": service.max_output_tokens}
        self.client: AsyncOpenAI | None = None
        self.opening = asyncio.Lock()

    async def close(self) -> None:
        """End the connections."""
        if self.client is not None:
            await self.client.close()

    async def connected(self) -> "AsyncOpenAI":
        """The client, once it is known that there is a server.

        Raises:
            UserError: nobody listens at the address.
        """
        async with self.opening:
            if self.client is None:
                client = self.open()
                try:
                    await self.knock(client)
                except BaseException:
                    await client.close()
                    raise
                self.client = client
        return self.client

    def open(self) -> "AsyncOpenAI":
        """The openai package's client."""
        from openai import AsyncOpenAI, Timeout

        heed_proxies()
        return AsyncOpenAI(
            base_url=self.service.base_url,
            api_key=self.service.key or NO_KEY,
            max_retries=self.retries,
            timeout=Timeout(self.service.timeout_s, connect=min(CONNECT_S, self.service.timeout_s)),
            http_client=bounded_client(self.before, checked),
        )

    async def before(self, request: "Request") -> None:
        """Count a request, and take out of it what the server need not know."""
        self.requests += request.method == "POST"
        request.headers["accept-encoding"] = "gzip"  # the one that bounded.py unpacks
        for name in [name for name in request.headers if name.lower() not in HEADERS]:
            del request.headers[name]
        if self.service.key is None and request.headers.get("authorization") == f"Bearer {NO_KEY}":
            del request.headers["authorization"]

    async def knock(self, client: "AsyncOpenAI") -> None:
        """Ask for the list of models, to see whether anybody answers; what is answered does not matter."""
        from openai import APIConnectionError, APIError

        try:
            await client.with_options(max_retries=1, timeout=CONNECT_S).models.with_raw_response.list()
        except APIConnectionError as error:
            if type(error.__cause__).__name__ in NOBODY_THERE:
                raise UserError(
                    f"There is no server at {self.service.address}{through(self.service.base_url)}; start it, or "
                    f"mend {URL_VARIABLE}. {self.kept}"
                ) from None
        except APIError:
            pass

    async def complete(self, question: Question, messages: Messages) -> Said:
        """The model's answer to these messages.

        Raises:
            UserError: the server cannot be had, or refuses what is asked of it.
        """
        from openai import APIError

        client: Any = await self.connected()
        form = response_format(self.service.answer_format, question.allowed)
        while True:
            optional = self.optional
            try:
                answer = await client.chat.completions.with_raw_response.create(
                    model=self.service.model,
                    messages=[{"role": role, "content": content} for role, content in messages],
                    temperature=TEMPERATURE,
                    **optional,
                    **({} if form is None else {"response_format": form}),
                )
                return said_of(json.loads(answer.content), self.service.key)
            except APIError as error:
                if is_filtered(error):
                    return Said(storable(words(error, self.service), self.service.key), INPUT_FILTER, 0, 0)
                if not self.adapted(error, optional):
                    raise refused(error, self.service, question.comment_id, self.kept) from None

    def adapted(self, error: "APIError", sent: dict[str, int]) -> bool:
        """Leave out or rename what the server does not take; False where that is not what it complains about."""
        if getattr(error, "status_code", 0) not in (400, 422):
            return False
        complaint = words(error, self.service)
        if "max_completion_tokens" in complaint and "max_tokens" in sent:
            self.optional = {name: value for name, value in self.optional.items() if name != "max_tokens"}
            self.optional["max_completion_tokens"] = self.service.max_output_tokens
            return True
        if "seed" in complaint and "seed" in sent:
            self.optional = {name: value for name, value in self.optional.items() if name != "seed"}
            return True
        return False


def checked(answer: "Response") -> None:
    """Take what is no completion (a proxy's page, an error under a 200, what never ends) for an error that passes."""
    if answer.is_success and answer.request.method == "POST":
        try:
            said_of(json.loads(answer.content))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            answer.status_code = UNSOUND
        if len(answer.content) > MOST:
            answer.status_code = UNSOUND


def said_of(completion: dict[str, Any], key: str | None = None) -> Said:
    """The answer in a chat completion; the API key does not stand in it, even where the server repeats it.

    Raises:
        LookupError, TypeError, AttributeError: it is none.
    """
    choice = completion["choices"][0]
    message = choice["message"]
    refusal, content = message.get("refusal"), message.get("content") or ""
    if isinstance(content, list):  # in parts
        content = "".join(str(part.get("text") or "") for part in content)
    usage = completion.get("usage") or {}
    return Said(
        text=storable(refusal or content, key),
        finish=REFUSAL if refusal else storable(choice.get("finish_reason") or "", key),
        input_tokens=count(usage.get("prompt_tokens")),
        output_tokens=count(usage.get("completion_tokens")),
        served_by=model_name(storable(completion.get("model") or "", key)),
    )


def model_name(text: str) -> str:
    """A model's name as a server spells it, cut, and without what a terminal or a table would take for a command."""
    return "".join(sign for sign in text if sign.isprintable())[:LONGEST_NAME]


def storable(text: Any, key: str | None) -> str:
    """Text as UTF-8 can hold it (JSON can spell what is none), without the key."""
    sound = str(text).encode(errors="replace").decode()
    return sound if key is None or len(key) < SECRET else sound.replace(key, "…")


def count(value: Any) -> int | None:
    """A number of tokens, if it is one."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None
