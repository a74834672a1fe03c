"""Servers that are busy, broken, gone, wrong or particular."""

import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.annotation.model.asking import Asked, ask
from pipeline.annotation.model.budget import Budget
from pipeline.errors import UserError
from tests.annotation.model.llm_server import KEY, Model, Reply, Request, hurried, questions, service, serving

KEPT = r"What was answered is kept in .*answers.sqlite, and the same command goes on from there\."


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    hurried(monkeypatch)
    with serving(Model()) as model:
        yield model


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
    assert waits[3] > waits[2] > waits[1] and waits[3] >= 0.03  # 0.005 × 2³, less a quarter at random


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (Reply.error(429, "quota"), r"last: HTTP 429: quota\); lower DANMU_LLM_CONCURRENCY, or wait"),
        (Reply.error(429, "full", Retry_After="3600"), "last: HTTP 429, with 3600 to wait: full"),
        (Reply.error(500, "CUDA out of memory"), r"HTTP 500: CUDA out of memory\); see what its log says"),
        (Reply(drop="before"), "a connection that broke or was refused"),
        (Reply(body=b"<p>Welcome!</p>"), "no chat completion, but '<p>Welcome!</p>'.*whether DANMU_LLM_URL is right"),
        (Reply(delay=0.5), "nothing within 0.1 seconds.*raise DANMU_LLM_TIMEOUT"),
    ],
)
def test_what_does_not_pass_ends_the_run_and_loses_nothing(
    model: Model, tmp_path: Path, trouble: Reply, sentence: str
) -> None:
    model.replies = lambda request: trouble if request.comment == "弹幕 dm5" else Reply()
    timeout_s = 0.1 if trouble.delay else 5.0
    with pytest.raises(UserError, match=f"did not answer about comment dm5.*{sentence}.*{KEPT}"):
        asked(model, tmp_path, 8, timeout_s=timeout_s, concurrency=2)
    model.requests.clear()
    model.replies = lambda request: Reply()
    result = asked(model, tmp_path, 8)
    assert result.from_cache >= 5 and result.from_cache + len(model.requests) == 8
    assert all(answer.leaf == "joy" for answer in result.answers)


def test_what_others_have_begun_is_kept_when_one_is_refused(model: Model, tmp_path: Path) -> None:
    model.replies = lambda request: (
        Reply.error(402, "Insufficient Balance") if "dm0" in request.comment else Reply(delay=0.3)
    )
    with pytest.raises(UserError, match=r"HTTP 402: Insufficient Balance\); it wants to be paid first. What was"):
        asked(model, tmp_path, 20, concurrency=4)
    assert len(model.requests) == 4  # and nothing new was begun
    model.replies = lambda request: Reply()
    assert asked(model, tmp_path, 20).from_cache == 3


DETAIL = b'{"detail": [{"loc": ["body", "model"], "msg": "unknown", "input": "response_format"}]}'
REFUSALS = [
    (Reply.error(401, f"Incorrect API key provided: {KEY}"), "variable DANMU_LLM_KEY is not good for it: set it"),
    (Reply.error(403, "Forbidden"), "variable DANMU_LLM_KEY is not good for it"),
    (Reply.error(403, "Project has no access to model test-model"), "mend silver.model"),
    (
        Reply.error(404, "model 'test-model' not found"),
        "it has no model test-model, .*: mend silver.model .params.yaml. or DANMU_LLM_URL",
    ),
    (Reply(status=400, body=b"{\"detail\": \"Server is pinned to 'a'; requested 'b'.\"}"), "mend silver.model"),
    (Reply.error(400, "response_format is not supported by this model"), "answer_format json_object: set it to"),
    (Reply.error(422, "Unexpected fields in the request: {'response_format'}"), "silver.answer_format"),
    (
        Reply.error(400, "This model's maximum context length is 512 tokens"),
        "the question is too long: start the server",
    ),
    (Reply.error(400, "'temperature' does not support 0 with this model."), "cannot be asked at temperature 0"),
    (
        Reply.error(400, "tools are missing"),
        r"about comment dm0 \(HTTP 400: tools are missing\); mend the keys of silver",
    ),
    (Reply(status=307, headers={"Location": "https://elsewhere.example/v1"}, body=b""), "it points elsewhere"),
    (Reply(status=422, body=DETAIL), r"\['body', 'model'\] unknown\); it has no model"),
]


@pytest.mark.parametrize(("refusal", "sentence"), REFUSALS)
def test_what_no_patience_mends_ends_at_once_and_names_the_key(
    model: Model, tmp_path: Path, refusal: Reply, sentence: str
) -> None:
    model.replies = lambda request: refusal
    with pytest.raises(UserError, match=f"{sentence}.*{KEPT}") as error:
        asked(model, tmp_path, concurrency=1)
    assert len(model.requests) == 1
    assert KEY not in str(error.value) and error.value.__cause__ is None
    assert str(error.value).startswith(f"{model.url} refuses to answer about comment dm0 (HTTP {refusal.status}")


def test_a_missing_key_is_called_missing(model: Model, tmp_path: Path) -> None:
    model.replies = lambda request: Reply.error(401, "Unauthorized")
    with pytest.raises(UserError, match="DANMU_LLM_KEY is not set: set it to the server's key"):
        asked(model, tmp_path, key=None)


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


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"base_url": "127.0.0.1:8000"}, "DANMU_LLM_URL is '127.0.0.1:8000'; set it to the server's address"),
        ({"base_url": "ftp://x/v1"}, "DANMU_LLM_URL"),
        ({"base_url": "http:///v1"}, "DANMU_LLM_URL"),
        ({"key": "sk-1\n"}, "DANMU_LLM_KEY is empty or holds a blank"),
        ({"key": ""}, "DANMU_LLM_KEY is empty"),
        ({"key": "钥匙"}, "DANMU_LLM_KEY"),
    ],
)
def test_an_address_or_key_that_cannot_be_one_is_refused_before_anything_is_sent(
    tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence) as error:
        asked("http://127.0.0.1:9/v1", tmp_path, **changes)
    assert "sk-1" not in str(error.value) and "钥匙" not in str(error.value)


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
