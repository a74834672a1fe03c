"""predictions.parquet: what a method says of every comment of validation and test, the same file for every method.

One float32 column per node of the tree, parents before their children, named by the node's path
(`information/joy`). A parent's probability is that of any of its leaves, so it is never below a child's; where
children exclude each other they sum to at most their parent.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl

from pipeline.artifacts.artifact import Table

Floats = np.ndarray[Any, Any]
SUM_TOLERANCE = 1e-4  # of a row of float32 probabilities


class Node(Protocol):
    """What a column stands for."""

    @property
    def path(self) -> str:
        """The column's name."""
        ...

    @property
    def leaves(self) -> tuple[int, ...]:
        """The leaves below it, as indices among all leaves; of a leaf its own."""
        ...

    @property
    def is_leaf(self) -> bool:
        """Whether nothing is below it."""
        ...


def predictions_file(folder: Path, nodes: Sequence[Node]) -> Table:
    """The file of one cell.

    Args:
        nodes: of the tree, in its order.
    """
    columns: dict[str, Any] = {"comment_id": pl.String(), "split": pl.String()}
    columns |= dict.fromkeys((node.path for node in nodes), pl.Float32())
    return Table(folder / "predictions.parquet", columns, folder.parent.name)


def write_predictions(items: pl.DataFrame, probabilities: Floats, nodes: Sequence[Node], folder: Path) -> None:
    """Write a cell's predictions.

    Args:
        items: comment_id and split of the predicted comments.
        probabilities: of the leaves, (items, leaves), rows that sum to 1.

    Raises:
        ValueError: the shape is wrong, a value is no probability, or a row does not sum to 1.
    """
    leaves = sum(node.is_leaf for node in nodes)
    if probabilities.shape != (len(items), leaves):
        raise ValueError(f"{probabilities.shape} probabilities for {len(items)} items and {leaves} leaves")
    sums = probabilities.sum(axis=1)
    if not (np.isfinite(probabilities).all() and (probabilities >= 0).all() and near(sums, 1)):
        raise ValueError("probabilities are negative, not finite, or do not sum to 1")
    # in float64 a sum is not below its parts, and rounding to float32 keeps the order
    wide = probabilities.astype(np.float64)
    values = [pl.Series(node.path, wide[:, list(node.leaves)].sum(1).astype(np.float32)) for node in nodes]
    # as series: a name such as `self`, `*` or `^a$` would be a keyword, all columns, or a pattern to polars
    frame = pl.DataFrame([*items.select("comment_id", "split").get_columns(), *values]).sort("comment_id")
    predictions_file(folder, nodes).write(frame)


def near(sums: Floats, value: float) -> bool:
    """Whether all sums are the value but for rounding."""
    return not len(sums) or bool(np.abs(sums - value).max() < SUM_TOLERANCE)


def read_leaf_probabilities(folder: Path, nodes: Sequence[Node]) -> tuple[list[str], Floats]:
    """Ids, sorted, and the leaves' probabilities of a cell's predictions, (items, leaves) float64."""
    frame = predictions_file(folder, nodes).read()
    columns = [frame.get_column(node.path) for node in nodes if node.is_leaf]
    return frame.get_column("comment_id").to_list(), pl.DataFrame(columns).to_numpy().astype(np.float64)
