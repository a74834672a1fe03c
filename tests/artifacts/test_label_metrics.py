import pytest

from pipeline.artifacts.label_metrics import label_metrics
from pipeline.artifacts.silver import SilverSummary
from tests.reports.pages import NOBODY_TWICE, PILOT, SECOND, agreement, label_page


def test_the_last_round_that_counts_and_the_model_annotator_are_measured() -> None:
    page = label_page()
    measured = label_metrics(page.agreement, page.silver, [])
    last = page.agreement.rounds[-1]
    assert measured["labels/alpha/leaves"] == last.levels[-1].alpha.value
    assert measured["labels/alpha/level 1"] == last.levels[0].alpha.value
    assert measured["labels/alpha/label sets"] == last.sets.value
    assert measured["silver/agreement"] == 1.0 and measured["silver/student_alone"] == pytest.approx(0.75)
    assert set(measured) == {
        *(f"labels/alpha/{name}" for name in ("level 1", "leaves", "label sets")),
        *(f"silver/{name}" for name in ("agreement", "neighbours_alone", "student_alone", "where_the_student_agrees",
                                        "majority_leaf", "asked_about_the_right_leaf")),
    }  # fmt: skip
    first = label_metrics(page.agreement, SilverSummary("none"), [2])
    assert first["labels/alpha/leaves"] == page.agreement.rounds[0].levels[-1].alpha.value


def test_what_is_not_defined_is_left_out() -> None:
    rounds = agreement([*PILOT, *SECOND, *NOBODY_TWICE])
    assert label_metrics(rounds, SilverSummary("none"), []) == {}
