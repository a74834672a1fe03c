"""How far annotators agree beyond chance.

Every statistic is a function of how often each item got each value, counts (items, values), and of
weights (resamples, items): with all weights 1 it is the value itself, with the weights that `intervals.resamples`
draws it is the value in each resample. Items with fewer than two ratings pair with nothing and do not count.
Where all ratings are one value there is nothing that agreement could be measured on, 0/0: such a statistic is NaN,
which `intervals.bootstrap` turns into None.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]


def count_values(items: Iterable[Sequence[Hashable]], values: Sequence[Hashable]) -> Floats:
    """How often each item was given each value, (items, values)."""
    index = {value: number for number, value in enumerate(values)}
    rows = list(items)
    counts = np.zeros((len(rows), len(index)))
    for row, given in enumerate(rows):
        for value in given:
            counts[row, index[value]] += 1
    return counts


def pairable(counts: Floats) -> Floats:
    """The rows that hold at least two ratings."""
    return np.asarray(counts[counts.sum(1) >= 2])


def paired(counts: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """`pairable`, and the weights of these rows."""
    return pairable(counts), weights[:, counts.sum(1) >= 2]


def percent_agreement(counts: Floats, weights: Floats) -> Floats:
    """Share of all pairs of ratings of the same item that agree; (resamples,)."""
    ratings = counts.sum(1)
    agreeing, pairs = (counts * (counts - 1)).sum(1), ratings * (ratings - 1)
    return ratio(weights @ agreeing, weights @ pairs)


class Nominal:
    """Different is different: distance 1 between any two values.

    It stands for the matrix (values, values) of ones without a diagonal, which for thousands of values takes gigabytes:
    `counts @ Nominal()` is what the product with that matrix would be.
    """

    __array_ufunc__ = None  # numpy leaves the product to us

    def __rmatmul__(self, counts: Floats) -> Floats:
        return np.asarray(counts.sum(1, keepdims=True) - counts)


def krippendorff_alpha(counts: Floats, distance: Floats | Nominal, weights: Floats) -> Floats:
    """Krippendorff's alpha for any number of ratings per item and any distance; (resamples,).

    alpha = 1 - observed / expected disagreement over the coincidence matrix (Krippendorff 2011,
    "Computing Krippendorff's Alpha-Reliability").

    Args:
        distance: between values, (values, values); zero on the diagonal. `Nominal`, `masi`.
    """
    counts, weights = paired(counts, weights)
    ratings = counts.sum(1)
    observed = weights @ ((counts @ distance * counts).sum(1) / (ratings - 1))
    totals = weights @ counts
    n = totals.sum(1)
    return 1 - ratio(observed * (n - 1), (totals @ distance * totals).sum(1))


def alpha_by_value(counts: Floats, weights: Floats) -> Floats:
    """Nominal alpha of each value against all others, (resamples, values): which categories are shaky."""
    counts, weights = paired(counts, weights)
    ratings = counts.sum(1, keepdims=True)
    observed = weights @ (counts * (ratings - counts) / (ratings - 1))
    totals, n = weights @ counts, weights @ ratings
    return 1 - ratio(observed * (n - 1), totals * (n - totals))


def specific_agreement(counts: Floats, weights: Floats) -> Floats:
    """If one annotator gives this value, how often does another one too? (resamples, values).

    The proportion of specific agreement (Cicchetti and Feinstein 1990), over all pairs of ratings.
    """
    ratings = counts.sum(1, keepdims=True)
    return ratio(weights @ (counts * (counts - 1)), weights @ (counts * (ratings - 1)))


def fleiss_kappa(counts: Floats, weights: Floats) -> Floats:
    """Fleiss' kappa (1971), (resamples,).

    With missing ratings an item's values enter as shares of its own ratings (Gwet 2014, "Handbook of
    Inter-Rater Reliability", chapter 2), which is Fleiss' formula where all items have as many.
    """
    counts, weights = paired(counts, weights)
    ratings = counts.sum(1, keepdims=True)
    agreeing = (counts * (counts - 1)).sum(1) / (ratings * (ratings - 1))[:, 0]
    items = weights.sum(1)
    by_chance = (ratio(weights @ (counts / ratings), items[:, None]) ** 2).sum(1)
    return ratio(ratio(weights @ agreeing, items) - by_chance, 1 - by_chance)


def cohen_kappa(first: Floats, second: Floats, weights: Floats) -> Floats:
    """Cohen's kappa (1960) of two annotators over the items that both rated, (resamples,).

    Args:
        first, second: what each said, one-hot (items, values); a row of zeros is a missing rating.
    """
    both = (first.sum(1) > 0) & (second.sum(1) > 0)
    first, second, weights = first[both], second[both], weights[:, both]
    items = weights.sum(1)
    agreeing = ratio(weights @ (first * second).sum(1), items)
    by_chance = ratio(((weights @ first) * (weights @ second)).sum(1), items**2)
    return ratio(agreeing - by_chance, 1 - by_chance)


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """numerator / denominator; NaN where the denominator is zero, but for rounding."""
    denominator = np.asarray(denominator, dtype=np.float64)
    undefined = np.full(np.broadcast(numerator, denominator).shape, np.nan)
    return np.asarray(np.divide(numerator, denominator, out=undefined, where=np.abs(denominator) > 1e-12))


def masi(values: Sequence[frozenset[str]]) -> Floats:
    """MASI distance between label sets (Passonneau 2006): 1 - Jaccard × monotonicity.

    Monotonicity is 1 for equal sets, 2/3 where one holds the other, 1/3 where they overlap, 0 where
    they have nothing in common.
    """
    distance = np.ones((len(values), len(values)))  # of sets that have nothing in common
    holding: dict[str, list[int]] = defaultdict(list)
    for row, one in enumerate(values):
        for value in one:
            holding[value].append(row)
    for row, one in enumerate(values):
        for column in {column for value in one for column in holding[value]}:
            other = values[column]
            shared = len(one & other)
            monotonicity = 1.0 if one == other else 2 / 3 if one <= other or other <= one else 1 / 3
            distance[row, column] = 1 - shared / len(one | other) * monotonicity
    return distance
