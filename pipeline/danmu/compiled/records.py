"""Where the compiled readers put what they find: one row per comment of a block, however often it stands there.

A block of day files repeats most comments hour after hour. The first record of a row id is read whole;
of a further one only the hour is kept.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from pipeline.danmu.compiled.fields import IRREGULAR, Bytes, is_plain, onset_ms, row_number, sent_ms, whole
from pipeline.danmu.compiled.text import copy_text, is_verbatim
from pipeline.danmu.row_ids import FLOAT_EXACT

FIELDS = 10  # at most: eight attributes, a weight, the text
SHORTEST = 18  # bytes of the shortest record: <d p=",,,,,,,"></d>
NO_WEIGHT = -1
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio: spreads keys over a table (Knuth, TAOCP 3, 6.4)

#: places in Records.count
COMMENTS, SIGHTINGS, TEXT, SENDER, RECORDS, PIECES = range(6)
#: what a piece left to the careful readers is
ROWS, LIST, TUPLE, HEAD, WEIGHTED_HEAD, ELEMENT, BETWEEN = range(7)


COMMENT = np.dtype(
    [
        ("row", np.int32),  # the row, or the file, that it was first seen in
        ("order", np.int64),  # its place among the block's records
        ("onset", np.int64),  # milliseconds
        ("mode", np.int32),
        ("font_size", np.int32),
        ("color", np.int64),
        ("sent", np.int64),  # Unix milliseconds
        ("pool", np.int32),
        ("row_id", np.int64),  # 0: none
        ("row_id_damaged", np.bool_),
        ("weight", np.int32),
        ("last_hour", np.int32),
        ("sender_end", np.int64),  # where its sender ends in Records.sender; it begins where the last one ends
        ("text_end", np.int64),
    ]
)
SIGHTING = np.dtype([("comment", np.int32), ("hour", np.int32)])
PIECE = np.dtype([("kind", np.int8), ("begin", np.int64), ("end", np.int64), ("row", np.int32), ("order", np.int64)])


class Records(NamedTuple):
    """Arrays that a block is read into; `count` says how far each is filled.

    They are few because a compiled function is handed each of them, with its shape, at every call.
    """

    count: Any
    comments: Any  # COMMENT
    sender: Any  # bytes
    text: Any
    sightings: Any  # SIGHTING: comment and hour, without immediate repetitions
    pieces: Any  # PIECE: what is left to the careful readers


def records_for(size: int) -> Records:
    """Arrays with room for all that a block of `size` bytes can hold; memory is taken only where it is filled."""
    most = size // SHORTEST + 2
    texts = [np.empty(size + 16, np.uint8) for _ in range(2)]
    pieces = size // 2 + 2  # the shortest piece is one bad byte in a line
    return Records(
        np.zeros(6, np.int64),
        np.empty(most, COMMENT),
        *texts,
        np.empty(most, SIGHTING),
        np.empty(pieces, PIECE),
    )


@njit(cache=True, nogil=True)
def leave(records: Records, kind: int, begin: int, end: int, row: int) -> None:
    """Leave bytes `begin` to `end` to the careful readers."""
    piece = records.pieces[records.count[PIECES]]
    piece.kind = kind
    piece.begin = begin
    piece.end = end
    piece.row = row
    piece.order = records.count[RECORDS]
    records.count[PIECES] += 1
    records.count[RECORDS] += 1


@njit(cache=True, nogil=True)
def find(table: Any, comments: Any, key: int) -> int:
    """The place of `key` in the table of comments, or the free place where it belongs."""
    mask = len(table) - 1
    place = np.int64((np.uint64(key) * MULTIPLIER) >> np.uint64(20)) & mask
    while table[place] >= 0 and comments[table[place]].row_id != key:
        place = (place + 1) & mask
    return place


@njit(cache=True, nogil=True)
def with_room(table: Any, records: Records, coming: int) -> Any:
    """The table, or a larger copy where `coming` comments would fill more than half of it."""
    comments = records.count[COMMENTS]
    size = len(table)
    while (comments + coming) * 2 > size:
        size *= 2
    if size == len(table):
        return table
    larger = np.full(size, -1, np.int32)
    for comment in range(comments):
        key = records.comments[comment].row_id
        if key:
            place = find(larger, records.comments, key)
            larger[place] = comment
    return larger


@njit(cache=True, nogil=True)
def store(
    buffer: Bytes,
    spans: Any,
    fields: int,
    spelling: int,
    row: int,
    hour: int,
    damaged: bool,
    table: Any,
    records: Records,
) -> bool:
    """Read a record whose fields lie at `spans` (FIELDS pairs); False if one of them is irregular.

    Args:
        fields: 9, or 10 with a weight before the text.
        hour: of the snapshot, in hours since 1970; negative where there is none.
        damaged: the file's row ids went through a float: those beyond 2**53 are none.
    """
    row_id = row_number(buffer, spans[14], spans[15])
    if row_id == IRREGULAR:
        return False
    lost = damaged and row_id >= FLOAT_EXACT
    if lost:
        row_id = 0
    onset = onset_ms(buffer, spans[0], spans[1])
    sent = sent_ms(buffer, spans[8], spans[9])
    mode = whole(buffer, spans[2], spans[3], 99)
    font_size = whole(buffer, spans[4], spans[5], 10_000)
    color = whole(buffer, spans[6], spans[7], 2**32 - 1)
    pool = whole(buffer, spans[10], spans[11], 99)
    weight = NO_WEIGHT
    if fields == FIELDS:
        weight = whole(buffer, spans[16], spans[17], 100)
        if weight == IRREGULAR:
            return False
    bad = onset == IRREGULAR or sent == IRREGULAR or mode == IRREGULAR or font_size == IRREGULAR
    if bad or color == IRREGULAR or pool == IRREGULAR or not is_plain(buffer, spans[12], spans[13]):
        return False
    comment = records.count[COMMENTS]
    last = 2 * fields - 2
    place = np.int64(0)
    if row_id:
        place = find(table, records.comments, row_id)
        known = table[place]
        if known >= 0 and is_verbatim(buffer, spans[last], spans[last + 1], spelling):
            repeat(records, known, weight, hour)
            return True
    text_end = copy_text(buffer, spans[last], spans[last + 1], spelling, records.text, records.count[TEXT])
    if text_end == IRREGULAR:
        return False
    if row_id and table[place] >= 0:
        repeat(records, table[place], weight, hour)
        return True
    sender_end = copy_text(buffer, spans[12], spans[13], 0, records.sender, records.count[SENDER])
    if row_id:
        table[place] = comment
    new = records.comments[comment]
    new.row = row
    new.order = records.count[RECORDS]
    new.onset = onset
    new.mode = mode
    new.font_size = font_size
    new.color = color
    new.sent = sent
    new.pool = pool
    new.row_id = row_id
    new.row_id_damaged = lost
    new.weight = weight
    new.last_hour = NO_WEIGHT
    new.sender_end = sender_end
    new.text_end = text_end
    records.count[COMMENTS] = comment + 1
    records.count[TEXT] = text_end
    records.count[SENDER] = sender_end
    records.count[RECORDS] += 1
    if hour >= 0:
        sight(records, comment, hour)
    return True


@njit(cache=True, nogil=True)
def repeat(records: Records, comment: int, weight: int, hour: int) -> None:
    """Note a further record of a comment."""
    known = records.comments[comment]
    if known.weight == NO_WEIGHT:
        known.weight = weight
    if known.last_hour != hour:
        sight(records, comment, hour)
    records.count[RECORDS] += 1


@njit(cache=True, nogil=True)
def sight(records: Records, comment: int, hour: int) -> None:
    """Note that a snapshot of this hour holds the comment."""
    sighting = records.sightings[records.count[SIGHTINGS]]
    sighting.comment = comment
    sighting.hour = hour
    records.comments[comment].last_hour = hour
    records.count[SIGHTINGS] += 1
