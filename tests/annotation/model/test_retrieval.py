"""Neighbours and votes by hand. Vectors of two numbers: the similarity to (1, 0) is the first of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.annotation.model import retrieval
from pipeline.annotation.model.retrieval import Near, nearest

ASKED = np.array([[1.0, 0.0]])


def along(*similarities: float) -> np.ndarray:
    """Unit vectors with these similarities to ASKED."""
    first = np.array(similarities)
    return np.stack([first, np.sqrt(1 - first**2)], axis=1)


def test_neighbours_candidates_and_vote_by_hand() -> None:
    gold = along(0.1, 0.9, 0.5, 0.6, 0.8, -1.0)
    leaves = ["joy", "awe", "joy", "joy", "worry", "awe"]
    # the four nearest are rows 1, 4, 3, 2; joy 0.6 + 0.5 = 1.1, awe 0.9, worry 0.8
    assert nearest(ASKED, gold, leaves, 4, 5) == [Near((1, 4, 3, 2), ("joy", "awe", "worry"), "joy")]
    # of two candidates the weightiest remain; the vote is that of all neighbours
    assert nearest(ASKED, gold, leaves, 4, 2) == [Near((1, 4, 3, 2), ("joy", "awe"), "joy")]
    # of three neighbours joy has 0.6 only
    assert nearest(ASKED, gold, leaves, 3, 2) == [Near((1, 4, 3), ("awe", "worry"), "awe")]
    assert nearest(ASKED, gold, leaves, 1, 2) == [Near((1,), ("awe",), "awe")]


def test_several_comments_are_answered_in_their_order() -> None:
    gold = np.array([[1.0, 0.0], [0.0, 1.0]])
    found = nearest(np.array([[0.0, 1.0], [1.0, 0.0], [0.6, 0.8]]), gold, ["joy", "awe"], 1, 2)
    assert [near.rows for near in found] == [(1,), (0,), (1,)]
    assert [near.vote for near in found] == ["awe", "joy", "awe"]


def test_on_a_tie_the_earlier_gold_comment_and_the_nearer_leaf_come_first() -> None:
    same = along(0.5, 0.5, 0.5, 0.5)
    assert nearest(ASKED, same, ["b", "a", "b", "a"], 3, 1)[0].rows == (0, 1, 2)
    # a and b have 0.5 + 0.5 each: b's nearest stands first
    assert nearest(ASKED, same, ["b", "a", "b", "a"], 4, 2)[0].candidates == ("b", "a")
    # 0.75 against 0.5 + 0.25
    assert nearest(ASKED, along(0.5, 0.75, 0.25), ["b", "a", "b"], 3, 2)[0].candidates == ("a", "b")


def test_leaves_that_point_away_come_last() -> None:
    found = nearest(ASKED, along(-0.5, -0.25, 0.125, -0.5), ["a", "b", "c", "a"], 4, 3)
    assert found[0].candidates == ("c", "b", "a")  # 0.125, -0.25, -0.5 - 0.5


@pytest.mark.parametrize("neighbours", [3, 4, 1000])
def test_fewer_gold_comments_than_neighbours_are_all_looked_at(neighbours: int) -> None:
    found = nearest(ASKED, along(0.2, 0.9, 0.4), ["a", "b", "a"], neighbours, 6)
    assert found == [Near((1, 2, 0), ("b", "a"), "b")]


def test_one_gold_comment_is_enough_and_nothing_asked_gives_nothing() -> None:
    assert nearest(ASKED, along(-0.3), ["a"], 24, 6) == [Near((0,), ("a",), "a")]
    assert nearest(np.zeros((0, 2)), along(0.3), ["a"], 24, 6) == []


@given(st.integers(1, 9), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_pieces_give_what_the_whole_gives_and_both_what_a_loop_gives(piece: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    # sixteenths: sums and products are exact, whatever their order, so ties are ties
    vectors, gold = (generator.integers(-4, 5, size=(count, 3)) / 16 for count in (11, 17))
    leaves = [str(leaf) for leaf in generator.choice(list("abcd"), size=17)]
    whole = nearest(vectors, gold, leaves, 7, 3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retrieval, "CHUNK", piece)
        assert nearest(vectors, gold, leaves, 7, 3) == whole
    for vector, near in zip(vectors, whole, strict=True):
        similarity = [float(vector @ one) for one in gold]
        rows = sorted(range(17), key=lambda row: (-similarity[row], row))[:7]
        weight = {leaf: sum(similarity[row] for row in rows if leaves[row] == leaf) for leaf in leaves}
        named = list(dict.fromkeys(leaves[row] for row in rows))
        ordered = sorted(named, key=lambda leaf: (-weight[leaf], named.index(leaf)))
        assert near == Near(tuple(rows), tuple(ordered[:3]), ordered[0])
