"""Day files at full speed, block by block: the compiled reader's arrays, and day_file.py for what it left."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import numpy as np
import polars as pl

from pipeline.danmu.compiled.day_file import CHAT, CHAT_END, HOUR, LINE, ROW_COLUMNS, VIDEO, VIDEO_END, scan_rows
from pipeline.danmu.compiled.lists import LINE_FEED, list_layout
from pipeline.danmu.compiled.records import (
    BETWEEN,
    COMMENTS,
    ELEMENT,
    JOINED,
    LIST,
    PIECES,
    RECORDS,
    ROWS,
    TUPLE,
    WEIGHTED_JOINED,
    records_for,
)
from pipeline.danmu.readers import day_file
from pipeline.danmu.readers.arrays import CarefulRecords, empty_hash_table, pieces, table_of
from pipeline.danmu.readers.batch import Batch
from pipeline.danmu.readers.element import split_elements
from pipeline.danmu.readers.fields import comments_of
from pipeline.danmu.readers.form import Reader
from pipeline.danmu.readers.joined import split_joined
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Flaw
from pipeline.danmu.row_ids import went_through_floats

#: how the careful reader splits a piece of a row, by its kind
SPLIT: dict[int, Callable[[str], Iterator[list[str] | Flaw]]] = {
    LIST: day_file.split_list,
    TUPLE: lambda text: day_file.split_tuples(f"[{text}]"),
    JOINED: split_joined,
    WEIGHTED_JOINED: partial(split_joined, weighted=True),
    ELEMENT: split_elements,
    BETWEEN: split_elements,
}


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
        name: the file's name on record.
        block: UTF-8 that begins where a row or a header does.
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
    read, lines, number = scan_rows(buffer, ends, last, line, damaged, rows, list_layout(), empty_hash_table(), records)
    videos = [day_file.known(block[row[VIDEO] : row[VIDEO_END]].decode()) for row in rows[:number]]
    chats = [day_file.known(block[row[CHAT] : row[CHAT_END]].decode()) for row in rows[:number]]
    careful = CarefulRecords([damaged])
    for kind, begin, end, row, order in pieces(records):
        text = block[begin:end].decode()
        read_again: Iterable[tuple[int, Comment | Flaw]]
        if kind == ROWS:
            read_again = day_file.read_rows(text)
        else:
            seen = day_file.moment_of_hour(int(rows[row, HOUR]))
            read_again = ((0, record) for record in comments_of(SPLIT[kind](text), videos[row], chats[row], seen))
        for below, record in read_again:
            careful.add(record, 0, order, name, int(rows[row, LINE]) + below)
    number = int(records.count[RECORDS] - records.count[PIECES]) + careful.records[0]
    row_of = pl.Series(records.comments["row"][: records.count[COMMENTS]])
    by_row = {"video_id": videos, "chat_id": chats}
    places = {name: pl.Series(values, dtype=pl.String).gather(row_of) for name, values in by_row.items()}
    compiled = table_of(records, places).with_columns(file=pl.lit(0, pl.Int32()))
    return Batch(careful.with_comments(compiled), careful.rejected, [number], lines), read


DAY_FILE = Reader(
    "day file",
    day_file.recognises,
    lambda sources: read_day_file(sources[0]),
    begins_record=day_file.begins_row,
)
