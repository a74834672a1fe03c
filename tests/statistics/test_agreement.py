"""Every statistic against numbers printed in the literature or worked by hand, and by its properties."""

from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from pipeline.annotation.exchange.ratings_csv import read_table
from pipeline.statistics.agreement import (
    Floats,
    Nominal,
    alpha_by_value,
    cohen_kappa,
    count_values,
    fleiss_kappa,
    krippendorff_alpha,
    masi,
    pairable,
    percent_agreement,
    specific_agreement,
)
from tests.conftest import SHARED

OCNLI = SHARED / "ocnli" / "dev.json"


def counted(items: Sequence[str], values: str = "abcd") -> Floats:
    """Counts of items written as one letter a rating; anything else is a missing rating."""
    return count_values([[letter for letter in item if letter in values] for item in items], values)


def alpha(counts: Floats, weights: Floats) -> Floats:
    return krippendorff_alpha(counts, Nominal(), weights)


def point(statistic: Callable[[Floats, Floats], Floats], counts: Floats) -> Any:
    """The estimate itself: every item once."""
    return statistic(counts, np.ones((1, len(counts))))[0]


# Numbers that are printed


@pytest.mark.parametrize(
    ("observers", "printed"),
    [
        (["0100000010", "1110010000"], 0.095),  # A: binary data, two observers
        (["aabbdcccedda", "babbbccceddd"], 0.692),  # B: nominal data, two observers
        (["123321412...", "1233224125.3", ".3332342251.", "12332441251."], 0.743),  # C: a point is a missing rating
    ],
)
def test_alpha_is_what_krippendorff_2011_prints(observers: list[str], printed: float) -> None:
    units = ["".join(unit) for unit in zip(*observers, strict=True)]
    assert point(alpha, counted(units, "01abcde2345")) == pytest.approx(printed, abs=5e-4)


#: Fleiss (1971), table 1: thirty patients, six psychiatrists each; how many said depression, personality disorder,
#: schizophrenia, neurosis, other
FLEISS = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""
DIAGNOSES = np.array([[float(times) for times in patient] for patient in FLEISS.split()])

#: the worked example of many textbooks: ten subjects, fourteen raters, five categories
SUBJECTS = np.array(
    [
        *([0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1]),
        *([7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]),
    ],
    dtype=float,
)


@pytest.mark.parametrize(("counts", "printed"), [(DIAGNOSES, 0.430), (SUBJECTS, 0.210)], ids=["1971", "textbooks"])
def test_fleiss_kappa_is_what_is_printed(counts: Floats, printed: float) -> None:
    assert point(fleiss_kappa, counts) == pytest.approx(printed, abs=5e-4)


def test_agreement_on_each_diagnosis_is_what_fleiss_1971_prints() -> None:
    assert DIAGNOSES.sum(0).tolist() == [26, 26, 30, 55, 43]  # the table's last line
    # n (n - 1) summed over the patients, agreeing pairs twice: 46, 46, 90, 174, 144, of 30 × 6 × 5 = 900 in all, and
    # of 5 × 26, 5 × 26, 5 × 30, 5 × 55, 5 × 43 in which a first psychiatrist gave the diagnosis
    assert point(percent_agreement, DIAGNOSES) == pytest.approx(500 / 900)
    assert point(specific_agreement, DIAGNOSES) == pytest.approx([46 / 130, 46 / 130, 90 / 150, 174 / 275, 144 / 215])
    # the paper's kappa_j; alpha differs only by drawing without replacement: 1 - alpha = (1 - kappa) × 179 / 180
    kappas = 1 - (1 - point(alpha_by_value, DIAGNOSES)) * 180 / 179
    assert kappas == pytest.approx([0.245, 0.245, 0.520, 0.471, 0.566], abs=5e-4)


def two_raters(table: list[list[int]]) -> tuple[Floats, Floats]:
    """A table of first × second rater as one-hot ratings."""
    cells = [(row, column) for row, line in enumerate(table) for column, n in enumerate(line) for _ in range(n)]
    return np.eye(len(table))[[row for row, _ in cells]], np.eye(len(table))[[column for _, column in cells]]


