"""What a form of raw file has to offer: a name, a look at a file's beginning, and a way to read it."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import polars as pl

from pipeline.danmu.readers.batch import Batch, batches
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Rejected
from pipeline.danmu.row_ids import FLOAT_EXACT, ids_went_through_floats


class Form(NamedTuple):
    """A form that is read record by record."""

    name: str  # as the table of files prints it
    recognises: Callable[[bytes], bool]  # from a file's first 64 KiB, decompressed: UTF-8 without a byte-order mark
    read: Callable[[Source], Iterator[Comment | Rejected]]  # every record of the file, in its order
    describe: Callable[[Source], str | None] = lambda _: None  # what was made of its columns
    binary: bool = False  # it is recognised by the first 64 KiB as they are, not as UTF-8
    unused: Callable[[Source], list[str]] = lambda _: []  # the names of the columns that are not read


class Reader(NamedTuple):
    """A form that is read table by table; `of_form` makes one of a Form."""

    name: str
    recognises: Callable[[bytes], bool]
    read: Callable[[list[Source]], Iterator[Batch]]
    together: bool = False  # several small files may be read in one call
    begins_record: Callable[[bytes], bool] | None = None  # whether a line does; if given, files are cut into ranges
    describe: Callable[[Source], str | None] = lambda _: None
    binary: bool = False
    unused: Callable[[Source], list[str]] = lambda _: []


def of_form(form: Form) -> Reader:
    """The reader of a form that is read record by record.

    Whether its row ids went through a float is judged by the first batch.
    """

    def read(sources: list[Source]) -> Iterator[Batch]:
        damaged = None
        for batch in batches(form.read(sources[0])):
            damaged = ids_went_through_floats(batch.comments["row_id"]) if damaged is None else damaged
            yield batch._replace(comments=without_row_ids(batch.comments)) if damaged else batch

    return Reader(form.name, form.recognises, read, describe=form.describe, binary=form.binary, unused=form.unused)


def without_row_ids(comments: pl.DataFrame) -> pl.DataFrame:
    """The comments without the row ids that are too large for a float to hold exactly."""
    lost = (pl.col("row_id") >= FLOAT_EXACT).fill_null(False)
    return comments.with_columns(row_id=pl.when(~lost).then("row_id"), row_id_damaged=pl.col("row_id_damaged") | lost)
