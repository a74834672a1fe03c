from dataclasses import replace

from pipeline.artifacts.splits import SplitSummary
from pipeline.reports.left_out_section import split_sentence
from tests.reports.pages import SECOND, of_votes, rows, text_of


def test_what_was_left_out_is_counted() -> None:
    text = text_of(train_only_rounds=[2])
    assert rows(text, "did not count") == [
        ["round 1 (`label.exclude_rounds`)", "3"],
        ["ties without adjudication", "1"],
        ["fewer annotators than `label.minimum_annotators`", "0"],
        ["not in the corpus", "3"],
    ]
    assert "9 train, 4 validation, 3 test; 3 gold labels are kept out" in text
    assert "16 gold labels are of comments that came in with round 2. These only train" in text
    assert "came in with" not in text_of()
    again = [replace(vote, round=4) for vote in SECOND[:6]]  # labelled anew, and in test or validation as before
    text = text_of(**of_votes([*SECOND, *again]), train_only_rounds=[4])
    assert "0 gold labels are of comments that came in with round 4." in text


def test_why_labels_are_kept_out_is_said() -> None:
    assert split_sentence(SplitSummary(9, 4, 3, left_out=1, videos=2)).partition("; ")[2] == (
        "1 gold labels are kept out of training, because they may only train and their video is in validation or test."
    )
    given = split_sentence(SplitSummary(9, 4, 3, left_out=2, videos=2, given="data/a_b.csv"))
    assert given.endswith(", because data/a_b.csv (`split.given`) leaves them out or does not have them.")
    none = split_sentence(SplitSummary(9, 4, 3, left_out=0, videos=2))
    assert none.partition("; ")[2] == "0 gold labels are kept out of training."
