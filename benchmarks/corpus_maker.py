"""Corpora of any size for the benchmarks: real texts under made-up attributes, the same bytes from the same seed.

What was made is counted on the way, so that a reader's counts can be checked against the truth.
"""

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape, unescape
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "data" / "real-danmu" / "raw"
ELEMENT = re.compile(r'<d p="[^"]*">([^<]*)</d>')
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # would end a day file's row, or no parser would take it
LONGEST = 500  # characters; longer ones are drawings

HEADER = b"video_id\tcollect_YMDH\tchat_id\tmaxlimit\tdanmu_list\n"
POOL = 500  # comments of a video that a snapshot holds
VIDEOS = 42  # that are watched, hour after hour: a larger corpus has more days
HOURS = 48  # of a corpus that has more videos instead
LARGEST_FILE = 500_000_000  # bytes of a day file
FIRST_HOUR = datetime(2019, 12, 22)  # in Beijing
FIRST_TIME = 1_576_944_000  # the same as Unix time
FIRST_DAY_ID = 26_132_238_280_687_620  # 17 digits; row ids of that time are even numbers
FIRST_XML_ID = 1_411_714_187_377_362_432  # 19 digits
XML_COMMENTS = 3000  # of one XML file
XML_BEGIN = (
    '<?xml version="1.0" encoding="UTF-8"?><i><chatserver>chat.bilibili.com</chatserver><chatid>{}</chatid>'
    "<mission>0</mission><maxlimit>3000</maxlimit><state>0</state><real_name>0</real_name><source>k-v</source>"
)


@dataclass(frozen=True)
class Spelling:
    """How a comment and a list of them are written. Values: onset, mode, colour, time, sender, row id, text."""

    comment: str
    text: Callable[[str], str]
    opening: str
    between: str
    closing: str
    can_be_cut: bool = True  # whether a list that is cut short can be told from a whole one


SPELLINGS = {
    "python": Spelling("('{:.5f}', '{}', '25', '{}', '{}', '0', '{:x}', '{}', {})", repr, "[", ", ", "]"),
    "json": Spelling(
        '["{:.5f}", "{}", "25", "{}", "{}", "0", "{:x}", "{}", {}]',
        lambda text: json.dumps(text, ensure_ascii=False),
        "[",
        ", ",
        "]",
    ),
    "fragments": Spelling(
        '<d p="{:.5f},{},25,{},{},0,{:x},{}">{}</d>', lambda text: escape(text, quote=False), "", "", ""
    ),
    "joined": Spelling("{:.5f},{},25,{},{},0,{:x},{},{}", str, "", ",", "", can_be_cut=False),
}
XML_ELEMENT = '<d p="{:.5f},{},25,{},{},0,{:x},{},10">{}</d>'
#: what is wrong with some elements: the first four in all files alike, one of the others in every fifth file,
#: because it costs strict readers the whole file
FLAWS: list[Callable[[str], str]] = [
    lambda element: element.replace('">', '">A&B', 1),
    lambda element: element.replace('">', '">&#39;', 1),
    lambda element: element.replace('">', '">\x0b', 1),
    lambda element: element.replace(",25,", ",25,-", 1),  # a negative colour
    lambda element: element.replace('">', '">a<b ', 1),
    lambda element: element.removesuffix("</d>"),
]
REJECTED = (5,)  # those that leave no comment
RARE = {3: 4, 7: 5}  # last digit of a file's number: its flaw


@dataclass(frozen=True)
class Make:
    """What a corpus is like."""

    form: str = "day-file"  # or xml
    records: int = 5000  # rounded to whole pools; of XML, to whole files
    damaged: float = 0.001  # share of the records, and of the lists that are cut short
    unique: bool = False  # every record another comment: no duplicates
    wide: bool = False  # more records are more videos in the same hours, not more days
    stay: float = 12  # snapshots that hold a comment, on average
    spelling: str = "python"
    order: str = "hour"  # of rows: hour by hour, as a collector appends them, or video by video
    seed: int = 20191222


@dataclass
class Truth:
    """What a corpus holds."""

    records: int = 0
    comments: int = 0  # distinct and sound
    rejected: int = 0  # records that are no comment
    mib: float = 0.0


def real_texts() -> list[str]:
    """Texts of real danmu, as often as they occur; of the sample where the real ones are not at hand."""
    files = sorted(REAL.rglob("*.xml"))
    texts = [unescape(text) for file in files for text in ELEMENT.findall(file.read_text("utf-8", "replace"))]
    if not texts:
        from pipeline.danmu.corpus.parsing import parse_corpus

        with tempfile.TemporaryDirectory() as place:
            parse_corpus([ROOT / "data" / "raw"], Path(place))
            texts = pl.read_parquet(Path(place) / "comments.parquet")["text"].to_list()
    return [text for text in texts if text.strip() and len(text) <= LONGEST and not CONTROL.search(text)]


