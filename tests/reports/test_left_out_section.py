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


def test_labels_that_share_a_text_and_those_that_share_a_video_are_told_apart() -> None:
    by_text = "because the same normalised text stands in a later part"
    by_video = "because they may only train and their video is in validation or test"

    def reasons(text: int, video: int) -> str:
        kept_out = SplitSummary(9, 4, 3, text + video, left_out_by_text=text, left_out_by_video=video, videos=2)
        return split_sentence(kept_out).partition("; ")[2]

    assert reasons(2, 1) == (f"3 gold labels are kept out of training or validation: 2 {by_text} and 1 {by_video}.")
    assert reasons(2, 0) == f"2 gold labels are kept out of training or validation: 2 {by_text}."
    assert reasons(0, 1) == f"1 gold labels are kept out of training or validation: 1 {by_video}."
    assert reasons(0, 0) == "0 gold labels are kept out of training or validation."
