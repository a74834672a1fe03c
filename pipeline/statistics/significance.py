"""Intervals and paired differences by bootstrap over the items of a test set.

Comments of one video resemble each other, and the resampling treats them as independent: with a
handful of test videos the intervals are too narrow rather than too wide. The report says so.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.statistics.metrics import count

Floats = np.ndarray[Any, Any]


def resamples(items: int, times: int, seed: int) -> Floats:
    """How often each item is drawn in each resample, (times, items); every row sums to items."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(items, np.full(items, 1 / items), size=times).astype(np.float64)


@dataclass(frozen=True)
class Interval:
    """A value with its percentile interval."""

    value: float
    low: float
    high: float


def percentile_interval(value: float, drawn: Floats, confidence: float) -> Interval:
    """The middle `confidence` share of the drawn values."""
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(value, float(low), float(high))


def macro_f1_draws(targets: Floats, predicted: Floats, classes: int, draws: Floats) -> Floats:
    """Macro-F1 in every resample, (times,)."""
    return count(targets, predicted, classes, draws).macro_f1()


def accuracy_draws(targets: Floats, predicted: Floats, draws: Floats) -> Floats:
    """Accuracy in every resample, (times,)."""
    return np.asarray(draws @ (targets == predicted) / draws.sum(1))
