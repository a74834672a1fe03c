"""However large a raw file is, however well it is packed and whatever stands in it, memory stays within bounds.

One process reads all files, one after the other. Each is some kilobytes on disk, and says something sound before and
behind what would fill memory. Allocators that keep what they have freed are told not to, so that each file is measured
by itself.
"""

import ctypes
import gzip
import json
import lzma
import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.danmu.readers.segment_pb2 import DanmakuElem, DmSegMobileReply
from tests.conftest import ROOT
from tests.danmu.samples import HEADER, PLAIN, row

MIB = 1 << 20
MOST = 500  # MiB above what the process had

ATTRIBUTES = ",".join(PLAIN[:-1])
ELEMENT = f'<d p="{ATTRIBUTES}">好</d>'
ROW = row(json.dumps([PLAIN], ensure_ascii=False))
BEGIN = ROW.rsplit("\t", 1)[0] + "\t"
OBJECT = '{"id":"x1","text":"好"}'
CSV, ACFUN = "id,text\nx1,好\n", "16777215,1,25,u,1577000000,好"
REPLY = (
    DmSegMobileReply(elems=[DanmakuElem(id=1, mode=1, ctime=1577000000)])
    .SerializeToString()
    .decode("utf-8", "surrogateescape")
)
LONG, LONG_LINE, LONG_VALUE = "more than 64 MiB", "a record of more than 16 MiB", "a JSON value of more than 16 MiB"


class Bomb(NamedTuple):
    """A file: what it begins with, what is repeated, how often in MiB, what it ends with, and why that is rejected."""

    begin: str
    unit: str
    mib: int
    end: str
    reason: str | None = None
    packer: str = "zstd"


SHORT, LAST = '<d p=",,,,,,,"></d>', "\n" + ROW
FORMLESS = ELEMENT.replace(",25,", ",x,")[: -len("</d>")]
BOMBS = {
    # one record without an end
    "day file: a row": Bomb(ROW + BEGIN, "x", 300, LAST, LONG),
    "day file: numbers": Bomb(ROW + BEGIN + "[", "1,", 150, "]" + LAST, LONG),
    "day file: lines below a row": Bomb(ROW + BEGIN + "[", "2" * 2000 + "\n", 100, "]" + LAST, "of more than 16 MiB"),
    "XML: a text": Bomb(ELEMENT, "x", 200, "</d>" + ELEMENT, LONG),
    "XML: a text, in gzip": Bomb(ELEMENT, "x", 100, "</d>" + ELEMENT, LONG, "gzip"),
    "XML: a text, in xz": Bomb(ELEMENT, "x", 70, "</d>" + ELEMENT, LONG, "xz"),
    "XML: a comment of 60 MiB": Bomb(ELEMENT + ELEMENT[:-5], "x", 60, "</d>" + ELEMENT, "of more than 16 MiB"),
    "XML: beyond the BMP": Bomb(ELEMENT + FORMLESS, "🎉", 15, "</d>" + ELEMENT),
    "JSON lines": Bomb(OBJECT + "\n" + OBJECT[:-3], "x", 200, '"}\n' + OBJECT, LONG_LINE),
    "JSON lines: lists": Bomb(OBJECT + '\n{"text":[1', ",[]", 15, "]}\n" + OBJECT, LONG_VALUE),
    "JSON: a text": Bomb(f"[{OBJECT},{OBJECT[:-3]}", "x", 100, f'"}},{OBJECT}]', LONG_VALUE),
    "JSON: a value": Bomb(f'[{OBJECT},"', "x", 100, f'",{OBJECT}]', LONG_VALUE),
    "JSON: a number": Bomb(f"[{OBJECT},", "1", 100, f",{OBJECT}]", LONG_VALUE),
    "CSV": Bomb(CSV + "x2,", "x", 200, "\nx3,好\n", LONG_LINE),
    "CSV: fields": Bomb(CSV + "x2", ",ab", 15, "\nx3,好\n", "more columns than the header has"),
    "CSV: fields in quotes": Bomb(CSV + 'x2,"a"', ",ab", 15, "\nx3,好\n", "no CSV record: more than"),
    "AcFun CSV": Bomb(f"1.5,{ACFUN}\n", "x", 200, f"\n2.5,{ACFUN}\n", LONG_LINE),
    "no form": Bomb("只是一段话", "x", 300, "", "no known form"),
    "blank": Bomb("", "\n", 200, ""),
    "UTF-8 that is none": Bomb(ROW + BEGIN, "\udcff", 80, LAST, LONG),
}
#: millions of the shortest records, and of the longest
MANY = {
    "day file: blank lines": Bomb(HEADER + LAST, "\n", 70, ROW),
    "day file: short lines": Bomb(HEADER + LAST, "x\n", 4, ROW, "no day-file row"),
    "day file: short comments": Bomb(ROW, BEGIN + SHORT * 3000 + "\n", 70, ROW),
    "day file: tuples that are none": Bomb(ROW, BEGIN + "[" + "(1)," * 3000 + "(1)]\n", 4, ROW, "no tuple of fields"),
    "XML: short comments": Bomb(ELEMENT, SHORT, 70, ELEMENT),
    "XML: elements that do not end": Bomb(ELEMENT, '<d p="', 6, ELEMENT, "unclosed <d> element"),
    "CSV: distinct ids of videos": Bomb("id,text,video_id\nx1,好,1\n", "x,y," + "v" * MIB + "\n", 100, "x3,好,1\n"),
    "JSON: a list": Bomb(f"[{OBJECT},[1,", "[],", 4, f"1],{OBJECT}]"),
    "JSON lines: long texts": Bomb(OBJECT + "\n", '{"id":"x2","text":"🎉' + "x" * (3 * MIB) + '"}\n', 100, OBJECT),
    "protobuf segments: empty comments": Bomb(REPLY, "\n\0", 3, ""),
}


