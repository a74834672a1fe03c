"""Damaged bytes for every reader: none may raise, hang, lose a record or give a text that is no UTF-8.

Under atheris, which is guided by the lines that are reached:

    python -m tests.danmu.fuzz_readers [libFuzzer's options] [corpus folder]

or at random, without it:

    python -m tests.danmu.fuzz_readers --random SEED INPUTS

An input's first byte says which of SEEDS it began as. NUMBA_CACHE_DIR, where it is set, holds the machine code of
this run alone: NUMBA_BOUNDSCHECK=1 gives another one than the readers use.
"""

import faulthandler
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import numba

import pipeline.danmu.compiled  # noqa: F401  (it names a folder of its own)

SLOWEST = 10.0  # seconds for one input of some thousand bytes

MARKS = [
    *(mark.encode() for mark in "\"'\\<>&;,|[](){}\t\n\r #=/:.-+eE09 \ufeff\u3000\ufffd🎉好"),
    *(b'<d p="', b"</d>", b'">', b"<d ", b"<i>", b"&#39;", b"&amp;", b"<![CDATA[", b"]]>", b"<!--", b"<chatid>"),
    *(b"\\u4e00", b"\\ud83d", b"\\udc00", b"\\x41", b"\\n", b"\\", b"''", b'""', b"), (", b"], [", b"[[", b"[("),
    *(b"12.5,1,25,16777215,1577000000,0,3e396595,26140000000000001,", b"1,1,25,", b"5.43E+16", b"9.9E-6", b"2.89E+60"),
    *(
        b"780001\t2019122222\t550001\t500\t",
        b"1,2019122223,2,3,",
        b'{"code":-412}',
        b"<html>",
        b"null",
        b"NaN",
        b"1e999",
    ),
    *(b"9223372036854775807", b"9223372036854775808", b"18446744073709551616", b"4294967296", b"-1", b"9" * 400),
    *(
        b"\xff",
        b"\x00",
        b"\x80\x80",
        b"\xff\xfe",
        b"\xe4\xb8",
        b"\n\x7f",
        b"\x08\x01",
        b"\xff\xff\xff\xff\x0f",
        b"\x1f\x8b",
    ),
]


def damaged(content: bytes, random: Random, most: int = 1 << 14) -> bytes:
    """The bytes with one to four changes."""
    spoilt = bytearray(content)
    for _ in range(random.choice([1, 1, 2, 4])):
        begin = random.randrange(len(spoilt) + 1)
        end = min(len(spoilt), begin + random.choice([0, 1, 1, 2, 4, 16, 64]))
        match random.randrange(6):
            case 0:
                del spoilt[begin:end]
            case 1:
                spoilt[begin:begin] = random.choice(MARKS)
            case 2:
                spoilt[begin:end] = random.choice(MARKS) * random.choice([1, 1, 2, 9])
            case 3:
                place = random.randrange(len(spoilt) + 1)
                spoilt[place:place] = spoilt[begin:end] * random.choice([1, 2])
            case 4 if begin < len(spoilt):
                spoilt[begin] ^= 1 << random.randrange(8)
            case _ if random.randrange(4) == 0:
                del spoilt[begin:]
    return bytes(spoilt[:most])


def other_tables(said: list[Any]) -> list[tuple[str, bytes]]:
    """Tables as spreadsheets and crawlers leave them."""
    from tests.danmu.writers import fields

    nine = [[*fields(replace(one, weight=None))] for one in said]
    dates = ["6/17/2020 10:38", "Wed Jun 17 10:38:21 2020", "2020年6月17日 10时38分", "20200617103821"]
    named = [
        f"26140000000000001,00:1{number},滚动,#fff,{date},http://comment.example/{number}.xml,好,x"
        for number, date in enumerate(dates)
    ]
    header = "弹幕ID,出现时间,弹幕类型,弹幕颜色,发送时间,弹幕地址,弹幕内容,备注"
    text = "\n".join(["弹幕导出,,,", header, *named, ""])
    tables = [
        ("CSV", text.encode()),
        ("CSV", ("sep=,\n" + text).replace("\n", "\r").encode("utf-8-sig")),
        ("CSV", "".join(",".join(row[:8]) + f',"{number}"\n' for number, row in enumerate(nine)).encode()),
    ]
    with suppress(ImportError):  # an optional extra
        import openpyxl

        book, packed = openpyxl.Workbook(), BytesIO()
        for row in [header.split(","), *(row.split(",") for row in named)]:
            book.active.append(row)
        book.save(packed)
        tables.append(("Excel", packed.getvalue()))
    return tables


def prepare() -> None:
    """Import the readers; under atheris the compiled ones before it looks at what is imported."""
    folder = os.environ.get("NUMBA_CACHE_DIR")
    if folder:
        numba.config.CACHE_DIR = folder
    from pipeline.danmu.compiled import content, day_file, sightings  # noqa: F401


