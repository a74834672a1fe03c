from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from pipeline.danmu.record import Comment
from pipeline.text.context import context_texts, neighbours
from tests.danmu.samples import frame_of


@pytest.fixture
def comments() -> pl.DataFrame:
    """Video v by onset: b, c, a, d (c and a share 5 s, c was sent earlier); e alone in w; f, g nowhere."""
    return frame_of(
        [
            Comment("甲", "a", "v", onset_s=5.0, sent_at=datetime(2020, 1, 2, tzinfo=UTC)),
            Comment("乙", "b", "v", onset_s=1.0),
            Comment("丙", "c", "v", onset_s=5.0, sent_at=datetime(2020, 1, 1, tzinfo=UTC)),
            Comment("丁", "d", "v", onset_s=9.0),
            Comment("戊", "e", "w", onset_s=2.0),
            Comment("己", "f", onset_s=3.0),
            Comment("庚", "g", "v"),
        ]
    )


def test_neighbours_are_the_nearest_first_and_stay_in_the_video(comments: pl.DataFrame) -> None:
    before, after = neighbours(comments, 2)
    assert before.tolist() == [[2, 1], [-1, -1], [1, -1], [0, 2], [-1, -1], [-1, -1], [-1, -1]]
    assert after.tolist() == [[3, -1], [2, 0], [0, 3], [-1, -1], [-1, -1], [-1, -1], [-1, -1]]


@pytest.mark.parametrize("count", [0, 1, 20])
def test_neighbours_have_a_column_per_step(comments: pl.DataFrame, count: int) -> None:
    before, after = neighbours(comments, count)
    assert before.shape == after.shape == (7, count)


def test_context_is_written_in_reading_order(comments: pl.DataFrame) -> None:
    texts = context_texts(comments, 2, np.arange(7))
    assert texts == [
        "乙 / 丙 | 丁",
        " | 丙 / 甲",
        "乙 | 甲 / 丁",
        "丙 / 甲 | ",
        "",
        "",
        "",
    ]
