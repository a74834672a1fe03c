"""Servers that are busy, broken, gone, wrong or particular."""

import logging
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from pipeline.annotation.model.asking import Asked, ask
from pipeline.annotation.model.budget import Budget
from pipeline.errors import UserError
from tests.annotation.model.llm_server import KEY, Model, Reply, Request, questions, service, serving

KEPT = r"What was answered is kept in .*answers.sqlite, and the same command goes on from there\."


def asked(server: Model | str, folder: Path, count: int = 1, retries: int = 3, **changes: Any) -> Asked:
    return ask(questions(count), service(server, **changes), Budget(), folder / "answers.sqlite", retries=retries)


@pytest.mark.parametrize(
    "trouble",
    [
        Reply.error(429, "slow down"),
        Reply.error(500, "oops"),
        Reply.error(503, "Loading model"),
        Reply.error(408, "late"),
        Reply(drop="before"),
        Reply(drop="within"),
        Reply(body=b"<html>Bad gateway</html>", headers={"Content-Type": "text/html"}),
        Reply(body=b'{"choices": ['),
        Reply(body=b'{"error": {"message": "upstream is busy", "code": 429}}'),
        Reply(body=b'{"choices": []}'),
        Reply(body=b"[]"),
        Reply(body=b"[" * 100_000),
        Reply(delay=1.0),
    ],
)
def test_what_passes_is_waited_out(model: Model, tmp_path: Path, trouble: Reply) -> None:
    model.next = [trouble, trouble]
    timeout_s = 0.2 if trouble.delay else 5.0
    result = asked(model, tmp_path, timeout_s=timeout_s)
    assert result.answers[0].leaf == "joy" and result.answers[0].input_tokens == 100
    assert result.requests == len(model.requests) == 3


def test_a_completion_is_one_whatever_its_content_type(model: Model, tmp_path: Path) -> None:
    model.replies = lambda request: Reply(headers={"Content-Type": "text/plain"})
    assert asked(model, tmp_path).answers[0].leaf == "joy"


def test_a_placeholder_for_a_key_is_not_taken_out_of_answers(model: Model, tmp_path: Path) -> None:
    for key in ("1", "joy", "none"):
        result = asked(model, tmp_path, key=key, model=f"m-{key}")
        assert result.answers[0].leaf == "joy" and result.answers[0].confidence == 0.9
        assert model.requests[-1].headers["authorization"] == f"Bearer {key}"


def test_content_in_parts_is_put_together(model: Model, tmp_path: Path) -> None:
    parts = (
        b'{"choices": [{"message": {"content": [{"type": "text", "text": "{\\"leaf\\": "}, {"text": "\\"joy\\"}"}]}}]}'
    )
    model.next = [Reply(body=parts)]
    assert asked(model, tmp_path).answers[0].leaf == "joy" and len(model.requests) == 1


def test_retry_after_is_obeyed(model: Model, tmp_path: Path) -> None:
    model.next = [Reply.error(429, "slow down", Retry_After="1")]
    asked(model, tmp_path)
    first, second = model.requests
    assert 1.0 <= second.at - first.at < 2.0
    model.requests.clear()
    model.next = [Reply.error(429, "slow down", retry_after_ms="300")]
    asked(model, tmp_path, max_output_tokens=51)
    assert 0.3 <= model.requests[1].at - model.requests[0].at < 0.9


def test_waits_grow(model: Model, tmp_path: Path) -> None:
    model.next = [Reply.error(500, "oops")] * 4
    asked(model, tmp_path, retries=4)
    waits = [after.at - before.at for before, after in zip(model.requests, model.requests[1:])]
    # 0.005 × 2ⁿ, less a quarter at random; a busy machine may make any of them longer
    assert all(wait >= 0.75 * 0.005 * 2**number for number, wait in enumerate(waits))


def test_what_others_have_begun_is_kept_when_one_is_refused(model: Model, tmp_path: Path) -> None:
    model.replies = lambda request: (
        Reply.error(402, "Insufficient Balance") if "dm0" in request.comment else Reply(delay=0.3)
    )
    with pytest.raises(UserError, match=r"HTTP 402: Insufficient Balance\); it wants to be paid first. What was"):
        asked(model, tmp_path, 20, concurrency=4)
    assert len(model.requests) == 4  # and nothing new was begun
    model.replies = lambda request: Reply()
    assert asked(model, tmp_path, 20).from_cache == 3


