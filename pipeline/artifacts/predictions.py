"""predictions.parquet, the same for every method: one float32 probability per leaf."""

from typing import Any

import numpy as np
import polars as pl

ROW_SUM_TOLERANCE = 1e-4


def schema(leaves: list[str]) -> dict[str, Any]:
    """Columns: comment_id, split, then the leaves in taxonomy order."""
    return {"comment_id": pl.String(), "split": pl.String()} | dict.fromkeys(leaves, pl.Float32())


def predictions(items: pl.DataFrame, probabilities: np.ndarray[Any, Any], leaves: list[str]) -> pl.DataFrame:
    """The frame that a method writes.

    Args:
        items: comment_id and split of the predicted comments.
        probabilities: (items, leaves), rows that sum to 1.

    Raises:
        ValueError: the shape is wrong, a value is no probability, or a row does not sum to 1.
    """
    if probabilities.shape != (len(items), len(leaves)):
        raise ValueError(f"{probabilities.shape} probabilities for {len(items)} items and {len(leaves)} leaves")
    sums = probabilities.sum(axis=1)
    if not (np.isfinite(probabilities).all() and np.abs(sums - 1).max() < ROW_SUM_TOLERANCE):
        raise ValueError("probabilities are not finite or do not sum to 1")
    columns = {leaf: probabilities[:, index].astype(np.float32) for index, leaf in enumerate(leaves)}
    return items.select("comment_id", "split").with_columns(**columns).sort("comment_id")
