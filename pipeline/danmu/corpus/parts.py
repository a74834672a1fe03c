"""What shards give to the merge: comments on disk, sorted by id, or of a small corpus in memory, as they were read."""

from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pyarrow as pa

from pipeline.danmu.corpus.duplicates import PART

STEP = 1 << 11  # rows of a record batch; the first id of each is known without reading it
STRIDE = 128  # record batches that are read at once where a whole part is gone through


class Range(NamedTuple):
    """Ids from `low` on, below `high`; None is no bound."""

    low: str | None
    high: str | None


class Part(NamedTuple):
    """Comments of one shard, in a file or in memory."""

    keys: list[str]  # of a file: the first id of each record batch
    held: Path | pl.DataFrame  # PART


def save_part(frame: pl.DataFrame, path: Path) -> Part:
    """Write PART, sorted by comment_id, in record batches of STEP rows."""
    # a frame in chunks would give batches of other lengths, to which the keys would not belong
    table = frame.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_file(path, table.schema, options=options) as file:
        file.write_table(table, max_chunksize=STEP)
    return Part(frame["comment_id"].gather_every(STEP).to_list(), path)


def within(part: Part, ids: Range) -> pl.DataFrame:
    """The rows of a part in a range of ids; only the record batches that may hold them are read."""
    if isinstance(part.held, pl.DataFrame):
        frame = part.held
    else:
        first = 0 if ids.low is None else max(0, bisect_left(part.keys, ids.low) - 1)
        behind = len(part.keys) if ids.high is None else bisect_left(part.keys, ids.high)
        if first >= behind:
            return pl.DataFrame(schema=PART)
        frame = read_batches(part.held, first, behind)
    if ids.low is not None:
        frame = frame.filter(pl.col("comment_id") >= ids.low)
    return frame if ids.high is None else frame.filter(pl.col("comment_id") < ids.high)


def read_batches(path: Path, first: int, behind: int) -> pl.DataFrame:
    """Some record batches of a part."""
    with pa.OSFile(str(path)) as file:
        reader = pa.ipc.open_file(file, options=pa.ipc.IpcReadOptions(use_threads=False))
        table = pa.Table.from_batches([reader.get_batch(index) for index in range(first, behind)])
        return pl.DataFrame(pl.from_arrow(table)).cast(pl.Schema(PART))


def each_batch(part: Part) -> Iterator[pl.DataFrame]:
    """A part, some record batches at a time."""
    if isinstance(part.held, pl.DataFrame):
        yield part.held
        return
    for first in range(0, len(part.keys), STRIDE):
        yield read_batches(part.held, first, min(first + STRIDE, len(part.keys)))
