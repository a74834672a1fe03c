import pytest

from pipeline.annotation.rounds.ratings import check_named
from pipeline.errors import UserError


@pytest.mark.parametrize(("named", "refused"), [([7], True), ([1], False), ([2, 3], False), ([], False), ([4], True)])
def test_a_parameter_can_only_name_rounds_that_are_there(named: list[int], refused: bool) -> None:
    """A round before the first does no harm: the pilot's number stands in params.yaml from the beginning."""
    if not refused:
        check_named(named, [2, 3, 3], "label.exclude_rounds")
        return
    with pytest.raises(UserError, match=f"label.exclude_rounds .params.yaml. names round {named[0]}; there are 2, 3"):
        check_named(named, [2, 3, 3], "label.exclude_rounds")
