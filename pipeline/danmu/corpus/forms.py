"""All forms that raw files come in, and which of them a file has: its content tells, never its name."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import polars as pl

from pipeline.danmu.readers import day_file, element
from pipeline.danmu.readers.batch import Batch, batches
from pipeline.danmu.readers.form import Form
from pipeline.danmu.readers.scan import read_day_file, read_documents
from pipeline.danmu.readers.segment import SEGMENT
from pipeline.danmu.readers.source import Source, decoded
from pipeline.danmu.record import EXCERPT, Comment, Rejected
from pipeline.danmu.row_ids import FLOAT_EXACT, ids_went_through_floats
from pipeline.danmu.tables.acfun import ACFUN
from pipeline.danmu.tables.csv_table import CSV
from pipeline.danmu.tables.json_document import JSON_DOCUMENT
from pipeline.danmu.tables.json_table import JSON_LINES
from pipeline.danmu.tables.parquet_table import PARQUET

PAGES = ("<!doctype html", "<html", "<head")


class Reader(NamedTuple):
    """How the files of one form are read."""

    name: str
    recognises: Callable[[bytes], bool]
    read: Callable[[list[Source]], Iterator[Batch]]
    together: bool = False  # several small files in one call
    begins_record: Callable[[bytes], bool] | None = None  # of a line; where given, a range of lines can be read
    describe: Callable[[Source], str | None] = lambda _: None


def of_form(form: Form) -> Reader:
    """The reader of a form that is read record by record."""

    def read(sources: list[Source]) -> Iterator[Batch]:
        damaged = None
        for batch in batches(form.read(sources[0])):
            damaged = ids_went_through_floats(batch.comments["row_id"]) if damaged is None else damaged
            yield batch._replace(comments=without_row_ids(batch.comments)) if damaged else batch

    return Reader(form.name, form.recognises, read, describe=form.describe)


def without_row_ids(comments: pl.DataFrame) -> pl.DataFrame:
    """The comments without the row ids that lose digits in a float."""
    lost = (pl.col("row_id") >= FLOAT_EXACT).fill_null(False)
    return comments.with_columns(row_id=pl.when(~lost).then("row_id"), row_id_damaged=pl.col("row_id_damaged") | lost)


def is_page(beginning: bytes) -> bool:
    """Whether it is a web page, such as a service sends in place of data."""
    return beginning[:200].decode("utf-8", "replace").lstrip().lower().startswith(PAGES)


def is_document(beginning: bytes) -> bool:
    """Whether it is Bilibili XML, or was: some lack their declaration or their beginning."""
    text = beginning.decode("utf-8", "replace")
    return element.BEGIN.search(text) is not None or (
        text.lstrip().startswith("<") and ("<chatid>" in text or "<i>" in text)
    )


def as_rejected(reason: str) -> Callable[[Source], Iterator[Comment | Rejected]]:
    """A reader for which the whole file is one record that is none."""

    def read(source: Source) -> Iterator[Comment | Rejected]:
        begin = source.beginning().decode().strip()
        yield Rejected(source.name, 1, reason, begin[:EXCERPT])

    return read


def nothing(source: Source) -> Iterator[Comment | Rejected]:
    """No record; a packed file of which nothing can be read has a fault."""
    for _ in source.blocks():
        pass
    return iter(())


EMPTY = of_form(Form("empty", lambda beginning: not beginning.strip(), nothing))
PAGE = of_form(Form("web page", is_page, as_rejected("a web page saved as data")))
XML = Reader("Bilibili XML", is_document, read_documents, together=True)
DAY_FILE = Reader(
    "day file",
    day_file.recognises,
    lambda sources: read_day_file(sources[0]),
    begins_record=day_file.begins_row,
)
UNKNOWN = of_form(Form("unknown", lambda _: True, as_rejected("a file of no known form")))

#: in the order in which they are tried; the first two look at the bytes as they are, the others at text
BINARY = (of_form(PARQUET), of_form(SEGMENT))
READERS = (
    EMPTY,
    PAGE,
    DAY_FILE,
    *(of_form(form) for form in (JSON_DOCUMENT, JSON_LINES, CSV, ACFUN)),
    XML,
    UNKNOWN,
)
BY_NAME = {reader.name: reader for reader in (*BINARY, *READERS)}


def reader_of(source: Source) -> Reader:
    """What reads a file that begins so."""
    first = source.first()
    for reader in BINARY:
        if reader.recognises(first):
            return reader
    text = decoded(first)
    return next(reader for reader in READERS if reader.recognises(text))
