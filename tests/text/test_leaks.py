"""What may not train, since its video or its text is scored."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.text.leaks import leaks, shares_text, shares_video
from pipeline.text.normalisation import normalised

Rows = list[tuple[str | None, str]]
SCHEMA = {"video_id": pl.String, "text": pl.String}
HELD_OUT: Rows = [("v2", "哈哈哈"), ("v3", "ＡＷＳＬ！"), (None, "前方高能")]


def comments(rows: Rows) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@pytest.mark.parametrize(
    ("video", "text", "by_video", "by_text"),
    [
        ("v2", "第一", True, False),
        ("v1", "哈", False, True),  # normalised
        ("v3", "awsl", True, True),
        (None, "前方 高能", False, True),
        ("v1", "第一", False, False),
        (None, "第一", False, False),  # no video is not the video of another comment without one
        (None, "v2", False, False),  # a text that is a video's name
    ],
)
def test_a_comment_leaks_by_its_video_or_its_text(video: str | None, text: str, by_video: bool, by_text: bool) -> None:
    one, held_out = comments([(video, text)]), comments(HELD_OUT)
    assert shares_video(one, held_out).to_list() == [by_video]
    assert shares_text(one, held_out).to_list() == [by_text]
    assert leaks(one, held_out).to_list() == [by_video or by_text]


rows = st.lists(
    st.tuples(st.sampled_from(["v0", "v1", "v2", None]), st.sampled_from(["哈哈", "哈", "awsl", "AWSL!", "来了", " "])),
    max_size=12,
)


@given(rows, rows)
@settings(max_examples=60, deadline=None)
def test_nothing_is_left_that_shares_a_video_or_a_text(some: Rows, held_out: Rows) -> None:
    videos, texts = {video for video, _ in held_out} - {None}, {normalised(text) for _, text in held_out}
    expected = [video in videos or normalised(text) in texts for video, text in some]
    assert leaks(comments(some), comments(held_out)).to_list() == expected
