"""Whole groups into parts of given shares: seeded, and with the classes spread evenly.

Many random orders of the groups are cut where the shares are reached best, and the cut whose parts are most alike in
their classes is kept. Another seed draws other orders, and so gives another partition; scikit-learn's
StratifiedGroupKFold shuffles only groups of the very same mix of classes, so that its seed hardly changes anything.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

MOST_ORDERS = 100  # that are looked at


def partition(classes: Array, groups: Array, shares: Sequence[float], seed: int) -> Array:
    """Each item's part, (items,): whole groups, none of the parts empty.

    Args:
        classes: each item's, to be spread over the parts in proportion.
        groups: each item's; at least as many as there are parts.
        shares: of the items, one for each part, together 1; reached as nearly as whole groups allow. For K folds,
            K equal ones.
        seed: of the orders. As many are drawn as there are groups, `MOST_ORDERS` at most: among few groups the best of
            very many would be the same for every seed.
    """
    names, group_of = np.unique(groups, return_inverse=True)
    _, class_of = np.unique(classes, return_inverse=True)
    if len(names) < len(shares):
        raise ValueError(f"{len(names)} groups cannot fill {len(shares)} parts")
    counts = np.zeros((len(names), class_of.max() + 1))
    np.add.at(counts, (group_of, class_of), 1)
    expected = np.outer(shares, counts.sum(0))  # (parts, classes)
    generator = np.random.default_rng(seed)
    best, least = np.zeros(len(names), dtype=np.intp), np.inf
    for _ in range(min(len(names), MOST_ORDERS)):
        part_of = cut(generator.permutation(len(names)), counts.sum(1), shares)
        found = np.stack([counts[part_of == part].sum(0) for part in range(len(shares))])
        apart = unevenness(found, expected)
        if apart < least:
            best, least = part_of, apart
    return best[group_of]


def cut(order: Array, sizes: Array, shares: Sequence[float]) -> Array:
    """Each group's part where the groups, in this order, are cut as near to the shares as can be; (groups,).

    Args:
        order: the groups; sizes: of each group, in their own order.
    """
    reached = np.concatenate([[0.0], np.cumsum(sizes[order])]) / sizes.sum()
    part_of, start = np.empty(len(order), dtype=np.intp), 0
    for part, goal in enumerate(np.cumsum(shares)):
        later = len(shares) - 1 - part  # parts that need a group each
        ends = np.arange(start + 1, len(order) - later + 1)
        end = int(ends[np.abs(reached[ends] - goal).argmin()]) if later else len(order)
        part_of[order[start:end]] = part
        start = end
    return part_of


def unevenness(found: Array, expected: Array) -> float:
    """How far the parts are from their shares of every class and of all items, the items counting like all classes.

    Squared distances are divided by what was expected, as chi-squared does: a rare class weighs as much as a common
    one, and a small part as much as a large one.
    """
    by_class = ((found - expected) ** 2 / expected).sum()
    sizes, wanted = found.sum(1), expected.sum(1)
    return float(by_class + found.shape[1] * ((sizes - wanted) ** 2 / wanted).sum())
