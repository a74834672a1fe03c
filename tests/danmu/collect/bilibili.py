"""A server on this machine that answers as Bilibili does, and a clock that runs as told."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from pipeline.danmu.collect.collection import Clock
from pipeline.danmu.readers.segment_pb2 import DanmakuElem, DmSegConfig, DmSegMobileReply, DmWebViewReply

SECRET = "s3cret%2Ccookie"
VIDEO = {"aid": 780001, "pages": [{"cid": 550001, "duration": 361}, {"cid": 550002, "duration": 700}]}
NUMBERS = {"img_url": f"https://x/{'a' * 32}.png", "sub_url": f"https://x/{'b' * 32}.png"}


def segment(chat_id: int, number: int) -> bytes:
    """Comments whose row ids tell where they are from; one text with all that a day file has to escape."""
    texts = ("开头就笑了", 'a\tb\n"c", <d>&\\')
    return DmSegMobileReply(
        elems=[
            DanmakuElem(
                id=chat_id * 1000 + number * 10 + row,
                idStr=str(chat_id * 1000 + number * 10 + row).encode(),
                progress=12_345 + row,
                mode=1,
                fontsize=25,
                color=16777215,
                midHash=b"3e396595",
                content=said.encode(),
                ctime=1_577_000_000,
                weight=7,
            )
            for row, said in enumerate(texts)
        ]
    ).SerializeToString()


@dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None  # what Content-Length says, where that is not true
    delay: float = 0.0

    @classmethod
    def code(cls, code: int, **more: object) -> "Answer":
        return cls(json.dumps({"code": code, "message": "说明", **more}).encode())

    @classmethod
    def data(cls, data: object) -> "Answer":
        return cls.code(0, data=data)


@dataclass
class Request:
    path: str
    query: dict[str, str]
    cookie: str
    at: float


@dataclass
class Site:
    """What it was asked, and how it answers; `next` holds answers that go before the usual ones."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    next: list[tuple[str, Answer]] = field(default_factory=list)  # a part of the address, and the answer
    history: dict[str, list[str]] = field(default_factory=dict)  # month to days
    monotonic: Callable[[], float] = time.monotonic

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.requests if path in request.path]

    def segments(self) -> list[tuple[str, str]]:
        return [(request.query["oid"], request.query["segment_index"]) for request in self.asked("wbi/web/seg.so")]

    def answer(self, address: str) -> Answer:
        parts = urlsplit(address)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        for index, (where, answer) in enumerate(self.next):
            if where in address:
                del self.next[index]
                return answer
        match parts.path:
            case "/x/frontend/finger/spi":
                return Answer.data({"b_3": "three", "b_4": "four"})
            case "/x/web-interface/nav":
                return Answer.code(-101, data={"isLogin": False, "wbi_img": NUMBERS})
            case "/x/web-interface/view":
                return Answer.data(VIDEO)
            case "/x/v2/dm/web/view":
                return Answer(DmWebViewReply(dmSge=DmSegConfig(pageSize=360_000, total=2)).SerializeToString())
            case "/x/v2/dm/wbi/web/seg.so":
                signed = len(query.get("w_rid", "")) == 32 and "wts" in query
                number = int(query["segment_index"])
                return Answer(segment(int(query["oid"]), number)) if signed else Answer.code(-403)
            case "/x/v2/dm/history/index":
                return Answer.data(self.history.get(query["month"]))
            case "/x/v2/dm/web/history/seg.so":
                return Answer(segment(int(query["oid"]), int(query["date"][-2:])))
        return Answer(b"<html>", 404)


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Run it in a thread."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            site.requests.append(Request(parts.path, query, self.headers.get("Cookie", ""), site.monotonic()))
            answer = site.answer(self.path)
            time.sleep(answer.delay)
            try:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body) if answer.length is None else answer.length))
                self.end_headers()
                self.wfile.write(answer.body)
            except OSError:
                pass  # the client did not wait

        do_POST = do_GET  # noqa: N815

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class FakeTime:
    """Time that passes only while somebody sleeps."""

    now: datetime = datetime(2019, 12, 22, 14, 20, tzinfo=UTC)  # 22:20 in Beijing
    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)
    stop_after: int = 10**9  # naps until Ctrl-C

    def sleep(self, seconds: float) -> None:
        if len(self.slept) >= self.stop_after:
            raise KeyboardInterrupt
        self.slept.append(seconds)
        self.seconds += seconds
        self.now += timedelta(seconds=seconds)

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now, lambda: self.seconds, self.sleep)
