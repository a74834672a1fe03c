import pytest

from pipeline.annotation.rounds.consensus import settle
from pipeline.annotation.rounds.ratings import Annotation
from pipeline.annotation.rounds.settings import Consensus
from pipeline.annotation.tree.node import Node
from pipeline.annotation.tree.taxonomy import Taxonomy
from pipeline.artifacts.labels import LABELS

NODES = tuple(Node(name, "") for name in ("joy", "awe", "worry"))
TREE, SETS = Taxonomy(1, NODES), Taxonomy(1, NODES, kind="multi-label")


def votes(comment_id: str, *labels: str, number: int = 2) -> list[Annotation]:
    """One annotation per label string, by annotators A, B, C, ..."""
    return [
        Annotation(comment_id, "ABCD"[who], number, tuple(said.split(";")), None) for who, said in enumerate(labels)
    ]


def test_the_majority_of_the_primary_leaves_settles_a_comment() -> None:
    labels, counts = settle(votes("x", "joy", "awe;joy", "joy"), {}, 2, TREE)
    assert dict(labels.schema) == LABELS
    # all three name joy, but two of three as their primary leaf; awe has one vote of three
    assert labels.to_dicts() == [
        {
            "comment_id": "x",
            "leaf": "joy",
            "leaves": ["joy"],
            "source": "gold",
            "round": 2,
            "first_round": 2,
            "annotators": 3,
            "agreement": 2 / 3,
            "settled": "majority",
            "confidence": 2 / 3,
            "votes": [
                {"annotator": "A", "round": 2, "leaves": ["joy"]},
                {"annotator": "B", "round": 2, "leaves": ["awe", "joy"]},
                {"annotator": "C", "round": 2, "leaves": ["joy"]},
            ],
        }
    ]
    assert counts == {"majority": 1, "adjudicated": 0, "tied_left_out": 0, "too_few_annotators": 0}


def test_a_further_leaf_is_kept_if_more_than_half_named_it() -> None:
    (label,) = settle(votes("x", "joy;awe;worry", "joy;awe", "joy;worry", "joy;awe"), {}, 2, TREE)[0].to_dicts()
    assert label["leaves"] == ["joy", "awe"]  # awe 3 of 4; worry 2 of 4 is no majority


def test_more_votes_than_any_other_leaf_are_enough() -> None:
    (label,) = settle(votes("x", "joy", "awe", "worry", "joy"), {}, 2, TREE)[0].to_dicts()
    assert (label["leaf"], label["agreement"], label["confidence"]) == ("joy", 0.5, 0.5)


def test_a_tie_is_left_out_and_counted() -> None:
    labels, counts = settle([*votes("x", "joy", "awe"), *votes("y", "joy", "joy", "awe", "awe")], {}, 2, TREE)
    assert (len(labels), counts["tied_left_out"]) == (0, 2)


@pytest.mark.parametrize("how", ["majority", "dawid_skene"])
def test_adjudication_settles_a_tie_and_overrides_a_majority(how: Consensus) -> None:
    annotations = [*votes("tied", "joy", "awe"), *votes("most", "joy", "joy", "awe")]
    by_hand = {"tied": ("awe",), "most": ("worry", "joy"), "unseen": ("joy",)}
    labels, counts = settle(annotations, by_hand, 2, TREE, how)
    assert labels.select("comment_id", "leaf", "leaves", "agreement", "settled", "confidence").rows() == [
        ("most", "worry", ["worry", "joy"], 0.0, "adjudication", None),
        ("tied", "awe", ["awe"], 0.5, "adjudication", None),
    ]
    assert labels["votes"].list.len().to_list() == [3, 2]  # what was overridden is kept
    assert counts == {how: 0, "adjudicated": 2, "tied_left_out": 0, "too_few_annotators": 0}


@pytest.mark.parametrize(("minimum", "kept"), [(1, ["one", "three", "two"]), (2, ["three", "two"]), (3, ["three"])])
def test_comments_with_fewer_votes_than_the_minimum_are_left_out(minimum: int, kept: list[str]) -> None:
    annotations = [*votes("one", "joy"), *votes("two", "joy", "joy"), *votes("three", "joy", "joy", "joy")]
    labels, counts = settle(annotations, {}, minimum, TREE)
    assert labels["comment_id"].to_list() == kept
    assert counts["too_few_annotators"] == 3 - len(kept)


