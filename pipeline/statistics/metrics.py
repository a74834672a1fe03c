"""Scores of one set of predictions, on the leaves and on their parents.

The classes are the taxonomy's: a leaf that neither occurs nor is predicted counts as F1 0 in the macro average. So
the average means the same for every method, split and seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Floats = np.ndarray[Any, Any]
Indices = np.ndarray[Any, Any]


@dataclass(frozen=True)
class LevelScores:
    """Scores on the classes of one level of the tree."""

    accuracy: float
    macro_f1: float
    never_predicted: int  # classes that occur and are never the answer


@dataclass(frozen=True)
class Scores:
    """All scores of one part of the split."""

    leaves: LevelScores
    parents: LevelScores
    ece: float
    brier: float


@dataclass(frozen=True)
class LeafScores:
    """Scores on one leaf against all others."""

    leaf: str
    precision: float
    recall: float
    f1: float
    support: int  # items that are of this leaf


@dataclass(frozen=True)
class ReliabilityBin:
    """The items whose most probable class has a probability in one bin."""

    items: int
    confidence: float  # mean probability of the most probable class
    accuracy: float


def macro_f1(targets: Indices, predicted: Indices, classes: int) -> float:
    """Mean F1 over all classes.

    Args:
        targets: class indices, (items,).
        predicted: the same; -1 where there is no answer, which is a miss.
    """
    from sklearn.metrics import f1_score

    return float(f1_score(targets, predicted, labels=range(classes), average="macro", zero_division=0))


def macro_f1_by_resample(targets: Indices, predicted: Indices, classes: int, weights: Floats) -> Floats:
    """`macro_f1` under many weightings of the items at once, which scikit-learn cannot do; (resamples,).

    NaN where no item counts.

    Args:
        targets, predicted: class indices, (items,).
        weights: how often each item counts, (resamples, items).
    """
    actual, said = np.eye(classes)[targets], np.eye(classes)[predicted]
    hits, either = weights @ (actual * said), weights @ (actual + said)
    f1 = np.divide(2 * hits, either, out=np.zeros_like(hits), where=either > 0)
    return np.where(weights.any(axis=1), f1.mean(axis=1), np.nan)


def accuracy_by_resample(targets: Indices, predicted: Indices, weights: Floats) -> Floats:
    """Accuracy under many weightings of the items, as `macro_f1_by_resample`; NaN where no item counts."""
    total = weights.sum(1)
    right = weights @ (targets == predicted)
    return np.asarray(np.divide(right, total, out=np.full(len(weights), np.nan), where=total > 0))


def parent_probabilities(probabilities: Floats, parent_of: Indices) -> Floats:
    """A parent's probability is the sum of its leaves'; (items, leaves) → (items, parents)."""
    members = np.eye(parent_of.max() + 1)[parent_of]
    return probabilities @ members


def brier(probabilities: Floats, targets: Indices) -> float:
    """Mean squared distance to the one-hot truth, summed over the classes (Brier 1950): 0 to 2.

    scikit-learn's `brier_score_loss` gives the same, but warns about rows of float32 that sum to 1 up to rounding.
    """
    truth = np.eye(probabilities.shape[1])[targets]
    return float(((probabilities - truth) ** 2).sum(1).mean())


def reliability(probabilities: Floats, targets: Indices, bins: int) -> tuple[ReliabilityBin, ...]:
    """Bins of equal width, closed above, over the probability of the most probable class; empty ones are left out."""
    confidence, right = probabilities.max(1), probabilities.argmax(1) == targets
    bin_of = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    return tuple(
        ReliabilityBin(int(inside.sum()), float(confidence[inside].mean()), float(right[inside].mean()))
        for inside in (bin_of == index for index in range(bins))
        if inside.any()
    )


def expected_calibration_error(probabilities: Floats, targets: Indices, bins: int) -> float:
    """Mean |accuracy - confidence| over the bins, weighted by their items (Guo et al. 2017)."""
    filled = reliability(probabilities, targets, bins)
    return sum(one.items * abs(one.accuracy - one.confidence) for one in filled) / len(targets)


def level_scores(probabilities: Floats, targets: Indices) -> LevelScores:
    """Scores of the most probable class.

    Args:
        probabilities: (items, classes).
        targets: class indices, (items,).
    """
    from sklearn.metrics import accuracy_score

    predicted, classes = probabilities.argmax(1), probabilities.shape[1]
    return LevelScores(
        accuracy=float(accuracy_score(targets, predicted)),
        macro_f1=macro_f1(targets, predicted, classes),
        never_predicted=len(np.setdiff1d(targets, predicted)),
    )


def leaf_scores(targets: Indices, predicted: Indices, leaves: Sequence[str]) -> tuple[LeafScores, ...]:
    """Precision, recall, F1 and support of each leaf, in the order given; 0 where nothing is predicted or occurs."""
    from sklearn.metrics import precision_recall_fscore_support

    columns = precision_recall_fscore_support(targets, predicted, labels=range(len(leaves)), zero_division=0)
    return tuple(
        LeafScores(leaf, float(precision), float(recall), float(f1), int(support))
        for leaf, precision, recall, f1, support in zip(leaves, *columns, strict=True)
    )


def scores(probabilities: Floats, targets: Indices, parent_of: Indices, bins: int) -> Scores:
    """All scores of one part: leaves, parents (each by its own most probable one), calibration.

    Args:
        probabilities: (items, leaves).
        targets: leaf indices, (items,).
        parent_of: each leaf's parent, (leaves,).
        bins: of the calibration error.
    """
    return Scores(
        leaves=level_scores(probabilities, targets),
        parents=level_scores(parent_probabilities(probabilities, parent_of), parent_of[targets]),
        ece=expected_calibration_error(probabilities, targets, bins),
        brier=brier(probabilities, targets),
    )


def rounded(content: Any, digits: int = 6) -> Any:
    """Floats cut to what is meaningful, so that files do not differ in the last bit's noise."""
    if isinstance(content, dict):
        return {key: rounded(value, digits) for key, value in content.items()}
    if isinstance(content, list):
        return [rounded(value, digits) for value in content]
    return round(content, digits) if isinstance(content, float) else content
