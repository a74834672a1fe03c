"""Day files and Bilibili XML at full speed: the compiled readers' arrays become tables, and what they left is read."""

from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from pipeline.artifacts.comments import COMMENTS as COMMENTS_COLUMNS
from pipeline.danmu.compiled.day_file import CHAT, CHAT_END, HOUR, LINE, ROW_COLUMNS, VIDEO, VIDEO_END, scan_rows
from pipeline.danmu.compiled.elements import scan_documents
from pipeline.danmu.compiled.lists import LINE_FEED, list_table
from pipeline.danmu.compiled.records import (
    BETWEEN,
    COMMENTS,
    ELEMENT,
    FIELDS,
    HEAD,
    LIST,
    NO_WEIGHT,
    PIECES,
    RECORDS,
    ROWS,
    TUPLE,
    WEIGHTED_HEAD,
    Records,
    records_for,
)
from pipeline.danmu.compiled.sightings import hours_seen
from pipeline.danmu.readers import day_file, element, heads
from pipeline.danmu.readers.batch import BATCH, Batch, table
from pipeline.danmu.readers.fields import comments_of
from pipeline.danmu.readers.json_text import storable
from pipeline.danmu.readers.source import Source, is_sound
from pipeline.danmu.record import EXCERPT, Comment, Flaw, Rejected
from pipeline.danmu.row_ids import FLOAT_EXACT, LOOKED_AT, went_through_floats

#: how a piece of a row is split that is left to the careful reader
SPLIT: dict[int, Callable[[str], Iterator[list[str] | Flaw]]] = {
    LIST: day_file.split_list,
    TUPLE: lambda text: day_file.split_tuples(f"[{text}]"),
    HEAD: heads.split_heads,
    WEIGHTED_HEAD: partial(heads.split_heads, weighted=True),
    ELEMENT: element.split_elements,
    BETWEEN: element.split_elements,
}
#: what stands in the arrays where there is nothing
ABSENT = {"row_id": 0, "weight": NO_WEIGHT}
FIRST_TABLE = 1 << 14  # places for comments; doubled whenever it is half full


def read_day_file(source: Source) -> Iterator[Batch]:
    """The comments of a day file, block by block."""
    damaged = went_through_floats(source.beginning())
    line = 1
    blocks = source.blocks()
    block = next(blocks, None)
    while block is not None:
        following = next(blocks, None)
        batch, read = read_block(source.name, block, following is None, line, damaged)
        yield batch
        line += batch.lines
        block = None if following is None else block[read:] + following


def read_block(name: str, block: bytearray, last: bool, line: int, damaged: bool) -> tuple[Batch, int]:
    """The comments of whole rows, and how many bytes of the block they are.

    Args:
        last: nothing follows; else the block's last row may go on, and is left for the next block.
        line: number of the block's first line.
        damaged: the file's row ids went through a float.
    """
    buffer = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(buffer == LINE_FEED)
    if not block.endswith(b"\n"):
        ends = np.append(ends, len(block))
    records = records_for(len(block))
    rows = np.zeros((len(ends) + 1, ROW_COLUMNS), np.int64)
    places = np.full(FIRST_TABLE, -1, np.int32)
    read, lines, number = scan_rows(buffer, ends, last, line, damaged, rows, list_table(), places, records)
    videos = [day_file.known(block[row[VIDEO] : row[VIDEO_END]].decode()) for row in rows[:number]]
    chats = [day_file.known(block[row[CHAT] : row[CHAT_END]].decode()) for row in rows[:number]]
    left = Left([damaged])
    for kind, begin, end, row, order in pieces(records):
        text = block[begin:end].decode()
        found: Iterable[tuple[int, Comment | Flaw]]
        if kind == ROWS:
            found = day_file.read_rows(text)
        else:
            seen = day_file.moment_of_hour(int(rows[row, HOUR]))
            found = ((0, record) for record in comments_of(SPLIT[kind](text), videos[row], chats[row], seen))
        for below, record in found:
            left.add(record, 0, order, name, int(rows[row, LINE]) + below)
    number = int(records.count[RECORDS] - records.count[PIECES]) + left.records[0]
    row_of = pl.Series(records.comments["row"][: records.count[COMMENTS]])
    by_row = {"video_id": videos, "chat_id": chats}
    places_of = {name: pl.Series(values, dtype=pl.String).gather(row_of) for name, values in by_row.items()}
    scanned = table_of(records, places_of).with_columns(file=pl.lit(0, pl.Int32()))
    return Batch(left.with_comments(scanned), left.rejected, [number], lines), read


def read_documents(sources: list[Source]) -> Iterator[Batch]:
    """The comments of XML files: of several together where each is small, else of one, block by block."""
    if len(sources) > 1:
        contents = contents_of(sources)
        damaged = [went_through_floats(content[:LOOKED_AT]) for content in contents]
        yield read_contents(sources, damaged, contents, Begun())
        return
    damaged = [went_through_floats(sources[0].beginning())]
    begun = Begun()
    for block in sources[0].blocks(b"</d>"):
        yield read_contents(sources, damaged, [block], begun)
        begun.go_on(block)


def contents_of(sources: list[Source]) -> list[bytes | bytearray]:
    """Files as UTF-8. That they are it already is asked of all at once."""
    contents: list[bytes | bytearray] = [source.path.read_bytes().removeprefix(BOM_UTF8) for source in sources]
    whole = b"".join(contents)
    if b"\0" in whole or not is_sound(whole):
        contents = [bytearray().join(source.blocks()) for source in sources]
    return contents


