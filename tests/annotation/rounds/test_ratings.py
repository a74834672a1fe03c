import pytest

from pipeline.annotation.rounds.ratings import Annotation, check_named, oddities
from pipeline.errors import UserError


@pytest.mark.parametrize(("named", "refused"), [([7], True), ([1], False), ([2, 3], False), ([], False), ([4], True)])
def test_a_parameter_can_only_name_rounds_that_are_there(named: list[int], refused: bool) -> None:
    """A round before the first does no harm: the pilot's number stands in params.yaml from the beginning."""
    if not refused:
        check_named(named, [2, 3, 3], "label.exclude_rounds")
        return
    with pytest.raises(UserError, match=f"label.exclude_rounds .params.yaml. names round {named[0]}; there are 2, 3"):
        check_named(named, [2, 3, 3], "label.exclude_rounds")


def test_a_gap_and_a_round_of_one_annotator_are_noted() -> None:
    def rounds(**annotators: str) -> list[Annotation]:
        return [
            Annotation("dm1", who, int(key[1:]), ("joy",), None) for key, names in annotators.items() for who in names
        ]

    assert oddities(rounds(r1="ab", r2="ab"), []) == [] == oddities(rounds(r1="a", r2="ab"), [1])
    (gap,) = oddities(rounds(r1="ab", r4="ab"), [])
    assert gap.startswith("There is a round 1 and a round 4, and none between them; ")
    (alone,) = oddities(rounds(r1="ab", r2="b"), [])
    assert alone.startswith("Round 2 has one annotator, b, ")
