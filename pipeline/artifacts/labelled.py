"""What every method starts from: the labelled comments, their splits and class indices."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline.annotation.tree.taxonomy import load_taxonomy
from pipeline.artifacts.comments import COMMENTS
from pipeline.artifacts.labels import LABELS
from pipeline.artifacts.paths import COMMENTS_FILE, EMBEDDINGS_FILE, LABELS_FILE, SPLITS_FILE, added_file
from pipeline.artifacts.silver import ADDED
from pipeline.artifacts.splits import SPLITS
from pipeline.errors import UserError
from pipeline.files import read_parquet
from pipeline.settings import Params


@dataclass(frozen=True)
class Labelled:
    """The corpus and what is known of it."""

    leaves: list[str]
    comments: pl.DataFrame  # COMMENTS
    items: pl.DataFrame  # comment_id, split, target (class index), row (in comments), weight; sorted by id

    def part(self, split: str) -> pl.DataFrame:
        """The items of one split."""
        return self.items.filter(pl.col("split") == split)

    def at(self, *splits: str) -> np.ndarray[Any, Any]:
        """Positions, among the items, of those of these splits."""
        return np.flatnonzero(self.items["split"].is_in(splits).to_numpy())

    def train_weights(self) -> np.ndarray[Any, Any]:
        """Weights of the training items."""
        return self.part("train")["weight"].to_numpy()

    def predicted(self) -> pl.DataFrame:
        """The items that every method predicts."""
        return self.items.filter(pl.col("split").is_in(["validation", "test"]))


def read_labelled(params: Params, labels_of: str = "gold", silver_weight: float = 1.0) -> Labelled:
    """Join comments, labels and splits, and add silver labels to the training set where they are asked for.

    Args:
        labels_of: gold; silver = gold and the language model's labels; agreed = gold and those of the
            language model's labels that a student confirms.
        silver_weight: what a silver label counts in training; a gold one counts 1.
    """
    leaves = load_taxonomy(Path(params.data.taxonomy)).leaves
    comments = read_parquet(COMMENTS_FILE, COMMENTS)
    labels, splits = read_parquet(LABELS_FILE, LABELS), read_parquet(SPLITS_FILE, SPLITS)
    index = {leaf: number for number, leaf in enumerate(leaves)}
    items = (
        labels.join(splits, on="comment_id")
        .join(comments.select("comment_id").with_row_index("row"), on="comment_id")
        .select("comment_id", "split", "leaf", "row", pl.lit(1.0).alias("weight"))
    )
    added = read_parquet(added_file(labels_of), ADDED)
    items = with_added(items, added, comments, silver_weight)
    items = items.with_columns(target=pl.col("leaf").replace_strict(index, return_dtype=pl.Int64))
    return Labelled(leaves, comments, items.select("comment_id", "split", "target", "row", "weight").sort("comment_id"))


def with_added(items: pl.DataFrame, added: pl.DataFrame, comments: pl.DataFrame, weight: float) -> pl.DataFrame:
    """The gold items, and the added ones in training; to add a comment that has a gold label is an error."""
    rows = comments.select("comment_id").with_row_index("row")
    further = added.join(rows, on="comment_id").select(
        "comment_id", pl.lit("train").alias("split"), "leaf", "row", pl.lit(weight).alias("weight")
    )
    both = pl.concat([items, further])
    if both["comment_id"].is_duplicated().any():
        raise UserError("The silver labels hold comments that have a gold label; run `dvc repro silver`.")
    return both


def comment_vectors(comments: pl.DataFrame) -> np.ndarray[Any, Any]:
    """Each comment's embedding, (comments, width)."""
    stored = pl.read_parquet(EMBEDDINGS_FILE)
    joined = comments.select("text").join(stored, on="text", how="left", maintain_order="left")
    if joined["vector"].null_count():
        raise UserError(f"{EMBEDDINGS_FILE} lacks {joined['vector'].null_count():,} comments; run `dvc repro embed`.")
    return joined["vector"].to_numpy()