def test_an_annotator_has_one_vote_which_the_latest_round_gives() -> None:
    second, third = votes("x", "joy", "joy"), votes("x", "awe", number=3)
    labels, _ = settle([*third, *second, *votes("x", "awe", "joy", "awe", number=1)[2:]], {}, 2, TREE)
    # A awe, B joy, C awe
    assert labels.select("leaf", "round", "first_round", "annotators").rows() == [("awe", 3, 1, 3)]
    assert [(vote["annotator"], vote["round"]) for vote in labels["votes"][0]] == [("A", 3), ("B", 2), ("C", 1)]
    assert settle([*second[:1], *third], {}, 2, TREE)[1]["too_few_annotators"] == 1


# Several labels per text


def test_of_several_labels_those_that_more_than_half_named_stay_with_the_most_named_first() -> None:
    (label,) = settle(votes("x", "joy;awe", "joy;awe", "awe;worry"), {}, 2, SETS)[0].to_dicts()
    # awe 3, joy 2, worry 1 of 3, though two put joy first
    assert (label["leaf"], label["leaves"]) == ("awe", ["awe", "joy"])
    assert (label["agreement"], label["confidence"]) == (1, 1)  # all name awe, first or not


def test_of_labels_named_as_often_that_which_stood_first_more_often_leads() -> None:
    said = votes("x", "awe;joy", "awe;joy", "joy;awe"), votes("y", "awe;joy", "joy;awe")
    labels, _ = settle([*said[0], *said[1]], {}, 2, SETS)
    assert labels["leaves"].to_list() == [["awe", "joy"], ["joy", "awe"]]  # y: as often first; the tree's order


def test_of_several_labels_none_that_more_than_half_named_is_a_tie() -> None:
    labels, counts = settle(votes("x", "joy;awe", "worry"), {}, 2, SETS)
    assert (len(labels), counts["tied_left_out"]) == (0, 1)


# Dawid and Skene's model


def test_dawid_and_skene_settle_with_the_posterior_as_confidence() -> None:
    # A and B always agree, and C is the other way round: the model trusts A and B and turns C's votes over
    said = [
        line for n in range(4) for line in (*votes(f"j{n}", "joy", "joy", "awe"), *votes(f"a{n}", *["awe"] * 2, "joy"))
    ]
    labels, counts = settle(said, {}, 2, TREE, "dawid_skene")
    assert labels["leaf"].to_list() == ["awe"] * 4 + ["joy"] * 4
    assert labels["confidence"].to_list() == pytest.approx([1] * 8)
    assert set(labels["settled"]) == {"dawid_skene"} and set(labels["agreement"]) == {2 / 3}
    assert counts == {"dawid_skene": 8, "adjudicated": 0, "tied_left_out": 0, "too_few_annotators": 0}


def test_a_further_leaf_stays_beside_the_posteriors_choice() -> None:
    said = [*votes("x", "joy;awe", "joy;awe", "joy"), *votes("y", "awe", "awe", "awe;joy")]
    labels, _ = settle(said, {}, 2, TREE, "dawid_skene")
    assert labels["leaves"].to_list() == [["joy", "awe"], ["awe"]]


def test_an_even_posterior_is_a_tie() -> None:
    """Nothing tells A from B: as with the majority no leaf may win because of its name."""
    labels, counts = settle([*votes("x", "joy", "awe"), *votes("y", "awe", "joy")], {}, 2, TREE, "dawid_skene")
    assert (labels["comment_id"].to_list(), counts["tied_left_out"]) == ([], 2)


def test_several_labels_have_a_model_each() -> None:
    said = [*votes("x", "joy;awe", "joy;awe", "joy;awe"), *votes("y", "joy", "joy", "joy"), *votes("z", *["worry"] * 3)]
    labels, counts = settle(said, {}, 2, SETS, "dawid_skene")
    assert labels.select("comment_id", "leaves").rows() == [("x", ["joy", "awe"]), ("y", ["joy"]), ("z", ["worry"])]
    assert labels["confidence"].to_list() == pytest.approx([1] * 3)
    assert counts["dawid_skene"] == 3
