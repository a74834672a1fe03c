"""Regressions over the embeddings, each on its own resample of the labels: where they differ, labels are wanted."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.statistics.regression import fit_probe

Floats = np.ndarray[Any, Any]
INVERSE_REGULARISATION = 3.0


def committee(
    vectors: Floats, labels: Sequence[str], leaves: Sequence[str], asked: Floats, members: int, seed: int
) -> Floats:
    """What each member expects of the asked comments; (members, asked, leaves).

    The first member learns from every label, the others from bootstrap resamples (bagging: Abe and Mamitsuka 1998).
    scikit-learn's `BaggingClassifier` has no member that learns from every label, and drops leaves that nobody has.

    Args:
        vectors, labels: of the labelled comments.
        asked: vectors (asked, width).
    """
    index = {leaf: number for number, leaf in enumerate(leaves)}
    targets = np.array([index[label] for label in labels])
    generator = np.random.default_rng(seed)
    expected = []
    for member in range(members):
        rows = generator.integers(len(targets), size=len(targets)) if member else np.arange(len(targets))
        part = (vectors[rows], targets[rows])
        probe = fit_probe(part, part, len(leaves), "balanced", [INVERSE_REGULARISATION])
        expected.append(probe.probabilities(asked.astype(np.float64)))
    return np.stack(expected)
