"""Day files and Bilibili XML at full speed: the compiled readers' arrays become tables, and what they left is read."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from pipeline.danmu import day_file, element
from pipeline.danmu.batch import BATCH, Batch, table
from pipeline.danmu.compiled.day_file import (
    CHAT,
    CHAT_END,
    HOUR,
    LINE,
    ROW_COLUMNS,
    SHORTEST_ROW,
    VIDEO,
    VIDEO_END,
    scan_rows,
)
from pipeline.danmu.compiled.elements import scan_documents
from pipeline.danmu.compiled.lists import list_table
from pipeline.danmu.compiled.records import (
    COMMENTS,
    FIELDS,
    NO_WEIGHT,
    PIECES,
    RECORDS,
    ROWS,
    SENDER,
    TEXT,
    TUPLE,
    WEIGHTED_HEAD,
    Records,
    hours_seen,
    records_for,
)
from pipeline.danmu.json_text import storable
from pipeline.danmu.row_ids import FLOAT_EXACT, went_through_floats
from pipeline.danmu.schema import COMMENTS as COMMENTS_COLUMNS
from pipeline.danmu.schema import EXCERPT, Comment, Flaw, Rejected
from pipeline.danmu.source import Source

FIRST_TABLE = 1 << 14  # places for comments; doubled whenever it is half full


def read_day_file(source: Source) -> Iterator[Batch]:
    """The comments of a day file, block by block."""
    damaged = went_through_floats(source.first())
    line, rest = 1, b""
    blocks = source.blocks()
    block = next(blocks, None)
    while block is not None:
        following = next(blocks, None)
        batch, read = read_block(source.name, bytearray(rest + block), following is None, line, damaged)
        yield batch
        rest = (rest + block)[read:]
        line += batch.lines
        block = following


def read_block(name: str, block: bytearray, last: bool, line: int, damaged: bool) -> tuple[Batch, int]:
    """The comments of whole rows, and how many bytes of the block they are.

    Args:
        last: nothing follows; else the block's last row may go on, and is left for the next block.
        line: number of the block's first line.
        damaged: the file's row ids went through a float.
    """
    buffer = np.frombuffer(block, np.uint8)
    records = records_for(len(buffer))
    rows = np.zeros((len(buffer) // SHORTEST_ROW + 3, ROW_COLUMNS), np.int64)
    places = np.full(FIRST_TABLE, -1, np.int32)
    read, lines, number = scan_rows(buffer, last, line, damaged, rows, list_table(), places, records)
    videos = [day_file.known(block[row[VIDEO] : row[VIDEO_END]].decode()) for row in rows[:number]]
    chats = [day_file.known(block[row[CHAT] : row[CHAT_END]].decode()) for row in rows[:number]]
    left = Left([damaged])
    for kind, begin, end, row, order in pieces(records):
        text = block[begin:end].decode()
        found: Iterable[tuple[int, Comment | Flaw]]
        if kind == ROWS:
            found = day_file.read_rows(text)
        else:
            context = day_file.Row(videos[row], chats[row], day_file.moment_of_hour(int(rows[row, HOUR])))
            listed = f"[{text}]" if kind == TUPLE else text
            found = ((0, record) for record in day_file.read_list(listed, context, kind == WEIGHTED_HEAD))
        for below, record in found:
            left.add(record, 0, order, name, int(rows[row, LINE]) + below)
    number = int(records.count[RECORDS] - records.count[PIECES]) + left.records[0]
    scanned = table_of(records, {"video_id": videos, "chat_id": chats}).with_columns(file=pl.lit(0, pl.Int32()))
    return Batch(left.with_comments(scanned), left.rejected, [number], lines), read


def read_documents(sources: list[Source]) -> Iterator[Batch]:
    """The comments of XML files: of several together where each is small, else of one, block by block."""
    firsts = [source.first() for source in sources]
    if len(sources) > 1:
        contents = [b"".join(source.blocks(b"</d>")) for source in sources]
        yield read_contents(sources, firsts, contents, [1] * len(sources))
        return
    line = 1
    for block in sources[0].blocks(b"</d>"):
        yield read_contents(sources, firsts, [block], [line])
        line += block.count(b"\n")


def read_contents(sources: list[Source], firsts: list[bytes], contents: list[bytes], lines: list[int]) -> Batch:
    """The comments of documents, or of parts of them.

    Args:
        firsts: how each file begins: with its chat_id, and enough row ids to see whether they are sound.
        lines: the line in which each content begins.
    """
    chats = [element.chat_id_of(first.decode("utf-8", "replace")) for first in firsts]
    damaged = [went_through_floats(first) for first in firsts]
    ends = np.cumsum([len(content) for content in contents], dtype=np.int64)
    begins = ends - [len(content) for content in contents]
    whole = bytearray(b"".join(contents))
    records = records_for(len(whole))
    spans = np.empty(2 * FIELDS + 1, np.int64)
    places = np.full(FIRST_TABLE, -1, np.int32)
    buffer = np.frombuffer(whole, np.uint8)
    counts = scan_documents(buffer, begins, ends, np.array(damaged), spans, places, records)
    left = Left(damaged)
    at, line, file = 0, 1, -1
    for _, begin, end, row, order in pieces(records):
        if row != file:
            at, line, file = int(begins[row]), lines[row], row
        line += whole.count(b"\n", at, begin)
        at = begin
        counts[row] -= 1
        for record in element.read_elements(whole[begin:end].decode(), chats[row]):
            left.add(record, row, order, sources[row].name, line)
    numbers = [int(count) + found for count, found in zip(counts, left.records)]
    return Batch(left.with_comments(table_of(records, {"chat_id": chats})), left.rejected, numbers)


def pieces(records: Records) -> Iterator[tuple[int, int, int, int, int]]:
    """Kind, begin, end, row and order of each piece that was left to the careful readers, in their order."""
    number = records.count[PIECES]
    columns = (records.kind, records.begin, records.end, records.piece_row, records.piece_order)
    return zip(*(column[:number].tolist() for column in columns))


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


def table_of(records: Records, by_row: dict[str, list[str | None]]) -> pl.DataFrame:
    """BATCH of the arrays; `by_row` holds the columns that are the same for all comments of a row."""
    number = int(records.count[COMMENTS])
    row = pl.Series(records.row[:number])
    ends, hours = hours_seen(records)
    columns = {name: pl.Series(values, dtype=pl.String).gather(row) for name, values in by_row.items()}
    columns["file"] = row
    columns["hours"] = pl.Series(pl.from_arrow(pa.LargeListArray.from_arrays(ends, hours)))
    columns["sender"] = strings(records.sender, records.sender_end, number, int(records.count[SENDER]))
    columns["text"] = strings(records.text, records.text_end, number, int(records.count[TEXT]))
    for name in ("order", "mode", "font_size", "color", "pool", "row_id", "row_id_damaged", "weight"):
        columns[name] = pl.Series(getattr(records, name)[:number])
    columns["onset_s"] = pl.Series(records.onset[:number] / 1000)
    columns["sent_at"] = pl.Series(records.sent[:number]).cast(COMMENTS_COLUMNS["sent_at"])
    frame = pl.DataFrame(columns).with_columns(
        pl.col("row_id").replace(0, None), pl.col("weight").replace(NO_WEIGHT, None)
    )
    missing = [pl.lit(None).alias(name) for name in BATCH if name not in frame.columns]
    return frame.with_columns(missing).select(BATCH.keys()).cast(pl.Schema(BATCH))


def strings(data: Any, ends: Any, number: int, size: int) -> pl.Series:
    """Texts that lie one behind the other."""
    buffers = [None, pa.py_buffer(ends[: number + 1].copy()), pa.py_buffer(data[:size].copy())]
    return pl.Series(pl.from_arrow(pa.Array.from_buffers(pa.large_string(), number, buffers)))
