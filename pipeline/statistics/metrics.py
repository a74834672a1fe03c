"""Scores of one set of predictions, on the leaves and on their parents.

The label set is the taxonomy's: a leaf that neither occurs nor is predicted counts as F1 0 in the
macro average, as scikit-learn does with `labels=` and `zero_division=0`. That keeps the average's
meaning the same for every method, split and seed.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

Floats = np.ndarray[Any, Any]
Indices = np.ndarray[Any, Any]


@dataclass(frozen=True)
class ClassCounts:
    """Per class: true positives, predicted, actual; each (…, classes)."""

    hits: Floats
    predicted: Floats
    actual: Floats

    def precision(self) -> Floats:
        """hits / predicted; 0 where nothing was predicted."""
        return ratio(self.hits, self.predicted)

    def recall(self) -> Floats:
        """hits / actual; 0 where nothing is actual."""
        return ratio(self.hits, self.actual)

    def f1(self) -> Floats:
        """2 hits / (predicted + actual); 0 where the class is neither."""
        return ratio(2 * self.hits, self.predicted + self.actual)

    def macro_f1(self) -> Floats:
        """Mean F1 over all classes."""
        return np.asarray(self.f1().mean(-1))

    def micro_f1(self) -> Floats:
        """2 Σ hits / Σ (predicted + actual); with one label per item this is the accuracy."""
        return ratio(2 * self.hits.sum(-1), (self.predicted + self.actual).sum(-1))

    def accuracy(self) -> Floats:
        """Σ hits / Σ actual."""
        return ratio(self.hits.sum(-1), self.actual.sum(-1))


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """numerator / denominator, 0 where the denominator is."""
    return np.divide(numerator, denominator, out=np.zeros(np.shape(numerator)), where=np.asarray(denominator) > 0)


def count(targets: Indices, predicted: Indices, classes: int, weights: Floats | None = None) -> ClassCounts:
    """Count hits, predictions and actual items per class.

    Args:
        targets, predicted: class indices, (items,).
        weights: how often each item counts, (…, items): rows of a bootstrap. Default: once.
    """
    true, said = np.eye(classes)[targets], np.eye(classes)[predicted]
    weights = np.ones(len(targets)) if weights is None else weights
    return ClassCounts(weights @ (true * said), weights @ said, weights @ true)


def parent_probabilities(probabilities: Floats, parent_of: Indices) -> Floats:
    """A parent's probability is the sum of its leaves'; (items, leaves) → (items, parents)."""
    members = np.eye(parent_of.max() + 1)[parent_of]
    return probabilities @ members


def brier(probabilities: Floats, targets: Indices) -> float:
    """Mean squared distance to the one-hot truth, summed over the classes (Brier 1950): 0 to 2."""
    truth = np.eye(probabilities.shape[1])[targets]
    return float(((probabilities - truth) ** 2).sum(1).mean())


def reliability(probabilities: Floats, targets: Indices, bins: int) -> list[dict[str, float]]:
    """Equal-width bins of the top probability: items, mean confidence, accuracy; empty ones left out."""
    confidence, right = probabilities.max(1), probabilities.argmax(1) == targets
    at = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    rows = []
    for index in range(bins):
        inside = at == index
        if inside.any():
            mean, share = float(confidence[inside].mean()), float(right[inside].mean())
            rows.append({"items": int(inside.sum()), "confidence": mean, "accuracy": share})
    return rows


def expected_calibration_error(probabilities: Floats, targets: Indices, bins: int) -> float:
    """Mean |accuracy - confidence| over the bins, weighted by their items (Guo et al. 2017)."""
    rows = reliability(probabilities, targets, bins)
    return sum(row["items"] * abs(row["accuracy"] - row["confidence"]) for row in rows) / len(targets)


def level_scores(probabilities: Floats, targets: Indices) -> dict[str, float]:
    """accuracy, macro_f1, micro_f1 and never_predicted (how many occurring classes never are)."""
    predicted = probabilities.argmax(1)
    counts = count(targets, predicted, probabilities.shape[1])
    return {
        "accuracy": float(counts.accuracy()),
        "macro_f1": float(counts.macro_f1()),
        "micro_f1": float(counts.micro_f1()),
        "never_predicted": int(((counts.actual > 0) & (counts.predicted == 0)).sum()),
    }


def scores(probabilities: Floats, targets: Indices, parent_of: Indices, bins: int) -> dict[str, Any]:
    """All scores of one split: leaves, parents (each by its own most probable), calibration."""
    parents = parent_probabilities(probabilities, parent_of)
    return level_scores(probabilities, targets) | {
        "parents": level_scores(parents, parent_of[targets]),
        "ece": expected_calibration_error(probabilities, targets, bins),
        "brier": brier(probabilities, targets),
    }


def rounded(content: Any, digits: int = 6) -> Any:
    """Floats cut to what is meaningful, so that files do not differ in the last bit's noise."""
    if isinstance(content, dict):
        return {key: rounded(value, digits) for key, value in content.items()}
    if isinstance(content, list):
        return [rounded(value, digits) for value in content]
    return round(content, digits) if isinstance(content, float) else content
