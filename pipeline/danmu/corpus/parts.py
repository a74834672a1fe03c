"""What shards give to the merge: comments on disk, sorted by id, or of a small corpus in memory, as they were read."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from pipeline.danmu.corpus.identity import PART

STEP, LARGEST_STEP = 1 << 11, 1 << 21  # rows of a record batch, and bytes of their texts where these are long
STRIDE = 128  # record batches that are read at once where a whole part is gone through
TEXTS = ("comment_id", "video_id", "chat_id", "sender", "text")


class Range(NamedTuple):
    """Ids from `low` on, below `high`; None is no bound."""

    low: str | None
    high: str | None


class Part(NamedTuple):
    """Comments of one shard, in a file or in memory."""

    keys: list[str]  # of a file: the first id of each record batch, known without reading it
    held: Path | pl.DataFrame  # PART
    sizes: list[int]  # bytes of the texts of each record batch


def text_bytes(frame: pl.DataFrame) -> pl.Series:
    """How many bytes the texts of each row have: the only values that may be long."""
    return frame.select(pl.sum_horizontal(pl.col(TEXTS).str.len_bytes().cast(pl.Int64).fill_null(0))).to_series()


def save_part(frame: pl.DataFrame, path: Path) -> Part:
    """Write PART, sorted by comment_id, in record batches of STEP rows, or fewer where their texts are long."""
    # a frame in chunks would give batches of other lengths, to which the keys would not belong
    table = frame.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    ends = np.concatenate([[0], text_bytes(frame).cum_sum().to_numpy()])
    begins = list(steps(ends))
    with pa.ipc.new_file(path, table.schema, options=options) as file:
        for begin, behind in pairwise([*begins, len(frame)]):
            file.write_table(table.slice(begin, behind - begin))
    keys = frame["comment_id"].gather(begins).to_list()
    return Part(keys, path, np.diff(ends[[*begins, len(frame)]]).tolist())


def steps(ends: Any) -> Iterator[int]:
    """Where record batches begin, of rows whose texts end at `ends` (with a leading 0)."""
    for begin in range(0, len(ends) - 1, STEP):
        last = min(begin + STEP, len(ends) - 1)
        yield begin
        while ends[last] - ends[begin] > LARGEST_STEP:
            behind = int(np.searchsorted(ends, ends[begin] + LARGEST_STEP, side="right")) - 1
            begin = max(begin + 1, behind)
            if begin >= last:
                break
            yield begin


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


def lacking(frame: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """The comments of other ids."""
    return frame.filter(~pl.col("comment_id").is_in(ids.implode())) if len(ids) else frame


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
    first, size = 0, 0
    for number, more in enumerate(part.sizes):
        if number > first and (number - first == STRIDE or size + more > STRIDE * LARGEST_STEP // 8):
            yield read_batches(part.held, first, number)
            first, size = number, 0
        size += more
    yield read_batches(part.held, first, len(part.keys))
