"""A corpus in shards. One function turns a shard into parts; on which machine it runs makes no difference."""

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import polars as pl

from pipeline.danmu.corpus.duplicates import once, videos_of
from pipeline.danmu.corpus.forms import BY_NAME, UNREADABLE, reader_of
from pipeline.danmu.corpus.identity import is_keyless, with_hashed_senders, with_ids
from pipeline.danmu.corpus.origins import origins
from pipeline.danmu.corpus.parts import Part, lacking, save_part, text_bytes
from pipeline.danmu.corpus.raw_files import RawFile, is_packed, size_of, unreadable
from pipeline.danmu.corpus.rejected import save_rejected
from pipeline.danmu.corpus.shared import by_content, shared_ids
from pipeline.danmu.readers.batch import Batch, table
from pipeline.danmu.readers.source import Source, ranges
from pipeline.danmu.record import Rejected

SHARD = 1 << 26  # bytes of raw files that are read in one go
#: a small corpus is cut too, so that all cores work: into LEAST shards, but none of fewer than SMALLEST bytes
SMALLEST, LEAST = 1 << 22, 4
TOGETHER = 1 << 25  # bytes of small files that are held at once
MOST, LARGEST_PART = 1 << 18, 1 << 26  # comments of one part, and bytes of their texts; more become a further part
MOST_HELD = 1 << 20  # comments that are held in memory till the end
MOST_REJECTED = 1 << 16  # rejected records that are held
FEW = 4  # shards; the comments of so many are held in memory, if they are no more than one part of each
PLACES = 40  # bits of `order` for the records of one shard


class Stretch(NamedTuple):
    """A file, or a range of its lines."""

    file: int  # its number in the corpus
    path: Path
    name: str
    form: str
    begin: int
    end: int | None
    size: int
    fault: str | None = None  # why it cannot be read


class Shard(NamedTuple):
    """What one call of `read_shard` reads, and where it writes."""

    number: int
    stretches: list[Stretch]
    folder: Path
    sender_key: bytes | None
    in_memory: bool  # of a small corpus: its comments need not go through files


@dataclass
class ShardResult:
    """What became of a shard."""

    parts: list[Part] = field(default_factory=list)
    rejected: list[Path] = field(default_factory=list)
    records: Counter[int] = field(default_factory=Counter)  # of each file
    lines: Counter[int] = field(default_factory=Counter)
    videos: dict[str, str] = field(default_factory=dict)  # of each pool
    duplicates: int = 0  # records that were dropped as such
    blanked: Counter[str] = field(default_factory=Counter)  # records by what could not be read of them
    keyless: int = 0  # comments without a row id that may be the same as one that has
    shared: list[pl.Series] = field(default_factory=list)  # ids that comments of different content share


