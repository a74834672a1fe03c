"""What every method starts from: the labelled comments, their splits and class indices."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline.annotation.schema import LABELS, SPLITS
from pipeline.annotation.taxonomy import load_taxonomy
from pipeline.config import Params
from pipeline.danmu.schema import COMMENTS
from pipeline.files import read_parquet, write_parquet
from pipeline.models.predictions import predictions, schema
from pipeline.stages.paths import COMMENTS_FILE, EMBEDDINGS_FILE, LABELS_FILE, RESULTS, SPLITS_FILE


@dataclass(frozen=True)
class Labelled:
    """The corpus and what is known of it."""

    leaves: list[str]
    comments: pl.DataFrame  # COMMENTS
    items: pl.DataFrame  # comment_id, split, target (class index), row (in comments); sorted by id

    def part(self, split: str) -> pl.DataFrame:
        """The items of one split."""
        return self.items.filter(pl.col("split") == split)

    def at(self, *splits: str) -> np.ndarray[Any, Any]:
        """Positions, among the items, of those of these splits."""
        return np.flatnonzero(self.items["split"].is_in(splits).to_numpy())

    def predicted(self) -> pl.DataFrame:
        """The items that every method predicts."""
        return self.items.filter(pl.col("split").is_in(["validation", "test"]))


def read_labelled(params: Params) -> Labelled:
    """Join comments, labels and splits."""
    leaves = load_taxonomy(Path(params.data.taxonomy)).leaves
    comments = read_parquet(COMMENTS_FILE, COMMENTS)
    labels, splits = read_parquet(LABELS_FILE, LABELS), read_parquet(SPLITS_FILE, SPLITS)
    index = {leaf: number for number, leaf in enumerate(leaves)}
    items = (
        labels.join(splits, on="comment_id")
        .join(comments.select("comment_id").with_row_index("row"), on="comment_id")
        .with_columns(target=pl.col("leaf").replace_strict(index, return_dtype=pl.Int64))
        .select("comment_id", "split", "target", "row")
        .sort("comment_id")
    )
    return Labelled(leaves, comments, items)


def comment_vectors(comments: pl.DataFrame) -> np.ndarray[Any, Any]:
    """Each comment's embedding, (comments, width)."""
    stored = pl.read_parquet(EMBEDDINGS_FILE)
    joined = comments.select("text").join(stored, on="text", how="left", maintain_order="left")
    return joined["vector"].to_numpy()


def result_folder(method: str, key: str) -> Path:
    """Where a cell writes; empty at the start."""
    folder = RESULTS / method / key
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_predictions(data: Labelled, probabilities: np.ndarray[Any, Any], folder: Path) -> None:
    """predictions.parquet, the same for every method."""
    frame = predictions(data.predicted(), probabilities, data.leaves)
    write_parquet(frame, folder / "predictions.parquet", schema(data.leaves))
