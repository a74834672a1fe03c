"""A server that never ends its answer, or sends one that fills the memory, is one that does not answer."""

import gzip
import json
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from pipeline.annotation.model.asking import ask
from pipeline.annotation.model.budget import Budget
from pipeline.errors import UserError
from tests.annotation.model.llm_server import Model, Reply, hurried, question, service, serving

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
MIB = 2**20


@contextmanager
def sending(write: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that writes as it likes, to whoever asks for a completion."""

    def serve(peer: socket.socket) -> None:
        with peer, suppress(OSError):
            if peer.recv(65536).startswith(b"GET"):
                peer.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            else:
                write(peer)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def endless(peer: socket.socket) -> None:
    peer.sendall(HEAD + b"\r\n")
    while True:
        peer.sendall(b" " * 65536)


def huge(peer: socket.socket) -> None:
    peer.sendall(HEAD + f"Content-Length: {1024 * MIB}\r\n\r\n".encode())
    for _ in range(1024):
        peer.sendall(b"x" * MIB)


def bomb(peer: socket.socket) -> None:
    packing = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = b"".join(packing.compress(b" " * MIB) for _ in range(256)) + packing.flush()
    peer.sendall(HEAD + f"Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


def trickling(peer: socket.socket) -> None:
    peer.sendall(HEAD + b"\r\n")
    while True:
        peer.sendall(b" ")
        time.sleep(0.05)


def trickling_headers(peer: socket.socket) -> None:
    peer.sendall(HEAD)
    while True:
        peer.sendall(b"X: y\r\n")
        time.sleep(0.05)


LONG, LATE = r"last: an answer of more than 1 MiB", "last: nothing within 0.3 seconds"


@pytest.mark.parametrize(
    ("write", "sentence"),
    [(endless, LONG), (huge, LONG), (bomb, LONG), (trickling, LATE), (trickling_headers, LATE)],
)
def test_answers_without_an_end_take_neither_time_nor_memory(
    write: Callable[[socket.socket], None], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import openai  # noqa: F401, so that its own memory is not counted

    hurried(monkeypatch)
    with sending(write) as url:
        tracemalloc.start()
        start = time.perf_counter()
        with pytest.raises(UserError, match=f"did not answer about comment dm0.*{sentence}"):
            asked = service(url, timeout_s=0.3 if sentence == LATE else 5.0)
            ask([question("dm0")], asked, Budget(), tmp_path / "answers.sqlite", retries=1)
        assert time.perf_counter() - start < 6
        assert tracemalloc.get_traced_memory()[1] < 64 * MIB
        tracemalloc.stop()


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_an_answer_that_comes_packed_is_read(model: Model, tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    encoding = "gzip" if pack is gzip.compress else "deflate"
    model.next = [Reply(body=pack(Reply().encoded("m")), headers={"Content-Encoding": encoding})]
    answered = ask([question("dm0")], service(model), Budget(), tmp_path / "answers.sqlite")
    assert answered.answers[0].leaf == "joy" and len(model.requests) == 1


def test_a_long_refusal_is_cut_and_still_a_refusal(model: Model, tmp_path: Path) -> None:
    model.replies = lambda request: Reply.error(402, "pay " * MIB)
    with pytest.raises(UserError, match=r"HTTP 402.*it wants to be paid first") as raised:
        ask([question("dm0")], service(model), Budget(), tmp_path / "answers.sqlite")
    assert len(str(raised.value)) < 1000


def test_a_models_name_is_cut_and_holds_no_command_for_a_terminal(model: Model, tmp_path: Path) -> None:
    completion = json.loads(Reply().encoded("\x1b[31mgpt\x00\u202e-x\n" + "n" * 100_000))
    model.next = [Reply(body=json.dumps(completion).encode())]
    answered = ask([question("dm0")], service(model), Budget(), tmp_path / "answers.sqlite")
    assert answered.served_by == (("[31mgpt-x" + "n" * 100_000)[:100],)


@pytest.mark.parametrize("scheme", ["socks5", "socks", "http"])
def test_a_proxy_is_not_asked_for_a_server_on_this_machine(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("all_proxy", f"{scheme}://127.0.0.1:9")  # nobody listens there
    answered = ask([question("dm0")], service(model), Budget(), tmp_path / "answers.sqlite")
    assert answered.answers[0].leaf == "joy"


@pytest.mark.parametrize("scheme", ["socks5", "http"])
def test_an_unreachable_server_is_named_with_the_proxy_that_was_asked_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    hurried(monkeypatch)
    with serving(Model()) as model:
        gone = model.url.split("/")[2]
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("all_proxy", f"{scheme}://anna:s3cret@{gone}")
    sentence = f"There is no server at http://llm.example/v1 through the proxy {scheme}://…@{gone}, which all_proxy"
    with pytest.raises(UserError, match=sentence):
        ask([question("dm0")], service("http://llm.example/v1"), Budget(), tmp_path / "answers.sqlite")


@pytest.mark.parametrize(
    "url", ["http://anna:s3cret@h/v1", "anna:s3cret@h/v1", "http://anna:s3/cret@h/v1", "ftp://anna:s3cret@h"]
)
def test_an_address_with_a_password_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(UserError, match=r"DANMU_LLM_URL holds a name or password.*DANMU_LLM_KEY") as raised:
        service(url)
    assert "s3" not in str(raised.value)


@pytest.mark.parametrize("url", ["http://h:port/v1", "http://[::1/v1", "http://h:99999/v1", "http://h/v\x001"])
def test_what_is_no_address_is_one_sentence(url: str) -> None:
    with pytest.raises(UserError, match="set it to the server's address"):
        service(url)
