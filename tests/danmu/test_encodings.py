"""Encodings that a file declares, bodies as servers gave them, and a sentence for each file that is not read."""

import base64
import gzip
import tarfile
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.danmu.corpus.forms import UNKNOWN, reader_of
from pipeline.danmu.readers.encodings import encoding, sound
from pipeline.danmu.readers.packed import compression
from pipeline.danmu.readers.source import Source
from pipeline.errors import UserError
from tests.conftest import SHARED
from tests.danmu.samples import as_fragments, danmu, parsed, row, written

TEXTS = {
    "Big5": "這個影片真好看，笑死",
    "Shift_JIS": "おもしろい動画ですね①",
    "EUC-KR": "정말 재미있어요",
    "GB2312": "这个视频真好看㐂",
    "windows-1252": "très drôle, déjà vu à l'été",
    "ISO-8859-1": "très drôle – “déjà”",
    "x-sjis": "おもしろい動画",
}
CODECS = {"GB2312": "gb18030", "ISO-8859-1": "cp1252", "x-sjis": "cp932", "Shift_JIS": "cp932"}


def document(declared: str, *texts: str) -> str:
    records = [danmu(text=text, row_id=str(26140000000000001 + 2 * number)) for number, text in enumerate(texts)]
    return f'<?xml version="1.0" encoding="{declared}"?>\n<i><chatid>7</chatid>{as_fragments(records)}</i>'


def texts(folder: Path, content: bytes) -> tuple[list[str], list[str]]:
    (folder / "a.xml").write_bytes(content)
    comments, rejected, _ = parsed(folder / "a.xml")
    return comments.sort("row_id")["text"].to_list(), rejected["reason"].to_list()


@pytest.mark.parametrize("declared", TEXTS)
def test_a_declared_encoding_holds(tmp_path: Path, declared: str) -> None:
    content = document(declared, TEXTS[declared]).replace("\u2060", "").encode(CODECS.get(declared, declared))
    assert texts(tmp_path, content) == ([TEXTS[declared]], [])


@pytest.mark.parametrize("declared", [*TEXTS, "UTF-16", "no-such-thing", "hex", "utf-7"])
def test_what_is_sound_utf8_stays_that_whatever_it_declares(tmp_path: Path, declared: str) -> None:
    assert texts(tmp_path, document(declared, "好看，笑死🎉").encode()) == (["好看，笑死🎉"], [])


@pytest.mark.parametrize("declared", ["UTF-8", "ISO-8859-1", "Big5"])
def test_a_claim_that_the_bytes_belie_is_not_believed(tmp_path: Path, declared: str) -> None:
    said = "这个视频真好看，我们都觉得很有意思，后面还有"
    if declared == "Big5":
        assert encoding(document(declared, "😀㐂㐃㐄㐅").encode("gb18030")) == "gb18030"
    else:
        assert texts(tmp_path, document(declared, said).encode("gb18030")) == ([said], [])


def test_an_encoding_that_nobody_knows_is_said(tmp_path: Path) -> None:
    said, reasons = texts(tmp_path, document("x-mystery", "好").encode("utf-8") + b"\xff\xfe\xfa\xfb" * 20)
    assert said == ["好"]
    assert "the encoding 'x-mystery' that it declares is not known here" in " ".join(reasons)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_needs_no_mark(tmp_path: Path, codec: str) -> None:
    assert texts(tmp_path, document("UTF-16", "好看").encode(codec)) == (["好看"], [])


def test_halves_of_an_emoji_as_bytes_become_one() -> None:
    halves = "\ud83d\ude00".encode("utf-8", "surrogatepass")
    assert sound(b"a" + halves + b"b" + halves[:3]).decode().startswith("a😀b\ufffd")


def deflated(content: bytes) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return stream.compress(content) + stream.flush()


