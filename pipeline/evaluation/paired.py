"""Scores on test with intervals, of all cells over the same resamples: the whole, and seen and new texts apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.artifacts.splits import TEST
from pipeline.evaluation.truth import STRATA, Truth
from pipeline.statistics import metrics
from pipeline.statistics.intervals import Interval, bootstrap

Floats = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Stratum:
    """A cell's scores on the test comments whose text was seen in training, or on those with a new one."""

    items: int
    leaves: int  # that occur among them
    accuracy: Interval
    macro_f1: Interval  # over all leaves of the taxonomy, as everywhere


@dataclass(frozen=True)
class Scored:
    """What of a cell's row has an interval."""

    macro_f1: Interval
    difference: Interval  # of macro-F1 from the baseline's
    strata: dict[str, Stratum]  # by the names in STRATA


def paired_intervals(
    answers: Sequence[Floats], baseline: int, truth: Truth, resamples: int, seed: int, confidence: float
) -> list[Scored]:
    """Of each cell, its scores on test.

    Args:
        answers: each cell's leaves on test, (test items,).
        baseline: the place of the cell that the differences are from.
    """
    targets, classes = truth.targets(TEST), len(truth.leaves)
    inside = {name: np.flatnonzero(truth.stratum(name)) for name in STRATA}

    def scores(weights: Floats) -> Floats:
        """(resamples, columns): macro-F1 of each cell, its difference, and accuracy and macro-F1 in each stratum."""
        columns = [metrics.macro_f1_by_resample(targets, said, classes, weights) for said in answers]
        columns += [column - columns[baseline] for column in columns]
        for rows in inside.values():
            some = [(targets[rows], said[rows]) for said in answers]
            columns += [metrics.accuracy_by_resample(*pair, weights[:, rows]) for pair in some]
            columns += [metrics.macro_f1_by_resample(*pair, classes, weights[:, rows]) for pair in some]
        return np.column_stack(columns)

    drawn = bootstrap(scores, len(targets), resamples, seed, truth.test_groups(), confidence, corrected=True)
    series = [drawn[start : start + len(answers)] for start in range(0, len(drawn), len(answers))]
    found = []
    for cell in range(len(answers)):
        whole, difference, *rest = (values[cell] for values in series)
        strata = {
            name: Stratum(len(rows), len(set(targets[rows].tolist())), *rest[2 * place : 2 * place + 2])
            for place, (name, rows) in enumerate(inside.items())
        }
        found.append(Scored(whole, difference, strata))
    return found
