"""Segments: every field, every place to cut, and what only looks like one."""

import gzip
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.danmu.readers import segment_elements
from pipeline.danmu.readers.encodings import BEGINNING
from pipeline.danmu.readers.segment import SEGMENT, recognises
from pipeline.danmu.readers.segment_name import Place, place_of
from pipeline.danmu.readers.segment_pb2 import DanmakuElem, DmSegMobileReply
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Rejected

TEXTS = ("开头就笑了", "23333", "", "前方\n高能", "a" * 200, "😀,<d>")


def element(**changes: object) -> DanmakuElem:
    values: dict[str, object] = {
        "id": 26140000000000001,
        "progress": 12_345,
        "mode": 1,
        "fontsize": 25,
        "color": 16777215,
        "midHash": b"3e396595",
        "content": "开头就笑了".encode(),
        "ctime": 1_577_000_000,
        "weight": 7,
        "action": b"a",
        "pool": 0,
        "idStr": b"26140000000000001",
        "attr": 4,
        "animation": b"{}",
    }
    return DanmakuElem(**{**values, **changes})  # type: ignore[arg-type]


def reply(*elements: DanmakuElem) -> bytes:
    return DmSegMobileReply(elems=elements).SerializeToString()


def numbered(count: int) -> list[DanmakuElem]:
    return [element(id=n + 1, idStr=str(n + 1).encode(), content=TEXTS[n % 6].encode()) for n in range(count)]


def records(tmp_path: Path, content: bytes, name: str = "segment.pb") -> list[Comment | Rejected]:
    path = tmp_path / "file"
    path.write_bytes(content)
    return list(SEGMENT.read(Source(path, name)))


def test_every_field_is_read(tmp_path: Path) -> None:
    (comment,) = records(tmp_path, reply(element(color=2**32 - 1)))
    assert comment == Comment(
        site="bilibili",
        text="开头就笑了",
        onset_s=12.345,
        mode=1,
        font_size=25,
        color=4294967295,
        sent_at=datetime(2019, 12, 22, 7, 33, 20, tzinfo=UTC),
        pool=0,
        sender="3e396595",
        row_id=26140000000000001,
        weight=7,
    )


def test_what_is_left_out_is_zero_and_no_row_id(tmp_path: Path) -> None:
    (comment,) = records(tmp_path, reply(DanmakuElem(content=b"hi")))
    assert isinstance(comment, Comment)
    assert (comment.row_id, comment.onset_s, comment.weight, comment.sender) == (None, 0.0, 0, None)


def test_the_id_as_text_goes_before_the_number(tmp_path: Path) -> None:
    results = records(tmp_path, reply(element(id=26140000000000000), element(idStr=b""), element(id=0, idStr=b"0")))
    assert [comment.row_id for comment in results if isinstance(comment, Comment)] == [
        26140000000000001,
        26140000000000001,
        None,
    ]


@pytest.mark.parametrize(
    ("changes", "field", "value", "blanked"),
    [
        ({"mode": 100}, "mode", None, ("mode",)),
        ({"mode": -1}, "mode", None, ("mode",)),
        ({"pool": 100}, "pool", None, ("pool",)),
        ({"fontsize": 10_001}, "font_size", None, ("size",)),
        ({"weight": 101}, "weight", None, ("weight",)),
        ({"progress": -1}, "onset_s", -0.001, ()),
        ({"ctime": -1}, "sent_at", None, ()),
        ({"ctime": 0}, "sent_at", None, ()),
        ({"ctime": 1000}, "sent_at", None, ("time",)),
        ({"idStr": b"x"}, "row_id", 26140000000000001, ("row id",)),
        ({"midHash": b"NULL"}, "sender", None, ()),
    ],
)
def test_a_value_out_of_its_range_is_blank_and_the_comment_stays(
    tmp_path: Path, changes: dict[str, object], field: str, value: object, blanked: tuple[str, ...]
) -> None:
    _, comment, _ = records(tmp_path, reply(element(), element(**changes), element()), "a/b.pb")
    assert isinstance(comment, Comment)
    assert (getattr(comment, field), comment.blanked, comment.text) == (value, blanked, "开头就笑了")


def test_a_text_that_is_no_utf8_is_kept_with_marks(tmp_path: Path) -> None:
    first, second = records(tmp_path, reply(element(content=b"ab\xffcd\0"), element()))
    assert isinstance(first, Comment) and first.text == "ab\ufffdcd"
    assert isinstance(second, Comment) and second.text == "开头就笑了"


