"""Temperature scaling (Guo et al. 2017): fitted on validation alone, once, applied to test."""

from typing import Any

import numpy as np

Floats = np.ndarray[Any, Any]
FLOOR = 1e-12  # least probability, so that its logarithm is finite


def tempered(probabilities: Floats, temperature: float) -> Floats:
    """softmax(log p / T): above 1 softer, below 1 sharper; the order of the classes stays."""
    from scipy.special import softmax

    return np.asarray(softmax(np.log(np.maximum(probabilities, FLOOR)) / temperature, axis=1))


def log_loss(probabilities: Floats, targets: Floats) -> float:
    """Mean negative log probability of the truth.

    Args:
        probabilities: (items, classes), rows that sum to 1 in float64.
        targets: class indices, (items,).
    """
    from sklearn import metrics

    classes = range(probabilities.shape[1])
    return float(metrics.log_loss(targets, np.maximum(probabilities, FLOOR), labels=classes))


def fit_temperature(probabilities: Floats, targets: Floats) -> float:
    """The temperature from 0.05 to 20 with the least log loss on these items."""
    from scipy.optimize import minimize_scalar

    best = minimize_scalar(
        lambda power: log_loss(tempered(probabilities, float(np.exp(power))), targets),
        bounds=(np.log(0.05), np.log(20)),
        method="bounded",
    )
    return float(np.exp(best.x))
