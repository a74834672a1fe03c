"""From files and folders to comments.parquet and rejected.parquet, and a count of everything."""

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet

from pipeline.artifacts.comments import REJECTED
from pipeline.danmu.corpus.merge import merge
from pipeline.danmu.corpus.output import COMMENTS_NAME, REJECTED_NAME, output
from pipeline.danmu.corpus.raw_files import raw_files
from pipeline.danmu.corpus.shards import ShardResult, Stretch, read_shard, shards, spill_if_many, stretches
from pipeline.danmu.record import general
from pipeline.engine import over_shards
from pipeline.errors import UserError
from pipeline.runtime import progress


@dataclass(frozen=True)
class FileCount:
    """What one file holds."""

    name: str
    form: str
    records: int
    comments: int  # those that no file before it holds
    rejected: int
    size: int = 0  # bytes

    @property
    def duplicates(self) -> int:
        """Records of comments that are counted already, for this file or one before it."""
        return self.records - self.comments - self.rejected


@dataclass(frozen=True)
class Census:
    """What a corpus holds. Always records = comments + duplicates + rejected, of each file and of all together."""

    files: list[FileCount]
    reasons: dict[str, int]
    damaged_ids: int  # comments whose row id lost digits in a float
    blanked: dict[str, int]  # what could not be read of a record whose text was kept → records
    shared_ids: int = 0  # comments whose id is that of comments of other content, too
    counter_ids: int = 0  # comments whose row id only counts the records of a file

    def total(self, name: str, form: str | None = None) -> int:
        """The sum of records, comments, duplicates or rejected, of one form or of all."""
        return sum(getattr(file, name) for file in self.files if form in (None, file.form))

    @property
    def forms(self) -> list[str]:
        """The forms that occur, sorted."""
        return sorted({file.form for file in self.files})


def parse_corpus(paths: list[Path], folder: Path, sender_key: bytes | None = None, text_lines: bool = False) -> Census:
    """Read everything below `paths` and write comments.parquet (COMMENTS) and rejected.parquet (REJECTED).

    Args:
        paths: files and folders.
        folder: for the two tables, and unless DANMU_SCRATCH names another one for temporary files; it is made.
        sender_key: if given, each sender is replaced by a hash with this key.
        text_lines: files that are called .txt, and texts of no known form, hold one text per line.

    Raises:
        UserError: there is no file, not a single comment, or the folder cannot be written.
    """
    own = {os.path.realpath(folder / name) for name in (COMMENTS_NAME, REJECTED_NAME)}  # of an earlier run
    files = [one for one in raw_files(paths) if os.path.realpath(one.path) not in own]
    cut = list(progress(stretches(files, text_lines), "look"))
    with output(folder) as out:
        tasks = shards(cut, out.scratch, sender_key)
        results = list(progress(over_shards(read_shard, tasks), "parse", total=len(tasks)))
        rejected, reasons = write_rejected(results, [task.stretches for task in tasks], out.rejected)
        spill_if_many(results, tasks)
        parts = [part for result in results for part in result.parts]
        if not parts:
            raise UserError(nothing_found(paths, reasons))
        videos: dict[str, str] = {}
        for result in results:
            videos = {**result.videos, **videos}
        keyless, shared = sum(result.keyless for result in results), [ids for one in results for ids in one.shared]
        merged = merge(parts, keyless, shared, videos, out.scratch, out.comments)
    forms = {stretch.file: stretch.form for stretch in cut}
    sizes = Counter[int]()
    for stretch in cut:
        sizes[stretch.file] += stretch.size
    records = sum((result.records for result in results), Counter())
    counts = [
        FileCount(one.name, forms[number], records[number], merged.comments[number], rejected[one.name], sizes[number])
        for number, one in enumerate(files)
    ]
    blanked = sum((result.blanked for result in results), Counter())
    noted = dict(sorted(reasons.items())), merged.damaged, dict(sorted(blanked.items()))
    census = Census(counts, *noted, shared_ids=merged.shared, counter_ids=merged.counter)
    duplicates = merged.duplicates + sum(result.duplicates for result in results)
    assert census.total("duplicates") == duplicates, "records = comments + duplicates + rejected"
    assert all(count.duplicates >= 0 for count in counts), "and of each file"
    return census


def write_rejected(
    results: list[ShardResult], read: list[list[Stretch]], target: Path
) -> tuple[Counter[str], Counter[str]]:
    """Write all rejected records in the order of the files, and count them by file and by reason.

    A shard counts lines from where its range of a file begins; the number of lines before that is added here.
    """
    by_file: Counter[str] = Counter()
    by_reason: Counter[str] = Counter()
    before: Counter[int] = Counter()
    with pa.parquet.ParquetWriter(target, pl.DataFrame(schema=REJECTED).to_arrow().schema, compression="zstd") as out:
        for result, stretches in zip(results, read):
            offsets = {stretch.name: before[stretch.file] for stretch in stretches}
            for path in result.rejected:
                frame = pl.read_parquet(path)
                offset = pl.col("file").replace_strict(offsets, default=0, return_dtype=pl.Int64)
                frame = frame.with_columns(line=pl.col("line") + offset)
                out.write_table(frame.to_arrow())
                by_file.update(frame["file"].to_list())
                by_reason.update(map(general, frame["reason"].to_list()))
            before.update(result.lines)
    return by_file, by_reason


def nothing_found(paths: list[Path], reasons: Counter[str]) -> str:
    """The sentence for a corpus without a comment."""
    places = " and ".join(map(str, paths))
    why = f"; its records were rejected, most because: {reasons.most_common(1)[0][0]}" if reasons else ""
    return f"{places} holds no comment{why}. (docs/formats.md lists the forms that are read.)"
