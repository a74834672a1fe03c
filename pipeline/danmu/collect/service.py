"""Bilibili, as `danmu collect` asks it: one request at a time, slowly, and again where it was busy.

bilibili-api-python knows what can be asked and signs the requests. This module adds the pace and the repetitions, and
keeps the raw bytes. It alone imports that library (GPL-3.0-or-later, an optional extra), and is itself imported
only when the command runs.

    BILIBILI_SESSDATA    the login cookie of that name; the history of a pool is shown to members only
    DANMU_BILIBILI_URL   scheme, host and port that stand in for every address of Bilibili: a test's server
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
from bilibili_api import Api, Credential, ResponseCodeException, get_client, recalculate_wbi, register_client
from bilibili_api import request_settings as settings
from bilibili_api.clients.AioHTTPClient import AioHTTPClient
from bilibili_api.exceptions import ApiException
from bilibili_api.utils.utils import get_api
from bilibili_api.video import Video
from google.protobuf.message import DecodeError

from pipeline.danmu.collect.collection import Clock, Target
from pipeline.danmu.collect.folder import Part
from pipeline.danmu.readers.segment_name import UNKNOWN_VIDEO
from pipeline.danmu.readers.segment_pb2 import DmSegMobileReply, DmWebViewReply
from pipeline.errors import UserError

T = TypeVar("T")

COOKIE = "BILIBILI_SESSDATA"
BASE = "DANMU_BILIBILI_URL"
SEGMENT_SECONDS = 360
#: the first wait after a failure, in seconds; each further one is twice as long: five minutes in all
FIRST_WAIT, TRIES = 5.0, 7
BUSY_STATUS = (408, 412, 429)  # and 5xx
NOTHING_HERE = 304  # what a segment behind the last one is answered with
#: too many requests (three spellings), an unusual visitor, and the servers' own trouble
BUSY = (-412, -509, -799, -352, -500, -502, -503, -504)
GONE = (-404, 62002, 62003, 62004, 62012)
EXPIRED_SIGNATURE = -403
NO_LOGIN = -101
#: what the library raises of an answer that is not what the service promises
UNSOUND = (KeyError, TypeError, ValueError, AttributeError)


class Busy(Exception):
    """The request may succeed later; the reason, and the seconds that the service asked for."""

    def __init__(self, reason: str, seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Service:
    """The requests that collecting takes.

    Args:
        clock: what time it is, and how to wait.
        interval: seconds between the beginnings of two requests, the library's own among them.
        timeout: seconds after which an answer counts as lost.
    """

    def __init__(self, clock: Clock, interval: float, timeout: float) -> None:
        self.clock, self.interval = clock, interval
        self.last: float | None = None
        self.loop = asyncio.new_event_loop()
        self.credential = Credential(sessdata=os.environ.get(COOKIE) or None)
        register_client("danmu", paced_client(self.pace, os.environ.get(BASE)))
        settings.set_timeout(timeout)
        # the library would post an invented browser with screen and fonts; that is not needed
        settings.set_enable_auto_buvid(False)
        recalculate_wbi()
        self.visitor()

    def close(self) -> None:
        """End the connections."""

        async def end() -> None:
            await get_client().close()

        self.loop.run_until_complete(end())
        self.loop.close()

    def visitor(self) -> None:
        """Ask for the anonymous number that every visitor is given; without one, collecting goes on all the same."""
        try:
            numbers = self.loop.run_until_complete(Api(**get_api("credential")["info"]["spi"]).request())
            self.credential.buvid3, self.credential.buvid4 = numbers["b_3"], numbers["b_4"]
        except (Busy, ApiException, aiohttp.ClientError, TimeoutError, *UNSOUND):
            pass

    def pace(self) -> None:
        """Wait until `interval` seconds have gone by since the last request."""
        if self.last is not None:
            self.clock.sleep(max(0.0, self.last + self.interval - self.clock.monotonic()))
        self.last = self.clock.monotonic()

    def parts(self, target: Target) -> list[Part]:
        """The parts of a video and how many segments each has.

        Raises:
            UserError: there is no such video, or the service stays busy.
        """
        if target.kind == "cid":
            return [Part(UNKNOWN_VIDEO, target.value, self.ask(str(target), partial(self.segments, target.value)))]
        number = {"bvid": target.value} if target.kind == "bvid" else {"aid": int(target.value)}

        async def look() -> list[Part]:
            info = await Video(**number, credential=self.credential).get_info()
            return [
                Part(str(info["aid"]), str(page["cid"]), max(1, -(-int(page["duration"]) // SEGMENT_SECONDS)))
                for page in info["pages"]
            ]

        return self.ask(str(target), look)

    def segment(self, part: Part, number: int) -> bytes:
        """The bytes of a segment as the service gave them; `number` counts from 1."""
        request = partial(self.reply, "get_danmaku", part, segment_index=number)
        return self.ask(f"segment {number} of pool {part.chat_id}", request)

    def history_days(self, part: Part, month: date) -> list[date]:
        """The days of that month for which there is a history."""

        async def look() -> list[date]:
            request = Api(**get_api("video")["danmaku"]["get_history_danmaku_index"], credential=self.credential)
            days = await request.update_params(type=1, oid=int(part.chat_id), month=f"{month:%Y-%m}").request()
            return [date.fromisoformat(day) for day in days or []]

        return self.ask(f"the history of pool {part.chat_id}", look)

    def history(self, part: Part, day: date) -> bytes:
        """The bytes of the pool as it was at the end of that day."""
        request = partial(self.reply, "get_history_danmaku", part, date=day.isoformat())
        return self.ask(f"{day} of pool {part.chat_id}", request)

    async def segments(self, chat_id: str) -> int:
        """How many segments a pool has, as the player is told."""
        reply = DmWebViewReply.FromString(await self.segmented("view", type=1, oid=int(chat_id)))
        return max(1, int(reply.dmSge.total))

    async def reply(self, api: str, part: Part, **params: Any) -> bytes:
        """A segment's bytes, once they parse: what is cut short is not kept."""
        video = None if part.video_id == UNKNOWN_VIDEO else int(part.video_id)
        body = await self.segmented(api, type=1, oid=int(part.chat_id), pid=video, **params)
        DmSegMobileReply.FromString(body)
        return body

    async def segmented(self, api: str, **params: Any) -> bytes:
        """The bytes that the service answers with; an error comes as JSON in their place."""
        request = Api(**get_api("video")["danmaku"][api], credential=self.credential).update_params(**params)
        body = bytes(await request.request(byte=True))
        if body.startswith(b"{"):
            error = json.loads(body)
            if error["code"] == EXPIRED_SIGNATURE:
                recalculate_wbi()
                raise Busy("a signature that was refused (code -403)")
            raise ResponseCodeException(error["code"], str(error.get("message", "")))
        return body

    def ask(self, what: str, request: Callable[[], Awaitable[T]]) -> T:
        """The answer to `request`; where the service is busy, after waiting longer each time.

        Raises:
            UserError: it stays busy, or says that there is nothing to have.
        """
        reason, asked = "", 0.0
        for attempt in range(TRIES):
            if attempt:
                self.clock.sleep(max(asked, FIRST_WAIT * 2 ** (attempt - 1)))
                asked = 0.0
            try:
                return self.loop.run_until_complete(request())
            except Busy as error:
                reason, asked = str(error), error.seconds
            except ResponseCodeException as error:
                if error.code not in BUSY:
                    raise refusal(what, error.code, str(error.msg)) from None
                reason = f"code {error.code}"
            except TimeoutError:
                reason = "nothing before the time was over"
            except aiohttp.ClientError as error:
                reason = f"{type(error).__name__}: {error}"
            except (ApiException, DecodeError, *UNSOUND) as error:
                reason = f"cut short or otherwise unreadable ({type(error).__name__})"
        raise UserError(
            f"Bilibili did not give {what} in {TRIES} tries: the last answer was {reason}. Wait an hour, or set a "
            "longer --interval, and run the same command again: what is on disk is not fetched again."
        )


