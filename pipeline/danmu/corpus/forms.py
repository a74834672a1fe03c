"""Every form that raw files come in, and which of them a file has: its content tells, never its name."""

from collections.abc import Callable, Iterator
from functools import cache, partial

from pipeline.danmu.corpus import lookalikes
from pipeline.danmu.readers.day_file_blocks import DAY_FILE
from pipeline.danmu.readers.documents import XML
from pipeline.danmu.readers.encodings import decoded
from pipeline.danmu.readers.form import Form, Reader, of_form
from pipeline.danmu.readers.segment import SEGMENT
from pipeline.danmu.readers.source import Source
from pipeline.danmu.readers.text_lines import TEXT_LINES, is_text_name
from pipeline.danmu.record import EXCERPT, Comment, Rejected
from pipeline.danmu.sites.elements import SITE_XML
from pipeline.danmu.tables.acfun import ACFUN
from pipeline.danmu.tables.csv_table import CSV
from pipeline.danmu.tables.json_document import JSON_DOCUMENT
from pipeline.danmu.tables.json_table import JSON_LINES
from pipeline.danmu.tables.parquet_table import PARQUET
from pipeline.danmu.tables.xlsx_table import XLSX

PAGES = ("<!doctype html", "<html", "<head")


def is_page(beginning: bytes) -> bool:
    """Whether it is a web page, such as a service sends in place of data."""
    return beginning[:200].decode("utf-8", "replace").lstrip().lower().startswith(PAGES)


def as_rejected(reason: str) -> Callable[[Source], Iterator[Comment | Rejected]]:
    """A reader that rejects the whole file as one record."""

    def read(source: Source) -> Iterator[Comment | Rejected]:
        begin = source.beginning().decode().strip()
        yield Rejected(source.name, 1, reason, begin[:EXCERPT])

    return read


def nothing(source: Source) -> Iterator[Comment | Rejected]:
    """No record. The file is read to its end all the same: a damaged compressed one then has its fault on record."""
    for _ in source.blocks():
        pass
    return iter(())


EMPTY = of_form(Form("empty", lambda beginning: not beginning.strip(), nothing))
PAGE = of_form(Form("web page", is_page, as_rejected("a web page saved as data")))


def unreadable_file(source: Source) -> Iterator[Comment | Rejected]:
    """What could not be read when its form was looked for: the error again, as a rule.

    Raises:
        OSError: the file still cannot be read.
    """
    yield Rejected(source.name, 1, "could not be read at first", source.beginning().decode()[:EXCERPT])


UNREADABLE = of_form(Form("unreadable", lambda _: False, unreadable_file))


def unknown_file(source: Source) -> Iterator[Comment | Rejected]:
    """One rejected record, which says what the file looks like and what to do."""
    first = source.first()
    text = decoded(first).decode()
    yield Rejected(source.name, 1, lookalikes.reason(first, text), text.strip()[:EXCERPT])


UNKNOWN = of_form(Form("unknown", lambda _: True, unknown_file))
#: archives, databases and pictures are told first: they may hold the bytes of any form
NO_TEXT = of_form(Form(UNKNOWN.name, lookalikes.is_no_text, unknown_file, binary=True))

#: All forms, in the order in which they are tried: the first that recognises a file reads it. To add a form, write a
#: module like tables/acfun.py, whose last line is its Form (or its Reader, if it gives whole tables), and name it here,
#: before every form that would recognise its files too. No other code has to know of it.
READERS = (
    of_form(PARQUET),
    of_form(XLSX),
    of_form(SEGMENT),
    NO_TEXT,
    EMPTY,
    PAGE,
    DAY_FILE,
    of_form(JSON_DOCUMENT),
    of_form(JSON_LINES),
    of_form(CSV),
    of_form(ACFUN),
    of_form(SITE_XML),
    XML,
    UNREADABLE,
    UNKNOWN,
)
TEXT = of_form(TEXT_LINES)
BY_NAME = {reader.name: reader for reader in (*READERS, TEXT)}


def reader_of(source: Source, text_lines: bool = False) -> Reader:
    """What reads a file that begins so.

    Args:
        source: the file.
        text_lines: where it is text that no other form recognises, or is called .txt, it holds one text per line.
    """
    try:
        first = source.first()
    except OSError:
        return UNREADABLE
    text = cache(partial(decoded, first))  # made once, and only if no binary form comes first
    reader = next(reader for reader in READERS if reader.recognises(first if reader.binary else text()))
    if text_lines and reader not in (NO_TEXT, EMPTY):
        is_named = is_text_name(source.name)
        return TEXT if is_named or reader is UNKNOWN else reader
    return reader
