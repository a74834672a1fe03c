"""Temperature scaling (Guo et al. 2017): fitted on validation alone, once, applied to test."""

from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

Floats = np.ndarray[Any, Any]
FLOOR = 1e-12


def tempered(probabilities: Floats, temperature: float) -> Floats:
    """softmax(log p / T): above 1 softer, below 1 sharper; the order of the classes stays."""
    logits = np.log(np.maximum(probabilities, FLOOR)) / temperature
    exponentials = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(1, keepdims=True))


def log_loss(probabilities: Floats, targets: Floats) -> float:
    """Mean negative log probability of the truth."""
    return float(-np.log(np.maximum(probabilities[np.arange(len(targets)), targets], FLOOR)).mean())


def fit_temperature(probabilities: Floats, targets: Floats) -> float:
    """The temperature from 0.05 to 20 with the least log loss on these items."""
    found = minimize_scalar(
        lambda power: log_loss(tempered(probabilities, float(np.exp(power))), targets),
        bounds=(np.log(0.05), np.log(20)),
        method="bounded",
    )
    return float(np.exp(found.x))
