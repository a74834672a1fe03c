"""How good the model annotator is said to be, worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.annotation.model.check import Check, macro_f1, quality
from pipeline.statistics.intervals import Share
from tests.annotation.model.test_silver import LEAVES, said

GOLD = {"a": "joy", "b": "joy", "c": "joy", "d": "awe", "e": "worry", "f": "worry"}
SAID = [
    said("a", "joy", 0.95),  # right
    said("b", "awe", 0.8),  # wrong
    said("c", None),  # unanswered
    said("d", "awe", 0.7),  # right
    said("e", "joy", 0.5),  # wrong
    said("f", "worry"),  # right, without a confidence
]
CHECK = Check(
    gold=GOLD,
    neighbours={"a": "joy", "b": "joy", "c": "awe", "d": "joy", "e": "worry", "f": "joy"},  # a, b, e right
    candidates=dict.fromkeys("abcde", ("joy", "awe")) | {"f": ("joy", "worry")},  # e's leaf was not asked about
    student={"a": "joy", "b": "awe", "c": "joy", "d": "joy", "e": "joy", "f": "worry"},  # a, c, f right
    majority="joy",
)


def counted(share: Share) -> tuple[int, int]:
    return share.hits, share.total


def test_quality_by_hand() -> None:
    found = quality(CHECK, SAID, LEAVES)
    assert (found.checked, found.unanswered) == (6, 1)
    assert counted(found.agreement) == (3, 6)  # a, d, f; an unanswered one counts as a miss
    assert found.agreement.value == 0.5
    # Wilson for 3 of 6: centre (1/2 + z²/12) / (1 + z²/6) = 1/2, half width z √(1/24 + z²/144) / (1 + z²/6) = 0.3124
    assert (found.agreement.low, found.agreement.high) == pytest.approx((0.1876, 0.8124), abs=1e-4)
    assert counted(found.neighbours_alone) == (3, 6)
    assert counted(found.student_alone) == (3, 6)
    assert counted(found.where_the_student_agrees) == (2, 4)  # a, b, e, f said the same; a and f are right
    assert counted(found.majority_leaf) == (3, 6)
    assert counted(found.asked_about_the_right_leaf) == (5, 6)
    assert [
        (row.leaf, counted(row.recall), counted(row.precision), row.mostly_mistaken_for) for row in found.per_leaf
    ] == [
        ("joy", (1, 3), (1, 2), "awe"),
        ("awe", (1, 1), (1, 2), None),
        ("worry", (1, 2), (1, 1), "joy"),
    ]
    assert [(row.at_least, counted(row.agreement)) for row in found.by_confidence] == [
        (0.0, (3, 5)),  # all that were answered
        (0.5, (2, 4)),
        (0.7, (2, 3)),
        (0.8, (1, 2)),
        (0.9, (1, 1)),
        (0.95, (1, 1)),
    ]
    # F1: joy 2·1 / (2 + 3), awe 2·1 / (2 + 1), worry 2·1 / (1 + 2)
    assert found.macro_f1 == pytest.approx((2 / 5 + 2 / 3 + 2 / 3) / 3)


def test_quality_of_what_a_budget_paid_for() -> None:
    found = quality(CHECK, SAID[:2], [*LEAVES, "relieved"])
    assert (found.checked, found.unanswered) == (2, 0)
    assert counted(found.agreement) == (1, 2) and counted(found.majority_leaf) == (2, 2)
    # worry and relieved are neither gold nor said: no rows; awe was said and is nobody's gold
    assert [(row.leaf, counted(row.recall), row.recall.value) for row in found.per_leaf] == [
        ("joy", (1, 2), 0.5),
        ("awe", (0, 0), None),
    ]
    nothing = quality(CHECK, [], LEAVES)
    assert nothing.checked == 0 and nothing.agreement.value is None and nothing.macro_f1 == 0


def by_hand(gold: dict[str, str], given: dict[str, str], leaves: list[str]) -> float:
    """Leaf by leaf: 2 · hits / (how often it is gold + how often it was said), 0 where it is neither."""
    scores = []
    for leaf in leaves:
        hits = sum(given.get(key) == leaf == gold[key] for key in gold)
        either = sum(value == leaf for value in given.values()) + sum(value == leaf for value in gold.values())
        scores.append(2 * hits / either if either else 0.0)
    return float(np.mean(scores))


LEAF = st.sampled_from(["a", "b", "c"])


@given(st.lists(st.tuples(LEAF, LEAF | st.none()), max_size=40))
def test_macro_f1_is_over_the_taxonomy_and_an_unanswered_comment_is_a_miss(rows: list[tuple[str, str | None]]) -> None:
    leaves = ["a", "b", "c", "never"]
    gold = {str(at): actual for at, (actual, _) in enumerate(rows)}
    given = {str(at): predicted for at, (_, predicted) in enumerate(rows) if predicted is not None}
    assert macro_f1(gold, given, leaves) == pytest.approx(by_hand(gold, given, leaves), abs=1e-15)
