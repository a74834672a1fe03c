"""Intervals: what a bootstrap draws, and what is made of the draws."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.statistics import intervals
from pipeline.statistics.agreement import (
    fleiss_kappa,
    percent_agreement,
    specific_agreement,
)
from pipeline.statistics.intervals import (
    Floats,
    Interval,
    Share,
    Statistic,
    bca_interval,
    bootstrap,
    deletions,
    percentile_interval,
    resampled,
    resamples,
    share,
)
from tests.statistics.test_agreement import alpha, counted, point


def drawn(items: int, times: int, seed: int, groups: list[str] | None = None) -> Floats:
    """All resamples in one array, (times, items)."""
    return np.concatenate(list(resamples(items, times, seed, groups)))


def mean_of(values: Floats) -> Statistic:
    return lambda weights: np.asarray(weights @ values / weights.sum(1))


# What is drawn


@given(items=st.integers(1, 60), times=st.integers(1, 30), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_every_resample_draws_as_many_items_as_there_are(items: int, times: int, seed: int) -> None:
    draws = drawn(items, times, seed)
    assert draws.shape == (times, items)
    assert (draws.sum(1) == items).all()
    assert (draws >= 0).all()


def test_resamples_follow_their_seed() -> None:
    assert (drawn(20, 5, 1) == drawn(20, 5, 1)).all()
    assert (drawn(20, 5, 1) != drawn(20, 5, 2)).any()


def test_nine_videos_are_too_few_and_the_draws_are_those_of_the_items() -> None:
    videos = [f"v{item % 9}" for item in range(40)]
    assert resampled(videos) == resampled(None) == "comments"
    # numpy's multinomial over the items, as before there were groups
    single = np.random.default_rng(3).multinomial(40, np.full(40, 1 / 40), size=25)
    np.testing.assert_array_equal(drawn(40, 25, 3, videos), single)
    np.testing.assert_array_equal(drawn(40, 25, 3), single)


@given(st.lists(st.integers(0, 14), min_size=1, max_size=50), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_ten_videos_are_drawn_as_wholes(further: list[int], seed: int) -> None:
    videos = [f"v{number}" for number in [*range(10), *further]]
    assert resampled(videos) == "videos"
    draws = drawn(len(videos), 20, seed, videos)
    firsts = [videos.index(name) for name in sorted(set(videos))]
    assert (draws[:, firsts].sum(1) == len(firsts)).all()  # as many videos as there are
    for place, name in enumerate(videos):
        np.testing.assert_array_equal(draws[:, place], draws[:, videos.index(name)])


def test_intervals_are_wider_where_comments_of_a_video_are_alike() -> None:
    # 100 videos of 6 comments; all of a video are right or all are wrong, so 600 comments say as much as 100
    videos, right = np.repeat(np.arange(100), 6), np.repeat(np.arange(100) % 10 < 7, 6).astype(float)
    (single,) = bootstrap(mean_of(right), 600, 1000, 0)
    (whole,) = bootstrap(mean_of(right), 600, 1000, 0, [f"v{video}" for video in videos])
    assert single.value == whole.value == pytest.approx(0.7)
    # the standard errors are sqrt(0.7 * 0.3 / 600) and sqrt(0.7 * 0.3 / 100); an interval is 3.92 of them
    assert single.high - single.low == pytest.approx(0.0733, rel=0.1)
    assert whole.high - whole.low == pytest.approx(0.1796, rel=0.1)


# What is made of the draws


def test_the_middle_share_of_the_draws_is_the_interval() -> None:
    # quantiles 0.1 and 0.9 of 0, 1, ..., 10
    assert percentile_interval(5.5, np.arange(11), 0.8) == Interval(5.5, pytest.approx(1), pytest.approx(9))


def test_an_interval_holds_its_value_and_narrows_with_more_items() -> None:
    widths = []
    for items in (40, 4000):
        right = np.arange(items) % 10 < 7  # 70% right
        (interval,) = bootstrap(mean_of(right), items, 400, 0)
        assert interval.low < 0.7 < interval.high
        widths.append(interval.high - interval.low)
    # the standard error is sqrt(0.7 * 0.3 / items): 0.0725 and 0.00725, the interval 3.92 of it
    assert widths == pytest.approx([0.284, 0.0284], rel=0.15)


ORDINARY = counted(["aaa", "aab", "bbb", "bbc", "ccc", "acc", "aaa", "bab", "cc.", "a.a"] * 6)


def bootstrapped(times: int, seed: int) -> list[Interval]:
    return [
        *bootstrap(partial(alpha, ORDINARY), len(ORDINARY), times, seed),
        *bootstrap(partial(specific_agreement, ORDINARY), len(ORDINARY), times, seed),
    ]


def test_an_interval_holds_its_value_and_follows_its_seed() -> None:
    found = bootstrapped(500, 1)
    assert len(found) == 1 + 4 and found[-1] == Interval(None)  # nobody said d
    assert all(one.low < one.value < one.high for one in found[:-1])
    assert bootstrapped(500, 1) == found != bootstrapped(500, 2)


def test_draws_in_chunks_are_the_same_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = bootstrapped(100, 3)
    monkeypatch.setattr(intervals, "CHUNK", 7 * len(ORDINARY))  # 7 resamples at a time, 2 at the end
    assert bootstrapped(100, 3) == at_once
    monkeypatch.setattr(intervals, "CHUNK", 1)  # less than one resample: one at a time
    assert bootstrapped(100, 3) == at_once


def test_an_interval_is_the_middle_of_the_defined_draws() -> None:
    # of 0, 1, ..., 40 the quantiles 0.025 and 0.975 are 1 and 39
    drawn = np.array([*range(41), np.nan, np.nan], dtype=float)
    assert percentile_interval(20.0, drawn) == Interval(20.0, pytest.approx(1), pytest.approx(39))
    assert percentile_interval(20.0, drawn[41:]) == Interval(20.0)
    assert percentile_interval(float("nan"), drawn) == Interval(None)


def test_resamples_without_variation_are_left_out() -> None:
    # 1 in 4 resamples of aa, bb is all of one value, 0/0 each time; in all others alpha is 1
    counts = counted(["aa", "bb"])
    assert bootstrap(partial(alpha, counts), 2, 200, 0) == [Interval(1, 1, 1)]


@pytest.mark.parametrize("table", [["aa", "aaa"], ["a", "b"], []], ids=["one value", "no pairs", "no items"])
def test_without_variation_or_pairs_there_is_no_estimate(table: list[str]) -> None:
    counts = counted(table)
    for statistic in (alpha, fleiss_kappa):
        assert bootstrap(partial(statistic, counts), len(counts), 20, 0) == [Interval(None)]
    assert str(Interval(None)) == "–"


def test_without_resamples_there_is_no_interval() -> None:
    (found,) = bootstrap(partial(alpha, ORDINARY), len(ORDINARY), 0, 0)
    assert found == Interval(point(alpha, ORDINARY))
    assert (str(Interval(0.5)), str(Interval(0.5, 0.25, 0.75))) == ("0.500", "0.500 [0.250, 0.750]")


def test_nineteen_of_twenty_intervals_hold_the_truth() -> None:
    # A rater sees the truth with probability 0.8, and otherwise draws from the same shares p. Two raters agree with
    # 0.64 + 0.36 × Σp², by chance with Σp²: alpha and kappa of the population are 0.64, whatever the shares.
    # With Σp² = 0.46 the raters agree in 0.64 + 0.36 × 0.46 = 0.8056
    generator, shares, sets_of_data, items = np.random.default_rng(5), [0.6, 0.3, 0.1], 200, 120
    true = {alpha: 0.64, fleiss_kappa: 0.64, percent_agreement: 0.8056}
    held = dict.fromkeys(true, 0)
    for seed in range(sets_of_data):
        truth = generator.choice(3, p=shares, size=(items, 1))
        said = np.where(generator.random((items, 3)) < 0.8, truth, generator.choice(3, p=shares, size=(items, 3)))
        counts = (said[:, :, None] == np.arange(3)).sum(1).astype(float)
        for statistic, value in true.items():
            (found,) = bootstrap(partial(statistic, counts), items, 300, seed)
            held[statistic] += found.low <= value <= found.high
    # nominally 190 of 200; the standard error of the count is 3, and a percentile interval runs a little narrow
    assert all(0.88 <= count / sets_of_data <= 0.99 for count in held.values()), held


# Intervals that are corrected for bias and skewness


def test_a_corrected_interval_is_scipys_from_the_same_resamples() -> None:
    values = np.random.default_rng(3).exponential(size=25)

    def deviation(weights: np.ndarray) -> np.ndarray:
        """The standard deviation, which resamples underestimate."""
        total = weights.sum(1)
        mean = weights @ values / total
        return np.sqrt(np.maximum(weights @ values**2 / total - mean**2, 0))

    drawn = np.concatenate([deviation(weights) for weights in intervals.resamples(25, 999, 7)])
    expected = scipy.stats.bootstrap(
        (values,), np.std, n_resamples=0, method="BCa", bootstrap_result=SimpleNamespace(bootstrap_distribution=drawn)
    ).confidence_interval
    (found,) = bootstrap(deviation, 25, 999, 7, corrected=True)
    assert (found.low, found.high) == (pytest.approx(expected.low), pytest.approx(expected.high))
    (plain,) = bootstrap(deviation, 25, 999, 7)
    assert found.low > plain.low and found.high > plain.high


def test_the_jackknife_leaves_out_what_the_bootstrap_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    assert np.concatenate(list(deletions(3))).tolist() == [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
    videos = [f"video {at // 2}" for at in range(22)]
    (weights,) = deletions(22, videos)
    assert weights.shape == (11, 22)
    assert sorted((22 - weights.sum(1)).tolist()) == [2] * 11 and (weights[:, ::2] == weights[:, 1::2]).all()
    monkeypatch.setattr(intervals, "MOST_DELETIONS", 4)
    blocks = np.concatenate(list(deletions(10)))
    assert blocks.shape == (4, 10) and (10 - blocks.sum(1)).tolist() == [3, 3, 2, 2]
    monkeypatch.setattr(intervals, "CHUNK", 1)
    assert np.concatenate(list(deletions(10))).tolist() == blocks.tolist()


def test_a_corrected_interval_of_what_never_varies_or_lies_on_one_side_has_ends() -> None:
    same = np.zeros(50)
    assert bca_interval(0.0, same, np.zeros(9)) == Interval(0, 0, 0)
    drawn = np.linspace(0, 1, 101)
    high = bca_interval(2.0, drawn, np.array([1.9, 2.0, 2.1]))  # all resamples lie below
    assert 0.9 < high.low <= high.high <= 1
    undefined = np.array([np.nan] * 5)
    assert bca_interval(0.5, undefined, undefined) == Interval(0.5)
    assert bca_interval(0.5, drawn, undefined).low == pytest.approx(0.025)
    assert bca_interval(float("nan"), drawn, drawn) == Interval(None)


def test_an_interval_is_written_with_three_digits_and_a_sign_where_that_is_asked_for() -> None:
    assert f"{Interval(0.1234, -0.5, 1):+}" == "+0.123 [-0.500, +1.000]"
    assert (f"{Interval(0.5):+}", f"{Interval(None):+}") == ("+0.500", "–")


@pytest.mark.parametrize(
    ("low", "high", "excludes"), [(-0.1, 0.2, False), (0, 0.2, False), (0.1, 0.2, True), (-0.2, -0.1, True)]
)
def test_an_interval_excludes_zero_where_it_lies_on_one_side(low: float, high: float, excludes: bool) -> None:
    assert Interval(0.05, low, high).excludes_zero is excludes
    assert not Interval(0.05).excludes_zero and not Interval(None).excludes_zero


def test_a_share_has_wilsons_interval() -> None:
    # 8 of 10 with z = 1.96: centre (0.8 + 1.9207 / 10) / 1.38415 = 0.7168, half width 0.2267
    found = share(8, 10)
    assert (found.value, found.hits, found.total) == (0.8, 8, 10)
    assert (found.low, found.high) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))
    assert share(0, 0) == Share(None)
