"""A server on this machine that speaks OpenAI's chat completions, and whose behaviour a test writes."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipeline.annotation.model.question import Question, Service

KEY = "sk-s3cret-0123456789"
LEAVES = ("joy", "moved", "worry", "domain_knowledge")
SYSTEM = 'Categorise the comment. Answer {"leaf": one of joy, moved, worry, domain_knowledge}.'


@dataclass
class Request:
    """What the server was sent."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    at: float

    @property
    def messages(self) -> list[dict[str, str]]:
        return list(self.body["messages"])

    @property
    def comment(self) -> str:
        """What is asked about, in a re-ask too."""
        return self.messages[1]["content"]

    @property
    def attempt(self) -> int:
        return len(self.messages) // 2


@dataclass
class Reply:
    """What it sends back."""

    text: str | None = '{"leaf": "joy", "also": [], "confidence": 0.9}'
    finish: str = "stop"
    refusal: str | None = None
    usage: dict[str, Any] | None = field(default_factory=lambda: {"prompt_tokens": 100, "completion_tokens": 10})
    delay: float = 0.0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None  # in place of a completion
    drop: str = ""  # "before": the connection breaks before any answer, "within": in its middle

    @classmethod
    def error(cls, status: int, message: str, **headers: str) -> "Reply":
        body = json.dumps({"error": {"message": message}}, ensure_ascii=False).encode()
        return cls(status=status, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})

    @classmethod
    def leaf(cls, leaf: str, **more: Any) -> "Reply":
        return cls(json.dumps({"leaf": leaf, "also": [], "confidence": 0.5}), **more)

    def encoded(self, model: str) -> bytes:
        if self.body is not None:
            return self.body
        message = {"role": "assistant", "content": self.text, "refusal": self.refusal}
        choice = {"index": 0, "message": message, "finish_reason": self.finish}
        completion = {"id": "x", "object": "chat.completion", "created": 0, "model": model, "choices": [choice]}
        return json.dumps(completion | ({} if self.usage is None else {"usage": self.usage})).encode()


@dataclass
class Model:
    """What it was asked, and how it answers; `next` holds replies that go before the usual ones."""

    url: str = ""
    replies: Callable[[Request], Reply] = lambda request: Reply()
    next: list[Reply] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    knocks: list[Request] = field(default_factory=list)  # at /models
    in_flight: int = 0
    most_in_flight: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def comments(self) -> list[str]:
        return [request.comment for request in self.requests]

    def asked(self, request: Request) -> Reply:
        with self.lock:
            self.requests.append(request)
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            return self.next.pop(0) if self.next else self.replies(request)

    def answered(self) -> None:
        with self.lock:
            self.in_flight -= 1


@contextmanager
def serving(model: Model, port: int = 0) -> Iterator[Model]:
    """Run it in threads, until the block ends; what is in flight then breaks off."""
    open_sockets: set[socket.socket] = set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            open_sockets.add(self.connection)

        def received(self) -> Request:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else {}
            return Request(self.path, {k.lower(): v for k, v in self.headers.items()}, body, time.monotonic())

        def do_GET(self) -> None:
            model.knocks.append(self.received())
            self.send(404, {}, b"{}")

        def do_POST(self) -> None:
            request = self.received()
            if request.path != "/v1/chat/completions":
                self.send(404, {}, b"404 page not found")
                return
            reply = model.asked(request)
            time.sleep(reply.delay)
            model.answered()
            with suppress(OSError):  # the client did not wait
                if reply.drop != "before":
                    content = reply.encoded(request.body["model"])
                    self.send(reply.status, reply.headers, content, reply.drop == "within")
                if reply.drop:
                    self.drop()

        def send(self, status: int, headers: dict[str, str], body: bytes, cut: bool = False) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if cut else body)
            self.wfile.flush()

        def drop(self) -> None:
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 64

        def handle_error(self, *args: object) -> None:
            pass

    server = Server(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    model.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield model
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        for connection in open_sockets:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the openai package wait a hundredth of its time before it asks again; and no proxy stands between."""
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.005)
    monkeypatch.setattr("openai._base_client.MAX_RETRY_DELAY", 0.08)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def service(server: Model | str, **changes: Any) -> Service:
    """How the tests ask, unless they say otherwise."""
    settings: dict[str, Any] = {
        "base_url": server if isinstance(server, str) else server.url,
        "model": "test-model",
        "key": KEY,
        "concurrency": 4,
        "attempts": 3,
        "timeout_s": 5.0,
        "max_output_tokens": 50,
        "answer_format": "json_object",
    }
    return Service(**settings | changes)


def question(comment_id: str, text: str | None = None) -> Question:
    return Question(comment_id, (("system", SYSTEM), ("user", text or f"弹幕 {comment_id}")), LEAVES)


def questions(count: int) -> list[Question]:
    return [question(f"dm{number}") for number in range(count)]


def cache_file(folder: Path) -> Path:
    return folder / "answers.sqlite"
