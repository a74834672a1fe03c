"""The columns of labels.parquet and splits.parquet, which every room may use."""

from typing import Any

import polars as pl

LABELS: dict[str, Any] = {
    "comment_id": pl.String(),
    "leaf": pl.String(),  # the primary leaf that the annotators settled on
    "leaves": pl.List(pl.String()),  # primary first, then every leaf that a majority also named
    "source": pl.String(),  # gold: annotators by the written procedure; llm: silver
    "round": pl.Int32(),
    "annotators": pl.Int32(),
    "agreement": pl.Float64(),  # share of the annotators whose primary leaf this is
}

SPLITS: dict[str, Any] = {
    "comment_id": pl.String(),
    "split": pl.String(),  # train, validation, test; left_out: would leak into one of the latter
    "group": pl.String(),  # the video, or the normalised text where there are no videos
}
