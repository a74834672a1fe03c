"""Which comments the next batch holds: the sampling strategies, and the list of them.

Random batches alone are like the corpus. The others find what a batch of the same size would hardly hold (rare
leaves, boundaries), and what is labelled in them is not like the corpus: keep such rounds out of validation and
test (`split.train_only_rounds`), or the scores are those of another corpus.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Floats = np.ndarray[Any, Any]
COMMITTEE = 7  # models whose disagreement is looked at
STRATA = ("video", "leaf")  # of what `stratified` takes as many each


@dataclass(frozen=True)
class Pool:
    """The comments that may be drawn, by their places from 0 on, and what a strategy may want to know of them."""

    videos: Sequence[str | None]  # each place's
    #: number of models → what they expect, (models, places, leaves); UserError where there is nothing to learn from
    expected: Callable[[int], Floats]


@dataclass(frozen=True)
class Strategy:
    """A way to draw."""

    name: str  # on the command line
    draw: Callable[[Pool, str, int, int], list[int]]  # (pool, one of STRATA, size, seed) → places, `size` at most
    like_corpus: bool = False  # whether a score on such a batch is one on the corpus


def draw_random(count: int, size: int, seed: int) -> list[int]:
    """`size` of `count` places, every one as likely."""
    return [int(place) for place in np.random.default_rng(seed).permutation(count)[:size]]


def draw_stratified(strata: Sequence[Any], size: int, seed: int) -> list[int]:
    """As many of each stratum as go round: one of each in turn, at random within it.

    Args:
        strata: of each place, its video or the leaf that a model expects there.
    """
    generator = np.random.default_rng(seed)
    waiting: dict[Any, list[int]] = {}
    for place in generator.permutation(len(strata)).tolist():
        waiting.setdefault(strata[place], []).append(place)
    names = sorted(waiting, key=str)
    generator.shuffle(names)
    chosen: list[int] = []
    while len(chosen) < min(size, len(strata)):
        chosen += [waiting[name].pop() for name in names if waiting[name]]
    return chosen[:size]


def draw_uncertain(probabilities: Floats, size: int) -> list[int]:
    """Where the two likeliest leaves are nearest to each other (margin sampling, Scheffer et al. 2001).

    Args:
        probabilities: (places, leaves).
    """
    ordered = np.sort(probabilities, axis=1)
    margins = ordered[:, -1] - ordered[:, -2]
    return [int(place) for place in np.argsort(margins, kind="stable")[:size]]


def draw_disputed(committee: Floats, size: int) -> list[int]:
    """Where a committee of models is most divided: vote entropy (Dagan and Engelson 1995), then the mean margin.

    Args:
        committee: (members, places, leaves), each member's probabilities.
    """
    members, places, leaves = committee.shape
    votes = np.zeros((places, leaves))
    for member in committee:
        votes[np.arange(places), member.argmax(1)] += 1 / members
    entropy = -(votes * np.log(np.where(votes > 0, votes, 1.0))).sum(1)
    ordered = np.sort(committee.mean(0), axis=1)
    order = np.lexsort((ordered[:, -1] - ordered[:, -2], -entropy.round(9)))
    return [int(place) for place in order[:size]]


def strata(pool: Pool, by: str) -> list[Any]:
    """Each place's stratum: its video, or the leaf that a model expects there."""
    return list(pool.videos) if by == "video" else pool.expected(1)[0].argmax(1).tolist()


STRATEGIES = {
    strategy.name: strategy
    for strategy in (
        Strategy("random", lambda pool, by, size, seed: draw_random(len(pool.videos), size, seed), like_corpus=True),
        Strategy("stratified", lambda pool, by, size, seed: draw_stratified(strata(pool, by), size, seed)),
        Strategy("uncertainty", lambda pool, by, size, seed: draw_uncertain(pool.expected(1)[0], size)),
        Strategy("disagreement", lambda pool, by, size, seed: draw_disputed(pool.expected(COMMITTEE), size)),
    )
}
