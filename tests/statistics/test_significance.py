import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.statistics.significance import Interval, accuracy_draws, macro_f1_draws, percentile_interval, resamples


@given(items=st.integers(1, 60), times=st.integers(1, 30), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_every_resample_draws_as_many_items_as_there_are(items: int, times: int, seed: int) -> None:
    draws = resamples(items, times, seed)
    assert draws.shape == (times, items)
    assert (draws.sum(1) == items).all()
    assert (draws >= 0).all()


def test_resamples_follow_their_seed() -> None:
    assert (resamples(20, 5, 1) == resamples(20, 5, 1)).all()
    assert (resamples(20, 5, 1) != resamples(20, 5, 2)).any()


def test_scores_of_a_resample_worked_by_hand() -> None:
    targets, predicted = np.array([0, 0, 1]), np.array([0, 1, 1])
    draws = np.array([[3, 0, 0], [0, 3, 0], [1, 1, 1]])
    # thrice the first: a has 1, b has 0. Thrice the second: both 0. Once each: a 2/(1+2), b 2/(2+1)
    assert macro_f1_draws(targets, predicted, 2, draws).tolist() == pytest.approx([0.5, 0, 2 / 3])
    assert accuracy_draws(targets, predicted, draws).tolist() == pytest.approx([1, 0, 2 / 3])


def test_the_middle_share_of_the_draws_is_the_interval() -> None:
    # quantiles 0.1 and 0.9 of 0, 1, ..., 10
    assert percentile_interval(5.5, np.arange(11), 0.8) == Interval(5.5, pytest.approx(1), pytest.approx(9))


def test_an_interval_holds_its_value_and_narrows_with_more_items() -> None:
    widths = []
    for items in (40, 4000):
        right = np.arange(items) % 10 < 7  # 70% right
        targets = np.zeros(items, dtype=int)
        drawn = accuracy_draws(targets, np.where(right, 0, 1), resamples(items, 400, 0))
        interval = percentile_interval(0.7, drawn, 0.95)
        assert interval.low < 0.7 < interval.high
        widths.append(interval.high - interval.low)
    # the standard error is sqrt(0.7 * 0.3 / items): 0.0725 and 0.00725, the interval 3.92 of it
    assert widths == pytest.approx([0.284, 0.0284], rel=0.15)
