"""Two records are one comment when they say the same of the same moment, not when a number agrees."""

import csv
import json
from collections import Counter
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipeline.danmu.corpus import merge, parts, shards
from pipeline.danmu.corpus.census import census_table
from pipeline.danmu.record import Comment
from tests.danmu.samples import FIELDS, as_fragments, as_json, danmu, frame_of, parsed, row, written

SOUND = "26140000000000001"
NAMES = ("onset", "mode", "font_size", "color", "ctime", "pool", "midHash", "idStr", "content")


def as_xml(comments: list[list[str]], chat_id: str | None = "550001") -> str:
    return "<i>" + (f"<chatid>{chat_id}</chatid>" if chat_id else "") + as_fragments(comments) + "</i>"


def as_day_file(comments: list[list[str]]) -> str:
    return row(as_json(comments))


def as_csv(comments: list[list[str]]) -> str:
    out = StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([[*NAMES, "cid"], *([*fields, "550001"] for fields in comments)])
    return out.getvalue()


def as_json_lines(comments: list[list[str]]) -> str:
    lines = (json.dumps(dict(zip(NAMES, fields)) | {"cid": "550001"}) for fields in comments)
    return "\n".join(lines) + "\n"


FORMS: list[Callable[[list[list[str]]], str]] = [as_day_file, as_xml, as_csv, as_json_lines]