def write_bomb(bomb: Bomb, path: Path) -> None:
    """Write it, a MiB at a time."""
    unit = bomb.unit.encode("utf-8", "surrogateescape")
    piece = unit * max(1, MIB // len(unit))
    with packed(path, bomb.packer) as file:
        file.write(bomb.begin.encode("utf-8", "surrogateescape"))
        for _ in range(-(-bomb.mib * MIB // len(piece))):
            file.write(piece)
        file.write(bomb.end.encode())


def packed(path: Path, packer: str) -> Any:
    """A stream that packs what is written."""
    if packer == "gzip":
        return gzip.open(path, "wb", 1)
    if packer == "xz":
        return lzma.open(path, "wb", preset=0)
    return closing(pa.CompressedOutputStream(pa.OSFile(str(path), "wb"), "zstd"))


def write_tables(folder: Path) -> None:
    """Parquet whose pages, dictionaries and row groups unpack to far more than the file has."""
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 400, pa.int32()), pa.array(["y" * MIB]))
    options: dict[str, Any] = {"compression": "zstd", "store_schema": False, "write_statistics": False}
    pq.write_table(pa.table({"id": range(400), "text": long}), folder / "Parquet: a dictionary", **options)
    alike = pa.table({"id": range(10_000), "text": pa.array(["y" * 30_000] * 10_000)})
    plain = options | {"use_dictionary": False}
    encoding = {"column_encoding": {"text": "DELTA_BYTE_ARRAY"}}
    pq.write_table(alike, folder / "Parquet: texts that repeat the one before", **plain, **encoding)
    pq.write_table(alike, folder / "Parquet: a row group", **plain, row_group_size=1 << 30)
    pq.write_table(pa.table({"id": ["x"], "text": ["y" * (300 * MIB)]}), folder / "Parquet: a page", **plain)


def child(folder: Path) -> None:
    """Read every file of a folder by itself and print, of each, MiB of memory and what came of it."""
    from pipeline.danmu.corpus.parsing import parse_corpus
    from pipeline.errors import UserError

    status, clear = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    trim = ctypes.CDLL(None).malloc_trim
    parse_corpus([ROOT / "data" / "raw"], folder.parent / "warm")  # what is compiled is compiled now
    for path in sorted(folder.iterdir()):
        trim(0)
        clear.write_text("5")  # the peak is counted anew (proc(5))
        before, said = kib("VmRSS", status), {"file": path.name}
        try:
            census = parse_corpus([path], folder.parent / "out")
            said |= {"comments": census.total("comments"), "reasons": census.reasons}
        except UserError as error:
            said |= {"comments": 0, "reasons": {str(error): 1}}
        print(json.dumps(said | {"mib": (kib("VmHWM", status) - before) // 1024}), flush=True)


def kib(name: str, status: Path) -> int:
    """A size of this process."""
    return int(re.findall(rf"{name}:\s+(\d+)", status.read_text())[0])


#: with these, what is freed goes back to the system at once
ALLOCATORS = {
    "MALLOC_MMAP_THRESHOLD_": "8388608",
    "MALLOC_ARENA_MAX": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:0,muzzy_decay_ms:0",
}


def reading(folder: Path, bombs: dict[str, Bomb], tables: bool) -> dict[str, Any]:
    """What came of each file."""
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("only Linux tells a process's peak of memory anew")
    (folder / "files").mkdir()
    writer = os.fork()  # what is written here takes memory, too
    if writer == 0:
        for name, bomb in bombs.items():
            write_bomb(bomb, folder / "files" / name)
        if tables:
            write_tables(folder / "files")
        os._exit(0)
    assert os.waitpid(writer, 0)[1] == 0
    command = [sys.executable, "-m", "tests.danmu.test_memory", str(folder / "files")]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | ALLOCATORS, capture_output=True, text=True)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    return {one["file"]: one for one in said} | {"errors": done.stderr}


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of each file with one record, and of the tables."""
    return reading(tmp_path_factory.mktemp("bombs"), BOMBS, tables=True)


@pytest.fixture(scope="module")
def read_many(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of each file with many records."""
    return reading(tmp_path_factory.mktemp("many"), MANY, tables=False)


def check(name: str, bomb: Bomb, read: dict[str, Any]) -> None:
    """Memory was bounded, what was too much is on record, and the rest was read."""
    assert name in read, read["errors"][-3000:]
    said = read[name]
    assert said["mib"] < MOST, said
    assert bomb.reason is None or any(bomb.reason in reason for reason in said["reasons"]), said
    assert not bomb.end or said["comments"] >= 1, said


@pytest.mark.parametrize("name", BOMBS)
def test_a_record_without_an_end_is_on_record_and_the_rest_is_read(name: str, read: dict[str, Any]) -> None:
    check(name, BOMBS[name], read)


@pytest.mark.slow
@pytest.mark.parametrize("name", MANY)
def test_millions_of_short_or_long_records_are_read_in_bounded_memory(name: str, read_many: dict[str, Any]) -> None:
    check(name, MANY[name], read_many)


TABLES = {
    "Parquet: a dictionary": 400,
    "Parquet: texts that repeat the one before": 10_000,
    "Parquet: a row group": 10_000,
    "Parquet: a page": 0,
}


@pytest.mark.parametrize("name", TABLES)
def test_parquet_that_unpacks_to_hundreds_of_mib(name: str, read: dict[str, Any]) -> None:
    check(name, Bomb("", "", 0, "", None if TABLES[name] else "pages of 300 MiB"), read)
    assert read[name]["comments"] == TABLES[name]


if __name__ == "__main__":
    child(Path(sys.argv[1]))
