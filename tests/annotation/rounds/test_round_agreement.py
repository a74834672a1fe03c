import json

import pytest

from pipeline.annotation.rounds.ratings import Annotation
from pipeline.annotation.rounds.reading import read_rounds
from pipeline.annotation.rounds.round_agreement import Example, RoundAgreement, agreement_by_round, round_agreement
from pipeline.annotation.tree.taxonomy import Node, Taxonomy
from pipeline.statistics.agreement import Estimate
from tests.conftest import SHARED

REAL = SHARED / "real-danmu" / "labels" / "annotations"


def tree(name: str, *children: Node | str) -> Node:
    return Node(name, "", tuple(Node(child, "") if isinstance(child, str) else child for child in children))


#: three levels; `ask` ends a level higher
TREE = Taxonomy(1, (tree("feelings", tree("bright", "joy", "awe"), tree("dark", "worry")), tree("talk", "ask")))


def said(number: int = 1, **items: str) -> list[Annotation]:
    """`x="joy awe;joy -"`: A said joy, B awe and further joy, C nothing."""
    return [
        Annotation(item, annotator, number, tuple(labels.split(";")), None)
        for item, line in items.items()
        for annotator, labels in zip("ABCDEF", line.split())
        if labels != "-"
    ]


def measured(taxonomy: Taxonomy | None = TREE, times: int = 0, **items: str) -> RoundAgreement:
    return round_agreement(1, said(**items), taxonomy, times, 0)


def near(value: float | None) -> Estimate:
    return Estimate(None if value is None else pytest.approx(value))


ITEMS = {
    "x": "joy joy joy",
    "y": "joy awe joy",
    "z": "worry worry -",
    "w": "ask awe ask",
    "u": "awe worry awe",
    "v": "ask - -",  # pairs with nothing
}


def test_every_level_of_the_tree_has_its_agreement() -> None:
    found = measured(**ITEMS)
    assert (found.items, found.paired_items) == (6, 5)
    assert found.annotators == {"A": 6, "B": 5, "C": 4}
    assert [(level.name, level.categories) for level in found.levels] == [("level 1", 2), ("level 2", 3), ("leaves", 4)]
    # agreeing of 13 pairs. Feelings and talk: 3 + 3 + 1 + 1 + 3. Bright, dark, ask: u drops to 1. Leaves: y, too
    assert [level.percent for level in found.levels] == [near(11 / 13), near(9 / 13), near(7 / 13)]
    # 14 ratings; observed is 2 for each item with a 2 : 1, expected (14² - Σ totals²) / 13:
    # w of 12 + 2: 2 over 48/13; w, u of 9 + 3 + 2: 4 over 102/13; y, w, u of 5 + 4 + 3 + 2: 6 over 142/13
    assert [level.alpha for level in found.levels] == [near(1 - 26 / 48), near(1 - 52 / 102), near(1 - 78 / 142)]
    # leaves agree in (1 + 1/3 + 1 + 1/3 + 1/3) / 5 = 135/225; mean shares 5/15, 4/15, 4/15, 2/15: 61/225 by chance
    assert found.levels[-1].fleiss_kappa == near((135 - 61) / (225 - 61))


def test_every_leaf_has_its_agreement_with_the_rest() -> None:
    leaves = measured(**ITEMS).leaves
    assert {leaf.leaf: leaf.ratings for leaf in leaves} == {"joy": 5, "awe": 4, "worry": 3, "ask": 2}
    # an item with n of m for the leaf observes n (m - n) / (m - 1), and t of 14 in all expect t (14 - t) / 13
    # joy: y 1 over 45/13; awe: y, w, u 1 each over 40/13; worry: u 1 over 33/13; ask: w 1 over 24/13
    alphas = [1 - 13 / 45, 1 - 39 / 40, 1 - 13 / 33, 1 - 13 / 24]
    assert [leaf.alpha for leaf in leaves] == [near(value) for value in alphas]
    # whoever said joy met 10 others, who said it 8 times; awe 2 of 8, worry 2 of 4, ask 2 of 4
    assert [leaf.specific for leaf in leaves] == [near(8 / 10), near(2 / 8), near(2 / 4), near(2 / 4)]


def test_every_pair_is_compared_on_the_items_that_both_labelled() -> None:
    pairs = {pair.first + pair.second: pair for pair in measured(**ITEMS, q="- - - joy").pairs}
    assert {names: pair.items for names, pair in pairs.items()} == {"AB": 5, "AC": 4, "BC": 4}  # D shares nothing
    # AB agree on x, z; by chance joy 2×1 + awe 1×2 + worry 1×2 of 25. AC agree. BC agree on x; joy 1×2 + awe 2×1 of 16
    assert [pair.percent for pair in pairs.values()] == [near(2 / 5), near(1), near(1 / 4)]
    assert [pair.cohen_kappa for pair in pairs.values()] == [near((10 - 6) / (25 - 6)), near(1), near(0)]


