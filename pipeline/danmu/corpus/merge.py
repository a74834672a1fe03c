"""The sorted parts of all shards become one sorted file, a range of ids at a time.

Memory holds a few ranges of about RANGE rows, however many comments the corpus has.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.parquet

from pipeline.artifacts.comments import COMMENTS
from pipeline.danmu.corpus.duplicates import PART, as_comments, deduplicated
from pipeline.danmu.corpus.identity import ids_by_content, is_by_somebody, is_keyless
from pipeline.danmu.corpus.parts import STEP, Part, Range, each_batch, save_part, within

#: rows of all parts together that are merged at once, and bytes of their texts
RANGE, LARGEST_RANGE = 1 << 19, 1 << 25
#: columns whose values repeat, so that a Parquet dictionary makes them smaller
REPEATING = [name for name in COMMENTS if name not in ("comment_id", "onset_s", "sent_at", "sender", "row_id", "text")]
AT_ONCE = 2  # ranges that are merged while one is written


class Merged(NamedTuple):
    """How many comments each file gave first, how many records were duplicates, and how many row ids are damaged."""

    comments: Counter[int]
    duplicates: int
    damaged: int


def merge(parts: list[Part], keyless: int, videos: dict[str, str], folder: Path, target: Path) -> Merged:
    """Write comments.parquet from the parts of all shards, in the order of the shards.

    Args:
        keyless: how many comments have no row id and may be the same as one that has.
        videos: the video of each pool.
        folder: for temporary files.
        target: comments.parquet.
    """
    twins = find_twins(parts) if keyless else {}
    duplicates_before = 0
    if twins:
        more, duplicates_before = renamed(parts, twins, folder)
        parts = parts + more
    work = partial(merge_range, parts=parts, twins=list(twins))
    ranges = ranges_of(parts)
    comments: Counter[int] = Counter()
    damaged, duplicates = 0, duplicates_before
    with ThreadPoolExecutor(AT_ONCE) as pool, ExitStack() as stack:
        writer = None
        waiting = [pool.submit(work, ids) for ids in ranges[:AT_ONCE]]
        for index in range(len(ranges)):
            frame, records = waiting.pop(0).result()
            duplicates += records - len(frame)
            if index + AT_ONCE < len(ranges):
                waiting.append(pool.submit(work, ranges[index + AT_ONCE]))
            comments.update(dict(frame["file"].value_counts().iter_rows()))
            damaged += frame.filter("row_id_damaged").height
            frame = as_comments(frame, videos)
            if len(ranges) == 1:
                frame.write_parquet(target, compression="zstd", row_group_size=RANGE)
                break
            table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
            if writer is None:
                made = pa.parquet.ParquetWriter(target, table.schema, compression="zstd", use_dictionary=REPEATING)
                writer = stack.enter_context(made)
            writer.write_table(table)
    return Merged(comments, duplicates, damaged)


def ranges_of(parts: list[Part]) -> list[Range]:
    """Ranges of ids with about as many comments each; only one if all comments are in memory."""
    keys = sorted(step for part in parts for step in zip(part.keys, part.sizes))
    # a range reads whole steps of each part, of which the first and the last lie partly outside: it should have many
    stride = max(RANGE // STEP, len(parts))
    bounds: list[str] = []
    rows, size = 0, 0
    for key, more in keys:
        if rows == stride or (rows and size + more > LARGEST_RANGE):
            bounds.append(key)
            rows, size = 0, 0
        rows, size = rows + 1, size + more
    bounds = sorted(set(bounds))
    return [Range(low, high) for low, high in pairwise([None, *bounds, None])]


def merge_range(ids: Range, parts: list[Part], twins: list[str]) -> tuple[pl.DataFrame, int]:
    """PART of the comments in a range, deduplicated over all parts, and how many rows there were before.

    Args:
        ids: the range.
        parts: of all shards.
        twins: ids by content that are left out, because a comment with a row id says the same (find_twins).
    """
    frames = [frame for part in parts if len(frame := within(part, ids))]
    if not frames:
        return pl.DataFrame(schema=PART), 0
    frame = pl.concat(frames)
    if twins:
        frame = frame.filter(~pl.col("comment_id").is_in(twins))
    return deduplicated(frame), len(frame)


def find_twins(parts: list[Part]) -> dict[str, str]:
    """For comments without a row id: their id by content → the id of a comment that has one and says the same.

    Takes two passes over the parts. Memory holds the ids of all comments without a row id.
    """
    keyless = [frame.filter(is_keyless())["comment_id"] for part in parts for frame in each_batch(part)]
    wanted = pl.concat(keyless).unique()
    pairs = []
    for part in parts:
        for frame in each_batch(part):
            frame = frame.filter(pl.col("row_id").is_not_null() & is_by_somebody())
            by_content = ids_by_content(frame)
            pairs.append(frame.select("comment_id", by_content=by_content).filter(by_content.is_in(wanted.implode())))
    twins = pl.concat(pairs).group_by("by_content").agg(pl.col("comment_id").min())
    return dict(twins.sort("by_content").iter_rows())


def renamed(parts: list[Part], twins: dict[str, str], folder: Path) -> tuple[list[Part], int]:
    """Further parts: the comments that have a twin, under its id; and how many duplicates they held."""
    more: list[Part] = []
    duplicates = 0
    of_twin = pl.col("comment_id").replace_strict(twins, default=None, return_dtype=pl.String)
    for number, part in enumerate(parts):
        frames = [frame.filter(is_keyless()).with_columns(of_twin) for frame in each_batch(part)]
        frame = pl.concat(frames).drop_nulls("comment_id")
        if len(frame):
            in_memory = isinstance(part.held, pl.DataFrame)
            path = folder / f"twins-{number:06}.arrow"
            once = deduplicated(frame)
            duplicates += len(frame) - len(once)
            more.append(Part([], once, []) if in_memory else save_part(once, path))
    return more, duplicates
