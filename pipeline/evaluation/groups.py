"""What of the labelled comments belongs together in a split, and the table that a split is."""

from collections.abc import Iterable

import polars as pl

from pipeline.artifacts.splits import SPLITS, VIDEO
from pipeline.text.leaks import normalised_texts


def grouped(comments: pl.DataFrame) -> pl.DataFrame:
    """The comments with their group: the video, or the normalised text where there is none."""
    normalised = normalised_texts(comments["text"])
    return comments.with_columns(group=pl.coalesce(pl.lit(VIDEO) + pl.col("video_id"), normalised))


def in_parts(comments: pl.DataFrame, parts: Iterable[str]) -> pl.DataFrame:
    """SPLITS of grouped comments, each with its part, in the order given."""
    split = pl.Series("split", [str(part) for part in parts], pl.String())
    return comments.select("comment_id", split, "group").cast(SPLITS)  # type: ignore[arg-type]
