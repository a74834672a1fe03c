"""A test set that has been used stays as it was; what comes later trains."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.errors import UserError
from pipeline.evaluation.splitting import split_rounds
from tests.evaluation.test_splitting import many, settings_of

FIRST = many().with_columns(first_round=pl.lit(1))


@pytest.fixture
def frozen(tmp_path: Path) -> str:
    """splits.parquet as it was before round 2, copied."""
    file = tmp_path / "splits.parquet"
    split_rounds(FIRST, set(FIRST["comment_id"]), settings_of()).write_parquet(file)
    return str(file)


def later(*videos: str | None, number: int = 2) -> pl.DataFrame:
    """Comments of a later round, one of each of these videos."""
    rows = [(f"x{at}", video, f"新的第{at}条", "a", number) for at, video in enumerate(videos)]
    return pl.DataFrame(rows, schema=FIRST.schema, orient="row")


def sides(labelled: pl.DataFrame, **changes: object) -> dict[str, str]:
    found = split_rounds(labelled, set(labelled["comment_id"]) | set(FIRST["comment_id"]), settings_of(**changes))
    assert found["comment_id"].to_list() == sorted(labelled["comment_id"])
    return dict(found.select("comment_id", "split").iter_rows())


def test_new_gold_trains_or_validates_and_the_test_set_stays(frozen: str) -> None:
    before = dict(pl.read_parquet(frozen).select("comment_id", "split").iter_rows())
    tested = {key for key, part in before.items() if part == "test"}
    of_test = FIRST.filter(pl.col("comment_id").is_in(list(tested)))["video_id"][0]
    both = pl.concat([FIRST, later(of_test, "v90", "v91", None)])
    for seed in range(5):
        found = sides(both, frozen=frozen, seed=seed)
        assert {key for key, part in found.items() if part == "test"} == tested
        assert found["x0"] == "left_out"  # of a frozen video
        assert {found["x1"], found["x2"], found["x3"]} <= {"train", "validation"}
        assert list(found.values()).count("left_out") == 1
        # a fifth of all is 4/15 of what is not test
        assert list(found.values()).count("validation") == pytest.approx(40, abs=3)


def test_a_round_that_was_drawn_for_test_is_tested_and_its_videos_do_not_train(frozen: str) -> None:
    trained = FIRST.join(pl.read_parquet(frozen).filter(pl.col("split") == "train"), on="comment_id")["video_id"][0]
    both = pl.concat([FIRST, later("v90", trained)])
    found = sides(both, frozen=frozen, test_rounds=[2])
    assert found["x0"] == found["x1"] == "test"
    of_it = both.filter((pl.col("video_id") == trained) & (pl.col("first_round") == 1))["comment_id"]
    assert {found[key] for key in of_it} == {"left_out"}
    alone = sides(both, test_rounds=[2])  # without a frozen file, it is all of test
    assert {key for key, part in alone.items() if part == "test"} == {"x0", "x1"}


def test_what_only_trains_stays_out_of_test(frozen: str) -> None:
    tested = pl.read_parquet(frozen).filter(pl.col("split") == "test")["comment_id"]
    of_test = FIRST.filter(pl.col("comment_id") == tested[0])["video_id"][0]
    found = sides(pl.concat([FIRST, later("v90", of_test)]), frozen=frozen, train_only_rounds=[2])
    assert (found["x0"], found["x1"]) == ("train", "left_out")
    picked = FIRST.with_columns(first_round=pl.when(pl.col("comment_id") == tested[0]).then(2).otherwise(1))
    with pytest.raises(UserError, match=rf"splits.parquet, row \d+: {tested[0]} is test, and its round is in"):
        sides(picked, frozen=frozen, train_only_rounds=[2])


def test_what_cannot_be_is_said(frozen: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"No comment of split.frozen or split.test_rounds .* has a gold label"):
        sides(later("v1", "v2", "v3"), frozen=frozen)
    with pytest.raises(UserError, match=r"labelled comments of fewer than two, for train and validation; label more"):
        sides(pl.concat([later("v1"), FIRST.filter(pl.col("video_id") == "v2")]), test_rounds=[1])
    with pytest.raises(UserError, match=r"split.test_rounds \(params.yaml\) names round 7; there are 1, 2"):
        sides(pl.concat([FIRST, later("v90")]), test_rounds=[7])
    with pytest.raises(ValueError, match="round 2 is in train_only_rounds and in test_rounds"):
        settings_of(train_only_rounds=[2], test_rounds=[2])
    with pytest.raises(ValueError, match="so frozen has no say"):
        settings_of(given="a.csv", frozen="b.csv")
