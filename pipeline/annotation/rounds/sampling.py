"""Which comments the next batch holds.

Random batches alone are like the corpus. The others find what a batch of the same size would hardly hold (rare
leaves, boundaries), and what is labelled in them is not like the corpus: keep such rounds out of validation and
test (`split.train_only_rounds`), or the scores are those of another corpus.
"""

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np

Floats = np.ndarray[Any, Any]
Sampling = Literal["random", "stratified", "uncertainty", "disagreement"]
SAMPLINGS: tuple[Sampling, ...] = get_args(Sampling)


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
