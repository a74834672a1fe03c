from typing import Any

import numpy as np
import polars as pl
import pytest

from pipeline.evaluation.comparison import Row, Truth, compare, confusion, majority_row, seed_groups, why_below
from pipeline.statistics.significance import Interval

VALIDATION, TEST = [0, 0, 1, 2], [0, 0, 1, 2, 2]
TRUTH = Truth(
    leaves=["joy", "awe", "worry"],
    parents=["bright", "dark"],
    parent_of=np.array([0, 0, 1]),
    items=pl.DataFrame(
        {
            "comment_id": [f"dm{index}" for index in range(9)],
            "split": ["validation"] * 4 + ["test"] * 5,
            "target": VALIDATION + TEST,
        }
    ),
    train_targets=np.array([0, 0, 0, 1, 2]),
)


def predicting(name: str, validation: list[int], test: list[int], **parameters: Any) -> Row:
    """A cell that says each class with 0.8, the others with 0.1."""
    return Row(name, name.split("/")[0], parameters, np.eye(3)[validation + test] * 0.7 + 0.1)


def compared(*rows: Row) -> Row:
    return compare(list(rows), TRUTH, times=200, confidence=0.9, bins=10, seed=0)


def test_the_majority_row_is_scored_as_worked_by_hand() -> None:
    row = majority_row(TRUTH)
    compared(row)
    found = row.scores["test"]
    # frequencies 0.6, 0.2, 0.2: joy for all. joy: 2 hits, 5 predicted, 2 actual: F1 4/7
    assert (found["accuracy"], found["never_predicted"]) == (0.4, 2)
    assert found["macro_f1"] == pytest.approx(4 / 21)
    # bright 0.8 for all: 3 of 5 right, F1 6/8; dark 0
    assert found["parents"]["accuracy"] == 0.6
    assert found["parents"]["macro_f1"] == pytest.approx(0.375)
    # joy 0.4² + 2 * 0.2² = 0.24; awe and worry 0.6² + 0.8² + 0.2² = 1.04: (2 * 0.24 + 3 * 1.04) / 5
    assert found["brier"] == pytest.approx(0.72)
    assert found["ece"] == pytest.approx(0.6 - 0.4)
    assert row.scores["validation"]["accuracy"] == 0.5


def test_the_best_is_chosen_on_validation_and_not_on_test() -> None:
    careful = predicting("bert/a", VALIDATION, [1, 1, 2, 0, 0])
    lucky = predicting("bert/b", [1, 1, 2, 0], TEST)
    assert compared(lucky, careful) is careful
    assert (careful.scores["test"]["macro_f1"], lucky.scores["test"]["macro_f1"]) == (0, 1)


def test_the_first_is_best_on_a_tie() -> None:
    rows = [predicting(name, VALIDATION, TEST) for name in ("bert/a", "bert/b")]
    assert compared(*rows) is rows[0]


def test_the_temperature_does_not_know_the_test_items() -> None:
    rows = [predicting("bert/a", VALIDATION, TEST), predicting("bert/b", VALIDATION, [1, 1, 2, 0, 0])]
    compared(*rows)
    assert rows[0].scores["temperature"] == rows[1].scores["temperature"]


def test_differences_are_from_the_baselines_cell_that_is_best_on_validation() -> None:
    weak = predicting("logistic/a", [1, 1, 2, 0], TEST)
    baseline = predicting("logistic/b", VALIDATION, [0, 0, 1, 2, 0])
    same = predicting("bert/a", VALIDATION, [0, 0, 1, 2, 0])
    assert compared(same, weak, baseline) is same  # as good as the baseline on validation, and the first
    assert baseline.difference is None
    assert same.difference == Interval(0.0, 0.0, 0.0)  # the same predictions in every resample
    # baseline on test: joy 2 hits, 3 predicted, 2 actual: 4/5; awe 1; worry 2/3: 37/45. weak is right throughout
    assert weak.difference is not None
    assert weak.difference.value == pytest.approx(1 - 37 / 45)
    assert weak.difference.low <= weak.difference.value <= weak.difference.high


def test_every_row_gets_its_interval_its_classes_and_its_reliability() -> None:
    row = predicting("bert/a", VALIDATION, [0, 0, 1, 2, 0])
    compared(row)
    assert row.macro_f1 is not None
    assert row.macro_f1.value == pytest.approx(37 / 45)
    assert row.macro_f1.low <= row.macro_f1.value <= row.macro_f1.high
    assert row.per_class[0] == pytest.approx({"leaf": "joy", "precision": 2 / 3, "recall": 1, "f1": 0.8, "support": 2})
    assert [(entry["leaf"], entry["support"]) for entry in row.per_class] == [("joy", 2), ("awe", 1), ("worry", 2)]
    assert row.reliability == [pytest.approx({"items": 5, "confidence": 0.8, "accuracy": 0.8})]


def test_confusion_has_the_truth_in_its_rows() -> None:
    assert confusion(predicting("bert/a", VALIDATION, [0, 1, 1, 2, 0]), TRUTH).tolist() == [
        [1, 1, 0],
        [0, 1, 0],
        [1, 0, 1],
    ]


def test_cells_that_differ_in_their_seed_alone_are_grouped() -> None:
    rows = [
        predicting("bert/a", VALIDATION, TEST, context=0, seed=0),
        predicting("bert/b", VALIDATION, TEST, context=0, seed=1),
        predicting("bert/c", VALIDATION, TEST, context=2, seed=0),
        predicting("logistic/a", VALIDATION, TEST),
    ]
    assert list(seed_groups(rows).values()) == [rows[:2]]


def point(step: int, score: float, train: float | None = 1.0, validation: float = 1.0) -> dict[str, Any]:
    return {"step": step, "validation_macro_f1": score, "train_loss": train, "validation_loss": validation}


@pytest.mark.parametrize(
    ("curve", "facts", "validation", "test", "reason"),
    [
        ([point(0, 0.3), point(1, 0.2)], {}, VALIDATION, TEST, "no epoch improved on the head's start"),
        ([point(0, 0.1), point(1, 0.2)], {}, VALIDATION, TEST, "its best epoch is the last one"),
        ([point(0, 0.1), point(1, 0.2), point(2, 0.1, 0.4)], {}, VALIDATION, TEST, "training set (0.40) is far below"),
        ([], {}, [0, 0, 0, 0], [0, 0, 0, 0, 0], "it never predicts 2 of the 3 leaves that occur in test"),
        ([], {"tokens_per_character": 2.5}, VALIDATION, TEST, "spends 2.5 tokens on a character"),
        ([], {}, VALIDATION, [0, 0, 1, 2, 0], "its macro-F1 was 0.18 higher on validation"),  # 1 - 37/45
        ([point(0, 0.1), point(1, 0.2), point(2, 0.1)], {}, VALIDATION, TEST, "its record shows no single cause"),
    ],
)
def test_why_a_method_is_below_is_said_from_its_record(
    curve: list[dict[str, Any]], facts: dict[str, Any], validation: list[int], test: list[int], reason: str
) -> None:
    row = predicting("bert/a", validation, test)
    compared(row)
    row.curve, row.facts = curve, facts
    said = why_below(row)
    assert reason in said
    assert "; " not in said.removesuffix("; look at its row of the F1 picture")  # and no other reason beside it