def test_no_server_is_noticed_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(Model()) as model:
        gone = model.url
    start = time.perf_counter()
    with pytest.raises(UserError, match=f"There is no server at {gone}; start it, or mend DANMU_LLM_URL.*{KEPT}"):
        asked(gone, tmp_path, 100, retries=10)
    assert time.perf_counter() - start < 3


def telling(event: threading.Event, count: int) -> Model:
    """A model that tells when it has been asked so often."""

    def replies(request: Request) -> Reply:
        if len(teller.requests) == count:
            event.set()
        return Reply(delay=0.03)

    teller = Model(replies=replies)
    return teller


def test_a_server_that_goes_away_is_waited_for(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is down for a while, and comes back at the same address."""
    with serving(Model()) as short:
        port = int(short.url.split(":")[2].split("/")[0])

    def come_back() -> None:
        time.sleep(0.3)
        with serving(late, port):
            done.wait(10)

    late, done = Model(), threading.Event()
    gone = threading.Event()
    first = telling(gone, 5)
    result: list[Asked] = []
    with serving(first, port):
        thread = threading.Thread(target=lambda: result.append(asked(f"http://127.0.0.1:{port}/v1", tmp_path, 30, 8)))
        thread.start()
        gone.wait(10)
    back = threading.Thread(target=come_back)
    back.start()
    thread.join(20)
    done.set()
    back.join()
    assert len(result[0].answers) == 30 and all(answer.leaf == "joy" for answer in result[0].answers)
    assert len(late.requests) >= 22


def test_a_server_that_stays_away_ends_the_run(model: Model, tmp_path: Path) -> None:
    gone = threading.Event()
    short = telling(gone, 6)
    errors: list[UserError] = []

    def run() -> None:
        try:
            asked(short.url, tmp_path, 30)
        except UserError as error:
            errors.append(error)

    with serving(short):
        thread = threading.Thread(target=run)
        thread.start()
        gone.wait(10)
    thread.join(20)
    assert "a connection that broke or was refused" in str(errors[0]) and "the same command goes on" in str(errors[0])
    assert asked(model, tmp_path, 30).from_cache >= 2


def test_what_a_server_does_not_take_is_left_out(model: Model, tmp_path: Path) -> None:
    """Hosted models differ: some take no seed, some call the limit max_completion_tokens."""

    def replies(request: Request) -> Reply:
        if "seed" in request.body:
            return Reply.error(400, "Unsupported parameter: 'seed'", Retry_After="0")
        if "max_tokens" in request.body:
            return Reply.error(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
        return Reply()

    model.replies = replies
    result = asked(model, tmp_path, 10, concurrency=4)
    assert all(answer.leaf == "joy" for answer in result.answers)
    assert model.requests[-1].body["max_completion_tokens"] == 50
    assert len(model.requests) <= 10 + 2 * 4  # found out once, by those in flight
    assert asked(model, tmp_path, 10).requests == 0


def test_the_server_is_told_the_question_and_the_key_and_nothing_of_this_machine(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID"):
        monkeypatch.setenv(f"OPENAI_{name}", f"private-{name}")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Private: private-header")
    asked(model, tmp_path)
    asked(model, tmp_path, key=None, max_output_tokens=51)
    with_key, without = model.requests
    assert with_key.headers["authorization"] == f"Bearer {KEY}"
    assert "authorization" not in without.headers
    for request in (*model.requests, *model.knocks):
        assert "private" not in str(request.headers)
        assert not any(name.startswith("x-stainless") for name in request.headers if name != "x-stainless-raw-response")


def test_the_key_is_in_no_file_error_log_or_repr(
    model: Model, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    model.next = [Reply(f'{{"leaf": "{KEY}"}}')]  # a server that repeats it is not helped to spread it
    model.replies = lambda request: Reply() if "dm2" not in request.comment else Reply.error(500, f"bad header {KEY}")
    with pytest.raises(UserError) as error:
        asked(model, tmp_path, 3, concurrency=1, attempts=1, key=KEY)
    assert "bad header …" in str(error.value)
    assert KEY not in "".join([str(error.value), caplog.text, *capsys.readouterr(), repr(service(model))])
    assert (tmp_path / "answers.sqlite").exists()
    for path in tmp_path.iterdir():
        assert KEY.encode() not in path.read_bytes()
