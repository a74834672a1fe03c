"""Where the compiled readers store what they read: one row per comment of a block.

A block of day files repeats most comments hour after hour. The first record of a row id is stored whole. Of a further
one that says the same of the same moment only the hour is, and the weight if none was known. Any other is stored
whole too, and so is every record without a row id: corpus/shared.py settles which of them are one comment.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from pipeline.danmu.compiled.fields import IRREGULAR, Bytes, is_sender, onset_ms, row_number, sent_ms, whole_or_blank
from pipeline.danmu.compiled.sameness import is_equal, is_same_moment, is_spelled
from pipeline.danmu.compiled.text import copy_text
from pipeline.danmu.row_ids import FLOAT_EXACT

FIELDS = 10  # at most: eight attributes, a weight, the text
SHORTEST = 18  # bytes of the shortest record: <d p=",,,,,,,"></d>
NO_WEIGHT = -1
#: comments, and pieces for the careful readers, after which the rest of a block is left to the next call: a block of
#: 64 MiB may hold millions of the shortest ones, each of which takes many times its bytes
MOST = 1 << 18
LONGEST_TEXT = 1 << 24  # bytes of a comment's text; a longer one is left to the careful readers, which reject it
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio: spreads keys over a table (Knuth, TAOCP 3, 6.4)

#: places in Records.count
COMMENTS, SIGHTINGS, TEXT, SENDER, RECORDS, PIECES = range(6)
#: what a piece is that is left to the careful readers; JOINED and WEIGHTED_JOINED: comma-joined attributes and text
ROWS, LIST, TUPLE, JOINED, WEIGHTED_JOINED, ELEMENT, BETWEEN = range(7)


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
        ("row_id", np.int64),  # 0: unknown
        ("row_id_damaged", np.bool_),
        ("weight", np.int32),
        ("last_hour", np.int32),
        ("sender_end", np.int64),  # where its sender ends in Records.sender; it begins where the last one ends
        ("text_end", np.int64),
        ("place", np.int64),  # the same number where video and pool are the same
    ]
)
SIGHTING = np.dtype([("comment", np.int32), ("hour", np.int32)])
PIECE = np.dtype([("kind", np.int8), ("begin", np.int64), ("end", np.int64), ("row", np.int32), ("order", np.int64)])


class Records(NamedTuple):
    """Arrays that a block is read into; `count` says how far each is filled.

    The fields are few because a call of a compiled function passes every array with its shape, which takes time.
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
def is_full(records: Records) -> bool:
    """Whether no more of a block should be read into the arrays at once."""
    return records.count[COMMENTS] >= MOST or records.count[PIECES] >= MOST


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
def find(by_row_id: Any, comments: Any, key: int) -> int:
    """The place of a row id in a hash table of comments, or the free place where it belongs.

    Args:
        by_row_id: numbers of comments, -1 where a place is free; as long as a power of two, and never full.
        comments: COMMENT.
        key: the row id.
    """
    mask = len(by_row_id) - 1
    place = np.int64((np.uint64(key) * MULTIPLIER) >> np.uint64(20)) & mask
    while by_row_id[place] >= 0 and comments[by_row_id[place]].row_id != key:
        place = (place + 1) & mask
    return place


@njit(cache=True, nogil=True)
def with_room(by_row_id: Any, records: Records, coming: int) -> Any:
    """The hash table, or a larger copy where `coming` comments would fill more than half of it."""
    comments = records.count[COMMENTS]
    size = len(by_row_id)
    while (comments + coming) * 2 > size:
        size *= 2
    if size == len(by_row_id):
        return by_row_id
    larger = np.full(size, -1, np.int32)
    for comment in range(comments):
        key = records.comments[comment].row_id
        if key:
            place = find(larger, records.comments, key)
            if larger[place] < 0:
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
    place: int,
    damaged: bool,
    by_row_id: Any,
    records: Records,
) -> bool:
    """Read a record whose fields lie at `spans` (FIELDS pairs); False if one of them is irregular.

    Args:
        fields: 9, or 10 with a weight before the text.
        hour: of the snapshot, in hours since 1970; negative if there is none.
        place: a number for its video and pool.
        damaged: the file's row ids went through a float; those from 2**53 on are not used.
    """
    row_id = row_number(buffer, spans[14], spans[15])
    if row_id == IRREGULAR or spans[2 * fields - 1] - spans[2 * fields - 2] > LONGEST_TEXT:
        return False
    lost = damaged and row_id >= FLOAT_EXACT
    if lost:
        row_id = 0
    onset = onset_ms(buffer, spans[0], spans[1])
    sent = sent_ms(buffer, spans[8], spans[9])
    mode = whole_or_blank(buffer, spans[2], spans[3], 99)
    font_size = whole_or_blank(buffer, spans[4], spans[5], 10_000)
    color = whole_or_blank(buffer, spans[6], spans[7], 2**32 - 1)
    pool = whole_or_blank(buffer, spans[10], spans[11], 99)
    weight = NO_WEIGHT
    if fields == FIELDS:
        weight = whole_or_blank(buffer, spans[16], spans[17], 100)
        if weight < 0:
            return False
    bad = onset == IRREGULAR or sent == IRREGULAR or mode == IRREGULAR or font_size == IRREGULAR
    if bad or color == IRREGULAR or pool == IRREGULAR or not is_sender(buffer, spans[12], spans[13]):
        return False
    comment = records.count[COMMENTS]
    begin, end = spans[2 * fields - 2], spans[2 * fields - 1]
    slot, first, known = np.int64(0), np.int64(-1), np.int64(-1)  # known: the stored record of the same moment
    known_begin, known_end = np.int64(0), np.int64(0)
    if row_id:
        slot = find(by_row_id, records.comments, row_id)
        first = by_row_id[slot]
        if first >= 0 and is_same_moment(buffer, spans[12], spans[13], onset, sent, place, first, records):
            known = first
            known_begin, known_end = text_begin(records, known), records.comments[known].text_end
            if is_spelled(buffer, begin, end, spelling, records.text, known_begin, known_end):
                repeat(records, known, weight, hour)
                return True
    text_end = copy_text(buffer, begin, end, spelling, records.text, records.count[TEXT])
    if text_end == IRREGULAR:
        return False
    if known >= 0 and is_equal(records.text, records.count[TEXT], text_end, records.text, known_begin, known_end):
        repeat(records, known, weight, hour)
        return True
    sender_end = copy_text(buffer, spans[12], spans[13], 0, records.sender, records.count[SENDER])
    if row_id and first < 0:
        by_row_id[slot] = comment
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
    new.place = place
    records.count[COMMENTS] = comment + 1
    records.count[TEXT] = text_end
    records.count[SENDER] = sender_end
    records.count[RECORDS] += 1
    if hour >= 0:
        sight(records, comment, hour)
    return True


@njit(cache=True, nogil=True)
def text_begin(records: Records, comment: int) -> int:
    """Where a comment's text begins in Records.text."""
    return records.comments[comment - 1].text_end if comment else 0


@njit(cache=True, nogil=True)
def repeat(records: Records, comment: int, weight: int, hour: int) -> None:
    """Note a further record of a comment that is stored already."""
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
