"""What a server may send: an answer has its time as a whole, and its size once it is unpacked.

Whoever stands behind an address is not trusted to end its answer. The HTTP library's own limit is on the time
between two pieces, and it unpacks whatever comes.
"""

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from httpx2 import AsyncClient, Request, Response

MOST = 2**20  # bytes; the longest answer that params.yaml can ask for has a tenth of it
#: headers that speak of a body as it was on its way
PACKED = ("content-encoding", "content-length", "transfer-encoding")
EITHER = 32 + zlib.MAX_WBITS  # zlib's word for gzip or deflate, as its first bytes say


def bounded_client(
    before: Callable[["Request"], Awaitable[None]], after: Callable[["Response"], None]
) -> "AsyncClient":
    """An HTTP client for the openai package whose answers are whole, and no longer than MOST and a byte.

    Redirects are not followed, since the comments are for nobody else.

    Args:
        before: sees every request before it is sent.
        after: sees every answer once it is there, before the package does.
    """
    from httpx2 import ReadTimeout, Request, Response
    from openai import DefaultAsyncHttpxClient

    class Bounded(DefaultAsyncHttpxClient):
        async def send(self, request: Request, **options: Any) -> Response:
            limits = request.extensions["timeout"]
            try:
                async with asyncio.timeout(limits["connect"] + limits["read"]):
                    answer = await super().send(request, **(options | {"stream": True}))
                    try:
                        body = await body_of(answer)
                    finally:
                        await answer.aclose()
            except TimeoutError:
                raise ReadTimeout("the answer did not end in time", request=request) from None
            headers = [(name, value) for name, value in answer.headers.multi_items() if name not in PACKED]
            whole = Response(answer.status_code, headers=headers, content=body, request=request)
            after(whole)
            return whole

    return Bounded(event_hooks={"request": [before]}, follow_redirects=False)


async def body_of(answer: "Response") -> bytes:
    """An answer's body, unpacked; of one that is longer than MOST the beginning, of MOST and one bytes."""
    encoding = answer.headers.get("content-encoding", "").strip().lower()
    unpacking = zlib.decompressobj(EITHER) if encoding in ("gzip", "x-gzip", "deflate") else None
    body = bytearray()
    async for piece in answer.aiter_raw():
        room = MOST + 1 - len(body)
        try:
            body += piece[:room] if unpacking is None else unpacking.decompress(piece, room)
        except zlib.error:
            break
        if len(body) > MOST:
            break
    return bytes(body)
