"""Collecting danmu: what is asked for, which of its segments are missing, and in which order they are fetched."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, Protocol

from pipeline.danmu.collect.folder import HOUR_LONG, Folder, Part
from pipeline.danmu.readers.segment_name import DAY, HISTORY, HOUR, Place
from pipeline.danmu.record import BEIJING
from pipeline.errors import UserError
from pipeline.runtime import progress

BVID = re.compile(r"BV[0-9A-Za-z]{10}")
ADDRESS = re.compile(r"(?:https?://)?(?:www\.|m\.)?bilibili\.com/(?:s/)?video/([^/?#]+)/?(?:[?#].*)?")
SHORT = re.compile(r"(?:https?://)?b23\.tv/.*")
Report = Callable[[str], None]


class Target(NamedTuple):
    """What somebody asks for: a video by its BV or av number, or one pool by its own."""

    kind: str  # bvid, aid or cid
    value: str

    def __str__(self) -> str:
        names = {"bvid": "video", "aid": "video av", "cid": "pool"}
        return f"{names[self.kind]}{'' if self.kind == 'aid' else ' '}{self.value}"


def read_target(given: str) -> Target:
    """What the text names.

    Raises:
        UserError: neither a video nor a pool.
    """
    text = given.strip()
    if SHORT.fullmatch(text):
        raise UserError(f"{text} is a short link; open it in a browser and give the address that it leads to.")
    if address := ADDRESS.fullmatch(text):
        text = address[1]
    elif text.isascii() and text.isdigit() and len(text) < 19:
        return Target("cid", text.lstrip("0") or "0")
    prefix, rest = text[:2].upper(), text[2:]
    if BVID.fullmatch(prefix + rest):
        return Target("bvid", prefix + rest)
    if prefix == "AV" and rest.isascii() and rest.isdigit() and len(rest) < 19:
        return Target("aid", rest)
    raise UserError(
        f"{given!r} names no video; give a number such as BV1xx411c7mD or av170001, the address of a video's page, "
        "or the number of a pool (cid)."
    )


class Clock(NamedTuple):
    """What time it is, and how to wait; a test has its own."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def hour(self) -> str:
        """The Beijing hour, YYYYMMDDHH."""
        return self.now().astimezone(BEIJING).strftime(HOUR)

    def today(self) -> date:
        """The Beijing day."""
        return self.now().astimezone(BEIJING).date()


class Answers(Protocol):
    """Where segments come from: collect/service.py, or a test's own."""

    def parts(self, target: Target) -> list[Part]:
        """The parts of a video."""

    def segment(self, part: Part, number: int) -> bytes:
        """A segment, counted from 1."""

    def history_days(self, part: Part, month: date) -> list[date]:
        """The days of that month that have a history."""

    def history(self, part: Part, day: date) -> bytes:
        """The pool at the end of that day."""


@dataclass
class Outcome:
    """What a round brought."""

    parts: int = 0
    fetched: int = 0  # segments and days of history
    present: int = 0  # those that were on disk before

    def __str__(self) -> str:
        return f"{self.parts} video parts: {self.fetched} segments fetched, {self.present} already here"


@dataclass
class Collection:
    """Targets, and what it takes to bring them into a folder."""

    targets: list[Target]
    folder: Folder
    answers: Answers
    clock: Clock

    def round(self, since: date | None = None, resume: bool = True, missing: Report | None = None) -> Outcome:
        """Bring every pool as it is now, and as it was on every day from `since` on.

        Args:
            since: the first day of history; None brings none.
            resume: go on with a round that was interrupted, even in an hour before this one.
            missing: called with the sentence for a target that cannot be had, in place of the exception.

        Raises:
            UserError: a target cannot be had, or the service stays busy.
        """
        self.folder.begin(self.clock.hour(), resume)
        outcome = Outcome()
        try:
            videos = progress(self.look_up(missing), "videos", len(self.targets))
            parts = [part for parts_of_video in videos for part in parts_of_video]
            outcome.parts = len(parts)
            for new in progress(self.current(parts), "segments", sum(part.segments for part in parts)):
                outcome.fetched, outcome.present = outcome.fetched + new, outcome.present + (not new)
            if since:
                months = [(part, month) for part in parts for month in self.months(since)]
                by_month = progress(map(self.history_days, months), "months", len(months))
                days = [(part, day) for (part, _), listed in zip(months, by_month) for day in listed if day >= since]
                for new in progress(map(self.day, days), "days", len(days)):
                    outcome.fetched, outcome.present = outcome.fetched + new, outcome.present + (not new)
        finally:
            self.folder.write_day_files()
        self.folder.end()
        return outcome

    def look_up(self, missing: Report | None) -> Iterator[list[Part]]:
        """Each target's parts."""
        for target in self.targets:
            try:
                if str(target) not in self.folder.parts:
                    self.folder.keep_parts(str(target), self.answers.parts(target))
                yield self.folder.parts[str(target)]
            except UserError as error:
                if missing is None:
                    raise
                missing(str(error))

    def current(self, parts: list[Part]) -> Iterator[bool]:
        """Bring every segment, and say of each whether it had to be fetched.

        A part of which an earlier hour brought only some segments is fetched anew: a snapshot is of one hour.
        """
        for part in parts:
            if self.folder.has_since_begin(part):
                yield from [False] * part.segments
                continue
            for number, place in enumerate(part.places(self.clock.hour()), start=1):
                new = place not in self.folder.places
                if new:
                    self.folder.keep(place, self.answers.segment(part, number))
                yield new

    def months(self, since: date) -> Iterator[date]:
        """The first days of the months from `since` to now."""
        month = since.replace(day=1)
        while month <= self.clock.today():
            yield month
            month = (month + timedelta(days=31)).replace(day=1)

    def history_days(self, wanted: tuple[Part, date]) -> list[date]:
        """A month's days of history; those of a month that is over are asked for once."""
        part, month = wanted
        days = self.folder.history_days(part.chat_id, month)
        if days is None:
            days = self.answers.history_days(part, month)
            if month < self.clock.today().replace(day=1):
                self.folder.keep_history_days(part.chat_id, month, days)
        return days

    def day(self, wanted: tuple[Part, date]) -> bool:
        """Bring a day of history, and say whether it had to be fetched; today's changes with the hour."""
        part, day = wanted
        time = day.strftime(DAY) if day < self.clock.today() else self.clock.hour()
        place = Place(part.video_id, part.chat_id, time, HISTORY)
        new = place not in self.folder.places
        if new:
            self.folder.keep(place, self.answers.history(part, day))
        return new

    def hourly(self, report: Report) -> None:
        """Bring the pools now and at every full hour, until somebody stops it.

        An error in the first round ends it. Later a video may vanish or the service be away for an hour: that is
        reported, and the next hour tries again.
        """
        report(f"{self.clock.hour()}: {self.round(resume=False)}")
        while True:
            hour = self.clock.hour()
            while self.clock.hour() == hour:
                now = self.clock.now()
                self.clock.sleep((now.replace(minute=0, second=0, microsecond=0) + HOUR_LONG - now).total_seconds())
            try:
                report(f"{self.clock.hour()}: {self.round(resume=False, missing=report)}")
            except UserError as error:
                report(str(error))
