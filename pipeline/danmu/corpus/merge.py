"""The sorted parts of all shards become one sorted file, a range of ids at a time.

Memory holds a few ranges of about RANGE rows, however many comments the corpus has.
"""

from collections import Counter
from collections.abc import Callable, Iterator
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
from pipeline.danmu.corpus.duplicates import as_comments, once, one_per_id
from pipeline.danmu.corpus.identity import PART, ids_by_content, is_by_somebody, is_keyless
from pipeline.danmu.corpus.parts import STEP, Part, Range, each_batch, lacking, save_part, within
from pipeline.danmu.corpus.shared import by_content, shared_ids

#: rows of all parts together that are merged at once, and bytes of their texts
RANGE, LARGEST_RANGE = 1 << 18, 1 << 25
#: columns whose values repeat, so that a Parquet dictionary makes them smaller
REPEATING = [name for name in COMMENTS if name not in ("comment_id", "onset_s", "sent_at", "sender", "row_id", "text")]
AT_ONCE = 2  # ranges that are merged while one is written


class Merged(NamedTuple):
    """What came of a merge."""

    comments: Counter[int]  # how many comments each file gave first
    duplicates: int  # records
    damaged: int  # comments whose row id went through a float,
    shared: int  # … is that of many comments,
    counter: int  # … only counts the records of a file


class Corpus(NamedTuple):
    """The parts of all shards, without the comments that are left out."""

    parts: list[Part]
    without: pl.Series  # comment_ids, sorted: those of comments that stand under another id in further parts
    duplicates: int = 0  # records that are folded in the further parts

    def within(self, part: Part, ids: Range) -> pl.DataFrame:
        """The comments of a part in a range of ids."""
        low = 0 if ids.low is None else self.without.search_sorted(ids.low)
        high = len(self.without) if ids.high is None else self.without.search_sorted(ids.high)
        return lacking(within(part, ids), self.without[low:high])

    def each_batch(self, part: Part) -> Iterator[pl.DataFrame]:
        """The comments of a part, some record batches at a time."""
        return (lacking(frame, self.without) for frame in each_batch(part))


def merge(
    parts: list[Part], keyless: int, shared: list[pl.Series], videos: dict[str, str], folder: Path, target: Path
) -> Merged:
    """Write comments.parquet from the parts of all shards, in the order of the shards.

    Which ids comments of different parts share is seen only here. It is rare: so all is merged as if none did, and
    once more, without those ids, where some do. Memory holds the ids that are shared.

    Args:
        keyless: how many comments have no row id and may be the same as one that has.
        shared: ids that comments of different content share within a part.
        videos: the video of each pool.
        folder: for temporary files.
        target: comments.parquet.
    """
    known = as_ids(shared)
    while True:
        corpus = Corpus(parts, as_ids([]))
        corpus = renamed(corpus, known, partial(by_content, ids=known), folder, "shared")
        if keyless or len(known):
            twins = find_twins(corpus)
            left_out = pl.Series("comment_id", list(twins), dtype=pl.String)
            corpus = renamed(corpus, left_out, partial(with_twins_ids, twins=twins), folder, "twins")
        merged, found = merge_all(corpus, videos, target)
        if found.is_empty():
            return merged
        known = as_ids([known, found])


def as_ids(series: list[pl.Series]) -> pl.Series:
    """Ids of several series, sorted and each once."""
    return pl.concat([pl.Series("comment_id", dtype=pl.String), *series]).unique().sort()


