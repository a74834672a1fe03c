from datetime import UTC, datetime

import polars as pl
import pytest

from pipeline.danmu.record import Comment
from pipeline.text.cues import burst_density, cues
from tests.danmu.samples import frame_of


def test_a_text_is_counted_by_hand() -> None:
    found = cues(frame_of([Comment("哈哈 233！（か）w？? BV1x 3.14…", "1")])).row(0, named=True)
    # 哈哈␣ 3, 233 3, ！ 1, （か） 3, w 1, ？? 2, ␣ 1, BV1x 4, ␣ 1, 3.14 4, … 1: together 24
    assert found["length"] == 24
    assert (found["question_marks"], found["exclamation_marks"], found["brackets"]) == (2, 1, 2)
    assert found["full_stops"] == 2  # the point of 3.14 and …
    assert found["digits"] == 3 + 1 + 3
    assert (found["latin_letters"], found["kana"], found["spaces"]) == (1 + 3, 1, 3)
    assert found["laughter"] == 3  # 哈, 哈, 233
    assert (found["url"], found["emoji"]) == (1, 0)


def test_how_a_comment_is_shown_is_counted_by_hand() -> None:
    shown = Comment("好", "1", "v", mode=4, font_size=18, color=0x0A1B2C, onset_s=3.0)
    shown.sent_at = datetime(2019, 12, 22, 17, 30, tzinfo=UTC)
    white = Comment("好", "2", "v", color=0xFFFFFF, onset_s=12.0)
    found = cues(frame_of([shown, white]))
    names = ["mode", "font_size", "coloured", "red", "green", "blue", "onset_s", "onset_share", "hour"]
    assert found.select(names).row(0) == (4, 18, 1, 10, 27, 44, 3, 0.25, 1)  # 17:30 UTC is 1:30 in Beijing
    assert found.select("coloured", "red").row(1) == (0, 255)


@pytest.mark.parametrize(("text", "share"), [("哈哈哈好", 0.5), ("好\n", 1), ("", 0)])
def test_distinct_is_a_share_of_the_length(text: str, share: float) -> None:
    assert cues(frame_of([Comment(text, "1")]))["distinct"].to_list() == [share]


@pytest.mark.parametrize("video", [(None, 1.0), ("v", 0.0)])
def test_an_onset_without_a_video_or_its_length_is_no_share(video: tuple[str | None, float]) -> None:
    name, onset = video
    assert cues(frame_of([Comment("x", "1", name, onset_s=onset)]))["onset_share"].to_list() == [None]


def test_cues_are_float32_in_the_frames_order_and_null_where_nothing_is_known() -> None:
    found = cues(frame_of([Comment("一", "1"), Comment("", "2"), Comment("一二三", "3")]))
    assert set(found.dtypes) == {pl.Float32()}
    assert found["length"].to_list() == [1, 0, 3]
    unknown = [name for name in found.columns if found[name].null_count() == 3]
    shown = ["mode", "font_size", "coloured", "red", "green", "blue"]
    assert unknown == [*shown, "onset_s", "onset_share", "hour", "burst"]


def test_a_burst_is_what_the_same_video_shows_within_five_seconds() -> None:
    onsets = [("v", 0.0), ("v", 5.0), ("v", 5.1), ("w", 5.0), ("v", None), (None, 5.0), ("v", 10.1), ("v", 5.1)]
    frame = pl.DataFrame(onsets, schema=["video_id", "onset_s"], orient="row")
    # v: 0 has 5; 5 has 0, 5.1, 5.1; 5.1 has 5, the other 5.1, 10.1; 10.1 has both 5.1
    assert burst_density(frame).to_list() == pytest.approx([1, 3, 3, 0, None, None, 2, 3])
