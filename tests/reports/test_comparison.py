"""The page says what was compared, what was resampled, and what was left out."""

from dataclasses import replace

import numpy as np
import pytest
from markdown_it import MarkdownIt

from pipeline.artifacts.agreement import Agreement, LevelAgreement, RoundAgreement
from pipeline.artifacts.comments import ParseSummary
from pipeline.artifacts.labels import LabelSummary
from pipeline.artifacts.splits import SplitSummary
from pipeline.evaluation.comparison import Comparison, compare, majority
from pipeline.reports.comparison import Background, left_out, report
from pipeline.runtime import Cost
from pipeline.statistics.intervals import Interval
from tests.evaluation.test_comparison import HOW, TEST, TRUTH, VALIDATION, clustered, compared, predicting

SPLIT = SplitSummary(train=8370, validation=4, test=5, left_out=117, videos=3)
LEVEL = LevelAgreement("leaves", 3, Interval(0.9), Interval(0.8), Interval(0.75, 0.7, 0.8))
ROUNDS = tuple(
    RoundAgreement(number, 40 * number, 40, {"a": 40, "b": 40}, "comments", (LEVEL,), Interval(None), (), (), ())
    for number in (1, 2)
)
BACKGROUND = Background(
    parse=ParseSummary(11307, 1834, 9457, 16, {"xml": 11307}, {"no text": 16}, {}),
    label=LabelSummary(1683, True, {"majority": 1650, "adjudicated": 33, "tied_left_out": 2, "too_few_annotators": 1}),
    agreement=Agreement(ROUNDS),
    split=SPLIT,
    excluded_rounds=[1],
    confidence=0.9,
)


def of_nine_videos() -> Comparison:
    known, candidates = clustered(9)
    return compare([majority(known), *candidates], known, HOW)


def of_ten_videos() -> Comparison:
    known, candidates = clustered(10)
    return compare([majority(known), *candidates], known, HOW)


def test_with_fewer_than_ten_videos_the_page_says_that_comments_were_resampled() -> None:
    page = report(of_nine_videos(), replace(BACKGROUND, split=replace(SPLIT, videos=9)))
    assert "| macro-F1 [90%, resampled comments] |" in page
    assert "| difference [90%, resampled comments] | for comments of these test videos |" in page
    assert "The intervals resample the comments of these test videos, since test has fewer than 10 videos (9)." in page
    assert "whole videos," not in page


def test_with_ten_videos_the_page_says_that_videos_were_resampled() -> None:
    page = report(of_ten_videos(), replace(BACKGROUND, split=replace(SPLIT, videos=10)))
    assert "| macro-F1 [90%, resampled videos] |" in page
    assert "| difference [90%, resampled videos] | for videos like those of test |" in page
    assert "The intervals resample whole videos, since test has at least 10 (10)" in page
    assert "the same resampled test videos for both" in page
    assert "of these test videos" not in page and "resampled comments" not in page


def test_without_videos_the_page_speaks_of_none() -> None:
    page = report(compared(majority(TRUTH)), replace(BACKGROUND, split=replace(SPLIT, videos=0)))
    assert "Split by whole texts: 8,370 train, 4 validation, 5 test." in page
    assert "The intervals resample comments, whose videos are not known." in page
    assert "test videos" not in page


def test_what_was_left_out_is_told_by_its_reason() -> None:
    assert left_out(replace(SPLIT, left_out=0)) == "No labelled comment was left out."
    assert left_out(replace(SPLIT, left_out=1331)) == (
        "1,331 labelled comments were left out of training, because they may only train and their video is in "
        "validation or test."
    )


def test_a_given_split_is_named_and_what_leaks_in_it() -> None:
    given = replace(SPLIT, given="data/<b>.csv")
    page = report(compared(majority(TRUTH)), replace(BACKGROUND, split=given))
    assert "Split as data/&#60;b&#62;.csv says: 8,370 train" in page
    page = report(compared(majority(TRUTH)), replace(BACKGROUND, split=replace(given, shared_videos=2)))
    assert "says; **2 videos are on two sides, so that scores lean upwards**: 8,370 train" in page