@pytest.mark.parametrize(
    ("table", "printed"),
    [
        # Cohen (1968), table 1, N = 200: personality disorder, neurosis, psychosis; unweighted
        ([[88, 14, 18], [10, 40, 10], [2, 6, 12]], 0.492),
        # Cohen (1960), table 1, proportions of N = 200: agreement below chance, (.29 - .35) / (1 - .35)
        ([[50, 26, 24], [24, 4, 32], [6, 30, 4]], -0.092),
    ],
)
def test_cohen_kappa_is_what_cohen_prints(table: list[list[int]], printed: float) -> None:
    first, second = two_raters(table)
    assert cohen_kappa(first, second, np.ones((1, 200)))[0] == pytest.approx(printed, abs=5e-4)


@pytest.mark.skipif(not OCNLI.is_file(), reason="OCNLI is not beside the repository")
def test_fleiss_kappa_of_ocnli_is_the_published_one() -> None:
    labels = ("contradiction", "entailment", "neutral")
    said: dict[str, list[str]] = {}
    for rating in read_table(OCNLI, "id", [f"label{number}" for number in range(5)]):
        said.setdefault(rating.comment_id, []).append(rating.labels[0])
    counts = count_values([given for given in said.values() if set(given) <= set(labels)], labels)
    assert (len(said), len(counts)) == (3000, 2961)  # 39 have an "unknown" or "unrelated"
    # Hu et al. (2020), "OCNLI: Original Chinese Natural Language Inference": 0.690
    assert point(fleiss_kappa, counts) == pytest.approx(0.690, abs=5e-4)


# Numbers worked by hand


def test_alpha_worked_by_hand() -> None:
    # aa, aa, ab, bb: 8 values, 5 of a and 3 of b. Observed: ab alone differs, 2 of 8 coincidences.
    # Expected: (5 * 3 + 3 * 5) / 7 = 30/7. alpha = 1 - 2 / (30/7) = 16/30
    assert point(alpha, counted(["aa", "aa", "ab", "bb"])) == pytest.approx(16 / 30)


def test_alpha_is_one_in_agreement_and_below_zero_in_systematic_disagreement() -> None:
    assert point(alpha, counted(["aa", "bbb"])) == 1
    # two of a and two of b; observed 4, expected (2 * 2 + 2 * 2) / 3 = 8/3: 1 - 12/8
    assert point(alpha, counted(["ab", "ba"])) == pytest.approx(-0.5)


def test_percent_and_specific_agreement_worked_by_hand() -> None:
    counts = counted(["aab", "bb", "c"])
    assert point(percent_agreement, counts) == 0.5  # aab: 1 of 3 pairs; bb: 1 of 1; c: no pair. 2 of 4
    # of 4 times that an a meets another rating it is an a twice; of 4 times for b, twice; c never meets one
    assert point(specific_agreement, counts)[:3] == pytest.approx([2 / 4, 2 / 4, np.nan], nan_ok=True)


def test_fleiss_kappa_with_missing_ratings_worked_by_hand() -> None:
    # aab, bb: agreement (1/3 + 1) / 2 = 2/3; shares of a (2/3 + 0) / 2 = 1/3 and of b 2/3: by chance 5/9
    assert point(fleiss_kappa, counted(["aab", "bb", "a"])) == pytest.approx((2 / 3 - 5 / 9) / (1 - 5 / 9))


def test_cohen_kappa_is_of_the_items_that_both_rated() -> None:
    # both rated aa, ab, bb: 2/3 agree; a 2/3 × 1/3 + b 1/3 × 2/3 = 4/9 by chance: (6/9 - 4/9) / (5/9)
    first, second = counted(["a", "a", "b", "a", "."]), counted(["a", "b", "b", ".", "b"])
    assert cohen_kappa(first, second, np.ones((1, 5)))[0] == pytest.approx(2 / 5)


SETS = [frozenset(letters) for letters in ("a", "b", "ab", "abcd", "bc")]