class Readers:
    """The sound files, and the check of a damaged one."""

    def __init__(self) -> None:
        from pipeline.danmu.corpus.forms import BY_NAME
        from pipeline.danmu.record import Comment
        from tests.danmu.test_encodings import BODIES, MANY
        from tests.danmu.test_round_trip import ENCODINGS, PACKERS
        from tests.danmu.test_xml_families import CHATS, ROOM, STYLE, USER
        from tests.danmu.test_xml_families import d as recorded
        from tests.danmu.writers import WRITERS

        self.by_name = BY_NAME
        self.folder = tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
        self.path = Path(self.folder.name) / "file"
        first = Comment(
            text="他说'好'，“\u3000”",
            onset_s=12.5,
            mode=1,
            font_size=25,
            color=16777215,
            sent_at=datetime(2019, 12, 22, 7, 33, 20, tzinfo=UTC),
            pool=0,
            sender="3e396595",
            row_id=26140000000000001,
            weight=3,
        )
        others = [
            replace(first, row_id=26140000000000002, text='a & b < c\n"[1,\\"x\\"]" &#39;', mode=8, sender="0159"),
            replace(first, row_id=26140000000000001, onset_s=0.001, text="23333"),
            replace(first, row_id=None, text="🎉", sender="D1", color=2**32 - 1),
        ]
        said = [first, *others]
        plain = [(writer.form, writer.file, writer.write(writer.carried(said))) for writer in WRITERS.values()]
        self.seeds = plain + [
            (form, name, pack(content)) for form, name, content in plain[::5] for pack in PACKERS.values()
        ]
        self.seeds += [
            ("Bilibili XML", "file", content.encode())
            for content in (
                f"<i><chatid>0</chatid>{ROOM}{STYLE}{recorded(1, '一', 0, USER)}<sc ts='2' uid='9'>醒目</sc></i>",
                f"<!-- {recorded(1, '一')} -->{recorded(2, '二')}<!-- b --><d p='12.5,1,255,1a2b' /><oid>8</oid>",
                '<?xml version="2.0"?><i><d p="26140000000000001,0,61486,1,25,255,1577836800,0,1a2b">存</d></i>',
            )
        ]
        self.seeds.append(("XML of other sites", "file", CHATS.encode()))
        self.seeds += [("Bilibili XML", "file", pack(MANY.encode()[:3000])) for pack in BODIES.values()]
        self.seeds += [
            ("Parquet", "file", pack(content))
            for form, _, content in plain
            if form == "Parquet"
            for pack in PACKERS.values()
        ]
        self.seeds += [(form, "file", content.encode()) for form, content in families()]
        self.seeds += [(form, "file", content) for form, content in other_tables(said)]
        self.seeds += [
            (form, name, encode(content.decode()))
            for form, name, content in plain
            if form in ("Bilibili XML", "CSV", "JSON lines")
            for encode in ENCODINGS.values()
        ]

    def check(self, which: int, content: bytes, slowest: float = SLOWEST) -> None:
        """Read a damaged file by the reader that it is given to, and by that of the form it began as."""
        from pipeline.danmu.corpus.forms import reader_of
        from pipeline.danmu.readers.source import Source

        form, name, _ = self.seeds[which % len(self.seeds)]
        self.path.write_bytes(content)
        begin = time.monotonic()
        reader = reader_of(Source(self.path, name))
        for one in {reader.name: reader, form: self.by_name[form]}.values():
            source = Source(self.path, name)
            check_batches(list(one.read([source])))
            assert all(isinstance(fault, str) and fault for fault in source.faults)
        assert time.monotonic() - begin < slowest, "too slow"