class Writer:
    """Comments with growing row ids, spelled."""

    def __init__(self, make: Make, comment: str, texts: list[str], first_id: int) -> None:
        self.draw = np.random.default_rng(make.seed)
        self.make, self.comment, self.texts, self.next_id = make, comment, texts, first_id

    def fresh(self, number: int, time: int, flawed_colors: bool) -> list[str]:
        """New comments; the colour of some is none."""
        draw = self.draw
        ids = self.next_id + 2 * np.cumsum(draw.integers(1, 1 << 15, number))
        self.next_id = int(ids[-1]) if number else self.next_id
        flawed = (draw.random(number) < (self.make.damaged if flawed_colors else 0)).tolist()
        white = draw.random(number) < 0.85
        colors = np.where(white, 0xFFFFFF, draw.integers(0, 1 << 24, number)).tolist()
        columns = (
            (draw.integers(0, 600_000, number) / 1000).tolist(),
            draw.choice([1, 4, 5], number, p=[0.9, 0.04, 0.06]).tolist(),
            ["ffffff" if bad else color for bad, color in zip(flawed, colors)] if any(flawed) else colors,
            (time + draw.integers(0, 3600, number)).tolist(),
            draw.integers(1 << 24, 1 << 32, number).tolist(),
            ids.tolist(),
            [self.texts[index] for index in draw.integers(0, len(self.texts), number).tolist()],
        )
        return list(map(self.comment.format, *columns))


class DayFiles:
    """1_danmu_day, 2_danmu_day, …: a further one for each day, and wherever one is full."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.number, self.day, self.size, self.total = folder, 0, "", 0, 0
        self.file: BinaryIO | None = None

    def write(self, day: str, row: bytes) -> None:
        if self.file is None or day > self.day or self.size + len(row) > LARGEST_FILE:
            self.close()
            self.number += 1
            self.day, self.size = day, 0
            self.file = (self.folder / f"{self.number}_danmu_day").open("wb", buffering=1 << 20)
            row = HEADER + row
        self.file.write(row)
        self.size += len(row)
        self.total += len(row)

    def close(self) -> None:
        if self.file is not None:
            self.file.close()


def shape(make: Make) -> tuple[int, int]:
    """How many hours and videos the day files hold."""
    rows = max(1, round(make.records / POOL))
    hours = min(HOURS, rows) if make.wide else max(1, rows // VIDEOS)
    return hours, rows // hours


def snapshots(make: Make) -> Iterator[tuple[int, int]]:
    """Hour and video of each row."""
    rows = max(1, round(make.records / POOL))
    hours, videos = shape(make)
    for row in range(rows):
        over = row - hours * videos  # those that fill no hour are a further hour
        if over >= 0:
            yield hours, over
        else:
            yield divmod(row, videos) if make.order == "hour" else divmod(row, hours)[::-1]


def make_day_files(make: Make, folder: Path, texts: list[str]) -> Truth:
    """Day files. A pool drops its oldest comments each hour for as many new ones."""
    spelling = SPELLINGS[make.spelling]
    writer = Writer(make, spelling.comment, [spelling.text(text) for text in texts], FIRST_DAY_ID)
    truth, files = Truth(), DayFiles(folder)
    #: 500 at first and some each hour, so that records / comments = make.stay
    hours, _ = shape(make)
    turnover = POOL * max(0.0, (hours / make.stay - 1) / max(1, hours - 1))
    pools: dict[int, list[str]] = {}
    for hour, video in snapshots(make):
        pool = pools.get(video, [])
        coming = POOL if make.unique or not pool else min(POOL, int(writer.draw.poisson(turnover)))
        new = writer.fresh(coming, FIRST_TIME + 3600 * hour, True)
        pool = pool[coming:] + new
        pools[video] = pool
        truth.comments += coming  # a colour that is none costs no comment
        truth.records += POOL
        listed = pool
        if (
            spelling.can_be_cut and hour and writer.draw.random() < make.damaged
        ):  # within the oldest comment, seen before
            listed = [*pool[1:], pool[0][: len(pool[0]) // 2]]
            truth.rejected += 1
            truth.comments -= make.unique
        closing = spelling.closing if listed is pool else ""
        moment = (FIRST_HOUR + timedelta(hours=hour)).strftime("%Y%m%d%H")
        row = f"{78_000_000 + video}\t{moment}\t{134_000_000 + video}\t{POOL}\t"
        row += spelling.opening + spelling.between.join(listed) + closing + "\n"
        files.write(moment[:8], row.encode())
    files.close()
    truth.mib = files.total / 2**20
    return truth


def make_xml(make: Make, folder: Path, texts: list[str]) -> Truth:
    """XML files, each the pool of a video, with nine attributes."""
    writer = Writer(make, XML_ELEMENT, [escape(text, quote=False) for text in texts], FIRST_XML_ID)
    truth, size = Truth(), 0
    for number in range(max(1, round(make.records / XML_COMMENTS))):
        elements = writer.fresh(XML_COMMENTS, FIRST_TIME + 3600 * number, False)
        places = np.flatnonzero(writer.draw.random(XML_COMMENTS) < make.damaged).tolist()
        flaws = dict(zip(places, writer.draw.integers(0, 4, len(places)).tolist()))
        if make.damaged and number % 10 in RARE:
            flaws[XML_COMMENTS // 2] = RARE[number % 10]
        for place, flaw in flaws.items():
            elements[place] = FLAWS[flaw](elements[place])
            truth.rejected += flaw in REJECTED
        content = (XML_BEGIN.format(134_000_000 + number) + "".join(elements) + "</i>").encode()
        (folder / f"{number:05}.xml").write_bytes(content)
        truth.records += XML_COMMENTS
        size += len(content)
    truth.comments = truth.records - truth.rejected
    truth.mib = size / 2**20
    return truth


def make_corpus(make: Make, folder: Path, texts: list[str]) -> Truth:
    """Write a corpus into a folder, which is made."""
    folder.mkdir(parents=True)
    return (make_day_files if make.form == "day-file" else make_xml)(make, folder, texts)