def test_masi_distances_are_as_passonneau_2006_defines_them() -> None:
    # 1 - |shared| / |all| × monotonicity: a–ab 1/2 × 2/3; a–abcd 1/4 × 2/3; b–bc 1/2 × 2/3; ab–abcd 2/4 × 2/3
    # ab–bc 1/3 × 1/3; bc–abcd 2/4 × 2/3; a–b and a–bc share nothing
    expected = [
        [0, 1, 2 / 3, 5 / 6, 1],
        [1, 0, 2 / 3, 5 / 6, 2 / 3],
        [2 / 3, 2 / 3, 0, 2 / 3, 8 / 9],
        [5 / 6, 5 / 6, 2 / 3, 0, 2 / 3],
        [1, 2 / 3, 8 / 9, 2 / 3, 0],
    ]
    assert masi(SETS) == pytest.approx(np.array(expected))


def test_alpha_with_masi_worked_by_hand() -> None:
    # {a}{a}, {a}{ab}, {b}{ab}: observed 2 × 2/3 twice = 8/3. Three {a}, one {b}, two {ab}: the distances of all pairs
    # of values are 3×1×1 + 3×2×2/3 + 1×2×2/3 = 25/3, twice that over 6 - 1 is 10/3. alpha = 1 - (8/3) / (10/3)
    values = SETS[:3]
    counts = count_values([[values[0]] * 2, [values[0], values[2]], [values[1], values[2]]], values)
    assert krippendorff_alpha(counts, masi(values), np.ones((1, 3)))[0] == pytest.approx(1 / 5)


# Other implementations

sets = st.frozensets(st.sampled_from("abcd"), min_size=1)