def test_seen_and_new_texts_are_scored_apart_and_the_headline_says_which_is_which() -> None:
    # of the test items joy joy awe worry worry the second and the fourth are seen
    page = report(compared(majority(TRUTH), predicting("logistic/a", VALIDATION, [0, 0, 1, 0, 0])), BACKGROUND)
    # seen: joy 2/3 and worry 0; new: joy 2/3, awe 1, worry 0
    assert (
        "That is over all 5 test comments; on the 2 whose text was seen in training accuracy 0.500 and macro-F1 0.222, "
        "on the 3 whose text was not seen in training accuracy 0.667 and macro-F1 0.556." in page.split("\n\n")[1]
    )
    assert "seen: 2 test comments of 2 leaves; new: 3 test comments of 3 leaves." in page
    (line,) = [line for line in page.splitlines() if line.startswith("| logistic/a | 0.500 [")]
    cells = [cell.split(" [")[0] for cell in line.strip("| ").split(" | ")]
    assert cells == ["logistic/a", "0.500", "0.222", "0.667", "0.556"]


def test_a_stratum_that_no_comment_is_in_has_no_scores() -> None:
    known = replace(TRUTH, items=TRUTH.items.with_columns(seen=np.zeros(9, dtype=bool)))
    page = report(compare([majority(known), predicting("bert/a", VALIDATION, TEST)], known, HOW), BACKGROUND)
    assert "That is over all 5 test comments; on the 5 whose text was not seen in training accuracy 1.000" in page
    assert "seen: 0 test comments of 0 leaves" in page and "| bert/a | – | – | 1.000 [" in page


def test_the_answer_stands_at_the_top() -> None:
    cost = Cost(seconds=2.5, peak_memory_mib=277.2, device="cpu")
    comparison = compared(
        majority(TRUTH),
        predicting("logistic/a", VALIDATION, [0, 0, 1, 2, 0], labels="gold"),
        replace(predicting("bert/a", VALIDATION, TEST), cost=cost),
        predicting("bert/b", [0, 0, 0, 0], [1, 1, 1, 1, 1]),
    )
    best = comparison.best
    assert best.name == "logistic/a"  # the first on a tie
    page = report(comparison, BACKGROUND)
    answer = page.split("\n\n")[1]
    # macro-F1 37/45 and accuracy 4/5; the majority leaf 4/21 and 2/5
    assert answer.startswith(
        "By macro-F1 on validation, **logistic/a** is the best of 3 cells. On test it reaches macro-"
    )
    assert f"macro-F1 {best.macro_f1} (90% interval) and accuracy 0.800; always answering the majority" in answer
    assert f"{best.macro_f1}".startswith("0.822 [") and "leaf gives 0.190 and 0.400." in answer
    assert answer.endswith("Not above the majority row in both accuracy and macro-F1: bert/b.")
    assert "differs from the embedding baseline" not in answer
    assert "| bert/a | 1.000 | 1.000 [" in page and "micro" not in page and "| 2.5 | 277.2 |" in page
    assert "| **logistic/a** | 0.800 | 0.822 [" in page and "| – | – |" in page
    assert "Measured on: cpu." in page


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        (
            Interval(0.1, 0.05, 0.2),
            "+0.100 [+0.050, +0.200], which excludes zero for comments of these test videos.",
        ),
        (Interval(0.1, -0.05, 0.2), "[-0.050, +0.200], **which includes zero: this test set cannot tell them apart.**"),
    ],
)
def test_the_answer_says_whether_the_best_is_told_from_the_baseline(difference: Interval, said: str) -> None:
    comparison = compared(
        majority(TRUTH), predicting("logistic/a", [0, 0, 1, 0], TEST), predicting("bert/a", VALIDATION, TEST)
    )
    rows = (*comparison.rows[:2], replace(comparison.rows[2], difference=difference))
    page = report(replace(comparison, rows=rows, best=rows[2]), BACKGROUND)
    assert said in page.split("\n\n")[1]
    assert "Every method is above" in page


