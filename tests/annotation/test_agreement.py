import csv
from pathlib import Path

import pytest

from pipeline.annotation.agreement import krippendorff_alpha, percent_agreement
from pipeline.annotation.consensus import agreement_by_round
from pipeline.annotation.rounds import Annotation, read_rounds

REAL = Path(__file__).parents[3] / "shared" / "data" / "real-danmu" / "labels" / "annotations"

#: Krippendorff (2011), section C: four observers, twelve units, a point where one said nothing
OBSERVERS = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
UNITS = [[label for label in unit if label != "."] for unit in zip(*OBSERVERS, strict=True)]


def test_alpha_is_the_nominal_value_that_krippendorff_prints() -> None:
    assert krippendorff_alpha(UNITS) == pytest.approx(0.743, abs=5e-4)


def test_alpha_worked_by_hand() -> None:
    # aa, aa, ab, bb: 8 values, 5 of a and 3 of b. Observed: ab alone differs, 2 of 8 coincidences.
    # Expected: (5 * 3 + 3 * 5) / 7 = 30/7. alpha = 1 - 2 / (30/7) = 16/30
    assert krippendorff_alpha([["a", "a"], ["a", "a"], ["a", "b"], ["b", "b"]]) == pytest.approx(16 / 30)


def test_alpha_is_one_in_agreement_and_below_zero_in_systematic_disagreement() -> None:
    assert krippendorff_alpha([["a", "a"], ["b", "b", "b"]]) == 1
    # two of a and two of b; observed 4, expected (2 * 2 + 2 * 2) / 3 = 8/3: 1 - 12/8
    assert krippendorff_alpha([["a", "b"], ["b", "a"]]) == pytest.approx(-0.5)


def test_a_single_rating_does_not_count() -> None:
    assert krippendorff_alpha([*UNITS, ["9"], []]) == krippendorff_alpha(UNITS)


@pytest.mark.parametrize("ratings", [[["a", "a"], ["a", "a", "a"]], [["a"], ["b"]], []])
def test_alpha_without_variation_or_pairs_is_none(ratings: list[list[str]]) -> None:
    assert krippendorff_alpha(ratings) is None


def test_percent_agreement_worked_by_hand() -> None:
    # aab: 1 of 3 pairs; bb: 1 of 1; c: no pair. 2 of 4
    assert percent_agreement([["a", "a", "b"], ["b", "b"], ["c"]]) == 0.5
    assert percent_agreement([["a"], []]) is None


def test_agreement_is_of_the_primary_leaf_and_by_round() -> None:
    said = [("1", 2, "joy", "awe"), ("1", 2, "joy"), ("1", 10, "joy"), ("2", 10, "joy"), ("2", 10, "awe", "joy")]
    annotations = [
        Annotation(item, str(who), number, tuple(leaves), 3) for who, (item, number, *leaves) in enumerate(said)
    ]
    found = agreement_by_round(annotations)
    assert list(found) == ["round-2", "round-10"]
    assert found["round-2"] == {"items": 1, "percent_agreement": 1.0, "krippendorff_alpha": None}
    # a single pair, and it differs: 1 - 2 / ((1 + 1) / 1) = 0
    assert found["round-10"] == {"items": 2, "percent_agreement": 0.0, "krippendorff_alpha": 0.0}


@pytest.mark.skipif(not REAL.is_dir(), reason="the real annotation rounds are not beside the repository")
def test_the_real_pilot_round_agrees_as_measured_before() -> None:
    lines = [line for file in REAL.glob("round-*/*.csv") for line in csv.DictReader(file.open(encoding="utf-8"))]
    leaves = {leaf for line in lines for leaf in line["labels"].split(";")}
    pilot = agreement_by_round(read_rounds(REAL, leaves))["round-1"]
    assert pilot["items"] == 120
    assert pilot["krippendorff_alpha"] == pytest.approx(0.823, abs=1e-3)