@given(st.lists(st.lists(sets, min_size=2, max_size=3), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_alpha_with_masi_is_nltks(said: list[list[frozenset[str]]]) -> None:
    nltk = pytest.importorskip("nltk.metrics")
    values = sorted({labels for given_ in said for labels in given_}, key=sorted)
    assume(len(values) > 1)
    triples = [(who, item, labels) for item, given_ in enumerate(said) for who, labels in enumerate(given_)]
    theirs = nltk.agreement.AnnotationTask(triples, nltk.masi_distance).alpha()
    ours = krippendorff_alpha(count_values(said, values), masi(values), np.ones((1, len(said))))[0]
    assert ours == pytest.approx(theirs)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_cohen_kappa_is_scikit_learns(said: list[tuple[str, str]]) -> None:
    assume(len({label for pair in said for label in pair}) > 1)  # elsewhere 0/0
    first, second = (counted([pair[rater] for pair in said]) for rater in (0, 1))
    theirs = cohen_kappa_score([one for one, _ in said], [other for _, other in said])
    assert cohen_kappa(first, second, np.ones((1, len(said))))[0] == pytest.approx(theirs)


# Properties

tables = st.lists(st.text("abc.", min_size=4, max_size=4), min_size=1, max_size=12)
STATISTICS = (alpha, percent_agreement, fleiss_kappa, alpha_by_value, specific_agreement)


def every(counts: Floats, weights: Floats | None = None) -> Floats:
    """All statistics in one row of numbers."""
    weights = np.ones((1, len(counts))) if weights is None else weights
    return np.concatenate([np.ravel(statistic(counts, weights)) for statistic in STATISTICS])


def same(one: Floats, other: Floats) -> None:
    assert one == pytest.approx(other, nan_ok=True, abs=1e-9)


@given(tables)
@settings(max_examples=80, deadline=None)
def test_alpha_is_one_less_observed_over_expected_disagreement(table: list[str]) -> None:
    units = [[letter for letter in unit if letter != "."] for unit in table]
    units = [unit for unit in units if len(unit) > 1]
    # pair by pair, as Krippendorff writes it down: a unit's pairs count 1 / (m - 1) each
    observed = sum((one != other) / (len(unit) - 1) for unit in units for one, other in permutations(unit, 2))
    everything = [value for unit in units for value in unit]
    expected = sum(one != other for one, other in permutations(everything, 2)) / max(1, len(everything) - 1)
    assert point(alpha, counted(table)) == pytest.approx(1 - observed / expected if expected else np.nan, nan_ok=True)


@given(tables)
@settings(max_examples=80, deadline=None)
def test_no_statistic_is_above_one_and_full_agreement_is_one(table: list[str]) -> None:
    found = every(counted(table))
    assert (found[~np.isnan(found)] <= 1 + 1e-9).all()
    agreed = every(counted([unit[0] * 3 for unit in table]))
    assert agreed[~np.isnan(agreed)] == pytest.approx(1)


@given(tables, st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_neither_order_nor_names_matter(table: list[str], random: Any) -> None:
    as_it_is = every(counted(table, "abc"))
    raters, items, names = random.sample(range(4), 4), random.sample(table, len(table)), random.sample("abc", 3)
    same(every(counted(["".join(unit[rater] for rater in raters) for unit in table], "abc")), as_it_is)
    same(every(counted(items, "abc")), as_it_is)
    renamed = [unit.translate(str.maketrans("abc", "".join(names))) for unit in table]
    same(every(counted(renamed, names)), as_it_is)  # the columns follow their names


@given(tables, st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_cohen_kappa_is_the_same_from_both_sides_and_under_other_names(table: list[str], random: Any) -> None:
    first, second = (counted([unit[rater] for unit in table], "abc") for rater in (0, 1))
    columns, weights = random.sample(range(3), 3), np.ones((1, len(table)))
    kappa = cohen_kappa(first, second, weights)
    assert np.isnan(kappa[0]) or kappa[0] <= 1 + 1e-9
    same(cohen_kappa(second, first, weights), kappa)
    same(cohen_kappa(first[:, columns], second[:, columns], weights), kappa)


@given(tables)
@settings(max_examples=40, deadline=None)
def test_a_single_rating_and_an_unused_value_do_not_count(table: list[str]) -> None:
    same(every(counted([*table, "a...", "...."])), every(counted(table)))
    for statistic in (alpha, percent_agreement, fleiss_kappa):
        same(statistic(counted(table, "abcd"), np.ones((1, len(table)))), point(statistic, counted(table, "abc")))
    assert len(pairable(counted([*table, "a..."]))) == sum(len(unit.replace(".", "")) > 1 for unit in table)


@given(tables, st.data())
@settings(max_examples=80, deadline=None)
def test_a_weight_is_that_many_copies_of_an_item(table: list[str], data: st.DataObject) -> None:
    """What a resample of the bootstrap rests on."""
    times = data.draw(st.lists(st.integers(0, 3), min_size=len(table), max_size=len(table)))
    counts, weights = counted(table), np.array([times], dtype=float)
    same(every(counts, weights), every(np.repeat(counts, times, axis=0)))
    first, second = (counted([unit[rater] for unit in table]) for rater in (0, 1))
    copies = [np.repeat(ratings, times, axis=0) for ratings in (first, second)]
    same(cohen_kappa(first, second, weights), cohen_kappa(*copies, np.ones((1, sum(times)))))


@given(st.lists(st.text("abc", min_size=4, max_size=4), min_size=1, max_size=12))
@settings(max_examples=80, deadline=None)
def test_fleiss_kappa_with_equal_raters_is_the_textbook_formula(table: list[str]) -> None:
    assume(len(set("".join(table))) > 1)
    counts, n, raters = counted(table), len(table), 4
    mean = ((counts**2).sum() - n * raters) / (n * raters * (raters - 1))
    by_chance = ((counts.sum(0) / (n * raters)) ** 2).sum()
    kappa = (mean - by_chance) / (1 - by_chance)
    assert point(fleiss_kappa, counts) == pytest.approx(kappa)
    # Krippendorff (2011): alpha is kappa but for the values of a unit being drawn without replacement
    assert 1 - point(alpha, counts) == pytest.approx((1 - kappa) * (1 - 1 / (n * raters)))


@given(st.lists(st.text("ab.", min_size=4, max_size=4), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_of_two_values_each_has_the_alpha_of_both(table: list[str]) -> None:
    counts = counted(table, "ab")
    same(point(alpha_by_value, counts), np.repeat(point(alpha, counts), 2))


@given(st.lists(sets, min_size=1, max_size=6, unique=True))
@settings(max_examples=40, deadline=None)
def test_masi_is_a_distance_between_zero_and_one(values: list[frozenset[str]]) -> None:
    distance = masi(values)
    assert (distance == distance.T).all() and (np.diag(distance) == 0).all()
    assert ((distance > 0) == ~np.eye(len(values), dtype=bool)).all() and (distance <= 1).all()
