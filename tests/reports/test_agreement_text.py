from dataclasses import replace

from pipeline.reports.agreement_text import agreement_text, table
from tests.reports.pages import NOBODY_TWICE, agreement, label_page


def test_the_text_says_who_how_far_and_what_the_intervals_drew() -> None:
    entry = label_page().agreement.rounds[-1]
    text = agreement_text(entry, {"dm20": "哈哈"})
    assert text.startswith("Round 2: 17 items, 17 with at least two ratings. Annotators: A (17), B (17), C (17).")
    assert "the bootstrap draws single items." in text
    assert "the bootstrap draws whole videos." in agreement_text(replace(entry, resampled="videos"), {})
    assert "A and B" in text and "joy or awe? (7 pairs of ratings)" in text and "“哈哈”" in text


def test_a_round_that_nobody_labelled_twice_has_no_agreement() -> None:
    (entry,) = agreement(NOBODY_TWICE).rounds
    assert agreement_text(entry, {}).endswith("Agreement needs items that two annotators labelled.")


def test_chinese_names_do_not_push_columns_out_of_line() -> None:
    assert table(("leaf", "n"), [("赞赏", 12), ("joy", 3)]) == "leaf   n\n赞赏  12\njoy    3"
