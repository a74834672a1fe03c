import pytest

from pipeline.annotation.consensus import settle
from pipeline.annotation.rounds import Annotation
from pipeline.annotation.schema import LABELS


def votes(comment_id: str, *labels: str, number: int = 2) -> list[Annotation]:
    """One annotation per label string, by annotators A, B, C, ..."""
    return [
        Annotation(comment_id, "ABCD"[who], number, tuple(said.split(";")), None) for who, said in enumerate(labels)
    ]


def test_the_majority_of_the_primary_leaves_settles_a_comment() -> None:
    labels, counts = settle(votes("x", "joy", "awe;joy", "joy"), {}, 2)
    assert dict(labels.schema) == LABELS
    # all three name joy, first or not; awe has one vote of three
    assert labels.rows() == [("x", "joy", ["joy"], "gold", 2, 3, 2 / 3)]
    assert counts == {"majority": 1, "adjudicated": 0, "tied_left_out": 0, "too_few_annotators": 0}


def test_a_further_leaf_is_kept_if_more_than_half_named_it() -> None:
    (label,) = settle(votes("x", "joy;awe;worry", "joy;awe", "joy;worry", "joy;awe"), {}, 2)[0].to_dicts()
    assert label["leaves"] == ["joy", "awe"]  # awe 3 of 4; worry 2 of 4 is no majority


def test_a_tie_is_left_out_and_counted() -> None:
    labels, counts = settle([*votes("x", "joy", "awe"), *votes("y", "joy", "joy", "awe", "awe")], {}, 2)
    assert (len(labels), counts["tied_left_out"]) == (0, 2)


def test_adjudication_settles_a_tie_and_overrides_a_majority() -> None:
    annotations = [*votes("tied", "joy", "awe"), *votes("most", "joy", "joy", "awe")]
    labels, counts = settle(annotations, {"tied": ("awe",), "most": ("worry", "joy"), "unseen": ("joy",)}, 2)
    assert labels.select("comment_id", "leaf", "leaves", "agreement").rows() == [
        ("most", "worry", ["worry", "joy"], 0.0),
        ("tied", "awe", ["awe"], 0.5),
    ]
    assert (counts["adjudicated"], counts["majority"]) == (2, 0)


@pytest.mark.parametrize(("minimum", "kept"), [(1, ["one", "three", "two"]), (2, ["three", "two"]), (3, ["three"])])
def test_comments_with_fewer_votes_than_the_minimum_are_left_out(minimum: int, kept: list[str]) -> None:
    annotations = [*votes("one", "joy"), *votes("two", "joy", "joy"), *votes("three", "joy", "joy", "joy")]
    labels, counts = settle(annotations, {}, minimum)
    assert labels["comment_id"].to_list() == kept
    assert counts["too_few_annotators"] == 3 - len(kept)


def test_an_annotator_has_one_vote_which_the_latest_round_gives() -> None:
    second, third = votes("x", "joy", "joy"), votes("x", "awe", number=3)
    labels, _ = settle([*third, *second, *votes("x", "awe", "joy", "awe", number=1)[2:]], {}, 2)
    assert labels.select("leaf", "round", "annotators").rows() == [("awe", 3, 3)]  # A awe, B joy, C awe
    assert settle([*second[:1], *third], {}, 2)[1]["too_few_annotators"] == 1
