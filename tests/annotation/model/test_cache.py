"""What is kept: enough to go on after a kill and to replay without anybody, and nothing that was no answer."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.annotation.model.answer import read_said
from pipeline.annotation.model.asking import Asked, ask
from pipeline.annotation.model.budget import Budget
from pipeline.annotation.model.cache import Cache
from pipeline.annotation.model.question import Said
from pipeline.annotation.model.request import request_key
from pipeline.errors import UserError
from tests.annotation.model.llm_server import (
    LEAVES,
    Model,
    Reply,
    Request,
    hurried,
    questions,
    service,
    serving,
)
from tests.conftest import ROOT

NOBODY = "http://127.0.0.1:9/v1"


def asked(model: Model | str, folder: Path, count: int, **changes: Any) -> Asked:
    return ask(questions(count), service(model, **changes), Budget(), folder / "answers.sqlite", retries=3)


def particular(request: Request) -> Reply:
    """All that can happen, by the comment's number and the attempt."""
    number = int(request.comment.removeprefix("弹幕 dm"))
    unusable = [
        Reply("no JSON"),
        Reply('{"leaf": "anger"}'),
        Reply("{", finish="length"),
        Reply(None, refusal="No."),
        Reply(None, finish="content_filter"),
        Reply(usage=None, text=f"attempt {request.attempt}"),
        Reply("\ud800\u0000泪", usage={"prompt_tokens": 5, "completion_tokens": 2**70}),
        Reply(status=400, body=b'{"error": {"message": "Content Exists Risk \\ud800"}}'),
    ]
    kind = number % (len(unusable) + 1)
    if kind == len(unusable) or request.attempt > 1 + number % 3:
        return Reply.leaf(LEAVES[number % 4])
    return unusable[kind]


def test_a_replay_gives_the_same_and_calls_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hurried(monkeypatch)
    with serving(Model(replies=particular)) as model:
        first = asked(model, tmp_path, 60, attempts=3)
    assert {answer.leaf is None for answer in first.answers} == {True, False}
    assert first.requests == len(model.requests) > 100 and first.from_cache == 0
    for concurrency in (1, 16):
        again = asked(NOBODY, tmp_path, 60, attempts=3, concurrency=concurrency)
        assert again == replace(first, from_cache=60, requests=0)


def test_more_attempts_go_on_from_the_ones_there_were(model: Model, tmp_path: Path) -> None:
    model.replies = lambda request: Reply("?") if request.attempt < 3 else Reply()
    assert asked(model, tmp_path, 4, attempts=2).answers[0].leaf is None
    model.requests.clear()
    result = asked(model, tmp_path, 4, attempts=3)
    assert [request.attempt for request in model.requests] == [3, 3, 3, 3]
    assert result.answers[0].leaf == "joy" and result.answers[0].input_tokens == 300


def test_what_never_was_an_answer_is_not_kept(model: Model, tmp_path: Path) -> None:
    model.replies = lambda request: Reply.error(500, "oops")
    with pytest.raises(UserError):
        asked(model, tmp_path, 1)
    with sqlite3.connect(tmp_path / "answers.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM answers").fetchone() == (0,)


ASKING = """
import sys
from pathlib import Path
from pipeline.annotation.model.asking import ask
from pipeline.annotation.model.budget import Budget
from tests.annotation.model.llm_server import questions, service
asked = ask(questions({count}), service({url!r}), Budget(), Path({file!r}))
print(*(answer.leaf for answer in asked.answers))
"""


def start(model: Model, file: Path, count: int) -> "subprocess.Popen[str]":
    code = ASKING.format(url=model.url, file=str(file), count=count)
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT)


def test_after_a_kill_only_the_rest_is_asked(model: Model, tmp_path: Path) -> None:
    model.replies = lambda request: Reply(delay=0.01)
    process = start(model, tmp_path / "answers.sqlite", 200)
    deadline = time.monotonic() + 20
    while len(model.requests) < 60 and time.monotonic() < deadline:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(5) == -signal.SIGKILL
    process.stdout.close()  # type: ignore[union-attr]
    time.sleep(0.1)  # for what the server had received
    first = len(model.requests)
    assert 60 <= first < 200
    model.requests.clear()
    model.replies = lambda request: Reply()
    result = asked(model, tmp_path, 200)
    assert [answer.comment_id for answer in result.answers] == [f"dm{number}" for number in range(200)]
    assert first - 4 <= result.from_cache <= first  # what four requests were about was on its way
    assert len(model.requests) == 200 - result.from_cache


def test_processes_may_share_the_file_from_its_first_moment(model: Model, tmp_path: Path) -> None:
    file = tmp_path / "shared" / "answers.sqlite"
    model.replies = lambda request: Reply.leaf(LEAVES[len(model.requests) % 4], delay=0.002)  # never twice the same
    processes = [start(model, file, 60) for _ in range(3)]
    results = [process.communicate(timeout=30)[0].split() for process in processes]
    ours = service(model)
    with Cache(file) as cache:
        kept = [cache.find(request_key(ours, one, one.messages)) for one in questions(60)]
    assert results == [[read_said(said, LEAVES).leaf for said in kept if said is not None]] * 3
    assert len(results[0]) == 60 and len(set(results[0])) > 1


def test_of_two_answers_to_the_same_the_first_counts_for_both(tmp_path: Path) -> None:
    with Cache(tmp_path / "answers.sqlite") as one, Cache(tmp_path / "answers.sqlite") as other:
        first, second = Said("joy", "stop", 1, 2, "m"), Said("moved", "length", None, None, "n")
        assert one.keep("k", "m", first) == first
        assert other.keep("k", "m", second) == first == other.find("k")
        assert other.keep("l", "m", second) == second == one.find("l")
        assert one.find("m") is None


def test_what_is_kept_is_on_disk_at_once(tmp_path: Path) -> None:
    with Cache(tmp_path / "answers.sqlite") as cache:
        cache.keep("k", "m", Said("joy", "stop"))
        with sqlite3.connect(f"file:{tmp_path / 'answers.sqlite'}?mode=ro", uri=True) as reader:
            assert reader.execute("SELECT text FROM answers").fetchall() == [("joy",)]


def test_a_file_that_is_none_of_ours_is_named(tmp_path: Path) -> None:
    file = tmp_path / "answers.sqlite"
    file.write_text("no database, but quite some text " * 100)
    with pytest.raises(UserError, match=r"answers.sqlite is no file of answers, or a damaged one .*; move it away"):
        Cache(file)
    assert file.read_text().startswith("no database")
    file.unlink()
    file.mkdir()
    with pytest.raises(UserError, match=r"answers.sqlite, where answers are kept, cannot be used"):
        Cache(file)
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE answers (key, value)")
    with pytest.raises(
        UserError, match=r"other.sqlite is no file of answers, .*its table has other columns.*; move it away"
    ):
        Cache(other)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot be used .*; see that the folder can be written"):
        Cache(tmp_path / "file" / "answers.sqlite")
