import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, f1_score

from pipeline.statistics.metrics import (
    LeafScores,
    LevelScores,
    brier,
    expected_calibration_error,
    leaf_scores,
    level_scores,
    macro_f1,
    macro_f1_by_resample,
    parent_probabilities,
    reliability,
    rounded,
    scores,
)

CLASSES = 5


@st.composite
def labelled(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Targets and predictions over CLASSES classes, most often not all of them."""
    pairs = draw(st.lists(st.tuples(st.integers(0, CLASSES - 1), st.integers(0, CLASSES - 1)), min_size=1, max_size=40))
    targets, predicted = np.array(pairs).T
    return targets, predicted


@given(labelled(), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_macro_f1_in_every_resample_is_scikit_learns_with_sample_weights(
    pair: tuple[np.ndarray, np.ndarray], seed: int
) -> None:
    targets, predicted = pair
    weights = np.random.default_rng(seed).integers(0, 4, (3, len(targets))).astype(float)
    weights[0] = weights[:, 0] = 1  # without any item there is nothing to score
    by_resample = macro_f1_by_resample(targets, predicted, CLASSES, weights)
    assert by_resample[0] == pytest.approx(macro_f1(targets, predicted, CLASSES))
    for line, often in enumerate(weights):
        options = {"labels": range(CLASSES), "average": "macro", "zero_division": 0}
        assert by_resample[line] == pytest.approx(f1_score(targets, predicted, sample_weight=often, **options))


@given(labelled(), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_a_weight_counts_an_item_as_often_as_repeating_it(pair: tuple[np.ndarray, np.ndarray], seed: int) -> None:
    targets, predicted = pair
    weights = np.random.default_rng(seed).integers(0, 4, (3, len(targets)))
    weights[:, 0] = 1  # without any item there is nothing to score
    weighted = macro_f1_by_resample(targets, predicted, CLASSES, weights)
    for line, often in enumerate(weights):
        repeated = macro_f1(np.repeat(targets, often), np.repeat(predicted, often), CLASSES)
        assert weighted[line] == pytest.approx(repeated)


def test_macro_f1_of_a_resample_worked_by_hand() -> None:
    targets, predicted = np.array([0, 0, 1]), np.array([0, 1, 1])
    draws = np.array([[3, 0, 0], [0, 3, 0], [1, 1, 1]])
    # thrice the first: a has 1, b has 0. Thrice the second: both 0. Once each: a 2/(1+2), b 2/(2+1)
    assert macro_f1_by_resample(targets, predicted, 2, draws).tolist() == pytest.approx([0.5, 0, 2 / 3])


def test_scores_worked_by_hand() -> None:
    targets, predicted = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 3])
    # class 0: 2 actual, 1 predicted, 1 hit: F1 2/3. 1: 1 actual, 2 predicted, 1 hit: 2/3. 2: 1 actual, never predicted.
    # 3: predicted once, does not occur. 4: neither. macro (2/3 + 2/3) / 5, accuracy 2/4
    assert leaf_scores(targets, predicted, "abcde") == (
        LeafScores("a", 1, 0.5, pytest.approx(2 / 3), 2),
        LeafScores("b", 0.5, 1, pytest.approx(2 / 3), 1),
        LeafScores("c", 0, 0, 0, 1),
        LeafScores("d", 0, 0, 0, 0),
        LeafScores("e", 0, 0, 0, 0),
    )
    assert macro_f1(targets, predicted, 5) == pytest.approx(4 / 15)
    assert level_scores(np.eye(5)[predicted], targets) == LevelScores(0.5, pytest.approx(4 / 15), 1)


def test_an_item_without_an_answer_is_a_miss() -> None:
    # a: 1 hit, 2 actual, 1 predicted: 2/3; b: 1 hit of 1: 1
    assert macro_f1(np.array([0, 0, 1]), np.array([0, -1, 1]), 3) == pytest.approx((2 / 3 + 1) / 3)


def test_a_class_that_occurs_but_is_never_predicted_is_counted() -> None:
    # actual a, b, c; predicted a, a, d: b and c never; d does not occur, e is neither
    found = level_scores(np.eye(5)[[0, 0, 3]], np.array([0, 1, 2]))
    # a: 2 * 1 / (2 + 1) = 2/3, over five classes
    assert found == LevelScores(pytest.approx(1 / 3), pytest.approx(2 / 15), 2)


def test_a_parents_probability_is_the_sum_of_its_leaves() -> None:
    leaves = np.array([[0.3, 0.25, 0.45], [0.0, 0.5, 0.5]])
    assert parent_probabilities(leaves, np.array([0, 0, 1])) == pytest.approx(np.array([[0.55, 0.45], [0.5, 0.5]]))


def test_the_parents_are_scored_by_their_own_most_probable() -> None:
    # the most probable leaf is c, of the second parent, but the first parent has 0.55: leaf wrong, parent right
    found = scores(np.array([[0.3, 0.25, 0.45]]), np.array([0]), np.array([0, 0, 1]), bins=10)
    assert (found.leaves.accuracy, found.parents.accuracy) == (0, 1)
    # brier: 0.7² + 0.25² + 0.45² = 0.49 + 0.0625 + 0.2025
    assert found.brier == pytest.approx(0.755)
    assert found.ece == pytest.approx(0.45)


def test_brier_worked_by_hand() -> None:
    # right and sure 0; wrong and sure 1 + 1; undecided 0.25 + 0.25: mean 2.5 / 3
    assert brier(np.array([[1, 0], [1, 0], [0.5, 0.5]]), np.array([0, 1, 0])) == pytest.approx(2.5 / 3)


@given(labelled(), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_brier_is_scikit_learns(pair: tuple[np.ndarray, np.ndarray], seed: int) -> None:
    targets, said = pair[0], np.random.default_rng(seed).dirichlet(np.ones(CLASSES), len(pair[0]))
    theirs = brier_score_loss(targets, said, labels=range(CLASSES), scale_by_half=False)
    assert brier(said, targets) == pytest.approx(theirs)


def test_calibration_error_worked_by_hand() -> None:
    top = np.array([0.55, 0.6, 0.75, 0.95, 1.0])
    probabilities, targets = np.column_stack([top, 1 - top]), np.array([0, 1, 1, 0, 0])
    # ten bins, closed above: (0.5, 0.6] has 0.55 right and 0.6 wrong, (0.7, 0.8] 0.75 wrong, (0.9, 1] both right
    rows = reliability(probabilities, targets, 10)
    assert [row.items for row in rows] == [2, 1, 2]
    assert [row.confidence for row in rows] == pytest.approx([0.575, 0.75, 0.975])
    assert [row.accuracy for row in rows] == [0.5, 0, 1]
    # (2 * 0.075 + 1 * 0.75 + 2 * 0.025) / 5
    assert expected_calibration_error(probabilities, targets, 10) == pytest.approx(0.19)


def test_rounding_reaches_every_float_and_nothing_else() -> None:
    assert rounded({"a": [0.12345678, 3, "x"], "b": {"c": 1e-9}, "d": None}) == {
        "a": [0.123457, 3, "x"],
        "b": {"c": 0.0},
        "d": None,
    }