def merge_all(corpus: Corpus, videos: dict[str, str], target: Path) -> tuple[Merged, pl.Series]:
    """Write comments.parquet; further, the ids that turned out to be shared by comments of different content."""
    work = partial(merge_range, corpus=corpus)
    ranges = ranges_of(corpus.parts)
    comments: Counter[int] = Counter()
    counts = Counter(duplicates=corpus.duplicates)
    found: list[pl.Series] = []
    with ThreadPoolExecutor(AT_ONCE) as pool, ExitStack() as stack:
        writer = None
        waiting = [pool.submit(work, ids) for ids in ranges[:AT_ONCE]]
        for index in range(len(ranges)):
            frame, records, shared = waiting.pop(0).result()
            counts["duplicates"] += records - len(frame)
            found.append(shared)
            if index + AT_ONCE < len(ranges):
                waiting.append(pool.submit(work, ranges[index + AT_ONCE]))
            comments.update(dict(frame["file"].value_counts().iter_rows()))
            by_their_content = frame.filter(pl.col("comment_id").str.starts_with("dx"))
            counts["shared"] += int(by_their_content["shared"].sum())
            counts["counter"] += by_their_content.filter(pl.col("counter") & ~pl.col("shared")).height
            counts["damaged"] += frame.filter("row_id_damaged").height
            frame = as_comments(frame, videos)
            if len(ranges) == 1:
                frame.write_parquet(target, compression="zstd", row_group_size=RANGE)
                break
            table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
            if writer is None:
                made = pa.parquet.ParquetWriter(target, table.schema, compression="zstd", use_dictionary=REPEATING)
                writer = stack.enter_context(made)
            writer.write_table(table)
    merged = Merged(comments, *(counts[name] for name in ("duplicates", "damaged", "shared", "counter")))
    return merged, as_ids(found)


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


def merge_range(ids: Range, corpus: Corpus) -> tuple[pl.DataFrame, int, pl.Series]:
    """PART of the comments in a range, deduplicated over all parts; how many rows there were before; the shared ids."""
    frames = [frame for part in corpus.parts if len(frame := corpus.within(part, ids))]
    if not frames:
        return pl.DataFrame(schema=PART), 0, as_ids([])
    frame = pl.concat(frames)
    single = once(frame)
    return one_per_id(single), len(frame), shared_ids(single)


def find_twins(corpus: Corpus) -> dict[str, str]:
    """For comments without a row id: their id by content → the id of a comment that has one and says the same.

    Takes two passes over the parts. Memory holds the ids of all comments without a row id.
    """
    keyless = [frame.filter(is_keyless())["comment_id"] for part in corpus.parts for frame in corpus.each_batch(part)]
    wanted = as_ids(keyless)
    pairs = []
    for part in corpus.parts:
        for frame in corpus.each_batch(part):
            frame = frame.filter(pl.col("row_id").is_not_null() & is_by_somebody())
            for shared in (False, True):  # as the content of a keyless comment, and as that of one whose id is shared
                ids = ids_by_content(frame.with_columns(shared=pl.lit(shared)))
                pairs.append(frame.select("comment_id", by_content=ids).filter(ids.is_in(wanted.implode())))
    twins = pl.concat(pairs).group_by("by_content").agg(pl.col("comment_id").min())
    return dict(twins.sort("by_content").iter_rows())


def with_twins_ids(frame: pl.DataFrame, twins: dict[str, str]) -> pl.DataFrame:
    """The comments that have a twin, under its id."""
    of_twin = pl.col("comment_id").replace_strict(twins, default=None, return_dtype=pl.String)
    return frame.filter(is_keyless()).with_columns(of_twin).drop_nulls("comment_id")


def renamed(
    corpus: Corpus, left_out: pl.Series, rename: Callable[[pl.DataFrame], pl.DataFrame], folder: Path, name: str
) -> Corpus:
    """The corpus with further parts that hold some of its comments under other ids.

    Args:
        left_out: the ids under which they stand now, sorted.
        rename: gives those of a table under their new ids.
        folder, name: of the further parts.
    """
    if left_out.is_empty():
        return corpus
    more: list[Part] = []
    duplicates = corpus.duplicates
    for number, part in enumerate(corpus.parts):
        frame = pl.concat([rename(frame) for frame in corpus.each_batch(part)])
        if len(frame):
            single = once(frame)
            duplicates += len(frame) - len(single)
            in_memory = isinstance(part.held, pl.DataFrame)
            path = folder / f"{name}-{number:06}.arrow"
            more.append(Part([], single, []) if in_memory else save_part(single, path))
    return Corpus(corpus.parts + more, as_ids([corpus.without, left_out]), duplicates)
