"""Blocks of whole records, whatever the pieces are that a file is read in; and records that are too long."""

import gzip
import lzma
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.danmu.readers import packed, source
from pipeline.danmu.readers.encodings import whole_characters
from pipeline.danmu.readers.packed import DECOMPRESSORS, Streams
from pipeline.danmu.readers.source import Source, ranges

LONGEST = 24
LINES = st.lists(st.text("ab好🎉 \r", max_size=12), max_size=12)


def read(content: bytes, size: int, longest: int, end: bytes = b"\n") -> tuple[bytes, list[tuple[int, str]]]:
    """All blocks together, and line and excerpt of each record that was too long."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        one = Source(path, "file")
        blocks = list(one.blocks(end, size, longest))
    assert all(block.endswith(end) for block in blocks[:-1])
    assert all(record.reason == f"a record of more than {longest >> 20} MiB" for record in one.overlong)
    return b"".join(blocks), [(record.line, record.excerpt) for record in one.overlong]


@given(lines=LINES, size=st.integers(1, LONGEST), piece=st.integers(1, 30))
@settings(deadline=None)
def test_a_line_that_is_too_long_becomes_a_blank_one_and_is_on_record(lines: list[str], size: int, piece: int) -> None:
    content = "\n".join(lines).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "PIECE", piece)
        patch.setattr(source, "BEGINNING", piece)
        text, overlong = read(content, size, LONGEST)
    kept = text.decode().split("\n")
    too_long = {number for number, line in enumerate(kept, start=1) if line != lines[number - 1]} if lines else set()
    assert {number for number, _ in overlong} >= too_long
    for number, excerpt in overlong:  # it had LONGEST bytes or more when it was given up, its line feed among them
        assert len(lines[number - 1].encode()) >= LONGEST - 1 and not kept[number - 1]
        assert lines[number - 1].strip().startswith(excerpt)
    assert all(len(line.encode()) < LONGEST + piece + 4 for line in kept)


def test_blocks_are_the_whole_file_where_no_record_is_too_long() -> None:
    content = "".join(f"第{number}行\n" for number in range(200)).encode()
    for size in (1, 7, 100, 10_000):
        assert read(content, size, 10_000) == (content, [])


def test_reading_goes_on_behind_a_record_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "PIECE", 5)
    monkeypatch.setattr(source, "BEGINNING", 5)
    content = b"<d>1</d>\n" + b"xxxx\n" * 20 + b"</d>\n<d>2</d>"
    text, overlong = read(content, 10, 40, b"</d>")
    assert text.split() == [b"<d>1</d>", b"<d>2</d>"] and text.count(b"\n") == content.count(b"\n")
    assert [line for line, _ in overlong] == [1] and overlong[0][1].startswith("xxxx\nx")


def test_what_a_reader_leaves_unread_begins_the_next_block(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"".join(b"%03d\n" % number for number in range(40)))
    one, unread, seen = Source(path, "file"), bytearray(), []
    for block in one.blocks(size=20, unread=unread):
        *rows, last = block.splitlines(keepends=True)
        seen += rows
        if one.ended:
            seen.append(last)
        else:
            unread += last
    assert b"".join(seen) == path.read_bytes()


@given(content=st.text("a é好🎉", max_size=40), cut=st.integers(0, 200))
def test_a_piece_ends_where_a_character_does(content: str, cut: int) -> None:
    piece = content.encode()[:cut]
    whole = whole_characters(piece)
    assert content.startswith(piece[:whole].decode()) and len(piece) - whole < 4


@given(st.binary(max_size=60), st.integers(1, 9))
@settings(deadline=None)
def test_bytes_that_are_no_utf8_become_what_they_become_at_once(content: bytes, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "PIECE", piece)
        patch.setattr(source, "encoding", lambda first: "utf-8")
        text, _ = read(b"x" + content, 1, 1 << 20)
    assert text[1:] == content.decode("utf-8", "replace").replace("\0", "").encode() or b"\0" in content


def test_xz_of_several_streams_with_padding_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "file.xz"
    path.write_bytes(lzma.compress(b"one\n" * 1000) + b"\0" * 8 + lzma.compress(b"two\n") + b"\0" * 4)
    with Streams(path.open("rb"), DECOMPRESSORS["xz"]) as file:
        pieces = list(iter(lambda: file.read(100), b""))
    assert b"".join(pieces) == b"one\n" * 1000 + b"two\n" and max(map(len, pieces)) <= 100


def test_xz_that_wants_more_memory_than_there_is_for_it_is_a_fault(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "file.xz"
    path.write_bytes(lzma.compress(b"id,text\n" * 1000, preset=9))  # its dictionary has 64 MiB
    assert b"".join(Source(path, "f").pieces()) == b"id,text\n" * 1000
    monkeypatch.setattr(packed, "XZ_MEMORY", 1 << 24)
    one = Source(path, "f")
    assert not b"".join(one.pieces()) and "emory" in one.faults[0]


def test_ranges_do_not_hold_the_lines_they_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"R" + b"x" * 5000 + b"\n" + b"R\nx\n" * 10)
    monkeypatch.setattr(source, "PIECE", 64)
    cuts = ranges(path, 100, lambda line: line.startswith(b"R"))
    content = path.read_bytes()
    assert len(cuts) == 2 and all(content[begin:end].startswith(b"R") for begin, end in cuts)
    monkeypatch.setattr(source, "LONGEST", 200)  # so many bytes of lines that are no rows are a range of their own
    path.write_bytes(b"R\n" + b"x\n" * 1000 + b"R\n")
    cuts = ranges(path, 100, lambda line: line.startswith(b"R"))
    assert len(cuts) > 3 and all(end == begin for (_, end), (begin, _) in pairwise(cuts))


def test_gzip_is_unpacked_no_faster_than_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "file.gz"
    path.write_bytes(gzip.compress(bytes(1 << 24)))
    one = Source(path, "f")
    with one.open() as file:
        assert len(one.read(file, 1000)) == 1000
