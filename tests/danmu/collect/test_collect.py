"""Collecting, from a server on this machine: what is asked, what is kept, what happens when it is refused."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline import locks
from pipeline.cli.collect import service
from pipeline.danmu.collect.collection import Collection, Outcome, Target, read_target
from pipeline.danmu.collect.folder import Folder
from pipeline.danmu.readers.segment import SEGMENT
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment
from pipeline.errors import UserError
from tests.danmu.collect.bilibili import SECRET, Answer, FakeTime, Site, segment, serving

pytest.importorskip("bilibili_api", reason="the extra `collect` is not installed")

BV = "BV1xx411c7mD"
HOUR = "2019122222"
ALL = [("550001", "1"), ("550001", "2"), ("550002", "1"), ("550002", "2")]


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "BILIBILI_SESSDATA"):
        monkeypatch.delenv(name, raising=False)
    with serving(Site()) as site:
        monkeypatch.setenv("DANMU_BILIBILI_URL", site.url)
        yield site


@pytest.fixture
def member(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILIBILI_SESSDATA", SECRET)


def collected(folder: Path, time: FakeTime, target: str = BV, since: date | None = None, **how: object) -> Outcome:
    """One round, as `danmu collect` runs it."""
    with closing(opened(time)) as service:
        return Collection([read_target(target)], Folder(folder), service, time.clock).round(since, **how)  # type: ignore[arg-type]


def opened(time: FakeTime, timeout: float = 20.0):  # type: ignore[no-untyped-def]
    from pipeline.danmu.collect.service import Service

    return Service(time.clock, 1.0, timeout)


def kept(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "segments").iterdir())}


def rows(path: Path) -> list[list[str]]:
    header, *lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    assert header == "video_id\tcollect_YMDH\tchat_id\tmaxlimit\tdanmu_list"
    return [line.split("\t") for line in lines]


def test_a_video_is_kept_as_it_came_and_as_a_day_file(site: Site, tmp_path: Path) -> None:
    outcome = collected(tmp_path, FakeTime())
    assert str(outcome) == "2 video parts: 4 segments fetched, 0 already here"
    assert site.segments() == ALL
    assert kept(tmp_path) == {
        f"780001.{chat}.{HOUR}.seg-{number}-of-2.pb": segment(int(chat), int(number)) for chat, number in ALL
    }
    first, second = rows(tmp_path / "20191222_danmu_day")
    assert first[:4] == ["780001", HOUR, "550001", ""]
    assert second[:4] == ["780001", HOUR, "550002", ""]
    listed = json.loads(first[4])
    assert [comment[7] for comment in listed] == ["550001010", "550001011", "550001020", "550001021"]
    assert listed[1] == [
        "12.34600",
        "1",
        "25",
        "16777215",
        "1577000000",
        "0",
        "3e396595",
        "550001011",
        "7",
        'a\tb\n"c", <d>&\\',
    ]


def test_what_was_kept_reads_back_with_its_video_pool_and_hour(site: Site, tmp_path: Path) -> None:
    collected(tmp_path, FakeTime())
    for path in (tmp_path / "segments").iterdir():
        for comment in SEGMENT.read(Source(path, path.name)):
            assert isinstance(comment, Comment)
            assert comment.video_id == "780001" and comment.chat_id in ("550001", "550002")
            assert comment.seen == datetime(2019, 12, 22, 14, tzinfo=UTC)
            assert str(comment.row_id).startswith(comment.chat_id)


def test_a_pool_may_be_named_by_its_number(site: Site, tmp_path: Path) -> None:
    collected(tmp_path, FakeTime(), "550009")
    assert list(kept(tmp_path)) == [f"0.550009.{HOUR}.seg-{number}-of-2.pb" for number in (1, 2)]
    assert not site.asked("web-interface/view")


def test_nothing_is_sent_elsewhere_and_no_browser_is_invented(site: Site, tmp_path: Path) -> None:
    collected(tmp_path, FakeTime())
    assert [request.path for request in site.requests[:4]] == [
        "/x/frontend/finger/spi",
        "/x/web-interface/view",
        "/x/web-interface/nav",  # the key that segments are signed with
        "/x/v2/dm/wbi/web/seg.so",
    ]
    assert not site.asked("ExClimbWuzhi") and len(site.requests) == 7


def test_requests_keep_their_distance(site: Site, tmp_path: Path) -> None:
    time = FakeTime()
    site.monotonic = lambda: time.seconds
    collected(tmp_path, time)
    times = [request.at for request in site.requests]
    assert len(times) == 7 and all(b - a >= 1.0 for a, b in pairwise(times))


def test_a_round_in_the_same_hour_fetches_nothing_again(site: Site, tmp_path: Path) -> None:
    collected(tmp_path, FakeTime())
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    outcome = collected(tmp_path, FakeTime())
    assert (outcome.fetched, outcome.present, len(site.segments())) == (0, 4, 4)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_an_interrupted_round_goes_on_even_in_the_next_hour(site: Site, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        collected(tmp_path, FakeTime(stop_after=5))  # in the second part
    assert site.segments() == ALL[:3]
    assert [row[2] for row in rows(tmp_path / "20191222_danmu_day")] == ["550001"]  # a part that is whole
    later = FakeTime(datetime(2019, 12, 22, 15, 5, tzinfo=UTC))
    outcome = collected(tmp_path, later)
    assert site.segments() == ALL[:3] + ALL[2:]  # of the part that was cut, the hour had passed
    assert (outcome.fetched, outcome.present) == (2, 2)
    assert len(site.asked("web-interface/view")) == 1
    assert [row[1:3] for row in rows(tmp_path / "20191222_danmu_day")] == [
        ["2019122222", "550001"],
        ["2019122223", "550002"],
    ]
    collected(tmp_path, later, resume=False)
    assert len(site.segments()) == 7  # the round is over: a new one brings what this hour lacks


def test_an_interrupted_round_is_forgotten_after_a_day(site: Site, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        collected(tmp_path, FakeTime(stop_after=5))
    outcome = collected(tmp_path, FakeTime(datetime(2019, 12, 23, 15, tzinfo=UTC)))
    assert outcome.fetched == 4


def test_a_killed_command_goes_on_where_it_was(site: Site, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pipeline.cli", "collect", BV, "-o", str(tmp_path / "out")]
    process = subprocess.Popen(command, env={**os.environ, "DANMU_BILIBILI_URL": site.url})
    end = time.monotonic() + 60
    while len(site.segments()) < 3 and process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    whole = len(kept(tmp_path / "out"))
    assert 2 <= whole <= 3 and not list((tmp_path / "out").glob("*_danmu_day"))
    asked = len(site.segments())
    now = FakeTime(datetime.now(UTC))
    outcome = collected(tmp_path / "out", now)
    assert outcome.parts == 2 and len(site.asked("web-interface/view")) == 1
    assert len(site.segments()) - asked == outcome.fetched <= 2  # two where the hour has just struck
    assert len([row for path in (tmp_path / "out").glob("*_danmu_day") for row in rows(path)]) == 2


@pytest.mark.parametrize(
    "answer",
    [
        Answer.code(-412),
        Answer.code(-799),
        Answer.code(-403),  # the key for signatures has changed
        Answer(b"<html>banned</html>", 412),
        Answer(b"", 503),
        Answer(b"", 302, {"Location": "https://www.bilibili.com/"}),
        Answer(segment(550001, 1)[:-4]),
        Answer(segment(550001, 1)[:-4], length=len(segment(550001, 1))),
        Answer(b"<html>200, though</html>"),
    ],
    ids=["-412", "-799", "-403", "412", "503", "302", "cut", "cut short of its length", "a page"],
)
def test_a_busy_service_is_asked_again_after_longer_waits(site: Site, tmp_path: Path, answer: Answer) -> None:
    site.next = [("seg.so", answer), ("seg.so", answer)]
    time = FakeTime()
    collected(tmp_path, time)
    assert site.segments() == [ALL[0], ALL[0], *ALL]
    assert [nap for nap in time.slept if nap >= 5] == [5, 10]
    assert kept(tmp_path)[f"780001.550001.{HOUR}.seg-1-of-2.pb"] == segment(550001, 1)


def test_a_service_that_says_how_long_to_wait_is_obeyed(site: Site, tmp_path: Path) -> None:
    site.next = [("seg.so", Answer(b"", 429, {"Retry-After": "77"}))]
    time = FakeTime()
    collected(tmp_path, time)
    assert 77 in time.slept


def test_a_slow_answer_is_given_up_and_asked_for_again(site: Site, tmp_path: Path) -> None:
    site.next = [("seg.so", Answer(segment(550001, 1), delay=1.5))]
    time = FakeTime()
    with closing(opened(time, timeout=0.5)) as service:
        Collection([Target("bvid", BV)], Folder(tmp_path), service, time.clock).round()
    assert site.segments() == [ALL[0], *ALL]
    assert len(kept(tmp_path)) == 4


def test_a_service_that_stays_busy_ends_the_round_and_keeps_what_it_gave(site: Site, tmp_path: Path) -> None:
    site.next = [("segment_index=2", Answer.code(-412)) for _ in range(7)]
    time = FakeTime()
    with pytest.raises(UserError, match=r"did not give segment 2 of pool 550001 in 7 tries.*code -412.*not fetched"):
        collected(tmp_path, time)
    assert [nap for nap in time.slept if nap >= 5] == [5, 10, 20, 40, 80, 160]
    assert len(kept(tmp_path)) == 1
    assert collected(tmp_path, FakeTime()).fetched == 3


def test_a_video_that_is_not_there_is_said_before_anything_is_fetched(site: Site, tmp_path: Path) -> None:
    for code in (-404, 62002):
        site.next = [("web-interface/view", Answer.code(code))]
        with pytest.raises(UserError, match=rf"no video {BV} that anybody may see \(code {code}\)"):
            collected(tmp_path, FakeTime())
    site.next = [("web-interface/view", Answer(b"<html>", 404))]
    with pytest.raises(UserError, match="code -404"):
        collected(tmp_path, FakeTime())
    assert not site.segments()


def test_a_segment_behind_the_end_is_empty(site: Site, tmp_path: Path) -> None:
    site.next = [("segment_index=2", Answer(b"", 304)), ("segment_index=2", Answer(b"\x10\x01"))]
    collected(tmp_path, FakeTime())
    assert sorted(map(len, kept(tmp_path).values()))[:2] == [0, 2]


def test_history_brings_each_day_once_and_today_anew(site: Site, member: None, tmp_path: Path) -> None:
    site.history = {
        "2019-11": ["2019-11-29", "2019-11-30"],
        "2019-12": ["2019-12-01", "2019-12-22"],
    }
    collected(tmp_path, FakeTime(), "550001", date(2019, 11, 30))
    days = [request.query["date"] for request in site.asked("history/seg.so")]
    assert days == ["2019-11-30", "2019-12-01", "2019-12-22"]
    assert [name for name in kept(tmp_path) if "history" in name] == [
        "0.550001.20191130.history.pb",
        "0.550001.20191201.history.pb",
        f"0.550001.{HOUR}.history.pb",
    ]
    (row,) = rows(tmp_path / "20191130_danmu_day")
    assert row[:3] == ["0", "2019113023", "550001"] and json.loads(row[4])[0][7] == "550001300"
    assert len(rows(tmp_path / "20191222_danmu_day")) == 2  # the pool as it is, and today's history

    collected(tmp_path, FakeTime(datetime(2019, 12, 23, 1, tzinfo=UTC)), "550001", date(2019, 11, 30))
    days = [request.query["date"] for request in site.asked("history/seg.so")]
    assert days[3:] == ["2019-12-22"]  # it is over now
    assert [request.query["month"] for request in site.asked("history/index")] == ["2019-11", "2019-12", "2019-12"]


def test_history_without_a_login_is_refused_with_the_variable_to_set(
    site: Site, member: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.danmu.collect.service import check_login

    site.next = [("history/index", Answer.code(-101))]
    with pytest.raises(UserError, match=r"members only \(code -101\); set BILIBILI_SESSDATA") as refused:
        collected(tmp_path, FakeTime(), since=date(2019, 12, 1))
    assert SECRET not in str(refused.value)
    monkeypatch.delenv("BILIBILI_SESSDATA")
    with pytest.raises(UserError, match=r"members only; set BILIBILI_SESSDATA"):
        check_login()


def test_the_cookie_goes_to_the_service_and_nowhere_else(site: Site, tmp_path: Path) -> None:
    month = f"{datetime.now(UTC):%Y-%m}"
    site.history = {month: [f"{month}-01"]}
    site.next = [("history/seg.so", Answer.code(-101))]
    command = [
        sys.executable,
        "-m",
        "pipeline.cli",
        "collect",
        "550001",
        "--since",
        f"{month}-01",
        "-o",
        str(tmp_path),
    ]
    environment = {**os.environ, "DANMU_BILIBILI_URL": site.url, "BILIBILI_SESSDATA": SECRET}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 2 and "fresh one" in ended.stderr and ended.stderr.count("\n") == 1
    assert f"SESSDATA={SECRET}" in site.asked("history/seg.so")[0].cookie
    files = [path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 3
    assert not any("s3cret" in text for text in (ended.stdout, ended.stderr, *files))


def test_ctrl_c_ends_hourly_collection_cleanly(site: Site, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pipeline.cli", "collect", "550001", "--hourly", "-o", str(tmp_path)]
    environment = {**os.environ, "DANMU_BILIBILI_URL": site.url}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert "1 video parts: 2 segments fetched" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "") and out.strip().startswith("stopped; the same command goes on")


def test_one_round_says_what_it_brought_and_where_it_is(site: Site, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pipeline.cli", "collect", "550001", "550001", "-o", str(tmp_path)]
    environment = {**os.environ, "DANMU_BILIBILI_URL": site.url}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"1 video parts: 2 segments fetched, 0 already here; kept in {tmp_path}\n"


def test_a_missing_library_is_named_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pipeline.danmu.collect.service", raising=False)
    monkeypatch.setitem(sys.modules, "bilibili_api", None)
    with pytest.raises(UserError, match="install aiohttp bilibili-api-python"):
        service(FakeTime().clock, 1.0, 30.0, login=False)


def test_hourly_collects_now_and_at_every_full_hour(site: Site, tmp_path: Path) -> None:
    time, said = FakeTime(), []

    def report(line: str) -> None:
        said.append(line)
        if len(said) == 4:
            raise KeyboardInterrupt

    with closing(opened(time)) as service:
        collection = Collection([Target("bvid", BV)], Folder(tmp_path), service, time.clock)
        with pytest.raises(KeyboardInterrupt):
            collection.hourly(report)
    assert [line[:10] for line in said] == ["2019122222", "2019122223", "2019122300", "2019122301"]
    assert len(site.segments()) == 16
    assert [row[1] for row in rows(tmp_path / "20191222_danmu_day")] == ["2019122222", "2019122223"] * 2
    assert [row[1] for row in rows(tmp_path / "20191223_danmu_day")] == ["2019122300", "2019122301"] * 2


def test_hourly_outlives_a_video_that_vanishes(site: Site, tmp_path: Path) -> None:
    time, said = FakeTime(), []

    def report(line: str) -> None:
        said.append(line)
        if len(said) == 1:
            site.next = [("web-interface/view", Answer.code(-404))]
        if len(said) == 4:
            raise KeyboardInterrupt

    with closing(opened(time)) as service, pytest.raises(KeyboardInterrupt):
        Collection([Target("bvid", BV)], Folder(tmp_path), service, time.clock).hourly(report)
    assert "anybody may see" in said[1] and said[2].startswith("2019122223: 0 video parts")
    assert said[3].startswith("2019122300: 2 video parts: 4")


def test_two_collections_do_not_share_a_folder(tmp_path: Path) -> None:
    with Folder(tmp_path).locked():
        refused = pytest.raises(UserError, match="Another `danmu collect` is at work")
        with refused, Folder(tmp_path).locked():
            pass


@pytest.mark.parametrize(
    ("given", "target"),
    [
        (BV, Target("bvid", BV)),
        ("bv1xx411c7mD", Target("bvid", BV)),
        (f" https://www.bilibili.com/video/{BV}/?p=2&t=3 ", Target("bvid", BV)),
        (f"m.bilibili.com/video/{BV}", Target("bvid", BV)),
        ("https://www.bilibili.com/video/av170001", Target("aid", "170001")),
        ("av170001", Target("aid", "170001")),
        ("134249478", Target("cid", "134249478")),
    ],
)
def test_a_video_is_named_in_several_ways(given: str, target: Target) -> None:
    assert read_target(given) == target


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("https://b23.tv/abc", "short link; open it in a browser"),
        ("https://www.bilibili.com/bangumi/play/ep1", "names no video; give a number such as BV1xx411c7mD"),
        (f"https://example.org/video/{BV}", "names no video"),
        ("BV1xx", "names no video"),
        ("", "names no video"),
        ("av１", "names no video"),
        ("9" * 30, "names no video"),
    ],
)
def test_what_names_no_video_is_refused_in_a_sentence(given: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        read_target(given)


def test_a_collection_that_no_system_can_lock_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "fcntl", None)  # Windows has none
    with Folder(tmp_path).locked(), Folder(tmp_path).locked():
        pass


def test_a_proxy_that_the_library_cannot_speak_to_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("https_proxy", "socks://anna:s3cret@127.0.0.1:9")
    with pytest.raises(UserError, match=r"https_proxy is socks5://…@127.0.0.1:9, and `danmu collect` speaks to http"):
        service(FakeTime(), interval=1.0, timeout=1.0, login=False)
