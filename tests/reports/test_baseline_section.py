"""What is said of the differences from the baseline, and of those who stay below it."""

from dataclasses import replace

import pytest

from pipeline.artifacts.curves import CurvePoint
from pipeline.evaluation.comparison import majority
from pipeline.reports.baseline_section import baseline_section, on_record
from pipeline.statistics.intervals import Interval
from tests.evaluation.test_comparison import TEST, TRUTH, VALIDATION, compared, predicting

HEADER, WHERE = "[90%, resampled comments]", "for comments of these test videos"


def test_differences_are_judged_by_their_intervals() -> None:
    comparison = compared(
        majority(TRUTH),
        predicting("logistic/a", VALIDATION, [0, 0, 1, 2, 0]),
        *(predicting(f"bert/{key}", VALIDATION, TEST) for key in "abcd"),
    )
    intervals = [None, None, Interval(0.2, 0.1, 0.3), Interval(-0.2, -0.3, -0.1), Interval(-0.1, -0.2, 0.1)]
    intervals += [Interval(0.1, 0, 0.2)]
    rows = tuple(replace(row, difference=value) for row, value in zip(comparison.rows, intervals, strict=True))
    page = baseline_section(replace(comparison, rows=rows), HEADER, WHERE)
    assert "| macro-F1 minus logistic/a | difference [90%, resampled comments] | for comments of these test vid" in page
    assert [line.split(" | ")[1:] for line in page.splitlines() if line.startswith("| bert")] == [
        ["+0.200 [+0.100, +0.300]", "better |"],
        ["-0.200 [-0.300, -0.100]", "worse |"],
        ["-0.100 [-0.200, +0.100]", "not distinguishable |"],
        ["+0.100 [+0.000, +0.200]", "not distinguishable |"],
    ]
    assert [line.split(":")[0] for line in page.splitlines() if line.startswith("- ")] == [
        "- **bert/b**",
        "- **bert/c**",
    ]
    assert "the same resampled test comments for both" in page


def test_without_a_regression_on_gold_there_is_no_baseline() -> None:
    page = baseline_section(compared(majority(TRUTH), predicting("bert/a", VALIDATION, TEST)), HEADER, WHERE)
    assert page == "There is no embedding baseline in this run."


def point(step: int, score: float | None, train: float | None = 1.0, validation: float = 1.0) -> CurvePoint:
    return CurvePoint(step, train, validation, score)


@pytest.mark.parametrize(
    ("curve", "facts", "validation", "test", "reason"),
    [
        ([point(0, 0.3), point(1, 0.2)], {}, VALIDATION, TEST, "no epoch improved on the head's start"),
        ([point(0, 0.1), point(1, 0.2)], {}, VALIDATION, TEST, "its best epoch is the last that was run (0.200"),
        ([point(0, 0.1), point(1, 0.2), point(2, 0.1, 0.4)], {}, VALIDATION, TEST, "training set (0.40) is far below"),
        ([], {}, [0, 0, 0, 0], [0, 0, 0, 0, 0], "it never predicts 2 of the 3 leaves that occur in test"),
        ([], {"tokens_per_character": 2.5}, VALIDATION, TEST, "spends 2.5 tokens on a character"),
        ([], {}, VALIDATION, [0, 0, 1, 2, 0], "its macro-F1 was 0.18 higher on validation"),  # 1 - 37/45
        (
            [point(1, None, 0.1), point(2, None, 0.1)],
            {"rounds": 2},
            VALIDATION,
            TEST,
            "training set (0.10) is far below",
        ),
        (
            [point(0, 0.1), point(1, 0.2), point(2, 0.1, 0.4)],
            {"best_epoch": 1},
            VALIDATION,
            TEST,
            "nothing conspicuous",
        ),
        ([point(0, 0.1), point(1, 0.2), point(2, 0.1)], {}, VALIDATION, TEST, "nothing conspicuous"),
    ],
)
def test_what_is_on_record_of_a_method_below_is_said_and_no_cause_is_made_of_it(
    curve: list[CurvePoint], facts: dict[str, float], validation: list[int], test: list[int], reason: str
) -> None:
    candidate = replace(predicting("bert/a", validation, test), curve=curve, facts=facts)
    said = on_record(compared(candidate).best)
    assert reason in said
    assert not any(word in said for word in ("too few", "still learning", "luck", "knows"))  # causes
    assert "; " not in said.removesuffix("; look at its row of the F1 picture")  # and no other reason beside it
