"""What is written in any form is read unchanged, plain, packed, and in other encodings."""

import gzip
import lzma
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.danmu.corpus.forms import BY_NAME, reader_of
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment
from tests.danmu.samples import parsed
from tests.danmu.writers import TEXTUAL, WRITERS, Writer

NOT_CARRIED = ("comment_id", "seen", "site", "kind", "blanked")
FIELDS = [name for name in Comment.__dataclass_fields__ if name not in NOT_CARRIED]

MARKS = [*"\"'\\&<>,;|[](){}=/ \t\r\n0189.dp\u200b\u2060\u3000\u2028\x85\ufeff🎉"]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0") | st.sampled_from(MARKS), max_size=14)
SENDERS = st.sampled_from(["3e396595", "159", "0159", "12345678", "2.89E+60", "D1a2b3c4", "DEADBEEF", "0", ""])
#: from the first danmu until Unix times begin to look like hours: 2005010100 is one of 2005
TIMES = st.integers(1_240_000_000, 2_005_010_099)
#: smaller ones beside such times are counters (test_identity.py)
ROW_IDS = st.integers(10**6, 2**63 - 1) | st.sampled_from([26140000000000001, 2**53 + 1, 2**63 - 1])


@st.composite
def comments(draw: st.DrawFn) -> list[Comment]:
    """One to four comments; at most one of them without a row id."""
    row_ids = draw(st.lists(ROW_IDS | st.none(), min_size=1, max_size=4, unique=True))
    return [
        Comment(
            text=draw(TEXTS),
            onset_s=draw(st.integers(0, 99_999_999)) / 1000,
            mode=draw(st.integers(0, 99)),
            font_size=draw(st.integers(0, 10_000)),
            color=draw(st.integers(0, 2**32 - 1) | st.just(16777215)),
            sent_at=datetime.fromtimestamp(draw(TIMES), UTC),
            pool=draw(st.integers(0, 99)),
            sender=draw(SENDERS),
            row_id=row_id,
            weight=draw(st.none() | st.integers(0, 100)),
        )
        for row_id in row_ids
    ]


def values(comment: dict[str, Any]) -> dict[str, Any]:
    return {name: comment[name] for name in FIELDS}


def expected(writer: Writer, said: list[Comment]) -> list[dict[str, Any]]:
    return [values({**asdict(one), "sender": one.sender or None}) for one in writer.carried(said)]


def read(writer: Writer, content: bytes) -> list[dict[str, Any]]:
    """The comments that the form's reader finds, in their order; nothing may be rejected."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / writer.file
        path.write_bytes(content)
        reader = reader_of(Source(path, path.name))
        assert reader.name == writer.form
        batches = list(reader.read([Source(path, path.name)]))
    assert [rejected for batch in batches for rejected in batch.rejected] == []
    rows = pl.concat([batch.comments for batch in batches]).sort("order")
    assert sum(sum(batch.records) for batch in batches) == len(rows)
    return list(map(values, rows.to_dicts()))


@pytest.mark.parametrize("name", WRITERS)
@given(said=comments())
@settings(max_examples=30, deadline=None)
def test_every_form_is_read_as_it_was_written(name: str, said: list[Comment]) -> None:
    writer = WRITERS[name]
    assert read(writer, writer.write(writer.carried(said))) == expected(writer, said)


def in_order(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda one: (one["row_id"] or 0, one["text"], one["onset_s"]))


def zstd(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as packed:
        packed.write(content)
    return sink.getvalue().to_pybytes()


PACKERS = {"gzip": gzip.compress, "xz": lzma.compress, "zstd": zstd}


@pytest.mark.parametrize("name", WRITERS)
@given(said=comments(), packer=st.sampled_from(sorted(PACKERS)))
@settings(max_examples=6, deadline=None)
def test_a_packed_file_is_read_like_a_plain_one(name: str, said: list[Comment], packer: str) -> None:
    writer = WRITERS[name]
    assert read(writer, PACKERS[packer](writer.write(writer.carried(said)))) == expected(writer, said)


#: tells GB 18030 from UTF-8: what is only ASCII, or a character or two, could be either
FIRST = Comment(
    text="这是一条很普通的弹幕，下面还有别的弹幕",
    onset_s=0.5,
    mode=1,
    font_size=25,
    color=255,
    sent_at=datetime(2019, 12, 22, tzinfo=UTC),
    pool=0,
    sender="1a",
    row_id=26140000000000000,
    weight=3,
)
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16, big end first": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "GB 18030": lambda text: text.encode("gb18030"),
}


@pytest.mark.parametrize("name", TEXTUAL)
@given(said=comments(), encoding=st.sampled_from(sorted(ENCODINGS)))
@settings(max_examples=8, deadline=None)
def test_another_encoding_is_read_like_utf_8(name: str, said: list[Comment], encoding: str) -> None:
    writer, said = WRITERS[name], [FIRST, *(one for one in said if one.row_id != FIRST.row_id)]
    content = writer.write(writer.carried(said)).decode()
    assert read(writer, ENCODINGS[encoding](content)) == expected(writer, said)


@pytest.mark.parametrize("name", WRITERS)
@given(said=comments())
@settings(max_examples=3, deadline=None)
def test_the_whole_way_through_a_corpus_changes_nothing(name: str, said: list[Comment]) -> None:
    contents = {(one.onset_s, one.sent_at, one.sender, one.text): one for one in said}
    said = list(contents.values())  # two of one content, one of them without a row id, would be one comment
    writer = WRITERS[name]
    with TemporaryDirectory() as folder:
        path = Path(folder) / writer.file
        path.write_bytes(writer.write(writer.carried(said)))
        rows, rejected, census = parsed(path)
    assert (len(rejected), census.forms, census.total("duplicates")) == (0, [writer.form], 0)
    wanted = expected(writer, said)
    for one in wanted:  # where nothing names the video, the pool stands for it
        one["video_id"] = one["video_id"] or (f"cid{one['chat_id']}" if one["chat_id"] else None)
    assert in_order(map(values, rows.to_dicts())) == in_order(wanted)
    assert all(one["comment_id"] == f"dm{one['row_id']}" for one in rows.to_dicts() if one["row_id"])


def test_all_forms_of_one_corpus_are_read_together(tmp_path: Path) -> None:
    for number, writer in enumerate(WRITERS.values()):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / writer.file).write_bytes(writer.write(writer.carried([FIRST])))
    rows, rejected, census = parsed(tmp_path)
    assert {writer.form for writer in WRITERS.values()} == set(census.forms) < BY_NAME.keys()
    assert (len(rejected), census.total("records")) == (0, len(WRITERS))
    # AcFun's is another site's, though it says the same
    assert rows.sort("site").select("site", "row_id").rows() == [("acfun", None), ("bilibili", FIRST.row_id)]
