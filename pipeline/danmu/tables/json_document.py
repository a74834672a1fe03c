"""JSON documents: an array of comments, alone or inside objects such as `{"code": 0, "data": {"elems": […]}}`.

A document is decoded comment by comment while it is read: memory does not grow with its length, and of a document that
is cut short every whole comment is read.
"""

import re
from collections.abc import Iterator
from itertools import islice

from pipeline.danmu.readers.encodings import BEGINNING
from pipeline.danmu.readers.form import Form
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Rejected
from pipeline.danmu.tables.columns import columns_of
from pipeline.danmu.tables.json_stream import JsonStream
from pipeline.danmu.tables.json_table import TELLING, recognises_lines
from pipeline.danmu.tables.json_walk import Document

LOOK = 100  # records that tell the form
KEY = re.compile(r'"([A-Za-z_]{1,20})"\s{0,8}:')


def recognises(beginning: bytes) -> bool:
    """Whether it begins as an array or an object, and holds a comment there, or is an answer without any."""
    text = beginning.decode("utf-8", "replace").lstrip("\ufeff\r\n\t ")
    if text[:1] not in ("{", "[") or recognises_lines(beginning):
        return False
    records = list(islice(Document("", JsonStream([text])).records(), LOOK))
    if any(isinstance(record, Comment) or TELLING.search(record.reason) for record in records):
        return True
    if len(beginning) < BEGINNING:
        return not records and ('"code"' in text or "".join(text.split()) == "[]")
    columns = columns_of(list(dict.fromkeys(KEY.findall(text))))  # the first comment may be a long one
    return columns.danmu and not columns.fault


def read(source: Source) -> Iterator[Comment | Rejected]:
    """Comments of a JSON document, or of several in a row."""
    yield from Document(source.name, JsonStream(source.text())).records()


JSON_DOCUMENT = Form("JSON", recognises, read)