def test_the_data_are_told_as_they_are() -> None:
    page = report(compared(majority(TRUTH)), BACKGROUND)
    assert "11,307 input records hold 1,834 comments; 9,457 records were further snapshots" in page
    assert "1,683 comments have a gold label: 1,650 by majority, 33 by adjudication; 2 ties" in page
    assert "| round-1 (left out) | 40 | 0.900 | 0.750 |" in page and "| round-2 | 80 | 0.900 | 0.750 |" in page
    assert "Split by whole videos (3 in test): 8,370 train, 4 validation, 5 test. 117 labelled" in page
    assert "3 of the 3 leaves occur in test." in page
    settled = {"dawid_skene": 7, "adjudicated": 0, "tied_left_out": 0, "too_few_annotators": 0}
    page = report(compared(majority(TRUTH)), replace(BACKGROUND, label=LabelSummary(7, True, settled)))
    assert "7 comments have a gold label: 7 by Dawid and Skene's model, 0 by adjudication" in page


def test_cells_that_differ_in_their_seed_are_summed_up_and_leaves_are_shown_as_they_are_named() -> None:
    known = replace(TRUTH, leaves=["joy", "a|b", "worry"])
    seeds = [
        predicting(f"bert/{seed}", VALIDATION, said, context=0, seed=seed) for seed, said in ((0, TEST), (1, [0] * 5))
    ]
    page = report(compare([majority(known), *seeds], known, HOW), BACKGROUND)
    # accuracies 1 and 2/5: mean 0.7, deviation 0.6 / √2; macro-F1 1 and 4/21: 0.595 and 0.572
    assert "| bert context=0 | 2 | 0.595 ± 0.572 | 0.700 ± 0.424 |" in page
    assert "| a&#124;b | 1.000 | 1.000 | 1.000 | 1 |" in page


def test_every_picture_that_is_drawn_is_shown() -> None:
    page = report(compared(majority(TRUTH)), BACKGROUND)
    shown = {name.split(")")[0] for name in page.split("](")[1:]}
    pictures = {"scores.png", "class_f1.png", "confusion.png", "curves.png", "reliability.png", "cost.png"}
    assert shown == pictures | {"annotation.md"}


def test_no_name_of_a_leaf_a_cell_or_a_device_is_markup() -> None:
    known = replace(TRUTH, leaves=["![x](http://x.y/z.png)", "<img src=x>\n\n# joy", "a | b `c` [d](e)"])
    cells = [predicting(f"{method}/<b>|`{method}`\n# x", VALIDATION, TEST) for method in ("logistic", "bert")]
    made = compare([majority(known), *(replace(cell, cost=Cost(device="<i>|x")) for cell in cells)], known, HOW)
    weak = predicting("llama/![y](y)", VALIDATION, [1, 1, 0, 0, 0])
    for shown in (made, compare([majority(known), *cells, weak], known, HOW)):
        page = report(shown, BACKGROUND)
        plain = report(compared(majority(TRUTH)), BACKGROUND)
        assert [line for line in page.splitlines() if line[:1] == "#"] == [
            line for line in plain.splitlines() if line[:1] == "#"
        ]
        blocks = MarkdownIt().enable("table").parse(page)
        tokens = [part for token in blocks for part in [token, *(token.children or [])]]
        pictures = [str(token.attrs["src"]) for token in tokens if token.type == "image"]
        assert len(pictures) == 6 and all(name.endswith(".png") and "/" not in name for name in pictures)
        assert [token.attrs["href"] for token in tokens if token.type == "link_open"] == ["annotation.md"]
        raw = [token.content for token in tokens if token.type.startswith("html")]
        assert not any(sign in "".join(raw) for sign in ("img", "<b>", "<i>"))