class Begun:
    """How far a document has been read that comes in blocks."""

    def __init__(self) -> None:
        self.line = 1
        self.chat_id: str | None = None

    def go_on(self, block: bytearray) -> None:
        """Note what a block says of those behind it."""
        self.line += block.count(b"\n")
        self.chat_id = element.last_chat_id(block.decode()) or self.chat_id


def read_contents(
    sources: list[Source], damaged: list[bool], contents: Sequence[bytes | bytearray], begun: Begun
) -> Batch:
    """The comments of documents, or of a part of one.

    Args:
        damaged: of each document, whether its row ids went through a float.
        begun: what came before.
    """
    ends = np.cumsum([len(content) for content in contents], dtype=np.int64)
    begins = ends - [len(content) for content in contents]
    whole = bytearray().join(contents)
    records = records_for(len(whole))
    spans = np.empty(2 * FIELDS + 1, np.int64)
    places = np.full(FIRST_TABLE, -1, np.int32)
    buffer = np.frombuffer(whole, np.uint8)
    counts = scan_documents(buffer, begins, ends, np.array(damaged), spans, places, records)
    # a document may be several that were joined: its pool is the one that was named last
    pools: list[tuple[int, str | None]] = [(order, begun.chat_id) for order in np.cumsum([0, *counts[:-1]]).tolist()]
    left = Left(damaged)
    at, line, file, chat = 0, 1, -1, begun.chat_id
    for _, begin, end, row, order in pieces(records):
        if row != file:
            at, line, file, chat = int(begins[row]), begun.line, row, begun.chat_id
        counts[row] -= 1
        text = whole[begin:end].decode()
        found = list(comments_of(element.split_elements(text), None, chat, None))
        if found:
            line += whole.count(b"\n", at, begin)
            at = begin
        for record in found:
            left.add(record, row, order, sources[row].name, line)
        chat = element.last_chat_id(text) or chat
        pools.append((order, chat))
    pools.sort(key=lambda pool: pool[0])
    comments = records.comments[: records.count[COMMENTS]]
    pool = np.searchsorted([order for order, _ in pools], comments["order"], side="right") - 1
    chats = pl.Series([chat for _, chat in pools], dtype=pl.String).gather(pool)
    numbers = [int(count) + found for count, found in zip(counts, left.records)]
    return Batch(left.with_comments(table_of(records, {"chat_id": chats})), left.rejected, numbers)


def pieces(records: Records) -> Iterator[tuple[int, int, int, int, int]]:
    """Kind, begin, end, row and order of each piece that was left to the careful readers, in their order."""
    return iter(records.pieces[: records.count[PIECES]].tolist())


class Left:
    """What the careful readers make of the pieces that were left to them."""

    def __init__(self, damaged: list[bool]) -> None:
        self.damaged = damaged  # of each file, whether its row ids went through a float
        self.records = [0] * len(damaged)
        self.comments: list[tuple[int, int, Comment]] = []
        self.rejected: list[Rejected] = []

    def add(self, record: Comment | Flaw, file: int, order: int, name: str, line: int) -> None:
        """Note a record of a file, with its place in the block and its line."""
        self.records[file] += 1
        if isinstance(record, Flaw):
            excerpt = storable(record.excerpt[:EXCERPT])
            self.rejected.append(Rejected(name, line, storable(record.reason), excerpt))
            return
        if self.damaged[file] and record.row_id is not None and record.row_id >= FLOAT_EXACT:
            record.row_id, record.row_id_damaged = None, True
        self.comments.append((file, order, record))

    def with_comments(self, scanned: pl.DataFrame) -> pl.DataFrame:
        """All comments of the block."""
        return pl.concat([scanned, table(self.comments)]) if self.comments else scanned


def table_of(records: Records, places: dict[str, pl.Series]) -> pl.DataFrame:
    """BATCH of the arrays, and of the videos or pools of its comments."""
    comments = records.comments[: records.count[COMMENTS]]
    column = {name: np.ascontiguousarray(comments[name]) for name in comments.dtype.names}
    ends, hours = hours_seen(records)
    columns = dict(places)
    columns["file"] = pl.Series(column["row"])
    columns["hours"] = pl.Series(pl.from_arrow(pa.LargeListArray.from_arrays(ends, hours)))
    columns["sender"] = strings(records.sender, column["sender_end"])
    columns["text"] = strings(records.text, column["text_end"])
    for name in ("order", "mode", "font_size", "color", "pool", "row_id", "row_id_damaged", "weight"):
        columns[name] = pl.Series(column[name])
    columns["onset_s"] = pl.Series(column["onset"] / 1000)
    columns["sent_at"] = pl.Series(column["sent"]).cast(COMMENTS_COLUMNS["sent_at"])
    for name in BATCH.keys() - columns.keys():
        columns[name] = pl.repeat(None, len(comments), dtype=BATCH[name], eager=True)
    return pl.DataFrame(columns).select(
        pl.col(name).replace(absent, None).cast(kind)
        if (absent := ABSENT.get(name)) is not None
        else pl.col(name).cast(kind)
        for name, kind in BATCH.items()
    )


def strings(data: Any, ends: Any) -> pl.Series:
    """Texts that lie one behind the other in `data`."""
    offsets = np.concatenate([[0], ends])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data[: offsets[-1]].copy())]
    return pl.Series(pl.from_arrow(pa.Array.from_buffers(pa.large_string(), len(ends), buffers)))
