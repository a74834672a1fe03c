import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.statistics.intervals import Share, share


# Newcombe (1998), "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17, table I,
# method 3 (Wilson's score without continuity correction), 95 %
@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_are_those_printed_in_the_literature(hits: int, total: int, low: float, high: float) -> None:
    found = share(hits, total)
    assert (found.hits, found.total, found.value) == (hits, total, hits / total)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 400).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_intervals_are_wilsons_formula(numbers: tuple[int, int]) -> None:
    hits, total = numbers
    # (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n) with z = 1.959964, the normal's 97.5 % quantile
    p, z = hits / total, 1.959963984540054
    centre, width = p + z * z / (2 * total), z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total))
    low, high = ((centre + sign * width) / (1 + z * z / total) for sign in (-1, 1))
    found = share(hits, total)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


def test_a_share_of_nothing_is_none() -> None:
    assert share(0, 0) == Share(value=None, low=None, high=None, hits=0, total=0)