def test_joined_segments_and_unknown_fields_are_read_as_one(tmp_path: Path) -> None:
    flags = b"\x1a\x09\x0a\x07\x08\x81\x01\x10\x01\x18\x00"  # field 3, as replies carry it beside the comments
    results = records(tmp_path, reply(*numbered(2)) + b"\x10\x00" + flags + reply(*numbered(3)))
    assert [comment.row_id for comment in results if isinstance(comment, Comment)] == [1, 2, 1, 2, 3]


def test_a_compressed_segment_that_is_cut_short_gives_what_it_has(tmp_path: Path) -> None:
    noise = random.Random(1)  # hardly compressible, so that half the bytes are half the comments
    elems = [element(id=n + 1, idStr=b"", content=noise.randbytes(300).hex().encode()) for n in range(400)]
    path = tmp_path / "segment.pb.gz"
    path.write_bytes(gzip.compress(reply(*elems))[:60_000])
    source = Source(path, path.name)
    results = list(SEGMENT.read(source))
    assert len([comment for comment in results if isinstance(comment, Comment)]) > 100
    assert len(source.faults) == 1 and "cut short" in source.faults[0]


def test_wherever_a_reply_is_cut_the_comments_before_come_through(tmp_path: Path) -> None:
    elems = numbered(5)
    ends = [len(reply(*elems[:count])) for count in range(6)]
    whole = reply(*elems)
    for cut in range(len(whole) + 1):
        results = records(tmp_path, whole[:cut])
        sound = sum(end <= cut for end in ends) - 1
        assert [comment.row_id for comment in results[:sound] if isinstance(comment, Comment)] == [*range(1, sound + 1)]
        rest = results[sound:]
        assert len(rest) == (cut not in ends)
        assert all(isinstance(record, Rejected) and record.line == sound + 1 for record in rest)


@pytest.mark.parametrize("spoilt", [(1,), (0,), (2, 3)])
def test_a_damaged_comment_costs_itself(tmp_path: Path, spoilt: tuple[int, ...]) -> None:
    parts = [reply(one) for one in numbered(6)]
    for number in spoilt:
        parts[number] = parts[number][:2] + b"\xff" * (len(parts[number]) - 2)  # its length stays
    results = records(tmp_path, b"".join(parts))
    assert [isinstance(record, Rejected) for record in results] == [number in spoilt for number in range(6)]
    assert [record.line for record in results if isinstance(record, Rejected)] == [number + 1 for number in spoilt]


def test_a_damaged_length_costs_no_more_than_its_comment(tmp_path: Path) -> None:
    flags = b"\x1a\x09\x0a\x07\x08\x81\x01\x10\x01\x18\x00"  # no comment, though its bytes parse as one
    parts = [reply(one) for one in numbered(6)]
    parts[2] = parts[2][:1] + b"\xff\xff\xff\x7f" + parts[2][2:]
    results = records(tmp_path, b"".join(parts) + flags + reply(*numbered(1)))
    assert [isinstance(record, Rejected) for record in results] == [False, False, True, False, False, False, False]


