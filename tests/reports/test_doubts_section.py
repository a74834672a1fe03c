import csv
from pathlib import Path

import polars as pl

from pipeline.annotation.exchange.tables import csv_lines
from pipeline.artifacts.label_issues import LABEL_ISSUES
from pipeline.artifacts.splits import SplitSummary
from tests.reports.pages import HOSTILE, issues, of_votes, row, rows, said, text_of, written


def test_doubts_are_counted_by_split_and_checked_against_what_annotators_say() -> None:
    text = text_of(issues=issues(["哈哈", "泪目"], agreement=2 / 3))
    assert row(text, "split", "train") == ["9", "2", "22%"]
    assert row(text, "split", "test") == ["3", "0", "0%"]
    # of 16 gold labels the three joy joy awe and worry ask worry are not of one mind; two of these are doubted
    assert row(text, "gold labels", "first 1 doubted")[0] == "1 of 1"
    assert row(text, "gold labels", "not doubted")[0] == "2 of 14"
    assert row(text, "gold labels", "all gold")[0] == "4 of 16"
    assert "does not show that the order is better than chance" in text
    assert row(text, "rank", "1") == ["“哈哈”", "joy", "awe", "train", "0.333", "0.667", "67%"]


def test_what_other_videos_may_have_taught_is_said() -> None:
    text = text_of(splits=SplitSummary(9, 4, 3, left_out=1, videos=2))
    assert row(text, "split", "kept out")[0] == "1"
    assert "Where a text stands in other videos too, the regression can have learnt there" in text


def test_an_order_that_finds_what_annotators_differed_on_is_worth_something() -> None:
    annotations = said(2, *["joy joy awe"] * 10, *["joy joy joy", "awe awe awe"] * 100)
    many = issues(["哈哈"] * 100).with_columns(
        agreement=pl.when(pl.col("rank") <= 10).then(2 / 3).otherwise(1.0)
    )  # fmt: skip
    text = text_of(**of_votes(annotations), issues=many)
    assert row(text, "gold labels", "first 10 doubted")[0] == "10 of 10"
    assert "the order is worth something" in text
    assert len(rows(text, "rank")) == 15


def test_nothing_in_doubt_is_said_and_leaves_an_empty_table(tmp_path: Path) -> None:
    assert "doubts no gold label" in written(tmp_path, issues=pl.DataFrame(schema=LABEL_ISSUES))
    read = pl.read_csv(tmp_path / "label_issues.csv", schema=LABEL_ISSUES)
    assert read.is_empty()


def test_the_doubted_labels_can_be_read_again_as_they_were(tmp_path: Path) -> None:
    frame = issues([*HOSTILE, "", " ", '"', "\ufeff", "\r"])
    written(tmp_path, issues=frame)
    _, *lines = csv_lines(tmp_path / "label_issues.csv")
    assert pl.DataFrame([line for _, line in lines]).cast(LABEL_ISSUES).equals(frame)


def test_nothing_in_the_doubted_labels_is_computed_by_a_spreadsheet(tmp_path: Path) -> None:
    formulas = ["=1+1", "+1", "-1", "@x", "\t=1", "\r", "＝1", " =1", "'=1"]
    frame = issues(formulas)
    written(tmp_path, issues=frame.with_columns(before="text", comment_id="text", votes=pl.lit("=A:joy")))
    with (tmp_path / "label_issues.csv").open(encoding="utf-8-sig", newline="") as opened:
        lines = list(csv.DictReader(opened))
    for column in ("comment_id", "before", "text", "after"):
        assert [line[column] for line in lines] == [f"'{text}" for text in formulas]
    assert {line["votes"] for line in lines} == {"'=A:joy"}
