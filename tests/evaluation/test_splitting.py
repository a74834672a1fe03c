from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from pydantic import ValidationError

from pipeline.artifacts.splits import SPLITS
from pipeline.config import read_params
from pipeline.errors import UserError
from pipeline.evaluation.splitting import Split, split, split_rounds
from tests.conftest import ROOT

SCHEMA = {"comment_id": pl.String, "video_id": pl.String, "text": pl.String, "leaf": pl.String}
PARTS = ("train", "validation", "test")
TEXTS = st.sampled_from(
    ["哈哈哈", "哈哈哈哈", "？？？", "??", "ＡＷＳＬ", "awsl", "来了", "好看", "泪目", "第一", " ", "\u3000"]
)


def frame(rows: list[tuple[str | None, str, str]]) -> pl.DataFrame:
    """Labelled comments from video, text and leaf."""
    return pl.DataFrame([(f"dm{index:03}", *row) for index, row in enumerate(rows)], schema=SCHEMA, orient="row")


def many(videos: int = 20, comments: int = 10) -> pl.DataFrame:
    """Videos with equally many comments, every text its own, three leaves in turn."""
    return frame([(f"v{i % videos}", f"第{i}条", "abc"[i % 3]) for i in range(videos * comments)])


def settings_of(**changes: Any) -> Split:
    """The section as it is by default, with some keys changed."""
    return Split(**(read_params(ROOT / "params.yaml")["split"] | changes))


@st.composite
def labelled(draw: st.DrawFn, videos: bool) -> pl.DataFrame:
    """24 to 40 comments of at least five videos, or of none with at least five texts."""
    video = st.sampled_from(["v0", "v1", "v2", "v3", "v4", "v5", None]) if videos else st.none()
    rows = draw(st.lists(st.tuples(video, TEXTS, st.sampled_from("ab")), min_size=19, max_size=35))
    sure = [
        (f"v{index}" if videos else None, text, "a")
        for index, text in enumerate(["来了", "好看", "泪目", "第一", "哈哈"])
    ]
    return frame(sure + rows)


@given(st.booleans().flatmap(labelled), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_no_video_is_on_two_sides_and_nothing_is_left_out(comments: pl.DataFrame, seed: int) -> None:
    found = split(comments, 0.2, 0.25, seed)
    assert dict(found.schema) == SPLITS
    assert found["comment_id"].to_list() == comments["comment_id"].to_list()
    assert set(found["split"]) == {*PARTS}
    for column in ("group", "video_id"):
        sides = comments.join(found, on="comment_id").select("split", column).drop_nulls().unique()
        assert not sides[column].is_duplicated().any()


def test_the_split_follows_its_seed_and_not_the_order_of_the_rows() -> None:
    first = split(many(), 0.2, 0.25, 0)
    assert_frame_equal(first, split(many().sample(fraction=1, shuffle=True, seed=1), 0.2, 0.25, 0))
    assert not first.equals(split(many(), 0.2, 0.25, 1))


def test_the_shares_are_reached_and_every_leaf_is_on_every_side() -> None:
    found = split(many(), 0.2, 0.25, 0).join(many(), on="comment_id")
    shares = {name: len(part) / len(found) for (name,), part in found.group_by("split")}
    assert shares == pytest.approx({"train": 0.55, "validation": 0.2, "test": 0.25})
    assert found.group_by("split").agg(pl.col("leaf").n_unique())["leaf"].to_list() == [3, 3, 3]


def test_a_text_of_many_videos_stays_on_all_sides() -> None:
    shared = pl.col("comment_id").is_in([f"dm{index:03}" for index in range(20)]).alias("shared")  # one of each video
    comments = many().with_columns(text=pl.when(shared).then(pl.lit("前方高能")).otherwise("text"))
    found = split(comments, 0.2, 0.25, 0).filter(shared)
    assert found["split"].value_counts().sort("count").rows() == [("validation", 4), ("test", 5), ("train", 11)]


def test_without_videos_the_normalised_text_is_the_group() -> None:
    comments = frame(
        [(None, text, "ab"[i % 2]) for i, text in enumerate(["哈哈哈", "哈", "好看", "来了", "来 了", "泪目"] * 3)]
    )
    found = split(comments, 0.2, 0.25, 0)
    assert set(found["group"]) == {"哈", "好看", "来了", "泪目"}
    assert set(found["split"]) == set(PARTS)


@pytest.mark.parametrize("videos", [["v1", "v2"], ["v1"], [None]])
def test_too_few_groups_are_an_error_that_says_how_many(videos: list[str | None]) -> None:
    comments = frame([(video, "来了", "a") for video in videos * 6])
    with pytest.raises(UserError, match=f"come from {len(videos)} videos .*three are needed"):
        split(comments, 0.2, 0.25, 0)


def test_three_videos_are_enough() -> None:
    comments = many(3).with_columns(leaf=pl.Series(list("ab" * 15)))
    assert split(comments, 0.2, 0.25, 0)["split"].value_counts()["count"].to_list() == [10, 10, 10]


def test_leaves_that_are_all_rarer_than_there_are_folds_are_split_all_the_same() -> None:
    comments = frame([(f"v{i}", f"第{i}条", f"leaf{i}") for i in range(12)])
    assert set(split(comments, 0.2, 0.25, 0)["split"]) == set(PARTS)


def unequal() -> pl.DataFrame:
    """24 videos with 4 to 96 comments, every text its own, four leaves of which each video has other shares."""
    generator = np.random.default_rng(0)
    rows = []
    for video, size in enumerate(np.linspace(4, 96, 24).astype(int)):
        leaves = generator.choice(list("abcd"), size, p=generator.dirichlet([8] * 4))
        rows += [(f"v{video:02}", leaf) for leaf in leaves]
    return frame([(video, chr(0x4E00 + at), leaf) for at, (video, leaf) in enumerate(rows)])


def test_another_seed_is_another_split_of_unequal_videos_with_the_same_shares_and_leaves() -> None:
    comments = unequal()
    whole = comments["leaf"].value_counts(normalize=True).sort("leaf")["proportion"].to_numpy()
    splits = [split(comments, 0.2, 0.25, seed) for seed in range(20)]
    assert len({tuple(found["split"]) for found in splits}) == 20
    for found in splits:
        sides = found.join(comments, on="comment_id")
        assert sides.group_by("video_id").agg(pl.col("split").n_unique())["split"].max() == 1
        for name, share in (("train", 0.55), ("validation", 0.2), ("test", 0.25)):
            part = sides.filter(pl.col("split") == name)
            assert len(part) / len(sides) == pytest.approx(share, abs=0.02)
            mix = part["leaf"].value_counts(normalize=True).sort("leaf")["proportion"].to_numpy()
            assert np.abs(mix - whole).sum() / 2 < 0.1


def test_validation_and_test_leave_something_to_train_on() -> None:
    assert settings_of(validation=0.5, test=0.49).test == 0.49
    with pytest.raises(ValidationError, match="must stay below 1, or nothing is left to train on"):
        settings_of(validation=0.5, test=0.5)


def test_one_leaf_is_nothing_to_learn() -> None:
    comments = many().with_columns(leaf=pl.lit("a"), first_round=pl.lit(1))
    with pytest.raises(UserError, match="All training comments have one and the same leaf"):
        split_rounds(comments, set(comments["comment_id"]), settings_of())
