"""Bilibili XML at full speed: the compiled reader's arrays, and element.py for what it left."""

from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from pipeline.danmu.compiled.elements import scan_documents
from pipeline.danmu.compiled.records import COMMENTS, FIELDS, records_for
from pipeline.danmu.readers.arrays import CarefulRecords, empty_hash_table, pieces, table_of
from pipeline.danmu.readers.batch import Batch
from pipeline.danmu.readers.element import BEGIN, last_chat_id, split_elements
from pipeline.danmu.readers.encodings import is_sound
from pipeline.danmu.readers.fields import comments_of
from pipeline.danmu.readers.form import Reader
from pipeline.danmu.readers.source import Source
from pipeline.danmu.row_ids import LOOKED_AT, went_through_floats


def is_document(beginning: bytes) -> bool:
    """Whether it is Bilibili XML, or was: the declaration or the whole beginning may be missing."""
    text = beginning.decode("utf-8", "replace")
    return BEGIN.search(text) is not None or (text.lstrip().startswith("<") and ("<chatid>" in text or "<i>" in text))


def read_documents(sources: list[Source]) -> Iterator[Batch]:
    """The comments of XML files: of several small ones together, or of one, block by block."""
    if len(sources) > 1:
        contents = contents_of(sources)
        damaged = [went_through_floats(content[:LOOKED_AT]) for content in contents]
        yield read_contents(sources, damaged, contents, ReadSoFar())
        return
    damaged = [went_through_floats(sources[0].beginning())]
    so_far = ReadSoFar()
    for block in sources[0].blocks(b"</d>"):
        yield read_contents(sources, damaged, [block], so_far)
        so_far.go_on(block)


def contents_of(sources: list[Source]) -> list[bytes | bytearray]:
    """Files as UTF-8. Whether they are that already is checked for all at once, which is faster."""
    contents: list[bytes | bytearray] = [source.path.read_bytes().removeprefix(BOM_UTF8) for source in sources]
    whole = b"".join(contents)
    if b"\0" in whole or not is_sound(whole):
        contents = [bytearray().join(source.blocks()) for source in sources]
    return contents


class ReadSoFar:
    """What is known of a document in blocks when the next block is read."""

    def __init__(self) -> None:
        self.line = 1
        self.chat_id: str | None = None

    def go_on(self, block: bytearray) -> None:
        """Note the lines of a block, and the pool that it names last."""
        self.line += block.count(b"\n")
        self.chat_id = last_chat_id(block.decode()) or self.chat_id


def read_contents(
    sources: list[Source], damaged: list[bool], contents: Sequence[bytes | bytearray], so_far: ReadSoFar
) -> Batch:
    """The comments of documents, or of a part of one.

    Args:
        sources: the files.
        damaged: of each file, whether its row ids went through a float.
        contents: of each file, its text or the next block of it, as UTF-8.
        so_far: what the blocks before said.
    """
    ends = np.cumsum([len(content) for content in contents], dtype=np.int64)
    begins = ends - [len(content) for content in contents]
    whole = bytearray().join(contents)
    records = records_for(len(whole))
    spans = np.empty(2 * FIELDS + 1, np.int64)
    buffer = np.frombuffer(whole, np.uint8)
    counts = scan_documents(buffer, begins, ends, np.array(damaged), spans, empty_hash_table(), records)
    # a document may be several that were joined: its pool is the one that was named last
    pools: list[tuple[int, str | None]] = [(order, so_far.chat_id) for order in np.cumsum([0, *counts[:-1]]).tolist()]
    careful = CarefulRecords(damaged)
    at, line, file, chat = 0, 1, -1, so_far.chat_id
    for _, begin, end, row, order in pieces(records):
        if row != file:
            at, line, file, chat = int(begins[row]), so_far.line, row, so_far.chat_id
        counts[row] -= 1
        text = whole[begin:end].decode()
        read_again = list(comments_of(split_elements(text), None, chat, None))
        if read_again:
            line += whole.count(b"\n", at, begin)
            at = begin
        for record in read_again:
            careful.add(record, row, order, sources[row].name, line)
        chat = last_chat_id(text) or chat
        pools.append((order, chat))
    pools.sort(key=lambda pool: pool[0])
    comments = records.comments[: records.count[COMMENTS]]
    pool = np.searchsorted([order for order, _ in pools], comments["order"], side="right") - 1
    chats = pl.Series([chat for _, chat in pools], dtype=pl.String).gather(pool)
    numbers = [int(count) + more for count, more in zip(counts, careful.records)]
    return Batch(careful.with_comments(table_of(records, {"chat_id": chats})), careful.rejected, numbers)


XML = Reader("Bilibili XML", is_document, read_documents, together=True)
