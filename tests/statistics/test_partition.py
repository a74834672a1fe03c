"""Whole groups in parts: hand-made cuts, and what holds for every seed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.statistics.partition import cut, partition, unevenness


def test_groups_are_cut_where_the_shares_are_reached_best() -> None:
    # in the order 2, 0, 1, 3 the sizes 3, 1, 2, 4 reach .3, .4, .6 and 1
    assert cut(np.array([2, 0, 1, 3]), np.array([1, 2, 3, 4]), [0.35, 0.25, 0.4]).tolist() == [1, 1, 0, 2]
    # a group that is nearly everything: each part still has one
    assert cut(np.arange(3), np.array([98, 1, 1]), [0.25, 0.2, 0.55]).tolist() == [0, 1, 2]
    assert cut(np.arange(3), np.array([1, 1, 98]), [0.5, 0.45, 0.05]).tolist() == [0, 1, 2]


def test_unevenness_is_that_of_a_sum_by_hand() -> None:
    found, expected = np.array([[3.0, 1.0], [1.0, 3.0]]), np.array([[2.0, 2.0], [2.0, 2.0]])
    assert unevenness(found, expected) == 4 * 1 / 2  # the sizes are as they should be
    # (1 + 0 + 1 + 0) / 2 of the classes, and twice (1 + 1) / 4 of the sizes
    assert unevenness(np.array([[3.0, 2.0], [1.0, 2.0]]), expected) == 1 + 2 * 0.5


def test_the_order_with_the_most_even_classes_is_kept() -> None:
    # of eight groups four have class a alone; an even half holds two of them
    classes, groups = np.repeat(list("aaaabbbb"), 5), np.repeat(np.arange(8), 5)
    halves = [partition(classes, groups, [0.5, 0.5], seed) for seed in range(10)]
    assert all((half[:20] == 0).sum() == 10 for half in halves)
    assert len({tuple(half) for half in halves}) > 5


def test_folds_are_parts_of_one_size() -> None:
    fold = partition(np.tile(list("abc"), 50), np.repeat(np.arange(15), 10), [0.2] * 5, 0)
    assert np.bincount(fold).tolist() == [30] * 5


def test_few_groups_still_vary_with_the_seed() -> None:
    groups = np.repeat(np.arange(4), [5, 6, 7, 8])
    assert len({tuple(partition(np.tile(list("ab"), 13), groups, [0.25, 0.25, 0.5], seed)) for seed in range(20)}) > 3


@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from("abc")), max_size=40), st.integers(0, 99))
@settings(max_examples=50)
def test_no_group_is_torn_and_no_part_is_empty(rows: list[tuple[int, str]], seed: int) -> None:
    rows += [(group, "a") for group in range(3)]
    groups, classes = np.array([group for group, _ in rows]), np.array([name for _, name in rows])
    part = partition(classes, groups, [0.25, 0.2, 0.55], seed)
    assert set(part) == {0, 1, 2}
    assert len(set(zip(groups.tolist(), part.tolist(), strict=True))) == len(set(groups.tolist()))


def test_fewer_groups_than_parts_are_refused() -> None:
    with pytest.raises(ValueError, match="2 groups cannot fill 3 parts"):
        partition(np.array(["a", "a"]), np.array([0, 1]), [0.3, 0.3, 0.4], 0)