def share_of(total: int) -> int:
    """About how many bytes each shard has: all about as many, so that no worker waits long for another."""
    number = max(-(-total // SHARD), min(LEAST, total // SMALLEST), 1)
    return -(-total // number)


def stretches(files: list[RawFile], text_lines: bool = False) -> Iterator[Stretch]:
    """The files of a corpus, large ones cut into ranges where their form allows it."""
    share = share_of(sum(map(size_of, files)))
    for number, one in enumerate(files):
        size, form, fault = size_of(one), UNREADABLE.name, one.fault
        cuts: list[tuple[int, int | None]] = [(0, None)]
        if fault is None:
            reader = reader_of(Source(one.path, one.name), text_lines)
            form = reader.name
            if reader.begins_record:
                with suppress(OSError):  # it is said when the file is read
                    cuts = ranges(one.path, share, reader.begins_record)
        for begin, end in cuts:
            length = (size if end is None else end) - begin
            yield Stretch(number, one.path, one.name, form, begin, end, length, fault)


def shards(read: list[Stretch], folder: Path, sender_key: bytes | None) -> list[Shard]:
    """The shards: neighbouring stretches together, until each has its share of bytes."""
    share = share_of(sum(stretch.size for stretch in read))
    groups: list[list[Stretch]] = []
    held = 0
    for stretch in read:
        if not groups or held >= share:
            groups.append([])
            held = 0
        groups[-1].append(stretch)
        held += stretch.size
    in_memory = len(groups) <= FEW
    return [Shard(number, group, folder, sender_key, in_memory) for number, group in enumerate(groups)]


def read_shard(shard: Shard) -> ShardResult:
    """Read a shard into parts. Those on disk are deduplicated and sorted by id."""
    result = ShardResult()
    rejected: list[Rejected] = []
    held: list[pl.DataFrame] = []
    size, order = 0, shard.number << PLACES
    for batch, files in batches(shard):
        if held and sum(map(len, held)) + len(batch.comments) > MOST:
            write_part(held, shard, result)
            size = 0
        held.append(placed(batch.comments, files, order))
        size += int(text_bytes(batch.comments).sum())
        order += max(sum(batch.records), 1 + int(batch.comments["order"].max() or 0))  # type: ignore[arg-type]
        result.records.update(dict(zip(files, batch.records)))
        result.lines[files[0]] += batch.lines
        result.duplicates += sum(batch.records) - len(batch.comments) - len(batch.rejected)
        result.blanked.update(batch.blanked)
        rejected += batch.rejected
        if size >= LARGEST_PART:
            write_part(held, shard, result)
            size = 0
        if len(rejected) >= MOST_REJECTED:
            write_rejected_part(rejected, shard, result)
    write_part(held, shard, result)
    write_rejected_part(rejected, shard, result)
    return result


def batches(shard: Shard) -> Iterator[tuple[Batch, list[int]]]:
    """What the readers give of a shard, and the numbers of the files that each batch is of.

    A file that cannot be read, or no more, is one rejected record.
    """
    groups = deque(together(shard.stretches))
    while groups:
        group = groups.popleft()
        files = [stretch.file for stretch in group]
        sources = [Source(stretch.path, stretch.name, stretch.begin, stretch.end) for stretch in group]
        given = False
        if (fault := group[0].fault) is not None:
            yield Batch(table([]), [Rejected(group[0].name, 1, fault, "")], [1]), files
            continue
        try:
            for batch in BY_NAME[group[0].form].read(sources):
                given = True
                yield batch, files
        except OSError as error:
            if len(group) > 1 and not given:  # one of them; it is seen which when each is read by itself
                groups.extendleft([stretch] for stretch in reversed(group))
                continue
            sources[0].faults.append(unreadable(error))
        for file, source in zip(files, sources):
            rejected = [*source.overlong, *(Rejected(source.name, 1, fault, "") for fault in source.faults)]
            if rejected:
                yield Batch(table([]), rejected, [len(rejected)]), [file]


def write_rejected_part(rejected: list[Rejected], shard: Shard, result: ShardResult) -> None:
    """Write the rejected records that are held, and empty the list."""
    if not rejected:
        return
    path = shard.folder / f"rejected-{shard.number:06}-{len(result.rejected):06}.parquet"
    save_rejected(rejected, path, hashed=shard.sender_key is not None)
    result.rejected.append(path)
    rejected.clear()


def together(read: list[Stretch]) -> Iterator[list[Stretch]]:
    """The stretches in groups that one call of a reader takes: several small files of one form, or a single stretch."""
    group: list[Stretch] = []
    for stretch in read:
        alone = not BY_NAME[stretch.form].together or stretch.size > TOGETHER or is_packed(stretch.path)
        full = group and (group[0].form != stretch.form or sum(s.size for s in group) + stretch.size > TOGETHER)
        if group and (alone or full):
            yield group
            group = []
        if alone:
            yield [stretch]
        else:
            group.append(stretch)
    if group:
        yield group


def placed(comments: pl.DataFrame, files: list[int], order: int) -> pl.DataFrame:
    """A batch with the numbers of its files in the corpus, and its orders from `order` on."""
    numbers = pl.Series(files, dtype=pl.Int32)
    return comments.with_columns(numbers.gather(comments["file"]).alias("file"), pl.col("order") + order)


def write_part(held: list[pl.DataFrame], shard: Shard, result: ShardResult) -> None:
    """Make a part of the shard from the batches held, and empty the list."""
    if not any(map(len, held)):
        held.clear()
        return
    frame = pl.concat(held)
    held.clear()
    if shard.sender_key is not None:
        frame = with_hashed_senders(frame, shard.sender_key)
    frame = with_ids(frame, origins({stretch.file: (stretch.path, stretch.name) for stretch in shard.stretches}))
    result.videos = {**videos_of(frame), **result.videos}
    result.keyless += frame.filter(is_keyless()).height
    result.parts.append(Part([], frame, []))
    if not shard.in_memory or len(result.parts) > 1 or int(text_bytes(frame).sum()) >= LARGEST_PART:
        spill(result, shard)


def spill(result: ShardResult, shard: Shard) -> None:
    """Write the parts that are held in memory, deduplicated."""
    for number, part in enumerate(result.parts):
        if isinstance(part.held, pl.DataFrame):
            frame = once(part.held)
            shared = shared_ids(frame)
            if len(shared):
                frame = once(pl.concat([lacking(frame, shared), by_content(frame, shared)]))
                result.shared.append(shared)
            result.duplicates += len(part.held) - len(frame)
            result.parts[number] = save_part(frame, shard.folder / f"part-{shard.number:06}-{number:05}.arrow")


def spill_if_many(results: list[ShardResult], tasks: list[Shard]) -> None:
    """Write the parts of all shards where they are too much together to be merged in memory."""
    held = [part.held for result in results for part in result.parts if isinstance(part.held, pl.DataFrame)]
    if sum(map(len, held)) > MOST_HELD or sum(int(text_bytes(frame).sum()) for frame in held) > LARGEST_PART:
        for result, task in zip(results, tasks):
            spill(result, task)
