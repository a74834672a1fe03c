import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.statistics.calibration import fit_temperature, log_loss, tempered
from pipeline.statistics.metrics import expected_calibration_error


def model(confidence: float, right: int) -> tuple[np.ndarray, np.ndarray]:
    """Ten items of two classes, each said with `confidence`, so many of them right."""
    return np.tile([confidence, 1 - confidence], (10, 1)), np.array([0] * right + [1] * (10 - right))


@pytest.mark.parametrize(
    ("confidence", "right", "expected"),
    [
        (0.99, 7, 5.4235),  # overconfident: ln 99 / T = ln(7/3), so T = 4.5951 / 0.8473
        (0.6, 9, 0.18454),  # too shy: ln 1.5 / T = ln 9, so T = 0.40547 / 2.1972
        (0.8, 8, 1.0),
    ],
)
def test_the_temperature_is_the_one_worked_by_hand(confidence: float, right: int, expected: float) -> None:
    assert fit_temperature(*model(confidence, right)) == pytest.approx(expected, rel=1e-3)


def test_cooling_an_overconfident_model_lowers_its_error_and_its_loss() -> None:
    said, targets = model(0.99, 7)
    cooled = tempered(said, fit_temperature(said, targets))
    assert expected_calibration_error(said, targets, 10) == pytest.approx(0.29)
    assert expected_calibration_error(cooled, targets, 10) == pytest.approx(0, abs=1e-3)
    assert log_loss(cooled, targets) < log_loss(said, targets)


def test_log_loss_worked_by_hand_and_finite_at_zero() -> None:
    assert log_loss(np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([0, 0])) == pytest.approx(1.5 * np.log(2))
    assert np.isfinite(log_loss(np.array([[1.0, 0.0]]), np.array([1])))


def test_tempering_worked_by_hand() -> None:
    # squared and scaled: 0.64 and 0.04 of 0.68; square root: 2 and 1 of 3
    assert tempered(np.array([[0.8, 0.2]]), 0.5) == pytest.approx(np.array([[16 / 17, 1 / 17]]))
    assert tempered(np.array([[0.8, 0.2]]), 2) == pytest.approx(np.array([[2 / 3, 1 / 3]]))


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=8, unique=True), st.floats(0.05, 20))
@settings(max_examples=60, deadline=None)
def test_a_temperature_never_changes_what_is_most_probable(weights: list[int], temperature: float) -> None:
    said = np.array([weights]) / sum(weights)
    cooled = tempered(said, temperature)
    assert cooled.argmax(1) == said.argmax(1)
    assert cooled.sum(1) == pytest.approx(1)