def test_confusions_say_who_said_what_and_show_the_most_even_disputes() -> None:
    items = {
        "r": "joy awe - -",
        "t": "worry joy awe awe",
        "q": "joy joy joy awe",
        "p": "joy joy awe awe",
        "s": "awe awe worry worry",
        "n": "joy joy joy joy",
    }
    found = measured(**items).confusions
    # joy against awe: r 1, t 2, q 3, p 4; awe against worry: t 2, s 4; joy against worry: t 1
    assert [(one.first, one.second, one.pairs) for one in found] == [
        ("joy", "awe", 10),
        ("awe", "worry", 6),
        ("joy", "worry", 1),
    ]
    first = found[0]
    assert first.said_first == {"A": 3, "B": 3, "C": 1}  # joy: p q r, p q t, q
    assert first.said_second == {"B": 1, "C": 2, "D": 3}  # awe: r, p t, p q t
    assert [example.comment_id for example in first.examples] == ["p", "q", "t"]  # 2:2, 3:1, 1:2; r, 1:1, is the fourth
    assert first.examples[2] == Example("t", {"A": "worry", "B": "joy", "C": "awe", "D": "awe"})


def test_an_even_dispute_comes_before_a_lopsided_one() -> None:
    found = measured(even="joy joy awe awe - -", odd="joy joy joy joy joy awe").confusions
    assert [example.comment_id for example in found[0].examples] == ["even", "odd"]


def test_an_item_in_which_one_leaf_only_was_given_confuses_nothing() -> None:
    assert measured(x="joy joy -", y="awe - awe").confusions == ()


def test_a_round_in_which_nobody_is_paired_has_no_agreement() -> None:
    found = measured(x="joy", y="- awe")
    assert (found.items, found.paired_items, found.annotators) == (2, 0, {"A": 1, "B": 1})
    assert [(level.percent, level.fleiss_kappa, level.alpha) for level in found.levels] == [(Estimate(None),) * 3] * 3
    assert found.sets == Estimate(None) and not (found.leaves or found.pairs or found.confusions)


def test_a_round_in_which_all_say_the_same_agrees_without_an_alpha() -> None:
    found = measured(x="joy joy", y="joy joy", times=50)
    assert found.levels[-1].percent == Estimate(1, 1, 1)
    assert (found.levels[-1].alpha, found.sets, found.pairs[0].cohen_kappa) == (Estimate(None),) * 3
    assert [(leaf.leaf, leaf.ratings, leaf.alpha, leaf.specific) for leaf in found.leaves] == [
        ("joy", 4, Estimate(None), Estimate(1, 1, 1))
    ]


def test_without_a_taxonomy_the_labels_that_occur_are_the_one_level() -> None:
    found = measured(None, x="1 1", y="1 1", z="1 0", w="0 0")
    assert [(level.name, level.categories) for level in found.levels] == [("labels", 2)]
    assert found.levels[0].alpha == near(16 / 30)  # as aa, aa, ab, bb in test_agreement.py
    assert [leaf.leaf for leaf in found.leaves] == ["0", "1"]


def test_the_levels_look_at_primary_leaves_and_the_sets_at_all() -> None:
    found = measured(None, x="a a", y="a a;b", z="b a;b")
    # primaries aa, aa, ba: five of a and one of b, observed 2, expected 2 × 5 / 5: 0. Sets: 1/5 as in test_agreement.py
    assert (found.gated("single-label"), found.gated("multi-label")) == (near(0), near(1 / 5))
    assert found.sets == measured(None, x="a a", y="a b;a", z="b b;a").sets  # the order in a set is no matter
    assert found.confusions[0].pairs == 1


def test_rounds_stand_in_their_order_and_each_for_itself() -> None:
    annotations = [*said(10, x="joy awe"), *said(2, x="joy joy", y="awe awe")]
    found = agreement_by_round(annotations, TREE, 0, 0)
    assert [(one.round, one.items, one.levels[-1].percent) for one in found] == [(2, 2, near(1)), (10, 1, near(0))]


def test_the_record_is_json_and_holds_everything() -> None:
    record = measured(times=20, **ITEMS).record()
    again = json.loads(json.dumps(record, allow_nan=False))
    assert set(again) == set(RoundAgreement.__dataclass_fields__)
    assert again["levels"][2]["alpha"]["value"] == pytest.approx(1 - 78 / 142)
    assert set(again["levels"][2]["alpha"]) == {"value", "low", "high"}
    assert again["confusions"][0]["examples"][0]["votes"] == {"A": "joy", "B": "awe", "C": "joy"}
    assert again == json.loads(json.dumps(measured(times=20, **ITEMS).record()))  # one seed, one result


@pytest.mark.skipif(not REAL.is_dir(), reason="the real annotation rounds are not beside the repository")
def test_the_real_pilot_round_agrees_as_measured_before() -> None:
    pilot = agreement_by_round(read_rounds(REAL, None), None, 200, 0)[0]
    assert (pilot.round, pilot.items, len(pilot.pairs)) == (1, 120, 3)
    alpha = pilot.levels[0].alpha
    assert alpha.value == pytest.approx(0.823, abs=1e-3)
    assert alpha.low < alpha.value < alpha.high
