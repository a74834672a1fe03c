"""Each way of drawing by hand, and what all have in common: no place twice, no more than there are, the same again."""

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.annotation.rounds.sampling import (
    COMMITTEE,
    STRATA,
    STRATEGIES,
    Pool,
    draw_disputed,
    draw_random,
    draw_stratified,
    draw_uncertain,
)

PROBABILITIES = np.array([
    [0.5, 0.4, 0.1],  # the two likeliest are 0.1 apart
    [0.9, 0.1, 0.0],  # 0.8
    [0.2, 0.5, 0.3],  # 0.2
    [0.34, 0.33, 0.33],  # 0.01
    [0.5, 0.0, 0.5],  # 0
])  # fmt: skip


def test_random_draws_every_place_as_often() -> None:
    drawn = Counter(place for seed in range(3000) for place in draw_random(10, 3, seed))
    # each place is drawn in 3 of 10 draws: 900 times; the standard deviation is √(3000 · 0.3 · 0.7) = 25
    assert sorted(drawn) == list(range(10)) and all(800 < often < 1000 for often in drawn.values())


def test_random_follows_its_seed_and_a_smaller_batch_begins_a_larger_one() -> None:
    assert draw_random(100, 20, 5) == draw_random(100, 20, 5) != draw_random(100, 20, 6)
    assert draw_random(100, 20, 5)[:7] == draw_random(100, 7, 5)


def test_stratified_takes_one_of_each_in_turn() -> None:
    strata = ["a"] * 6 + ["b"] * 2 + ["c"]
    for seed in range(30):
        found = draw_stratified(strata, 9, seed)
        taken = [strata[place] for place in found]
        assert sorted(taken[:3]) == ["a", "b", "c"]  # the first round
        assert sorted(taken[3:5]) == ["a", "b"] and taken[5:] == ["a"] * 4  # c is used up, then b
        assert sorted(found) == list(range(9))
        order = taken[:3]
        assert taken[3:5] == [name for name in order if name != "c"]  # the same turn in every round


def test_stratified_draws_at_random_within_a_stratum_and_among_them() -> None:
    strata = ["a"] * 5 + ["b"] * 5
    first = Counter(draw_stratified(strata, 1, seed)[0] for seed in range(1000))
    # each of ten is first in about 100 of 1000; the standard deviation is √(1000 · 0.1 · 0.9) = 9.5
    assert sorted(first) == list(range(10)) and all(60 < often < 140 for often in first.values())


def test_strata_may_be_anything_that_a_column_holds() -> None:
    assert sorted(draw_stratified([None, "v1", None, "v2"], 9, 0)) == [0, 1, 2, 3]
    assert [["None", None, 3][place] for place in draw_stratified(["None", None, 3], 3, 0)].count(None) == 1
    assert draw_stratified([], 5, 0) == []


def test_where_the_two_likeliest_leaves_are_nearest_comes_first() -> None:
    assert draw_uncertain(PROBABILITIES, 5) == [4, 3, 0, 2, 1]
    assert draw_uncertain(PROBABILITIES, 2) == [4, 3]
    even = np.full((4, 3), 1 / 3)
    assert draw_uncertain(even, 3) == [0, 1, 2]  # on a tie the earlier place


def one_hot(*votes: int) -> np.ndarray[Any, Any]:
    """A member who is sure of these leaves (of three), place by place."""
    return np.eye(3)[list(votes)]


def test_where_the_committee_is_most_divided_comes_first() -> None:
    # votes at the places: 0: 3 of a kind; 1: 2 and 1; 2: all differ; 3: 2 and 1
    committee = np.stack([one_hot(0, 1, 0, 2), one_hot(0, 1, 1, 2), one_hot(0, 2, 2, 1)])
    # entropies: 0; -(2/3 ln 2/3 + 1/3 ln 1/3) = 0.6365; ln 3 = 1.0986; 0.6365
    assert -(2 / 3 * math.log(2 / 3) + 1 / 3 * math.log(1 / 3)) == pytest.approx(0.6365, abs=1e-4)
    assert draw_disputed(committee, 4) == [2, 1, 3, 0]  # the tie of 1 and 3: means are alike, the earlier first


