"""The sorted parts of all shards become one sorted file, a range of ids at a time.

Memory holds some ranges of about RANGE comments, however many there are in all.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.parquet

from pipeline.danmu.fold import PART, finished, folded
from pipeline.danmu.shards import STEP, Part, is_keyless, save_part
from pipeline.files import replacing

RANGE = 1 << 18  # comments, before they are folded across shards, that are merged at once
AT_ONCE = 2  # ranges that are merged while one is written


class Range(NamedTuple):
    """Ids from `low` on, below `high`; None is without a bound."""

    low: str | None
    high: str | None


class Merged(NamedTuple):
    """How many comments each file gave first, and how many have a damaged row id."""

    comments: Counter[int]
    damaged: int


def merge(parts: list[Part], keyless: int, videos: dict[str, str], folder: Path, target: Path) -> Merged:
    """Write comments.parquet from the parts of all shards, in the order of the shards.

    Args:
        keyless: how many comments may be a twin of one with a row id.
        videos: the video of each pool.
        folder: for what is written on the way.
    """
    twins = find_twins(parts) if keyless else pl.DataFrame(schema={"twin": pl.UInt64, "id": pl.String})
    if len(twins):
        parts = parts + renamed(parts, twins, folder)
    work = partial(merge_range, parts=parts, twins=twins)
    comments: Counter[int] = Counter()
    damaged = 0
    ranges = ranges_of(parts)
    with replacing(target) as file, ThreadPoolExecutor(AT_ONCE) as pool:
        writer = None
        waiting = [pool.submit(work, found) for found in ranges[:AT_ONCE]]
        for index in range(len(ranges)):
            frame = waiting.pop(0).result()
            if index + AT_ONCE < len(ranges):
                waiting.append(pool.submit(work, ranges[index + AT_ONCE]))
            comments.update(dict(frame["file"].value_counts().iter_rows()))
            table = finished(frame, videos).to_arrow(compat_level=pl.CompatLevel.oldest())
            damaged += frame.filter("row_id_damaged").height
            if writer is None:
                writer = pa.parquet.ParquetWriter(file, table.schema, compression="zstd", write_statistics=True)
            writer.write_table(table)
        if writer is not None:
            writer.close()
    return Merged(comments, damaged)


def ranges_of(parts: list[Part]) -> list[Range]:
    """Ranges of ids with about as many comments each."""
    keys = sorted(key for part in parts for key in part.keys)
    bounds = sorted(set(keys[RANGE // STEP :: RANGE // STEP]))
    return [Range(low, high) for low, high in zip([None, *bounds], [*bounds, None])]


def merge_range(ids: Range, parts: list[Part], twins: pl.DataFrame) -> pl.DataFrame:
    """PART of the comments in a range, folded over all parts."""
    frames = [frame for part in parts if len(frame := within(part, ids))]
    if not frames:
        return pl.DataFrame(schema=PART)
    frame = pl.concat(frames)
    if len(twins):
        frame = frame.filter(~(is_keyless() & pl.col("twin").is_in(twins["twin"].implode())))
    return folded(frame)


def within(part: Part, ids: Range) -> pl.DataFrame:
    """The rows of a part in a range of ids; only the record batches that may hold them are read."""
    first = 0 if ids.low is None else max(0, bisect_left(part.keys, ids.low) - 1)
    behind = len(part.keys) if ids.high is None else bisect_left(part.keys, ids.high)
    if first >= behind:
        return pl.DataFrame(schema=PART)
    frame = read_batches(part, first, behind)
    if ids.low is not None:
        frame = frame.filter(pl.col("comment_id") >= ids.low)
    return frame if ids.high is None else frame.filter(pl.col("comment_id") < ids.high)


def read_batches(part: Part, first: int, behind: int, columns: list[str] | None = None) -> pl.DataFrame:
    """Some record batches of a part."""
    with pa.OSFile(str(part.path)) as file:
        reader = pa.ipc.open_file(file, options=pa.ipc.IpcReadOptions(use_threads=False))
        table = pa.Table.from_batches([reader.get_batch(index) for index in range(first, behind)])
        if columns is not None:
            table = table.select(columns)
        frame = pl.DataFrame(pl.from_arrow(table))
    return frame.cast(pl.Schema({name: kind for name, kind in PART.items() if name in frame.columns}))


def each_batch(part: Part, columns: list[str] | None = None) -> Iterator[pl.DataFrame]:
    """A part, some record batches at a time."""
    stride = RANGE // STEP
    for first in range(0, len(part.keys), stride):
        yield read_batches(part, first, min(first + stride, len(part.keys)), columns)


def find_twins(parts: list[Part]) -> pl.DataFrame:
    """The content hashes that comments with and without a row id share, and the id of the former.

    Two passes: 8 bytes are held of each comment without a row id, then of those that have a twin.
    """
    columns = ["comment_id", "row_id", "twin"]
    wanted = pl.concat(
        [frame.filter(is_keyless()).select("twin") for part in parts for frame in each_batch(part, columns)]
    ).unique()
    with_row_id = pl.col("row_id").is_not_null() & pl.col("twin").is_in(wanted["twin"].implode())
    return (
        pl.concat([frame.filter(with_row_id) for part in parts for frame in each_batch(part, columns)])
        .group_by("twin")
        .agg(pl.col("comment_id").min().alias("id"))
    )


def renamed(parts: list[Part], twins: pl.DataFrame, folder: Path) -> list[Part]:
    """Further parts: the comments that have a twin, under its id."""
    found = []
    for number, part in enumerate(parts):
        frames = [frame.filter(is_keyless()).join(twins, on="twin") for frame in each_batch(part)]
        frame = pl.concat(frames).with_columns(pl.col("id").alias("comment_id")).select(PART.keys())
        if len(frame):
            found.append(save_part(folded(frame), folder / f"twins-{number:06}.arrow"))
    return found
