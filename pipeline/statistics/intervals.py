"""A value with its interval, and the one bootstrap that intervals come from.

Comments of one video resemble each other. Where a set holds comments of at least `LEAST_GROUPS` videos, whole
videos are drawn; with fewer, the videos are too few to stand for all videos, and single comments are drawn: such an
interval says how sure a value is for more comments of the same videos. `resampled` tells which of the two it was.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
Indices = np.ndarray[Any, np.dtype[np.intp]]
#: weights (resamples, items) → the statistic in each resample, (resamples,) or (resamples, columns)
Statistic = Callable[[Floats], Floats]
Unit = Literal["videos", "comments"]

CONFIDENCE = 0.95
MOST_DELETIONS = 1000  # of single comments, or of as many blocks of them
LEAST_GROUPS = 10  # videos from which on whole videos are drawn
CHUNK = 4_000_000  # weights that are drawn at once, 32 MB


@dataclass(frozen=True)
class Interval:
    """A value with its interval; None where it is not defined, or where there is no interval."""

    value: float | None
    low: float | None = None
    high: float | None = None

    def __format__(self, form: str) -> str:
        """`0.312 [0.280, 0.345]`, `–` without a value; `+` as the form shows every number's sign."""
        if self.value is None:
            return "–"
        value = f"{self.value:{form}.3f}"
        return value if self.low is None else f"{value} [{self.low:{form}.3f}, {self.high:{form}.3f}]"

    def __str__(self) -> str:
        return f"{self:}"

    @property
    def excludes_zero(self) -> bool:
        """Whether the whole interval lies on one side of zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True)
class Share(Interval):
    """hits of total, with Wilson's interval."""

    hits: int = 0
    total: int = 0


def share(hits: int, total: int, confidence: float = CONFIDENCE) -> Share:
    """A proportion with Wilson's score interval (1927), which holds for few items too."""
    if not total:
        return Share(None)
    from scipy.stats import binomtest

    wilson = binomtest(hits, total).proportion_ci(confidence, method="wilson")
    return Share(hits / total, float(wilson.low), float(wilson.high), hits, total)


def resampled(groups: Sequence[object] | None) -> Unit:
    """What a bootstrap over these items draws.

    Args:
        groups: each item's video; None where it is not known.
    """
    return "videos" if groups is not None and len(set(groups)) >= LEAST_GROUPS else "comments"


def resamples(items: int, times: int, seed: int, groups: Sequence[object] | None = None) -> Iterator[Floats]:
    """How often each item is drawn in each resample: chunks (some resamples, items), `times` resamples together.

    Args:
        groups: each item's video; drawn as a whole where `resampled` says videos, so that an item of a video that
            is drawn twice counts twice. A resample then need not have as many items as there are.
        seed: of the drawing; the chunks' size makes no difference.
    """
    generator = np.random.default_rng(seed)
    drawn, index = units(items, groups)
    size = max(1, CHUNK // max(1, items))
    for start in range(0, times, size):
        counts = generator.multinomial(drawn, np.full(drawn, 1 / drawn), size=min(size, times - start))
        yield counts[:, index].astype(np.float64)


def units(items: int, groups: Sequence[object] | None) -> tuple[int, Indices]:
    """How many things a resample draws from, and which of them each item belongs to; (items,)."""
    if groups is None or resampled(groups) == "comments":
        return items, np.arange(items)
    names, index = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    return len(names), index


def deletions(items: int, groups: Sequence[object] | None = None) -> Iterator[Floats]:
    """The jackknife's weights: one video, or one comment, left out at a time; in chunks as `resamples`.

    Of more than `MOST_DELETIONS` comments, several are left out together: blocks of one size serve as well.
    """
    count, index = units(items, groups)
    blocks = min(count, MOST_DELETIONS)
    size = max(1, CHUNK // max(1, items))
    for start in range(0, blocks, size):
        left_out = np.arange(start, min(start + size, blocks))
        yield (index % blocks != left_out[:, None]).astype(np.float64)


def bootstrap(
    statistic: Statistic,
    items: int,
    times: int,
    seed: int,
    groups: Sequence[object] | None = None,
    confidence: float = CONFIDENCE,
    corrected: bool = False,
) -> list[Interval]:
    """A statistic with intervals from a bootstrap over the items.

    Args:
        statistic: weights (resamples, items) → (resamples,) or (resamples, columns); NaN where it is not defined.
        times: resamples; 0 gives no intervals. Those in which the statistic is not defined are left out.
        groups: each item's video.
        corrected: BCa intervals instead of percentiles, for a statistic whose resamples lean to one side.

    Returns:
        one interval for each column, or a single one.
    """
    if not items:
        return [Interval(None)]
    point = as_columns(statistic(np.ones((1, items))))[0]
    drawn = [as_columns(statistic(weights)) for weights in resamples(items, times, seed, groups)]
    table = np.concatenate(drawn) if drawn else np.empty((0, len(point)))
    if not corrected:
        return [percentile_interval(value, table[:, column], confidence) for column, value in enumerate(point)]
    left = np.concatenate([as_columns(statistic(weights)) for weights in deletions(items, groups)])
    return [bca_interval(value, table[:, column], left[:, column], confidence) for column, value in enumerate(point)]


def as_columns(drawn: Floats) -> Floats:
    """(resamples,) as (resamples, 1)."""
    return drawn if drawn.ndim == 2 else drawn[:, None]


def percentile_interval(value: float, drawn: Floats, confidence: float = CONFIDENCE) -> Interval:
    """The middle `confidence` share of the drawn values; resamples in which the value is not defined do not count."""
    if np.isnan(value):
        return Interval(None)
    defined = drawn[~np.isnan(drawn)]
    if not len(defined):
        return Interval(float(value))
    low, high = np.quantile(defined, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(value), float(low), float(high))


def bca_interval(value: float, drawn: Floats, left: Floats, confidence: float = CONFIDENCE) -> Interval:
    """The bias-corrected and accelerated interval (Efron 1987) of a value.

    Where resamples lean downwards (macro-F1 does: one that misses a rare leaf counts it 0), its ends are higher
    quantiles than the percentile interval's.

    Args:
        drawn: the value in each resample. left: the value with one unit left out at a time. Neither counts where it is
            not defined.
    """
    from scipy.special import ndtr, ndtri

    defined, kept = drawn[~np.isnan(drawn)], left[~np.isnan(left)]
    if np.isnan(value) or not len(defined):
        return percentile_interval(value, drawn, confidence)
    below = ((defined < value).mean() + (defined <= value).mean()) / 2
    least = 1 / (2 * len(defined))  # where all lie on one side, as if half of one did not
    bias = ndtri(np.clip(below, least, 1 - least))
    away = kept.mean() - kept if len(kept) else np.zeros(1)
    spread = (away**2).sum() ** 1.5
    acceleration = (away**3).sum() / (6 * spread) if spread else 0.0
    ends = bias + ndtri([(1 - confidence) / 2, (1 + confidence) / 2])
    pull = 1 - acceleration * ends
    levels = np.where(pull > 0, ndtr(bias + ends / np.where(pull > 0, pull, 1)), ends > 0)
    low, high = np.quantile(defined, levels)
    return Interval(float(value), float(low), float(high))
