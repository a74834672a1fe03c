"""Comments that were picked out train, where that leaks nothing; what is scored stays as it was."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.artifacts.splits import SPLITS, SplitSummary
from pipeline.evaluation.splitting import split, summary, with_train_only
from tests.evaluation.test_splitting import SCHEMA, TEXTS, labelled, many

Row = tuple[str, str | None, str]


def frame(*rows: Row) -> pl.DataFrame:
    return pl.DataFrame([(*row, "a") for row in rows], schema=SCHEMA, orient="row")


OTHERS = [
    ("train", "v1", "好看"),
    ("validation", "v2", "哈哈哈"),
    ("test", "v3", "ＡＷＳＬ！"),
    ("test without video", None, "前方高能"),
    ("left", "v4", "来了"),
]
SIDES = ["train", "validation", "test", "test", "left_out"]


def sides(*picked: Row) -> dict[str, str]:
    """Where these go beside OTHERS."""
    splits = pl.DataFrame(
        [(key, side, "") for (key, _, _), side in zip(OTHERS, SIDES, strict=True)], schema=SPLITS, orient="row"
    )
    found = with_train_only(splits, frame(*OTHERS, *picked), frame(*picked))
    assert dict(found.schema) == SPLITS and found["comment_id"].to_list() == sorted(found["comment_id"])
    assert found.filter(~pl.col("comment_id").is_in([key for key, _, _ in picked])).equals(splits.sort("comment_id"))
    return dict(found.select("comment_id", "split").iter_rows())


@pytest.mark.parametrize(
    ("video", "text", "side"),
    [
        ("v2", "第一", "left_out"),  # a video of validation
        ("v3", "第一", "left_out"),  # of test
        ("v1", "哈", "train"),  # a text of validation, normalised: only videos are kept apart
        ("v5", "awsl", "train"),  # of test
        (None, "前方 高能", "train"),
        ("v1", "第一", "train"),
        ("v1", "好看", "train"),  # a text that trains already
        ("v4", "第一", "train"),  # a video of which something is left out, and nothing is held out
        ("v5", "来了", "train"),
        (None, "第一", "train"),
        (None, "v2", "train"),  # a text that is a video's name
        (None, "video v2", "train"),
    ],
)
def test_a_picked_comment_trains_unless_its_video_is_held_out(video: str | None, text: str, side: str) -> None:
    assert sides(("picked", video, text))["picked"] == side


def test_picked_comments_do_not_hold_each_other_out() -> None:
    found = sides(("p1", "v3", "第一"), ("p2", "v5", "第一"), ("p3", "v5", "第二"))
    assert [found[key] for key in ("p1", "p2", "p3")] == ["left_out", "train", "train"]


def test_the_summary_counts_the_parts_and_the_videos_of_test() -> None:
    picked = (
        ("p1", "v2", "第一"),  # a video of validation
        ("p2", "v3", "第二"),  # of test
        ("p3", "v1", "awsl"),  # a text of test
        ("p4", "v5", "第一"),
    )
    splits = pl.DataFrame(
        [(key, side, f"video {video}" if video else "前方高能") for (key, video, _), side in zip(OTHERS, SIDES)],
        schema=SPLITS,
        orient="row",
    )
    found = summary(with_train_only(splits, frame(*OTHERS, *picked), frame(*picked)))
    assert found == SplitSummary(train=3, validation=1, test=2, left_out=3, videos=1)


def test_without_picked_comments_nothing_changes() -> None:
    assert sides() == {key: side for (key, _, _), side in zip(OTHERS, SIDES, strict=True)}


def test_a_picked_comment_has_its_group() -> None:
    splits = pl.DataFrame([("train", "train", "video v1")], schema=SPLITS, orient="row")
    picked = frame(("p1", "v7", "第一"), ("p2", None, "哈哈哈！"))
    found = with_train_only(splits, pl.concat([frame(OTHERS[0]), picked]), picked)
    assert found.rows() == [("p1", "train", "video v7"), ("p2", "train", "哈"), ("train", "train", "video v1")]


@given(
    st.booleans().flatmap(labelled),
    st.lists(st.tuples(st.sampled_from(["v0", "v1", "v2", "v9", None]), TEXTS), max_size=12),
    st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_nothing_picked_shares_a_video_with_what_is_scored(
    comments: pl.DataFrame, rows: list[tuple[str | None, str]], seed: int
) -> None:
    picked = frame(*((f"p{at:02}", *row) for at, row in enumerate(rows)))
    before = split(comments, 0.2, 0.25, seed)
    both = pl.concat([comments, picked])
    found = with_train_only(before, both, picked)
    assert found.filter(~pl.col("comment_id").str.starts_with("p")).equals(before)
    side = dict(found.select("comment_id", "split").iter_rows())
    videos = {video for key, video, _, _ in both.rows() if side[key] in ("validation", "test")} - {None}
    for key, video, _, _ in picked.rows():
        assert side[key] == ("left_out" if video in videos else "train")


def test_the_splits_of_the_rest_are_those_without_the_picked_round() -> None:
    """Else a batch that was picked out would decide what the others are scored on."""
    comments = many()
    picked = comments.filter(pl.col("comment_id").str.ends_with("7"))
    rest = comments.filter(~pl.col("comment_id").str.ends_with("7"))
    found = with_train_only(split(rest, 0.2, 0.25, 0), comments, picked)
    assert found.filter(~pl.col("comment_id").str.ends_with("7")).equals(split(rest, 0.2, 0.25, 0))
    assert set(found.filter(pl.col("comment_id").str.ends_with("7"))["split"]) <= {"train", "left_out"}
    assert len(found) == len(comments)
