"""Day files at full speed, block by block: the compiled reader's arrays, and day_file.py for what it left."""

from collections.abc import Callable, Generator, Iterable, Iterator
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
from pipeline.danmu.readers.arrays import (
    LONGEST_PIECE,
    CarefulRecords,
    careful_text,
    empty_hash_table,
    pieces,
    table_of,
)
from pipeline.danmu.readers.batch import Batch
from pipeline.danmu.readers.comments import comments_of
from pipeline.danmu.readers.element import Split, split_elements
from pipeline.danmu.readers.form import Reader
from pipeline.danmu.readers.joined import split_joined
from pipeline.danmu.readers.source import LONGEST, Source
from pipeline.danmu.record import Comment, Flaw
from pipeline.danmu.row_ids import went_through_floats

SHORTEST_ROW = 14  # bytes: video, hour, three gaps
MOST_LINES = 1 << 20  # of a part of a block that is read at once
#: how the careful reader splits a piece of a row, by its kind
SPLIT: dict[int, Callable[[str], Iterator[Split]]] = {
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
    line, unread = 1, bytearray()
    for block in source.blocks(unread=unread):
        while block:
            part = sparse_part(block)
            last = source.ended and part is block
            lines, read = yield from read_block(source.name, part, last, line, damaged)
            if read == 0 and (len(part) >= LONGEST or part is not block):
                # a row, and more lines below it that begin none than a record may have
                lines, read = yield from read_block(source.name, part, True, line, damaged)
            if read == 0:
                break
            line += lines
            block = block[read:]
        unread += block


def sparse_part(block: bytearray) -> bytearray:
    """The block, or its beginning where it has so many lines that arrays of them would take many times its bytes."""
    if block.count(b"\n") <= MOST_LINES:
        return block
    size = LONGEST_PIECE  # what is longer by itself could not be read anyway
    while (cut := block.rfind(b"\n", 0, size) + 1) == 0:
        size *= 2
    return block[:cut]


def read_block(
    name: str, block: bytearray, last: bool, line: int, damaged: bool
) -> Generator[Batch, None, tuple[int, int]]:
    """The comments of whole rows.

    Args:
        name: the file's name on record.
        block: UTF-8 that begins where a row or a header does.
        last: nothing follows; else the block's last row may go on, and is left for the next block.
        line: number of the block's first line.
        damaged: the file's row ids went through a float.

    Returns:
        how many lines and bytes of the block were read.
    """
    buffer = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(buffer == LINE_FEED)
    if not block.endswith(b"\n"):
        ends = np.append(ends, len(block))
    records = records_for(len(block))
    rows = np.zeros((min(len(ends), len(block) // SHORTEST_ROW) + 2, ROW_COLUMNS), np.int64)
    read, lines, number = scan_rows(buffer, ends, last, line, damaged, rows, list_layout(), empty_hash_table(), records)
    if read == 0:
        return 0, 0
    videos = [day_file.known(block[row[VIDEO] : row[VIDEO_END]].decode()) for row in rows[:number]]
    chats = [day_file.known(block[row[CHAT] : row[CHAT_END]].decode()) for row in rows[:number]]
    row_of = pl.Series(records.comments["row"][: records.count[COMMENTS]])
    by_row = {"video_id": videos, "chat_id": chats}
    places = {name: pl.Series(values, dtype=pl.String).gather(row_of) for name, values in by_row.items()}
    compiled = table_of(records, places).with_columns(file=pl.lit(0, pl.Int32()))
    careful = CarefulRecords([damaged], compiled, [int(records.count[RECORDS] - records.count[PIECES])])
    for kind, begin, end, row, order in pieces(records):
        text = careful_text(block, begin, end)
        read_again: Iterable[tuple[int, Comment | Flaw]]
        if isinstance(text, Flaw):
            read_again = [(0, text)]
        elif kind == ROWS:
            read_again = day_file.read_rows(text)
        else:
            seen = day_file.moment_of_hour(int(rows[row, HOUR]))
            read_again = ((0, record) for record in comments_of(SPLIT[kind](text), videos[row], chats[row], seen))
        for below, record in read_again:
            yield from careful.add(record, 0, order, name, int(rows[row, LINE]) + below)
    yield careful.last(lines)
    return int(lines), int(read)


DAY_FILE = Reader(
    "day file",
    day_file.recognises,
    lambda sources: read_day_file(sources[0]),
    begins_record=day_file.begins_row,
)
