"""The names under which `danmu collect` keeps segments: a segment itself does not say where it is from.

78462684.134249478.2019122222.seg-3-of-7.pb     video, pool, Beijing hour of collection, third six minutes
78462684.134249478.2019122222.history.pb        the history of a day that was not over yet at that hour
78462684.134249478.20191222.history.pb          the history of a whole day
"""

import re
from datetime import UTC, datetime
from typing import NamedTuple

from pipeline.danmu.record import BEIJING

DAY, HOUR = "%Y%m%d", "%Y%m%d%H"
LAST_HOUR = "23"  # of a day: when its history is what it stays
HISTORY = "history"
NAME = re.compile(
    r"(\d{1,19})\.(\d{1,19})\.(\d{10}(?=\.)|\d{8}(?=\.history\.))\.(seg-[1-9]\d{0,5}-of-[1-9]\d{0,5}|history)\.pb"
)
UNKNOWN_VIDEO = "0"  # a pool that was collected by its own number


class Place(NamedTuple):
    """Which pool a file of segments holds, and when that pool looked so."""

    video_id: str
    chat_id: str
    time: str  # YYYYMMDDHH, or YYYYMMDD for the end of that day; Beijing
    part: str  # seg-1-of-7, …, or history

    @property
    def file_name(self) -> str:
        """The file's name."""
        return ".".join([*self, "pb"])

    @property
    def hour(self) -> str:
        """YYYYMMDDHH, as day files have it."""
        return self.time if len(self.time) == 10 else self.time + LAST_HOUR

    @property
    def number(self) -> tuple[int, int]:
        """Which segment it is, and of how many; a history is the only one."""
        number, _, total = self.part.removeprefix("seg-").partition("-of-")
        return (1, 1) if self.part == HISTORY else (int(number), int(total))

    @property
    def seen(self) -> datetime:
        """The hour in UTC."""
        return datetime.strptime(self.hour, HOUR).replace(tzinfo=BEIJING).astimezone(UTC)


def place_of(name: str) -> Place | None:
    """The place that a file's name gives; None where it is no name of ours."""
    match = NAME.fullmatch(name.rsplit("/", 1)[-1])
    if match is None:
        return None
    place = Place(*match.groups())
    try:
        _ = place.seen
    except (ValueError, OverflowError):
        return None
    return place
