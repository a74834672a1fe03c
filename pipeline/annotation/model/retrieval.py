"""Embed and filter: the gold comments nearest to a comment, and the leaves that they point to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Floats = np.ndarray[Any, Any]
CHUNK = 2048  # comments whose similarities are held at once


@dataclass(frozen=True)
class Near:
    """What lies around one comment, the nearest first."""

    rows: tuple[int, ...]  # of the gold comments, `neighbours` of them
    candidates: tuple[str, ...]  # leaves, by the summed similarity of their neighbours
    vote: str  # the first candidate: what the neighbours alone would say


def nearest(
    vectors: Floats, gold_vectors: Floats, gold_leaves: Sequence[str], neighbours: int, candidates: int
) -> list[Near]:
    """What lies around every comment, in their order.

    Args:
        vectors: of the comments, (n, width), of unit length.
        gold_vectors, gold_leaves: of the gold comments of the training set; at least one.
        neighbours: how many of them are looked at.
        candidates: how many leaves are kept at most.
    """
    count = min(neighbours, len(gold_leaves))
    around: list[Near] = []
    for start in range(0, len(vectors), CHUNK):
        similarity = vectors[start : start + CHUNK] @ gold_vectors.T
        order = np.argsort(-similarity, axis=1, kind="stable")[:, :count]
        for row, columns in enumerate(order):
            weight: dict[str, float] = {}
            for column in columns:
                leaf = gold_leaves[column]
                weight[leaf] = weight.get(leaf, 0.0) + float(similarity[row, column])
            leaves = sorted(weight, key=lambda leaf: -weight[leaf])  # stable: the nearer first on a tie
            around.append(Near(tuple(map(int, columns)), tuple(leaves[:candidates]), leaves[0]))
    return around
