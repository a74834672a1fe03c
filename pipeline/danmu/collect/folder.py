"""The folder that `danmu collect` fills: what is in it, what an interrupted round left, its day files.

    DIR/segments/78462684.134249478.2019122222.seg-3-of-7.pb    every answer as it came (segment_name.py)
    DIR/20191222_danmu_day                                      the same as day files, one for each Beijing day
    DIR/.collect/                                               what an interrupted round goes on from

A file that stands under its name is complete, so that the names tell what is still to be fetched. A day file is made
of segments alone: the same segments give the same bytes.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from pipeline.danmu.readers.segment import text
from pipeline.danmu.readers.segment_elements import elements
from pipeline.danmu.readers.segment_name import HISTORY, HOUR, Place, place_of
from pipeline.danmu.readers.segment_pb2 import DanmakuElem
from pipeline.errors import UserError
from pipeline.files import read_json, replacing, write_json
from pipeline.locks import hold, lockable

HEADER = "video_id\tcollect_YMDH\tchat_id\tmaxlimit\tdanmu_list\n"
#: after this an interrupted round is not resumed: its pools hold other comments by then
LONGEST_ROUND, HOUR_LONG = timedelta(days=1), timedelta(hours=1)


class Part(NamedTuple):
    """A part of a video: its pool, and how many segments that has."""

    video_id: str
    chat_id: str
    segments: int

    def place(self, hour: str, number: int) -> Place:
        """Where the segment belongs that was fetched in that hour; `number` counts from 1."""
        return Place(self.video_id, self.chat_id, hour, f"seg-{number}-of-{self.segments}")

    def places(self, hour: str) -> list[Place]:
        """Where all segments of that hour belong."""
        return [self.place(hour, number) for number in range(1, self.segments + 1)]


class Folder:
    """A folder of collected danmu."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.segments = root / "segments"
        self.notes = root / ".collect"
        files = self.segments.iterdir() if self.segments.is_dir() else ()
        self.places = {place for file in files if (place := place_of(file.name))}
        self.begun = ""  # the hour in which the round began
        self.parts: dict[str, list[Part]] = {}  # those of every target that the round has looked up
        self.days: set[str] = set()  # whose day files lack a segment that is on disk
        if self.round.is_file():
            try:
                note = read_json(self.round)
                self.begun, self.days = note["begun"], set(note["days"])
                self.parts = {target: [Part(*part) for part in parts] for target, parts in note["parts"].items()}
            except (UserError, KeyError, TypeError, ValueError, AttributeError):  # a new round, and every day anew
                self.begun, self.parts, self.days = "", {}, {place.hour[:8] for place in self.places}

    @property
    def round(self) -> Path:
        """The note of a round that is under way."""
        return self.notes / "round.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second collection, by cron for one, from working in the same folder; not on Windows, which lacks this.

        Raises:
            UserError: another one does.
        """
        self.notes.mkdir(parents=True, exist_ok=True)
        with (self.notes / "lock").open("w") as lock:
            try:
                if lockable():
                    hold(lock)
            except OSError:
                raise UserError(
                    f"Another `danmu collect` is at work in {self.root}; let it end, or name another folder with -o."
                ) from None
            yield

    def begin(self, hour: str, resume: bool) -> None:
        """Begin a round in that hour, or go on with one that was interrupted in the last day."""
        if self.begun and resume:
            resume = datetime.strptime(hour, HOUR) - datetime.strptime(self.begun, HOUR) < LONGEST_ROUND
        if not (self.begun and resume) and self.begun != hour:
            self.begun, self.parts = hour, {}
        self.note()

    def end(self) -> None:
        """The round has brought everything."""
        self.begun, self.parts = "", {}
        self.note()

    def note(self) -> None:
        """Write down what the next round needs if this one is killed now."""
        write_json({"begun": self.begun, "days": sorted(self.days), "parts": self.parts}, self.round)

    def keep_parts(self, target: str, parts: list[Part]) -> None:
        """Remember a target's parts for the rest of the round."""
        self.parts[target] = parts
        self.note()

    def has_since_begin(self, part: Part) -> bool:
        """Whether every segment of the part was fetched in one hour of this round."""
        begun = datetime.strptime(self.begun, HOUR)
        hours = (begun + count * HOUR_LONG for count in range(LONGEST_ROUND // HOUR_LONG + 1))
        return any(self.places.issuperset(part.places(hour.strftime(HOUR))) for hour in hours)

    def keep(self, place: Place, body: bytes) -> None:
        """Write an answer as it came. First it is noted that the day file has to be made anew."""
        if place.hour[:8] not in self.days:
            self.days.add(place.hour[:8])
            self.note()
        with replacing(self.segments / place.file_name) as part:
            part.write_bytes(body)
        self.places.add(place)

    def history_days(self, chat_id: str, month: date) -> list[date] | None:
        """The days of a past month that have a history, if they are known."""
        path = self.index(chat_id, month)
        try:
            return [date.fromisoformat(day) for day in read_json(path)]
        except (UserError, TypeError, ValueError):  # not kept yet, or damaged: it is asked for again
            return None

    def keep_history_days(self, chat_id: str, month: date, days: list[date]) -> None:
        """Remember them; a month that is over does not change."""
        write_json([day.isoformat() for day in days], self.index(chat_id, month))

    def index(self, chat_id: str, month: date) -> Path:
        """Where they are kept."""
        return self.notes / f"{chat_id}.{month:%Y-%m}.json"

    def write_day_files(self) -> None:
        """Make the day files anew that lack a segment."""
        for day in sorted(self.days):
            rows = self.snapshots(day)
            if rows:
                with replacing(self.root / f"{day}_danmu_day") as part, part.open("wb") as file:
                    file.write(HEADER.encode())
                    for snapshot in rows:
                        file.write(self.row(snapshot).encode() + b"\n")
        self.days.clear()
        self.note()

    def snapshots(self, day: str) -> list[list[Place]]:
        """That day's pools, each with all its segments in order; one that lacks a segment is left out."""
        pools = defaultdict(list)
        for place in self.places:
            if place.hour[:8] == day:
                key = (int(place.video_id), int(place.chat_id), place.time, place.part == HISTORY, place.number[1])
                pools[key].append(place)
        return [
            sorted(pools[key], key=lambda place: place.number) for key in sorted(pools) if len(pools[key]) == key[-1]
        ]

    def row(self, places: list[Place]) -> str:
        """The day file's row of a pool at one hour."""
        first = places[0]
        collected = elements(b"".join((self.segments / place.file_name).read_bytes() for place in places))
        listed = json.dumps([fields(one) for one in collected if isinstance(one, DanmakuElem)], ensure_ascii=False)
        return "\t".join([first.video_id, first.hour, first.chat_id, "", listed])


def fields(element: DanmakuElem) -> list[str]:
    """The nine fields of a danmu as a day file spells them, and its weight before the text."""
    return [
        f"{element.progress / 1000:.5f}",
        str(element.mode),
        str(element.fontsize),
        str(element.color),
        str(element.ctime),
        str(element.pool),
        text(element.midHash),
        text(element.idStr).strip() or str(element.id),
        str(element.weight),
        text(element.content),
    ]
