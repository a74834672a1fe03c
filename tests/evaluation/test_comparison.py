"""Candidates with answers made by hand, and what is said of them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from pipeline.evaluation.comparison import (
    Candidate,
    Compare,
    Comparison,
    compare,
    confusion,
    majority,
    seed_groups,
)
from pipeline.evaluation.truth import Truth
from pipeline.files import read_json, write_json
from pipeline.statistics.intervals import Interval, bca_interval
from pipeline.statistics.metrics import LeafScores, ReliabilityBin

VALIDATION, TEST = [0, 0, 1, 2], [0, 0, 1, 2, 2]


def truth(validation: list[int], test: list[int], groups: list[str] | None = None) -> Truth:
    return Truth(
        leaves=["joy", "awe", "worry"],
        parents=["bright", "dark"],
        parent_of=np.array([0, 0, 1]),
        items=pl.DataFrame(
            {
                "comment_id": [f"dm{index}" for index in range(len(validation + test))],
                "split": ["validation"] * len(validation) + ["test"] * len(test),
                "target": validation + test,
                "seen": [place % 2 == 1 for place in range(len(validation + test))],
            }
        ),
        train_targets=np.array([0, 0, 0, 1, 2]),
        groups=groups,
    )


TRUTH = truth(VALIDATION, TEST)
HOW = Compare(resamples=200, confidence=0.9, calibration_bins=10, seed=0)


def predicting(name: str, validation: list[int], test: list[int], **parameters: Any) -> Candidate:
    """A cell that says each class with 0.8, the others with 0.1."""
    return Candidate(name, name.split("/")[0], parameters, np.eye(3)[validation + test] * 0.7 + 0.1)


def compared(*candidates: Candidate) -> Comparison:
    return compare(candidates, TRUTH, HOW)


def test_the_majority_row_is_scored_as_worked_by_hand() -> None:
    (row,) = compared(majority(TRUTH)).rows
    found = row.test
    # frequencies 0.6, 0.2, 0.2: joy for all. joy: 2 hits, 5 predicted, 2 actual: F1 4/7
    assert (found.leaves.accuracy, found.leaves.never_predicted) == (0.4, 2)
    assert found.leaves.macro_f1 == pytest.approx(4 / 21)
    # bright 0.8 for all: 3 of 5 right, F1 6/8; dark 0
    assert found.parents.accuracy == 0.6
    assert found.parents.macro_f1 == pytest.approx(0.375)
    # joy 0.4² + 2 * 0.2² = 0.24; awe and worry 0.6² + 0.8² + 0.2² = 1.04: (2 * 0.24 + 3 * 1.04) / 5
    assert found.brier == pytest.approx(0.72)
    assert found.ece == pytest.approx(0.6 - 0.4)
    assert row.validation.leaves.accuracy == 0.5


def test_the_best_is_chosen_on_validation_and_not_on_test() -> None:
    careful = predicting("bert/a", VALIDATION, [1, 1, 2, 0, 0])
    lucky = predicting("bert/b", [1, 1, 2, 0], TEST)
    comparison = compared(lucky, careful)
    assert comparison.best is comparison.rows[1] and comparison.best.candidate is careful
    assert [row.test.leaves.macro_f1 for row in comparison.rows] == [1, 0]


def test_the_first_is_best_on_a_tie() -> None:
    comparison = compared(*(predicting(name, VALIDATION, TEST) for name in ("bert/a", "bert/b")))
    assert comparison.best is comparison.rows[0]


def test_the_temperature_does_not_know_the_test_items() -> None:
    rows = compared(predicting("bert/a", VALIDATION, TEST), predicting("bert/b", VALIDATION, [1, 1, 2, 0, 0])).rows
    assert rows[0].temperature == rows[1].temperature


def test_differences_are_from_the_baselines_cell_that_is_best_on_validation() -> None:
    weak = predicting("logistic/a", [1, 1, 2, 0], TEST)
    baseline = predicting("logistic/b", VALIDATION, [0, 0, 1, 2, 0])
    same = predicting("bert/a", VALIDATION, [0, 0, 1, 2, 0])
    comparison = compared(same, weak, baseline)
    same_row, weak_row, baseline_row = comparison.rows
    assert comparison.best is same_row  # as good as the baseline on validation, and the first
    assert comparison.baseline is baseline_row and baseline_row.candidate is baseline
    assert baseline_row.difference is None
    assert same_row.difference == Interval(0.0, 0.0, 0.0)  # the same predictions in every resample
    # baseline on test: joy 2 hits, 3 predicted, 2 actual: 4/5; awe 1; worry 2/3: 37/45. weak is right throughout
    assert weak_row.difference is not None
    assert weak_row.difference.value == pytest.approx(1 - 37 / 45)
    assert weak_row.difference.low <= weak_row.difference.value <= weak_row.difference.high


def test_a_regression_that_learns_from_silver_is_no_baseline() -> None:
    silver = predicting("logistic/a", VALIDATION, TEST, labels="silver")
    gold = predicting("logistic/b", [0, 0, 0, 2], TEST, labels="gold")
    assert compared(silver, gold).baseline.candidate is gold
    without = compared(majority(TRUTH), silver)
    assert without.baseline is without.best  # there is none, so all are held against the best


def test_every_row_gets_its_interval_its_classes_and_its_reliability() -> None:
    (row,) = compared(predicting("bert/a", VALIDATION, [0, 0, 1, 2, 0])).rows
    assert row.macro_f1.value == pytest.approx(37 / 45)
    assert row.macro_f1.low <= row.macro_f1.value <= row.macro_f1.high
    assert row.per_leaf[0] == LeafScores("joy", pytest.approx(2 / 3), 1, pytest.approx(0.8), 2)
    assert [(entry.leaf, entry.support) for entry in row.per_leaf] == [("joy", 2), ("awe", 1), ("worry", 2)]
    assert row.reliability == (ReliabilityBin(5, pytest.approx(0.8), 0.8),)


def test_what_dvc_and_mlflow_get_are_plain_numbers_in_six_digits(tmp_path: Path) -> None:
    (row,) = compared(predicting("bert/a", VALIDATION, [0, 0, 1, 2, 0])).rows
    write_json([row.summary(), row.leaf_summary()], tmp_path / "row.json")
    summary, leaves = read_json(tmp_path / "row.json")
    assert summary.keys() == {"validation", "test", "seen", "new", "temperature", "macro_f1_interval"}
    level = {"accuracy", "macro_f1", "never_predicted"}
    assert summary["validation"].keys() == level | {"parents", "ece", "brier"}
    assert summary["test"].keys() == level | {"parents", "ece", "brier", "ece_tempered", "brier_tempered"}
    assert summary["test"]["parents"].keys() == level
    assert summary["test"]["macro_f1"] == summary["macro_f1_interval"]["value"] == 0.822222
    assert leaves["joy"] == {"precision": 0.666667, "recall": 1.0, "f1": 0.8, "support": 2}


def test_seen_and_new_items_are_scored_as_if_they_were_alone() -> None:
    whole = predicting("bert/a", VALIDATION, [0, 0, 1, 2, 0])
    (row,) = compared(whole).rows
    seen, new = row.strata["seen"], row.strata["new"]
    assert (seen.items, seen.leaves, new.items, new.leaves) == (2, 2, 3, 3)  # joy and worry; joy, awe and worry
    assert (seen.accuracy.value, seen.macro_f1.value) == (1, pytest.approx(2 / 3))
    assert (new.accuracy.value, new.macro_f1.value) == (pytest.approx(2 / 3), pytest.approx((2 / 3 + 1) / 3))
    assert new.accuracy.low <= new.accuracy.value <= new.accuracy.high
    assert row.summary()["seen"] == {"items": 2, "accuracy": 1.0, "macro_f1": 0.666667}


def test_a_stratum_without_items_has_no_score_and_no_number_for_it() -> None:
    known = replace(TRUTH, items=TRUTH.items.with_columns(seen=pl.lit(True)))
    (row,) = compare([majority(known)], known, HOW).rows
    assert row.strata["new"].accuracy == row.strata["new"].macro_f1 == Interval(None)
    assert row.summary()["new"] == {"items": 0}


# What is resampled


def clustered(videos: int, comments: int = 12) -> tuple[Truth, list[Candidate]]:
    """Videos in which a method is right about every comment or about none, and a baseline that is right at random."""
    generator = np.random.default_rng(0)
    test, groups = generator.integers(0, 3, videos * comments), np.repeat(np.arange(videos), comments)
    known = truth(VALIDATION, test.tolist(), ["哈"] * 4 + [f"video v{group}" for group in groups])
    whole = np.where(groups % 3 == 0, (test + 1) % 3, test)
    single = np.where(generator.random(len(test)) < 1 / 3, (test + 1) % 3, test)
    names = (("logistic/a", single), ("bert/a", whole), ("bert/b", whole))
    return known, [predicting(name, VALIDATION, said.tolist()) for name, said in names]


def width(interval: Interval | None) -> float:
    assert interval is not None and interval.low is not None and interval.high is not None
    return interval.high - interval.low


def test_ten_videos_are_resampled_as_wholes_and_the_intervals_say_so() -> None:
    known, candidates = clustered(10)
    videos, comments = compare(candidates, known, HOW), compare(candidates, replace(known, groups=None), HOW)
    assert (videos.resampled, comments.resampled) == ("videos", "comments")
    for whole, single in zip(videos.rows, comments.rows, strict=True):
        assert whole.macro_f1.value == single.macro_f1.value
    # the baseline's errors do not go by videos, the method's do
    assert width(videos.rows[1].macro_f1) > 2 * width(comments.rows[1].macro_f1)
    assert width(videos.rows[1].difference) > 1.5 * width(comments.rows[1].difference)
    assert width(videos.rows[0].macro_f1) < 1.3 * width(comments.rows[0].macro_f1)


@pytest.mark.parametrize("videos", [9, 10, 14])
def test_a_row_differs_from_its_like_by_nothing(videos: int) -> None:
    known, (_, whole, _) = clustered(videos)
    like = replace(whole, name="logistic/a", method="logistic")
    comparison = compare([whole, like], known, HOW)
    assert comparison.baseline.candidate is like
    assert comparison.rows[0].difference == Interval(0, 0, 0)


def test_nine_videos_are_resampled_by_the_comment_and_the_intervals_are_corrected() -> None:
    known, candidates = clustered(9)
    comparison = compare(candidates, known, HOW)
    assert comparison.resampled == "comments"
    test = known.targets("test")
    # all resamples at once, one item left out at a time, and macro-F1 written out
    draws = np.random.default_rng(0).multinomial(len(test), np.full(len(test), 1 / len(test)), size=200)
    drawn, left = [], []
    for candidate in candidates:
        actual, said = np.eye(3)[test], np.eye(3)[candidate.probabilities[4:].argmax(1)]
        for found, weights in ((drawn, draws), (left, 1 - np.eye(len(test)))):
            found.append((2 * (weights @ (actual * said)) / (weights @ said + weights @ actual)).mean(1))
    for row, values, without in zip(comparison.rows, drawn, left, strict=True):
        assert row.macro_f1 == bca_interval(row.macro_f1.value, values, without, 0.9)
    for row, values, without in zip(comparison.rows[1:], drawn[1:], left[1:], strict=True):
        expected = bca_interval(row.difference.value, values - drawn[0], without - left[0], 0.9)
        assert (row.difference.low, row.difference.high) == pytest.approx((expected.low, expected.high))


def test_texts_are_no_videos_however_many_there_are() -> None:
    known, candidates = clustered(12)
    assert known.groups is not None and compare(candidates, known, HOW).resampled == "videos"
    nine = {f"video v{number}" for number in range(9)}
    for groups in (
        [group.removeprefix("video ") for group in known.groups],
        # nine videos, and comments of none
        [group if group in nine else f"text{at}" for at, group in enumerate(known.groups)],
    ):
        assert compare(candidates, replace(known, groups=groups), HOW).resampled == "comments"


def test_videos_of_validation_do_not_make_test_s_enough() -> None:
    known = truth(list(range(3)) * 4, TEST, [f"video v{at}" for at in range(17)])
    assert known.test_groups() is None


def test_confusion_has_the_truth_in_its_rows() -> None:
    (row,) = compared(predicting("bert/a", VALIDATION, [0, 1, 1, 2, 0])).rows
    assert confusion(row, TRUTH, [0, 1, 2]).tolist() == [
        [1, 1, 0],
        [0, 1, 0],
        [1, 0, 1],
    ]
    # of the others no item is lost
    assert confusion(row, TRUTH, [2]).tolist() == [[1, 1], [0, 3]]
    assert confusion(row, TRUTH, [1, 0]).tolist() == [[1, 0, 0], [1, 1, 0], [0, 1, 1]]


def test_confusion_takes_no_more_room_than_what_is_drawn() -> None:
    """All leaves by all leaves would be seven gigabytes."""
    many = replace(TRUTH, leaves=[str(place) for place in range(30_000)])
    (row,) = compared(predicting("bert/a", VALIDATION, [0, 1, 1, 2, 0])).rows
    assert confusion(row, many, [2, 29_999]).tolist() == [[1, 0, 1], [0, 0, 0], [0, 0, 3]]


def test_cells_that_differ_in_their_seed_alone_are_grouped() -> None:
    rows = compared(
        predicting("bert/a", VALIDATION, TEST, context=0, seed=0),
        predicting("bert/b", VALIDATION, TEST, context=0, seed=1),
        predicting("bert/c", VALIDATION, TEST, context=2, seed=0),
        predicting("logistic/a", VALIDATION, TEST),
    ).rows
    assert list(seed_groups(rows).values()) == [list(rows[:2])]
