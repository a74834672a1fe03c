"""From the arrays of the compiled readers to a batch: their comments as a table, and the pieces that they left.

Day files (day_file_blocks.py) and Bilibili XML (documents.py) both come this way.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from pipeline.artifacts.comments import COMMENTS as COMMENTS_COLUMNS
from pipeline.danmu.compiled.fields import BLANK, NO_TIME
from pipeline.danmu.compiled.records import COMMENTS, LONGEST_TEXT, NO_WEIGHT, PIECES, Records
from pipeline.danmu.compiled.sightings import hours_seen
from pipeline.danmu.readers.batch import BATCH, CHARACTERS, ROWS, Batch, blanked, table
from pipeline.danmu.readers.json_text import LONGEST_REASON, storable
from pipeline.danmu.record import BILIBILI, EXCERPT, Comment, Flaw, Rejected
from pipeline.danmu.row_ids import FLOAT_EXACT

#: what stands in the arrays where a value is unknown
ABSENT = {"row_id": 0, "weight": NO_WEIGHT, "mode": BLANK, "font_size": BLANK, "color": BLANK, "pool": BLANK}
LONGEST_PIECE = LONGEST_TEXT  # bytes; as text they may take four times as many, and that twice
FIRST_TABLE = 1 << 14  # places of the hash table of comments; it grows as it fills


def empty_hash_table() -> Any:
    """The hash table of comments by row id that a compiled reader starts with (compiled/records.py)."""
    return np.full(FIRST_TABLE, -1, np.int32)


def pieces(records: Records) -> Iterator[tuple[int, int, int, int, int]]:
    """Kind, begin, end, row and order of each piece that was left to the careful readers, in their order."""
    for begin in range(0, int(records.count[PIECES]), ROWS):
        yield from records.pieces[begin : min(begin + ROWS, records.count[PIECES])].tolist()


def careful_text(buffer: bytearray, begin: int, end: int) -> str | Flaw:
    """A piece that was left to the careful readers as text; a flaw if it is longer than they can hold."""
    if end - begin <= LONGEST_PIECE:
        return buffer[begin:end].decode()
    beginning = buffer[begin : begin + 4 * EXCERPT].decode("utf-8", "replace")
    return Flaw(f"a comment, or an irregular list, of more than {LONGEST_PIECE >> 20} MiB", beginning.strip()[:EXCERPT])


class CarefulRecords:
    """The comments of a block: the compiled reader's, and what the careful readers make of the pieces it left."""

    def __init__(self, damaged: list[bool], compiled: pl.DataFrame, counts: list[int]) -> None:
        self.damaged = damaged  # of each file, whether its row ids went through a float
        self.compiled = compiled  # BATCH, in the order of the block
        self.counts = counts  # of each file, how many records are not given yet
        self.low = 0  # the order from which on records are not given yet
        self.comments: list[tuple[int, int, Comment]] = []
        self.rejected: list[Rejected] = []
        self.given = [0] * len(damaged)
        self.size = 0  # characters of the comments that are held

    def add(self, record: Comment | Flaw, file: int, order: int, name: str, line: int) -> Iterator[Batch]:
        """Note a record of a file, with its place in the block and its line; gives a batch where many are held."""
        self.counts[file] += 1
        self.given[file] += 1
        if isinstance(record, Flaw):
            excerpt = storable(record.excerpt[:EXCERPT])
            self.rejected.append(Rejected(name, line, storable(record.reason[:LONGEST_REASON]), excerpt))
        else:
            if self.damaged[file] and record.row_id is not None and record.row_id >= FLOAT_EXACT:
                record.row_id, record.row_id_damaged = None, True
            self.comments.append((file, order, record))
            self.size += len(record.text)
        if len(self.comments) + len(self.rejected) >= ROWS or self.size >= CHARACTERS:
            part = int(self.compiled["order"].search_sorted(order))
            before, self.compiled = self.compiled[:part], self.compiled[part:]
            for number, count in before["file"].value_counts().iter_rows():
                self.given[number] += count
            yield self.batch(before, self.given)
            self.counts = [count - given for count, given in zip(self.counts, self.given)]
            self.low, self.comments, self.rejected, self.size = order, [], [], 0
            self.given = [0] * len(self.given)

    def last(self, lines: int = 0) -> Batch:
        """What is left of the block."""
        return self.batch(self.compiled, self.counts, lines)

    def batch(self, compiled: pl.DataFrame, counts: list[int], lines: int = 0) -> Batch:
        """These comments of the compiled reader and those that are held, counted from the lowest order."""
        comments = pl.concat([compiled, table(self.comments)]) if self.comments else compiled
        if self.low:
            comments = comments.with_columns(pl.col("order") - self.low)
        return Batch(comments, self.rejected, counts, lines, blanked(comment for _, _, comment in self.comments))


def table_of(records: Records, places: dict[str, pl.Series]) -> pl.DataFrame:
    """BATCH of the arrays.

    Args:
        records: what a compiled reader has filled.
        places: video_id or chat_id or both, one value per comment.
    """
    comments = records.comments[: records.count[COMMENTS]]
    column = {name: np.ascontiguousarray(comments[name]) for name in comments.dtype.names}
    ends, hours = hours_seen(records)
    columns = dict(places)
    columns["file"] = pl.Series(column["row"])
    columns["hours"] = pl.Series(pl.from_arrow(pa.LargeListArray.from_arrays(ends, hours)))
    columns["sender"] = or_unknown(strings(records.sender, column["sender_end"]), "")
    columns["text"] = strings(records.text, column["text_end"])
    for name in ("order", "mode", "font_size", "color", "pool", "row_id", "row_id_damaged", "weight"):
        columns[name] = pl.Series(column[name])
    columns["onset_s"] = pl.Series(column["onset"] / 1000)
    columns["site"] = pl.repeat(BILIBILI, len(comments), eager=True)
    columns["sent_at"] = or_unknown(pl.Series(column["sent"]), NO_TIME).cast(COMMENTS_COLUMNS["sent_at"])
    for name in BATCH.keys() - columns.keys():
        columns[name] = pl.repeat(None, len(comments), dtype=BATCH[name], eager=True)
    values = {name: or_unknown(columns[name], ABSENT[name]) if name in ABSENT else columns[name] for name in BATCH}
    return pl.DataFrame({name: values[name].cast(kind) for name, kind in BATCH.items()})


def or_unknown(values: pl.Series, absent: str | int) -> pl.Series:
    """The values, null where they are what stands for an unknown one."""
    missing = values == absent
    return pl.select(pl.when(~missing).then(values)).to_series() if missing.any() else values


def strings(data: Any, ends: Any) -> pl.Series:
    """Texts that lie one behind the other in `data`; `ends` says where each ends."""
    offsets = np.concatenate([[0], ends])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data[: offsets[-1]].copy())]
    return pl.Series(pl.from_arrow(pa.Array.from_buffers(pa.large_string(), len(ends), buffers)))
