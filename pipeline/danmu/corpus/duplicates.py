"""Records of the same comment become one row: its fields, and the hours in which snapshots hold it.

This takes two steps, so that no cut of a corpus into parts makes a difference: records of one id that say the same,
which may be folded anywhere, and then all records of one id, which only the whole corpus can tell to be one comment
(corpus/shared.py).
"""

import polars as pl

from pipeline.artifacts.comments import COMMENTS, UTC_TIME
from pipeline.danmu.corpus.identity import PART, content_of
from pipeline.danmu.readers.batch import HOUR

PLACES = ("video_id", "chat_id", "origin")
#: what is not the first known value of all records
TOLD_OTHERWISE = ("comment_id", "order", "file", "hours", "row_id_damaged", "shared", "counter")


def once(frame: pl.DataFrame) -> pl.DataFrame:
    """One row per comment_id, content and place, sorted by id and order.

    Args:
        frame: PART, in any order of rows; the record with the lowest `order` is the first.
    """
    frame = frame.sort("comment_id", "order", maintain_order=True)
    repeated = is_repeated(frame)
    if not repeated.any():
        return frame
    records = frame.filter(repeated)
    keys = records.select("comment_id", *PLACES).with_columns(content_of(records).drop("place"))
    said = pl.all().exclude("comment_id")
    differs = pl.any_horizontal(said.ne_missing(said.shift(1)))
    if not keys.select((differs & (pl.col("comment_id") == pl.col("comment_id").shift(1))).any()).item():
        keys = keys.select("comment_id")
    folded = folded_by(keys, records)
    return pl.concat([frame.filter(~repeated), folded]).sort("comment_id", "order")


def one_per_id(frame: pl.DataFrame) -> pl.DataFrame:
    """One row per comment_id, sorted, of what `once` gave: each field's first known value, and all hours."""
    repeated = is_repeated(frame)
    if not repeated.any():
        return frame
    records = frame.filter(repeated)
    folded = folded_by(records.select("comment_id"), records)
    return pl.concat([frame.filter(~repeated), folded]).sort("comment_id")


def is_repeated(frame: pl.DataFrame) -> pl.Series:
    """Whether the row before or behind has the same id, of rows sorted by id."""
    same = pl.col("comment_id") == pl.col("comment_id").shift(1)
    return frame.select((same | same.shift(-1)).fill_null(False)).to_series()


def folded_by(keys: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """One row for all records of the same keys."""
    keys = keys.select(pl.all().name.prefix("key "))
    return (
        pl.concat([keys, records], how="horizontal")
        .group_by(keys.columns, maintain_order=True)
        .agg(
            pl.col("comment_id", "order", "file").first(),
            pl.col("hours").explode(empty_as_null=False).unique().sort(),
            pl.col("row_id_damaged").all(),
            pl.col("shared", "counter").any(),
            *(pl.col(name).drop_nulls().first() for name in PART if name not in TOLD_OTHERWISE),
        )
        .select(PART.keys())
    )


def as_comments(frame: pl.DataFrame, videos: dict[str, str]) -> pl.DataFrame:
    """COMMENTS of what `one_per_id` gave.

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
