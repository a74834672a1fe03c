"""From a file or a folder to comments: each file's form is told by its content, not by its name."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import polars as pl

from pipeline.danmu import day_file, generic
from pipeline.danmu.schema import COMMENTS, REJECTED, Comment, Rejected
from pipeline.errors import UserError
from pipeline.runtime import progress

Form = Callable[[str, Iterator[str]], Iterator[Comment | Rejected]]

BEGINNING = 20  # lines that tell a file's form
FORMS = "a day file, or CSV or JSON lines with an id and a text"


def raw_files(path: Path) -> list[Path]:
    """The files to read, sorted by name; hidden ones, notes and lists of checksums are none.

    Raises:
        UserError: nothing is there.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UserError(f"There is no {path}; put raw data there, or change data.raw in params.yaml.")
    files = sorted(file for file in path.rglob("*") if file.is_file() and file.suffix.lower() not in (".md", ".dvc"))
    files = [file for file in files if not any(part.startswith(".") for part in file.relative_to(path).parts)]
    if not files:
        raise UserError(f"{path} is empty; put {FORMS} there, or change data.raw in params.yaml.")
    return files


def read_file(path: Path) -> Iterator[Comment | Rejected]:
    """Every record of a file, as a comment or as rejected.

    Raises:
        UserError: the file's form is not known.
    """
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        beginning = list(islice((line.rstrip("\r\n") for line in file if line.strip()), BEGINNING))
        if not beginning:
            return
        read = form(beginning)
        if read is None:
            raise UserError(f"{path}, line 1: this is not {FORMS} (it begins {beginning[0][:40]!r}).")
        file.seek(0)
        yield from read(path.name, (line.replace("\x00", "") for line in file))


def form(beginning: list[str]) -> Form | None:
    """What reads a file that begins with these lines; None if nothing does.

    A table is known by its first line. Of a day file any line will do, because the first may be damaged.
    """
    if generic.is_table(beginning[0]):
        return generic.read_csv
    if any(day_file.is_day_file(line) for line in beginning):
        return day_file.read_day_file
    return generic.read_json_lines if beginning[0].lstrip().startswith("{") else None


def read_corpus(path: Path) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """All comments and all rejected records below `path`, and the number of input records.

    Returns:
        comments (COMMENTS, sorted by id), rejected (REJECTED, in file order), records. Always
        records = comments + duplicates + rejected, where duplicates are records that a comment
        folded into itself.

    Raises:
        UserError: there is no file, or one of an unknown form, or not a single comment.
    """
    files = raw_files(path)
    comments: list[Comment] = []
    rejected: list[Rejected] = []
    for file in progress(files, "parse", total=len(files)):
        for record in read_file(file):
            if isinstance(record, Comment):
                comments.append(record)
            else:
                rejected.append(record)
    records = len(comments) + len(rejected)
    if not comments:
        why = f"; the first record was rejected because: {rejected[0].reason}" if rejected else ""
        raise UserError(f"{path} holds no comment{why}. Put {FORMS} there, or change data.raw in params.yaml.")
    frame = pl.DataFrame([asdict(record) for record in rejected], schema=REJECTED)
    return fold(comments), frame, records


def fold(comments: list[Comment]) -> pl.DataFrame:
    """One row per comment_id: the first record's fields, and when the snapshots saw it."""
    schema = {name: COMMENTS.get(name, COMMENTS["first_seen"]) for name in Comment.__slots__}
    columns = {name: [getattr(comment, name) for comment in comments] for name in schema}
    seen = pl.DataFrame(columns, schema=schema, strict=False)
    kept = [name for name in schema if name not in ("comment_id", "seen")]
    folded = seen.group_by("comment_id", maintain_order=True).agg(
        *(pl.col(name).first() for name in kept),
        pl.col("seen").min().alias("first_seen"),
        pl.col("seen").max().alias("last_seen"),
        pl.col("seen").drop_nulls().n_unique().clip(1).cast(pl.Int32).alias("snapshots"),
    )
    return folded.select(list(COMMENTS)).sort("comment_id")