def test_of_the_equally_divided_the_smaller_margin_of_the_means_comes_first() -> None:
    # at both places two vote for the first leaf and one for the second
    sure = np.array([[0.9, 0.1, 0.0], [0.6, 0.4, 0.0]])
    other = np.array([[0.1, 0.9, 0.0], [0.4, 0.6, 0.0]])
    # means: (0.6333, 0.3667), 0.2667 apart; (0.5333, 0.4667), 0.0667 apart
    assert draw_disputed(np.stack([sure, sure, other]), 2) == [1, 0]
    # votes count before margins: place 0 is undivided, though its means are nearest
    near = np.array([[0.34, 0.33, 0.33], [0.9, 0.05, 0.05]])
    far = np.array([[0.34, 0.33, 0.33], [0.05, 0.9, 0.05]])
    assert draw_disputed(np.stack([near, near, far]), 2) == [1, 0]


def test_the_margin_is_that_of_the_mean_and_not_of_the_first_member() -> None:
    first = np.array([[0.9, 0.1, 0.0], [0.6, 0.4, 0.0]])
    second = np.array([[0.6, 0.4, 0.0], [1.0, 0.0, 0.0]])
    # means: (0.75, 0.25), 0.5 apart; (0.8, 0.2), 0.6 apart; of the first member alone it is 0.8 and 0.2
    assert draw_disputed(np.stack([first, second]), 2) == [0, 1]


def test_entropies_that_are_the_same_number_are_a_tie_whatever_order_they_were_added_in() -> None:
    """4, 1, 1 and 1 of seven votes, and 1, 1, 1 and 4: the sums differ in their last digit, which may not decide."""
    seven = [np.eye(4)[list(pair)] for pair in zip([0, 0, 0, 0, 1, 2, 3], [0, 1, 2, 3, 3, 3, 3], strict=True)]
    sums = [-sum(votes / 7 * np.log(votes / 7) for votes in order) for order in ((4, 1, 1, 1), (1, 1, 1, 4))]
    assert sums[0] < sums[1] == pytest.approx(sums[0], abs=1e-12)
    assert draw_disputed(np.stack(seven), 2) == [0, 1]  # the margins are alike, the earlier first


#: every strategy, and `stratified` by either of its strata
DRAWS = [(name, by) for name in STRATEGIES for by in (STRATA if name == "stratified" else STRATA[:1])]


@pytest.mark.parametrize(("name", "by"), DRAWS)
@given(st.integers(1, 20), st.integers(1, 30), st.integers(0, 99))
def test_no_place_twice_no_more_than_there_are_and_the_same_again(
    name: str, by: str, count: int, size: int, seed: int
) -> None:
    def expected(models: int) -> np.ndarray[Any, Any]:
        return np.random.default_rng(seed).dirichlet(np.ones(4), size=(models, count))

    pool = Pool([f"v{place % 3}" if place % 4 else None for place in range(count)], expected)
    draw = STRATEGIES[name].draw
    drawn = draw(pool, by, size, seed)
    assert len(drawn) == min(size, count) == len(set(drawn)) and set(drawn) <= set(range(count))
    assert all(type(place) is int for place in drawn)  # polars' gather and JSON take no others
    assert draw(pool, by, size, seed) == drawn
    assert draw(pool, by, size + 1, seed)[: len(drawn)] == drawn


def test_models_are_only_asked_by_those_strategies_that_need_them_and_as_many_as_they_need() -> None:
    asked: list[int] = []

    def expected(models: int) -> np.ndarray[Any, Any]:
        asked.append(models)
        return np.full((models, 3, 2), 0.5)

    for name, by in DRAWS:
        STRATEGIES[name].draw(Pool(["v1", "v2", None], expected), by, 2, 0)
    # random and stratified by video ask nobody; by leaf and uncertainty one model, disagreement the committee
    assert asked == [1, 1, COMMITTEE]


def test_a_random_batch_alone_is_like_the_corpus() -> None:
    assert [name for name, strategy in STRATEGIES.items() if strategy.like_corpus] == ["random"]