@pytest.fixture
def cut_small(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Makes every corpus go through many small parts on disk from here on."""

    def cut() -> None:
        for module, name, value in [
            (parts, "STEP", 5), (merge, "STEP", 5), (merge, "RANGE", 20), (shards, "MOST", 7), (shards, "FEW", 0),
        ]:  # fmt: skip
            monkeypatch.setattr(module, name, value)

    return cut


@pytest.mark.parametrize("spell", FORMS)
def test_a_constant_id_is_no_key(tmp_path: Path, spell: Callable[[list[list[str]]], str]) -> None:
    comments = [danmu(onset=str(n), text=f"第{n}句", sender="0") for n in range(5)]
    found, _, census = parsed(written(tmp_path, spell(comments + comments[:2])))
    assert sorted(found["text"]) == sorted(fields[-1] for fields in comments)
    assert found["comment_id"].str.starts_with("dx").all() and found["row_id"].null_count() == 5
    assert census.shared_ids == 5 and census.total("duplicates") == 2
    assert "row ids that many comments share: 5; their comments go by content" in census_table(census)


def test_many_comments_of_one_id_do_not_depend_on_parts_or_the_order_of_files(
    tmp_path: Path, cut_small: Callable[[], None]
) -> None:
    comments = [danmu(onset=str(n % 40), text=f"第{n}句") for n in range(90)]
    sound = [danmu(onset=str(n), row_id=str(int(SOUND) + 2 + n)) for n in range(30)]
    for folder, order in (("one", [0, 1, 2]), ("other", [2, 0, 1])):
        (tmp_path / folder).mkdir()
        for name, third in enumerate(order):
            written(tmp_path / folder, as_day_file(comments[third::3] + sound[third * 5 :]), str(name))
    whole, _, census = parsed(tmp_path / "one")
    assert (len(whole), census.shared_ids) == (120, 90)
    assert_frame_equal(parsed(tmp_path / "other")[0], whole)
    cut_small()
    for folder in ("one", "other"):
        found, _, census = parsed(tmp_path / folder)
        assert_frame_equal(found, whole)
        assert census.shared_ids == 90


def test_an_id_whose_comments_differ_between_parts_only_is_no_key_in_any(
    tmp_path: Path, cut_small: Callable[[], None]
) -> None:
    cut_small()
    others = [danmu(row_id=str(int(SOUND) + n), onset=str(n)) for n in range(1, 20)]
    twin = danmu(row_id="0", text="还有别的")
    for name, first in enumerate([danmu(), danmu(text="说了别的"), twin, danmu(sender="003e396595")]):
        written(tmp_path, as_day_file([first, *others]), str(name))
    found, _, census = parsed(tmp_path)
    assert census.shared_ids == 2 and len(found) == 22
    assert found.filter(pl.col("onset_s") == 12.5)["comment_id"].str.starts_with("dx").all()


def test_counters_of_recordings_are_no_ids(tmp_path: Path) -> None:
    for recording, begin in ((1, 1607787415), (2, 1607887415)):
        comments = [
            danmu(
                onset=f"{5 + 3 * n}.33", time=str(begin + n), sender=f"41160{n}{recording}", row_id=str(n), text="来了"
            )
            for n in range(6)
        ]
        written(tmp_path, as_xml(comments, None), f"rec{recording}.xml")
    found, _, census = parsed(tmp_path)
    assert len(found) == 12 and found["row_id"].null_count() == 12 and census.counter_ids == 10
    assert "row ids that only count the records of a file: 10; " in census_table(census)


def test_a_counter_tells_comments_of_nobody_known_apart(tmp_path: Path) -> None:
    comments = [danmu(sender="", row_id=str(n)) for n in (1, 2, 2)]
    assert len(parsed(written(tmp_path, as_xml(comments)))[0]) == 2


def test_a_small_id_of_the_first_years_is_an_id(tmp_path: Path) -> None:
    found = parsed(written(tmp_path, as_xml([danmu(row_id="593668", time="1336651680")])))[0]
    assert found["comment_id"].to_list() == ["dm593668"]


@pytest.mark.parametrize(
    "lost",
    [
        {"onset": "12"},
        {"onset": "12.512"},
        {"sender": "0003e396595"},
        {"sender": ""},
        {"time": ""},
        {"time": "1577028800"},  # eight hours later: a time zone that was lost
        {"time": "1576972800"},  # midnight: a date without a time of day
        {"time": "1577000000123"},
        {"text": "1 &lt; 2 &amp;amp; 3"},
    ],
)
@pytest.mark.parametrize("small", [False, True])
def test_what_forms_lose_makes_no_other_comment(
    tmp_path: Path, lost: dict[str, str], small: bool, cut_small: Callable[[], None]
) -> None:
    if small:
        cut_small()
    first = danmu(text="1 < 2 & 3")
    written(tmp_path, as_day_file([first, [lost.get(name, value) for name, value in zip(FIELDS, first)]]), "a")
    written(tmp_path, as_csv([[lost.get(name, value) for name, value in zip(FIELDS, first)]]), "b")
    found, _, census = parsed(tmp_path)
    assert found["comment_id"].to_list() == [f"dm{SOUND}"] and census.shared_ids == 0
    assert found["text"].to_list() == ["1 < 2 & 3"] and found["onset_s"].to_list() == [12.5]


@pytest.mark.parametrize(
    "other",
    [
        {"text": "开头就笑了 "},
        {"onset": "13"},
        {"onset": "11.999"},
        {"sender": "3e396596"},
        {"time": "1577000001"},
    ],
)
def test_what_no_form_loses_makes_two_comments(tmp_path: Path, other: dict[str, str]) -> None:
    written(tmp_path, as_day_file([danmu()]), "a")
    written(tmp_path, as_day_file([danmu(**other)]), "b")
    found, _, census = parsed(tmp_path)
    assert len(found) == 2 == census.shared_ids


def test_nobodys_comments_of_one_id_in_two_pools_are_two(tmp_path: Path) -> None:
    blank = danmu(time="", sender="0", row_id="5")
    written(tmp_path, as_xml([blank], "7001"), "v1.xml")
    written(tmp_path, as_xml([blank], "7002"), "v2.xml")
    assert len(parsed(tmp_path)[0]) == 2


def test_nobodys_comments_without_id_in_two_pools_are_two(tmp_path: Path) -> None:
    for pool in ("7001", "7002"):
        blank = [danmu(time="", sender="", row_id="", text=text) for text in ("哈哈哈", f"视频{pool}")]
        written(tmp_path, as_xml(blank, pool), f"{pool}.xml")
    assert len(parsed(tmp_path)[0]) == 4


def test_one_sender_and_time_for_all_do_not_fold_two_pools_of_one_id(tmp_path: Path) -> None:
    for pool in ("7001", "7002"):
        written(tmp_path, as_xml([danmu(), danmu(text=f"视频{pool}")], pool), f"{pool}.xml")
    assert len(parsed(tmp_path)[0]) == 4


@pytest.mark.parametrize("row_id", ["", "3"])
def test_the_file_stands_for_the_video_where_neither_video_nor_pool_is_known(tmp_path: Path, row_id: str) -> None:
    ids = []
    for folder in ("here", "there"):
        for room in ("1", "2"):
            place = tmp_path / folder / room
            place.mkdir(parents=True)
            comments = [danmu(sender="", time="", row_id=row_id), danmu(sender="", time="", text=room, row_id="")]
            written(place, as_xml(comments, None), "danmaku.xml")
        found = parsed(tmp_path / folder)[0]
        assert len(found) == 4
        ids.append(found["comment_id"].to_list())
    assert ids[0] == ids[1]
    assert len(parsed(tmp_path)[0]) == 4  # both folders together: the same files


def test_ids_of_two_sites_never_meet() -> None:
    said = {"text": "前方高能", "onset_s": 3.0, "sender": "700001"}
    found = frame_of(
        [
            Comment(site="bilibili", row_id=160000001, **said),
            Comment(site="acfun", comment_id="160000001", **said),
            Comment(site="niconico", comment_id="160000001", **said),
            Comment(site="niconico", comment_id="niconico160000001", **said),
            Comment(site="acfun", **said),
            Comment(site="bilibili", **said),
            Comment(comment_id="160000001", **said),
        ]
    )
    ids = found["comment_id"].to_list()
    assert ids[:3] == ["160000001", "acfun160000001", "dm160000001"] and ids[-1] == "niconico160000001"
    assert len(ids) == 6


def test_two_rows_of_a_corpus_with_one_id_and_two_texts_are_two_comments(tmp_path: Path) -> None:
    written(tmp_path, "id,text\nr1,Great kettle\nr2,Broke\nr1,Great kettle\n", "1.csv")
    written(tmp_path, "id,text\nr2,Broke\nr3,Fine\nr3,Not fine\nr3,Fine\n", "2.csv")
    found, _, census = parsed(tmp_path)
    assert found.select("text", pl.col("comment_id").str.slice(0, 2)).sort("text").rows() == [
        ("Broke", "r2"), ("Fine", "dx"), ("Great kettle", "r1"), ("Not fine", "dx"),
    ]  # fmt: skip
    assert census.shared_ids == 2


def test_a_comment_of_a_shared_id_is_the_one_that_has_an_id_of_its_own(tmp_path: Path) -> None:
    comments = [danmu(onset=str(n), row_id=str(int(SOUND) + n), text=f"第{n}句") for n in range(4)]
    written(tmp_path, as_xml(comments), "sound.xml")
    written(tmp_path, as_xml([[*fields[:7], "26140000000007777", fields[8]] for fields in comments]), "lost.xml")
    found, _, census = parsed(tmp_path)
    assert found["row_id"].to_list() == [int(fields[7]) for fields in comments] and census.shared_ids == 0


IDS: dict[str, Callable[[int, int], str]] = {
    "constant": lambda number, _: SOUND,
    "serial": lambda number, _: str(number),
    "serial of the clock": lambda number, _: str(int(SOUND) + number),
    "random": lambda _, drawn: str(int(SOUND) + drawn * 1_000_003),
    "shuffled": lambda _, drawn: str(int(SOUND) + drawn),
    "half missing": lambda number, drawn: str(int(SOUND) + drawn) if number % 2 else "",
}
RECORD = st.tuples(
    st.sampled_from(["0", "0.5", "1", "1.999", "2", "2.001"]),
    st.sampled_from(["1577836800", "1577836801", "1577840400", ""]),
    st.sampled_from(["1a2b3c4d", "01a2b3c4d", "0", ""]),
    st.sampled_from(["好", "好 ", "哈", "<", "&", "\\n", ""]),
    st.integers(0, 3),
)


@given(
    records=st.lists(RECORD, min_size=1, max_size=14),
    ids=st.sampled_from(sorted(IDS)),
    files=st.integers(1, 3),
    small=st.booleans(),
)
@settings(max_examples=25, deadline=None)
def test_no_two_comments_that_differ_in_text_or_second_are_ever_folded(
    records: list[tuple[str, str, str, str, int]], ids: str, files: int, small: bool
) -> None:
    comments = [
        danmu(onset=onset, time=time, sender=sender, text=text, row_id=IDS[ids](number, drawn))
        for number, (onset, time, sender, text, drawn) in enumerate(records)
    ]
    said = {(fields[8], int(float(fields[0]))) for fields in comments}
    every: list[Counter[tuple[object, ...]]] = []
    for spell in FORMS:
        with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
            if small:
                patch.setattr(shards, "MOST", 3)
                patch.setattr(shards, "FEW", 0)
            for number in range(files):
                written(Path(folder), spell(comments[number::files]), f"{number}")
            found, rejected, _ = parsed(Path(folder))
        assert rejected.is_empty()
        assert {(text, int(onset)) for text, onset in found.select("text", "onset_s").iter_rows()} == said
        every.append(Counter(found.select("text", "onset_s", "row_id").iter_rows()))
    assert every[1:] == every[:-1]
