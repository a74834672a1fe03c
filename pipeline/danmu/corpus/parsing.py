"""From files and folders to comments.parquet and rejected.parquet, and a count of everything."""

import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet

from pipeline.artifacts.comments import REJECTED
from pipeline.danmu.corpus.merge import merge
from pipeline.danmu.corpus.shards import ShardResult, Stretch, read_shard, shards, stretches
from pipeline.danmu.record import general
from pipeline.engine import over_shards
from pipeline.errors import UserError
from pipeline.files import replacing
from pipeline.runtime import progress, scratch_folder

NOTES = (".md", ".dvc")  # files that lie beside data and hold none
COMMENTS_NAME, REJECTED_NAME = "comments.parquet", "rejected.parquet"


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

    def total(self, name: str, form: str | None = None) -> int:
        """The sum of records, comments, duplicates or rejected, of one form or of all."""
        return sum(getattr(file, name) for file in self.files if form in (None, file.form))

    @property
    def forms(self) -> list[str]:
        """The forms that occur, sorted."""
        return sorted({file.form for file in self.files})


def raw_files(paths: list[Path]) -> list[tuple[Path, str]]:
    """The files to read and their names in rejected.parquet, sorted; hidden files and notes are passed over.

    Raises:
        UserError: a path does not exist, or a folder holds no file.
    """
    named: list[tuple[Path, str]] = []
    paths = list({path.resolve(): path for path in paths}.values())
    for path in paths:
        if path.is_file():
            named.append((path, path.name if len(paths) == 1 else str(path)))
            continue
        if not path.is_dir():
            raise UserError(f"There is no {path}; put raw data there, or name another file or folder.")
        below = sorted(file for file in path.rglob("*") if file.is_file() and file.suffix.lower() not in NOTES)
        shown = [file for file in below if not any(part.startswith(".") for part in file.relative_to(path).parts)]
        if not shown:
            raise UserError(f"{path} is empty; put raw data there (docs/formats.md lists the forms).")
        named += [(file, str(file.relative_to(path) if len(paths) == 1 else file)) for file in shown]
    return list({path.resolve(): (path, name) for path, name in reversed(named)}.values())[::-1]


def parse_corpus(paths: list[Path], folder: Path, sender_key: bytes | None = None) -> Census:
    """Read everything below `paths` and write comments.parquet (COMMENTS) and rejected.parquet (REJECTED).

    Args:
        paths: files and folders.
        folder: for the two tables, and unless DANMU_SCRATCH names another one for temporary files; it is made.
        sender_key: if given, each sender is replaced by a hash with this key.

    Raises:
        UserError: there is no file, not a single comment, or the folder cannot be written.
    """
    own = {(folder / name).resolve() for name in (COMMENTS_NAME, REJECTED_NAME)}  # of an earlier run
    files = [(path, name) for path, name in raw_files(paths) if path.resolve() not in own]
    cut = list(progress(stretches(files), "look"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=".danmu-parse-", dir=scratch_folder() or folder))
    except OSError as error:
        raise UserError(f"{folder} cannot be written ({error.strerror}); name another folder.") from None
    try:
        tasks = shards(cut, place, sender_key)
        results = list(progress(over_shards(read_shard, tasks), "parse", total=len(tasks)))
        with replacing(folder / REJECTED_NAME) as target:
            rejected, reasons = write_rejected(results, [task.stretches for task in tasks], target)
            parts = [part for result in results for part in result.parts]
            if not parts:
                raise UserError(nothing_found(paths, reasons))
            videos: dict[str, str] = {}
            for result in results:
                videos = {**result.videos, **videos}
            merged = merge(parts, sum(result.keyless for result in results), videos, place, folder / COMMENTS_NAME)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    forms = {stretch.file: stretch.form for stretch in cut}
    records = sum((result.records for result in results), Counter())
    counts = [
        FileCount(name, forms[number], records[number], merged.comments[number], rejected[name], path.stat().st_size)
        for number, (path, name) in enumerate(files)
    ]
    census = Census(counts, dict(sorted(reasons.items())), merged.damaged)
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
            if result.rejected is not None:
                frame = pl.read_parquet(result.rejected)
                offsets = {stretch.name: before[stretch.file] for stretch in stretches}
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
    return f"{places} holds no comment{why}. docs/formats.md lists the forms that are read."