def refusal(what: str, code: int, message: str) -> UserError:
    """The sentence for an answer that will not change by waiting."""
    if code in GONE:
        return UserError(f"Bilibili has no {what} that anybody may see (code {code}); check the number.")
    if code == NO_LOGIN:
        return UserError(
            f"Bilibili shows {what} to members only (code {code}); set {COOKIE} to the SESSDATA cookie of a "
            "browser in which you are logged in, or to a fresh one."
        )
    return UserError(f"Bilibili refused {what} (code {code}: {message}); see whether a browser shows it.")


def paced_client(pace: Callable[[], None], base: str | None) -> type:
    """The library's aiohttp client, kept to our pace and, where there is one, to the `base`.

    Everything that the library sends goes through `request`. Redirects are not followed: the service's interfaces
    have none, and the login cookie must go nowhere else.
    """

    class PacedClient(AioHTTPClient):
        async def request(self, method: str = "", url: str = "", **rest: Any) -> Any:
            pace()
            if base:
                url = base.rstrip("/") + urlsplit(url).path
            answer = await super().request(method=method, url=url, **{**rest, "allow_redirects": False})
            if answer.code in (200, NOTHING_HERE):
                return answer
            if answer.code < 400 or answer.code >= 500 or answer.code in BUSY_STATUS:
                raise Busy(f"HTTP {answer.code}", retry_after(answer.headers))
            raise ResponseCodeException(-answer.code, "as HTTP has it")

    return PacedClient


def retry_after(headers: dict[str, str]) -> float:
    """The seconds that the service asks to wait; 0 where it does not say."""
    value = {name.lower(): text for name, text in headers.items()}.get("retry-after", "")
    return float(value) if value.isdecimal() else 0.0


def check_login() -> None:
    """Refuse at once what takes a login if there is no cookie.

    Raises:
        UserError: the environment holds no cookie.
    """
    if not os.environ.get(COOKIE):
        raise UserError(
            f"--since asks for history, which Bilibili shows to members only; set {COOKIE} to the SESSDATA cookie "
            "of a browser in which you are logged in."
        )
