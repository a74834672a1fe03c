"""What readers give: some thousands of comments as a table, the rejected records, and how many records there were."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple

import polars as pl

from pipeline.artifacts.comments import COMMENTS
from pipeline.danmu.record import Comment, Rejected

ROWS, CHARACTERS = 1 << 16, 1 << 24  # records and characters of one batch of a reader in plain Python

#: comments in which duplicates may be left. `file` is the number of its file among those that are read together,
#: `order` its number among their records, `hours` the hours, counted from 1970, in which snapshots hold it.
#: comment_id is null unless the corpus gives one
BATCH: dict[str, Any] = {
    "file": pl.Int32(),
    "order": pl.Int64(),
    "hours": pl.List(pl.Int32()),
    **{name: kind for name, kind in COMMENTS.items() if name not in ("first_seen", "last_seen", "snapshots")},
}
HOUR = 3600


class Batch(NamedTuple):
    """A part of a file."""

    comments: pl.DataFrame  # BATCH; one row per record, or fewer where records share a row id
    rejected: list[Rejected]
    records: list[int]  # how many each file has, rejected ones among them
    lines: int = 0  # how many lines this part has; only of a file that may be read in ranges
    blanked: Mapping[str, int] = MappingProxyType({})  # which values could not be read → of how many records


def batches(records: Iterable[Comment | Rejected]) -> Iterator[Batch]:
    """What a reader in plain Python gives of one file, record by record, as batches."""
    stream = iter(records)
    while part := list(some(stream)):
        comments = [(0, order, record) for order, record in enumerate(part) if isinstance(record, Comment)]
        rejected = [record for record in part if isinstance(record, Rejected)]
        yield Batch(table(comments), rejected, [len(part)], blanked=blanked(record for _, _, record in comments))


def blanked(comments: Iterable[Comment]) -> Counter[str]:
    """Which values could not be read, and of how many comments."""
    return Counter(name for comment in comments for name in comment.blanked)


def some(records: Iterator[Comment | Rejected]) -> Iterator[Comment | Rejected]:
    """The next ROWS records, or fewer where their texts are long."""
    size = 0
    for record in islice(records, ROWS):
        yield record
        if isinstance(record, Comment) and (size := size + len(record.text)) > CHARACTERS:
            return


def table(placed: list[tuple[int, int, Comment]]) -> pl.DataFrame:
    """BATCH of comments, each with its file and its order before it."""
    comments = [comment for _, _, comment in placed]
    columns: dict[str, list[Any]] = {
        field.name: [getattr(comment, field.name) for comment in comments]
        for field in fields(Comment)
        if field.name in BATCH
    }
    columns["file"] = [file for file, _, _ in placed]
    columns["order"] = [order for _, order, _ in placed]
    columns["hours"] = [[] if comment.seen is None else [int(comment.seen.timestamp()) // HOUR] for comment in comments]
    return pl.DataFrame({name: columns[name] for name in BATCH}, schema=BATCH)
