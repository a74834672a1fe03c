"""Records with the same comment_id become one row: its fields, and the hours in which snapshots hold it."""

from typing import Any

import polars as pl

from pipeline.artifacts.comments import COMMENTS, UTC_TIME
from pipeline.danmu.readers.batch import BATCH, HOUR

#: comments of one part of the corpus, with their comment_id; file and order are numbers in the whole corpus
PART: dict[str, Any] = BATCH


def deduplicated(frame: pl.DataFrame) -> pl.DataFrame:
    """One row per comment_id, sorted: of each field the first known value, and the hours of all records.

    Args:
        frame: PART, in any order of rows; the record with the lowest `order` is the first.
    """
    frame = frame.sort("comment_id", "order", maintain_order=True)
    same = pl.col("comment_id") == pl.col("comment_id").shift(1)
    repeated = frame.select((same | same.shift(-1)).fill_null(False)).to_series()
    if not repeated.any():
        return frame
    fields = [name for name in PART if name not in ("comment_id", "order", "file", "hours", "row_id_damaged")]
    together = (
        frame.filter(repeated)
        .group_by("comment_id", maintain_order=True)
        .agg(
            pl.col("order", "file").first(),
            pl.col("hours").explode(empty_as_null=False).unique().sort(),
            pl.col("row_id_damaged").all(),
            *(pl.col(name).drop_nulls().first() for name in fields),
        )
    )
    return pl.concat([frame.filter(~repeated), together.select(frame.columns)]).sort("comment_id")


def as_comments(frame: pl.DataFrame, videos: dict[str, str]) -> pl.DataFrame:
    """COMMENTS of deduplicated comments.

    Args:
        frame: PART, one row per comment.
        videos: the video of each pool, as far as any input names it. Some forms name the pool alone; if no input
            names the video, `cid` and the pool stand in its place.
    """
    moments = {
        "first_seen": pl.col("hours").list.first(),
        "last_seen": pl.col("hours").list.last(),
    }
    of_pool = pl.col("chat_id").replace_strict(videos, default=None, return_dtype=pl.String)
    return frame.with_columns(
        *((hour.cast(pl.Int64) * HOUR * 1000).cast(UTC_TIME).alias(name) for name, hour in moments.items()),
        pl.col("hours").list.len().clip(1).cast(pl.Int32).alias("snapshots"),
        pl.coalesce("video_id", of_pool, pl.lit("cid") + pl.col("chat_id")).alias("video_id"),
    ).select(COMMENTS.keys())


def videos_of(frame: pl.DataFrame) -> dict[str, str]:
    """The video of each pool; where inputs differ, the first in the order of the ids."""
    pairs = frame.select("chat_id", "video_id").drop_nulls().unique()
    return dict(pairs.group_by("chat_id").agg(pl.col("video_id").min()).sort("chat_id").iter_rows())