def families() -> Iterator[tuple[str, str]]:
    """JSON as other sites, players, converters and recorders of live rooms write it."""
    p, time = "12.5,1,25,16777215,1577000000,0,3e396595,26140000000000001", 1577000000
    live = [[0, 1, 25, 255, time * 1000, 0, 0, "3e396595"], "好", [1, "甲"], [], [], [], 0, 0]
    chat = {"thread": "1", "vpos": 1250, "date": time, "mail": "184 ue red", "user_id": "u", "content": "好"}
    objects = {
        "acfun": {"position": 1, "body": "好", "danmakuId": 1, "userId": 2, "createTime": time * 1000, "mode": 1},
        "niconico": {"vposMs": 1, "body": "好", "id": "1", "commands": ["ue"], "postedAt": "2020-01-01T00:00:00+09:00"},
        "youku": {"playat": 1, "content": "好", "id": 1, "propertis": '{"pos":1,"color":255,"size":1}'},
        "tencent": {"time_offset": "1", "content": "好", "id": "1", "content_style": '{"position":2,"color":"ffffff"}'},
        "mango": {"time": 1, "content": "好", "ids": "1", "v2_color": {"color_left": {"r": 1, "g": 2, "b": 3}}},
        "iqiyi": {"contentId": "1", "content": "好", "showTime": "1", "color": "ffffff", "userInfo": {"uid": "1"}},
        "dplayer": {"author": "u", "time": 1, "text": "好", "type": "top", "color": "#fff"},
        "artplayer": {"text": "好", "time": 1, "mode": 0, "color": "#fff", "border": False},
        "dandanplay": {"cid": 1, "p": "12.5,1,255,[iqiyi]", "m": "好"},
        "converted": {"@p": p, "#text": "好"},
        "converted too": {"$": {"p": p}, "_": ["好"]},
        "legacy": {"chat": chat},
        "live": {"cmd": "DANMU_MSG:4:0", "info": live, "roomid": 1},
        "paid": {"cmd": "SUPER_CHAT_MESSAGE", "data": {"id": 1, "uid": 1, "message": "好", "ts": time}},
        "wrapped": {"raw": json.dumps({"cmd": "DANMU_MSG", "info": live}), "type": "x"},
        "archive": {"type": "comment", "timestamp": time * 1000, "text": "好", "sender": {"uid": "1"}},
        "gift": {"type": "give_gift", "timestamp": time * 1000, "sender": {"uid": "1"}},
        "douyin": {
            "method": "WebcastChatMessage",
            "content": "好",
            "user": {"id": "1"},
            "common": {"createTime": time},
        },
    }
    for one in objects.values():
        yield "JSON lines", f"{json.dumps(one, ensure_ascii=False)}\n" * 2
        yield "JSON", json.dumps({"chatid": ["1"], "meta": {"start_time": time}, "d": [one, one]}, ensure_ascii=False)


def check_batches(batches: list) -> None:  # type: ignore[type-arg]
    """Every record is a comment, a repetition or rejected, and every value is one."""
    for batch in batches:
        comments = batch.comments
        repeated = sum(batch.records) - len(comments) - len(batch.rejected)
        assert repeated >= 0, "more comments than records"
        assert repeated == 0 or comments["row_id"].drop_nulls().len(), "a record is lost"
        for name in ("text", "sender", "video_id", "chat_id", "comment_id"):
            comments[name].to_arrow().validate(full=True)
        assert comments["text"].null_count() == 0
        for one in batch.rejected:
            assert one.reason and one.line >= 1
            (one.reason + one.excerpt).encode()
        for name, largest in {"mode": 99, "pool": 99, "font_size": 10_000, "color": 2**32 - 1, "weight": 100}.items():
            assert comments[name].drop_nulls().is_between(0, largest).all(), name
        assert comments["onset_s"].drop_nulls().is_between(-1e12, 1e12).all()
        assert comments["row_id"].drop_nulls().is_between(1, 2**63 - 1).all()
        assert (comments["order"] >= 0).all()


def at_random(seed: int, inputs: int) -> None:
    """Damage seeds at random; print the bytes of what fails."""
    prepare()
    readers, random = Readers(), Random(seed)
    for which, (_, _, content) in enumerate(readers.seeds):
        readers.check(which, content, 300)  # what is compiled is compiled now
    failed = 0
    for _ in range(inputs):
        which = random.randrange(len(readers.seeds))
        content = damaged(readers.seeds[which][2], random)
        faulthandler.dump_traceback_later(3 * SLOWEST, exit=True)
        try:
            readers.check(which, content)
        except Exception as error:
            failed += 1
            print(f"{type(error).__name__}: {error}\n  seed {which} {readers.seeds[which][0]}: {content!r}", flush=True)
    faulthandler.cancel_dump_traceback_later()
    sys.exit(failed > 0)


def guided() -> None:
    """Let libFuzzer look for inputs that reach new lines."""
    import atheris

    prepare()
    with atheris.instrument_imports(include=["pipeline.danmu"]):
        readers = Readers()

    def one_input(data: bytes) -> None:
        if data:
            readers.check(data[0], data[1:])

    for which, (_, _, content) in enumerate(readers.seeds):
        readers.check(which, content, 300)

    def mutated(data: bytes, most: int, seed: int) -> bytes:
        random = Random(seed)
        if not data or random.randrange(4) == 0:
            which = random.randrange(len(readers.seeds))
            return bytes([which]) + readers.seeds[which][2][: most - 1]
        if random.randrange(3) == 0:
            return bytes(atheris.Mutate(data, most))
        return data[:1] + damaged(data[1:], random, most - 1)

    atheris.Setup(sys.argv, one_input, custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--random"]:
        at_random(int(sys.argv[2]), int(sys.argv[3]))
    else:
        guided()