BODIES = {
    "deflate": deflated,
    "zlib": zlib.compress,
    "brotli": lambda content: pa.Codec("brotli").compress(content, asbytes=True),
    "gzip": gzip.compress,
}
MANY = document("UTF-8", *(f"第{number}条弹幕" for number in range(500)))


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("content", [document("UTF-8", "好看"), MANY, row("[]"), "onset,text,mode\n1,好,1\n" * 200])
def test_a_body_is_read_as_the_server_gave_it(tmp_path: Path, body: str, content: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(BODIES[body](content.encode()))
    if body == "brotli" and not content.startswith("<"):
        return  # it has no marks of its own, and may hold anything
    source = Source(path, "a")
    if len(content) > 100:
        assert source.packed == body
        assert (b"".join(source.pieces()), source.faults) == (content.encode(), [])


@pytest.mark.parametrize("body", BODIES)
def test_of_a_body_that_is_cut_the_beginning_is_read_and_the_fault_is_said(tmp_path: Path, body: str) -> None:
    packed = BODIES[body](MANY.encode())
    said, reasons = texts(tmp_path, packed[: len(packed) // 2])
    assert 0 < len(said) < 500 or body == "brotli"
    assert any(reason.startswith(f"{body} is damaged or cut short") for reason in reasons)


@pytest.mark.parametrize("body", ["deflate", "zlib", "brotli"])
def test_a_body_gives_no_more_at_once_than_it_is_asked_for(tmp_path: Path, body: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(BODIES[body](b"<i>" + b" " * (1 << 24)))
    with (one := Source(path, "a")).open() as file:
        assert one.packed == body and len(one.read(file, 1000)) == 1000


@pytest.mark.parametrize(
    "content", ["好看\n".encode("gb18030") * 50, b"x^y\n", b"plain text\n", "\ufeff好".encode(), b"\x0a\x05hello", b""]
)
def test_other_bytes_are_no_body(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    assert compression(path) is None


def zipped(name: str) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, document("UTF-8", "好看"))
    return file.getvalue()


def tarred() -> bytes:
    file, content = BytesIO(), document("UTF-8", "好看").encode()
    with tarfile.open(fileobj=file, mode="w") as archive:
        info = tarfile.TarInfo("a.xml")
        info.size = len(content)
        archive.addfile(info, BytesIO(content))
    return file.getvalue()


LOOKS: dict[str, Any] = {
    "a zip archive; unpack it": zipped("a.xml"),
    "a Word document": zipped("word/document.xml"),
    "a tar archive; unpack it": tarred(),
    "a 7z archive": b"7z\xbc\xaf\x27\x1c\0\4" + bytes(40),
    "a rar archive": b"Rar!\x1a\x07\x01\0" + bytes(40),
    "compressed by bzip2; unpack": b"BZh91AY&SY" + bytes(40),
    "an SQLite database; export": b"SQLite format 3\0" + as_fragments([danmu()]).encode(),
    "a PDF document": b"%PDF-1.7\n%\xe2\xe3\n" + bytes(20),
    "a JPEG picture": b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(20),
    "a PNG picture": b"\x89PNG\r\n\x1a\n" + bytes(20),
    "subtitles in ASS": "[Script Info]\nTitle: a\n\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,a,,0,0,0,,好\n",
    "subtitles in SRT": "1\n00:00:01,000 --> 00:00:02,000\n好\n\n2\n00:00:03,000 --> 00:00:04,000\n看\n",
    "subtitles in WebVTT": "WEBVTT\n\n00:01.000 --> 00:02.000\n好\n",
    "a dump of an SQL database": "-- MySQL dump 10.13\nINSERT INTO `dm` VALUES (1,'好');\n",
    "base64; decode it": base64.encodebytes(document("UTF-8", "好看").encode() * 3).decode(),
    "one text per line; if it is that, read it with `danmu parse --text`": "前方高能\n哈哈哈\n",
}


@pytest.mark.parametrize("look", LOOKS)
def test_what_is_not_read_has_a_name_and_what_to_do(tmp_path: Path, look: str) -> None:
    path = tmp_path / "a"
    content = LOOKS[look]
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    assert reader_of(Source(path, "a")).name == UNKNOWN.name
    with pytest.raises(UserError, match=look.split(";")[0]):
        parsed(path)
    written(tmp_path, document("UTF-8", "好看"), "b.xml")
    _, rejected, _ = parsed(tmp_path)
    assert [look in reason for reason in rejected["reason"]] == [True]
    assert all(reason.startswith("a file of no known form: ") for reason in rejected["reason"])


def test_one_text_per_line_is_a_corpus_where_that_is_said(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    written(raw, "\ufeff前方高能\r\n\n<d p= 好\n前方高能\n", "a.txt")
    written(raw, "甲\r乙\r", "notes")
    written(raw, document("UTF-8", "好看"), "b.xml")
    answer = CliRunner().invoke(app, ["parse", "--text", str(raw), "-o", str(out)])
    assert answer.exit_code == 0, answer.output
    comments, rejected, census = parsed(out / "comments.parquet")
    assert sorted(comments["text"]) == sorted(["前方高能", "<d p= 好", "甲", "乙", "好看"])
    assert rejected.is_empty() and census.total("records") == 5


#: the folders of ../shared/data/wild that are about this: how many comments each has, and how many are rejected
WILD = {
    "null-sender-blank-time": 4,
    "live-chatid-zero": 2,
    "surrogate-references": 5,
    "declared-big5": 1,
    "declared-shift-jis": 1,
    "raw-deflate": 2,
    "zlib": 2,
    "cache-2-xml": 2,
    "colour-odd": 9,
    "colour-undefined": 2,
    "self-closed": 3,
    "other-attribute-counts": 4,
    "recorder-stylesheet": 3,
    "comment-in-comment": 1,
}


@pytest.mark.parametrize("case", WILD)
def test_what_people_really_have(case: str) -> None:
    folder = SHARED / "wild" / case
    if not folder.is_dir():
        pytest.skip("no such folder here")
    comments, rejected, _ = parsed(folder)
    assert (len(comments), rejected.is_empty()) == (WILD[case], True)
    assert not comments["text"].str.contains("[\ue000-\uf8ff]").any()