@given(st.binary(max_size=400))
def test_arbitrary_bytes_never_raise(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    recognises(content)
    for data in (content, b"\n" + content, reply(*numbered(2)) + content):
        path = tmp_path_factory.getbasetemp() / "arbitrary.pb"
        path.write_bytes(data)
        for record in SEGMENT.read(Source(path, path.name)):
            assert isinstance(record, (Comment, Rejected))


@given(st.data())
def test_a_changed_byte_costs_few_comments(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    content = bytearray(reply(*numbered(20)))
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "changed.pb"
    path.write_bytes(bytes(content))
    results = list(SEGMENT.read(Source(path, path.name)))
    assert len([record for record in results if isinstance(record, Comment)]) >= 18


@settings(max_examples=300)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n\r"), max_size=300))
def test_no_text_is_taken_for_a_segment(content: str) -> None:
    for text in (content, "\n" + content, "\n\n" + content, "\n" + content + "\n@" + content):
        assert not recognises(text.encode())


@pytest.mark.parametrize(
    "text",
    ["\n", "\n\n", "\n{}", '\n{"a": 1}\n', "\nvideo_id\tcollect_YMDH\tchat_id\tmaxlimit\tdanmu_list\n", "\n\n<?xml?>"],
)
def test_no_text_behind_a_line_feed_is_taken_for_a_segment(text: str) -> None:
    assert not recognises(text.encode() * 50)


def test_a_segment_is_recognised_from_its_beginning() -> None:
    many = reply(*(element(id=n, content="弹幕".encode() * 20) for n in range(1, 1000)))
    assert len(many) > BEGINNING
    for size in (150, 1000, BEGINNING):
        assert recognises(many[:size])
    for length in (BEGINNING, 3_000_000):
        assert recognises(reply(element(mode=8, content=b"x" * length))[:BEGINNING])
    spoilt = bytearray(many)
    spoilt[30:40] = b"\xff" * 10
    assert recognises(bytes(spoilt[:BEGINNING]))
    assert recognises(b"\x10\x01")  # danmu are closed
    assert not recognises(b"") and not recognises(b"\x10\x01 and a text") and not recognises(b"\x1f\x8b")


def test_a_name_of_ours_gives_video_pool_and_hour(tmp_path: Path) -> None:
    place = Place("78462684", "134249478", "2019122222", "seg-3-of-7")
    assert place.file_name == "78462684.134249478.2019122222.seg-3-of-7.pb"
    (comment,) = records(tmp_path, reply(element()), f"segments/{place.file_name}")
    assert isinstance(comment, Comment)
    assert (comment.video_id, comment.chat_id) == ("78462684", "134249478")
    assert comment.seen == datetime(2019, 12, 22, 14, tzinfo=UTC)
    (comment,) = records(tmp_path, reply(element()), "0.134249478.20191222.history.pb")
    assert isinstance(comment, Comment)
    assert (comment.video_id, comment.chat_id) == (None, "134249478")
    assert comment.seen == datetime(2019, 12, 22, 15, tzinfo=UTC)  # the day's last hour


@pytest.mark.parametrize(
    "name",
    [
        "134249478.seg-3.pb",
        "1.2.2019122222.seg-1.pb",
        "1.2.2019122222.seg-0-of-7.pb",
        "1.2.20191222.seg-1-of-7.pb",
        "1.2.2019132222.seg-1-of-7.pb",
        "1.2.2019122224.seg-1-of-7.pb",
        "1.2.2019122222.seg-1-of-7.pb.gz",
        "x1.2.2019122222.seg-1-of-7.pb",
        "1.2.2019122222.history-1.pb",
    ],
)
def test_no_other_name_gives_a_pool(name: str) -> None:
    assert place_of(name) is None


def test_every_name_is_read_back() -> None:
    for place in (Place("1", "2", "2024022923", "seg-12-of-12"), Place("1", "2", "20240229", "history")):
        assert place_of(place.file_name) == place


def test_the_generated_messages_name_the_module_and_the_file_they_come_from() -> None:
    assert DanmakuElem.__module__ == "pipeline.danmu.readers.segment_pb2"
    assert DanmakuElem.DESCRIPTOR.file.name == "pipeline/danmu/readers/segment.proto"


@pytest.mark.parametrize("part", [1, 40, 200])
def test_a_large_segment_is_read_in_parts(tmp_path: Path, part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    flags = b"\x1a\x09\x0a\x07\x08\x81\x01\x10\x01\x18\x00\x10\x01"
    content = reply(*numbered(20)) + flags + reply(*numbered(20))
    whole = records(tmp_path, content)
    monkeypatch.setattr(segment_elements, "PART", part)
    monkeypatch.setattr(segment_elements, "PIECE", 30)
    assert records(tmp_path, content) == whole and len(whole) == 40


def test_a_comment_that_is_too_long_costs_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PART": 200, "LONGEST": 1000, "PIECE": 100}.items():
        monkeypatch.setattr(segment_elements, name, value)
    results = records(tmp_path, reply(*numbered(3)) + reply(element(content=b"x" * 5000)) + reply(*numbered(3)))
    assert [one.row_id for one in results if isinstance(one, Comment)] == [1, 2, 3, 1, 2, 3]
    assert any(isinstance(one, Rejected) for one in results)


def test_lengths_that_are_none_are_not_all_tried() -> None:
    """Each of these would parse the whole data."""
    data = (b"\n\xff\xff\x03\x08" + b"\x08\x01" * 8) * 3000
    seen = 0

    class Counted(bytes):
        def __getitem__(self, place):  # type: ignore[no-untyped-def]
            nonlocal seen
            got = super().__getitem__(place)
            seen += len(got) if isinstance(got, bytes) else 1
            return got

    assert not list(segment_elements.resumptions(Counted(data), 0))
    assert seen < 40 * len(data)
