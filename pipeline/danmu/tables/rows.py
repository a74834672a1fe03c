"""From the values of a table's row to a comment: one function per header, made once."""

from collections.abc import Callable
from datetime import UTC
from functools import partial
from typing import Any

from pipeline.danmu.readers.fields import BadField
from pipeline.danmu.record import BILIBILI, Comment
from pipeline.danmu.tables.colours import hexadecimal, in_words
from pipeline.danmu.tables.columns import Columns
from pipeline.danmu.tables.dates import reader as times_reader
from pipeline.danmu.tables.fills import attributes, either_time, row_ids, zone_of
from pipeline.danmu.tables.kinds import AS_THEY_ARE, Kinds
from pipeline.danmu.tables.kinds import Values as Values
from pipeline.danmu.tables.names import OURS
from pipeline.danmu.tables.places import COMMENT_ID, ONSET, PLACE, SITE, TEXT, UNKNOWN, leave_blank
from pipeline.danmu.tables.values import (
    PARSERS,
    POOL_IN_ADDRESS,
    VIDEO_IN_ADDRESS,
    Known,
    in_address,
    milliseconds_in,
)

ACFUN = "acfun"  # whose attributes are called `c`
#: columns that hold a video's or a pool's id and no address
PLAIN_PLACES = frozenset(["videoid", "chatid", "cid", "oid", "bvid", "aid", "avid"])
MEMORY = 4096  # values remembered per column: most modes, sizes, colours and videos come again


def row_reader(columns: Columns, kinds: Kinds = AS_THEY_ARE) -> Callable[[Values], Comment]:
    """The function that reads one row of such a table: as many values as the header has names.

    The function raises BadField where a row is no comment. A blank value is unknown (None), except that a text may be
    empty and a danmu's blank onset is 0. A value that cannot be read is unknown too, and the comment's `blanked` names
    it. In a corpus that is not of danmu, a column may have one of their names by chance (a `color` "navy"): what cannot
    be read there is not counted, unless the name is our own (OURS).
    """
    if columns.fault:
        return refuse(columns.fault)
    begin = list(UNKNOWN)
    for field, value in columns.omitted.items():
        begin[PLACE[field]] = value
    if columns.danmu:
        begin[SITE] = ACFUN if "c" in columns.at else BILIBILI
    if columns.danmu and "onset_s" in columns.at:
        begin[ONSET] = 0.0
    plan = [
        (PLACE[field], index, parser(field, columns, kinds))
        for field, index in columns.at.items()
        if field in PARSERS and field != "row_id"
    ]
    plan += [(PLACE[field], index, parse) for field, index, parse in addresses(columns)]
    fills = [fill for fill in (row_ids(columns), either_time(columns, kinds), *attributes(columns)) if fill]
    text, identified = columns.at.get("text"), "comment_id" in columns.at

    def read(values: Values) -> Comment:
        taken = begin[:]
        for place, index, parse in plan:
            value = values[index]
            if value:
                try:
                    if (known := parse(value)) is not None:
                        taken[place] = known
                except BadField as error:
                    leave_blank(taken, place, error)
        for fill in fills:
            fill(values, taken)
        if text is not None:
            taken[TEXT] = values[text]
            if taken[TEXT] is None:
                raise BadField("no text")
        if identified and taken[COMMENT_ID] is None:
            raise BadField("no id")
        return Comment(*taken)

    return read


def refuse(reason: str) -> Callable[[Values], Comment]:
    """A reader of rows that are no comments."""

    def read(values: Values) -> Comment:
        raise BadField(reason)

    return read


def parser(field: str, columns: Columns, kinds: Kinds) -> Callable[[str], Any]:
    """The reader of a field's values.

    Exporters of danmu write the clock of Beijing where they name no zone; our own `sent_at` is UTC.
    """
    name = columns.names[columns.at[field]]
    parse = PARSERS[field]
    if field == "onset_s" and (name.endswith("ms") or name == "progress"):
        parse = milliseconds_in
    if field == "sent_at":
        parse = times_reader(UTC if name in OURS else zone_of(columns), kinds.day_first, kinds.serial)
    if field == "color":
        parse = hexadecimal if kinds.hexadecimal else parse
        parse = in_words(parse) if columns.danmu else parse
    if field not in ("onset_s", "sent_at", "comment_id", "sender"):
        parse = Known(parse, MEMORY).__getitem__
    return parse if columns.danmu or name in OURS or field == "comment_id" else tolerant(parse)


def addresses(columns: Columns) -> list[tuple[str, int, Callable[[str], Any]]]:
    """What the address of a video says of its pool, and that of a pool of its video, where no column does."""
    found = []
    for field, other, pattern in (
        ("video_id", "chat_id", VIDEO_IN_ADDRESS),
        ("chat_id", "video_id", POOL_IN_ADDRESS),
    ):
        index = columns.at.get(other)
        if field not in columns.at and index is not None and columns.names[index] not in PLAIN_PLACES:
            found.append((field, index, Known(partial(in_address, pattern), MEMORY).__getitem__))
    return found


def tolerant(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """The same reader with None for what it cannot read."""

    def read(value: str) -> Any:
        try:
            return parse(value)
        except BadField:
            return None

    return read
