"""What readers hand on: some thousands of comments as a table, the records they rejected, and how many there were."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from itertools import islice
from typing import Any, NamedTuple

import polars as pl

from pipeline.artifacts.comments import COMMENTS
from pipeline.danmu.record import Comment, Rejected

ROWS = 1 << 16  # records of one batch of a reader in plain Python

#: a comment before it is folded: `file` is its place among the files that are read together, `order` that
#: among their records, `hours` those of the snapshots that hold it, counted from 1970; comment_id only
#: where the corpus gives one
BATCH: dict[str, Any] = {
    "file": pl.Int32(),
    "order": pl.Int64(),
    "hours": pl.List(pl.Int32()),
    **{name: kind for name, kind in COMMENTS.items() if name not in ("first_seen", "last_seen", "snapshots")},
}
HOUR = 3600


class Batch(NamedTuple):
    """A part of a file."""

    comments: pl.DataFrame  # BATCH
    rejected: list[Rejected]
    records: list[int]  # of each file; comments holds one row per row id at least
    lines: int = 0  # of a file that may be read in ranges: how many lines this part has


def batches(records: Iterable[Comment | Rejected]) -> Iterator[Batch]:
    """Tables of what a reader in plain Python gives of one file, record by record."""
    stream = iter(records)
    while found := list(islice(stream, ROWS)):
        comments = [(0, order, record) for order, record in enumerate(found) if isinstance(record, Comment)]
        rejected = [record for record in found if isinstance(record, Rejected)]
        yield Batch(table(comments), rejected, [len(found)])


def table(placed: list[tuple[int, int, Comment]]) -> pl.DataFrame:
    """BATCH of comments with their files and orders."""
    comments = [comment for _, _, comment in placed]
    columns: dict[str, list[Any]] = {
        field.name: [getattr(comment, field.name) for comment in comments]
        for field in fields(Comment)
        if field.name != "seen"
    }
    columns["file"] = [file for file, _, _ in placed]
    columns["order"] = [order for _, order, _ in placed]
    columns["hours"] = [[] if comment.seen is None else [int(comment.seen.timestamp()) // HOUR] for comment in comments]
    return pl.DataFrame({name: columns[name] for name in BATCH}, schema=BATCH)
