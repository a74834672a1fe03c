"""What takes more than one value of a row, or gives more than one field: ids, ambiguous times, joined attributes."""

from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import Any

from pipeline.danmu.readers.attributes import in_order
from pipeline.danmu.readers.fields import NUMBER, BadField, row_number, sender_and_site, went_through_float
from pipeline.danmu.record import BEIJING
from pipeline.danmu.tables.columns import Columns
from pipeline.danmu.tables.dates import reader as times_reader
from pipeline.danmu.tables.kinds import Kinds, Values, is_date
from pipeline.danmu.tables.names import OURS
from pipeline.danmu.tables.places import (
    CHAT_ID,
    COMMENT_ID,
    ONSET,
    PLACE,
    ROW_ID,
    ROW_ID_DAMAGED,
    SENDER,
    SENT_AT,
    SITE,
    leave_blank,
)
from pipeline.danmu.tables.values import PARSERS, identifier, milliseconds_in, seconds, unguarded
from pipeline.danmu.tables.words import is_nothing

Fill = Callable[[Values, list[Any]], None]

#: the comma-joined attributes of the XML and its like, in the order of the XML, and of AcFun, by their number
ATTRIBUTES = {
    "p": {
        8: "onset_s mode font_size color sent_at pool sender row_id",
        9: "onset_s mode font_size color sent_at pool sender row_id weight",
    },
    "c": {
        6: "onset_s color mode font_size sender sent_at",
        7: "onset_s color mode font_size sender sent_at comment_id",
    },
}


def zone_of(columns: Columns) -> tzinfo:
    """The zone of times that name none."""
    return BEIJING if columns.danmu else UTC


def row_ids(columns: Columns) -> Fill | None:
    """Fill in the row id, from the first of its columns that gives one, and whether it lost digits.

    A value of `id` that is no number is taken as the corpus's own id, even in a table of danmu.
    """
    named, plain = columns.at.get("row_id"), columns.at.get("id")
    candidates = [index for index in (named, plain) if index is not None]
    counted = columns.danmu or (named is not None and columns.names[named] in OURS)
    if not candidates:
        return None

    def fill(values: Values, taken: list[Any]) -> None:
        lost, unreadable = False, None
        for index in candidates:
            value = values[index] or ""
            if len(value) < 19 and value.isascii() and value.isdigit() and value[0] != "0":
                taken[ROW_ID] = int(value)  # the usual spelling, read at once
                return
            value = unguarded(value)
            if value == "-1" or is_nothing(value):
                continue
            if index == plain and not NUMBER.fullmatch(value):
                taken[COMMENT_ID] = identifier(values[index] or "")
                continue
            try:
                number = row_number(value)
            except BadField as error:
                unreadable = error
                continue
            if number is not None:
                taken[ROW_ID] = number
                return
            lost = lost or went_through_float(value)
        taken[ROW_ID_DAMAGED] = lost
        if unreadable and counted:
            leave_blank(taken, ROW_ID, unreadable)

    return fill


def either_time(columns: Columns, kinds: Kinds) -> Fill | None:
    """Fill in the onset or the time of sending from an ambiguous column, as each value itself tells."""
    index = columns.at.get("either")
    if index is None:
        return None
    sent = times_reader(zone_of(columns), kinds.day_first, False)
    onset = milliseconds_in if columns.names[index].endswith("ms") else seconds

    def fill(values: Values, taken: list[Any]) -> None:
        value = values[index]
        if value and not value.isspace():
            place = SENT_AT if is_date(value) else ONSET
            try:
                if place == ONSET:
                    taken[ONSET] = onset(value)
                elif taken[SENT_AT] is None:
                    taken[SENT_AT] = sent(value)
            except BadField as error:
                if columns.danmu:
                    leave_blank(taken, place, error)
        elif columns.danmu:
            taken[ONSET] = 0.0

    return fill


def attributes(columns: Columns) -> list[Fill]:
    """Fill in what comma-joined attributes say; a blank one is unknown, except that a blank onset is 0."""
    return [joined(columns, name) for name in ATTRIBUTES if name in columns.at]


def joined(columns: Columns, name: str) -> Fill:
    """Fill in the attributes of one column. Beside DanDanPlay's four or five, `cid` is no pool."""
    layouts = {
        count: [(PLACE[field], PARSERS[field]) for field in spelled.split()]
        for count, spelled in ATTRIBUTES[name].items()
    }
    index, chat = columns.at[name], columns.at.get("chat_id")
    is_cid = chat is not None and columns.names[chat] == "cid"

    def fill(values: Values, taken: list[Any]) -> None:
        written = (values[index] or "").split(",")
        parts = in_order(written) if name == "p" else written
        layout = layouts.get(len(parts))
        if layout is None:
            raise BadField(f"the attributes {(values[index] or '')[:40]!r} are none of a comment")
        if len(written) < 6 and is_cid:
            taken[COMMENT_ID], taken[CHAT_ID] = identifier(taken[CHAT_ID] or ""), None
        for (place, parse), part in zip(layout, parts):
            try:
                known = parse(part)
            except BadField as error:
                leave_blank(taken, place, error)
                continue
            if known is not None or place == ROW_ID:
                taken[place] = known
        if name == "p":
            taken[ROW_ID_DAMAGED] = went_through_float(parts[7])
            taken[SENDER], site = sender_and_site(parts[6])
            taken[SITE] = site or taken[SITE]
        if not parts[0].strip():
            taken[ONSET] = 0.0

    return fill
