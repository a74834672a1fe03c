"""From the values of a table's row to a comment: one function per header, made once."""

import re
from collections.abc import Callable, Sequence
from dataclasses import MISSING, fields
from datetime import UTC
from functools import partial
from typing import Any

from pipeline.danmu.readers.attributes import in_order
from pipeline.danmu.readers.fields import NUMBER, BadField, row_number, sender_and_site, went_through_float
from pipeline.danmu.record import BEIJING, BILIBILI, Comment
from pipeline.danmu.tables.columns import OURS, Columns
from pipeline.danmu.tables.values import PARSERS, Known, identifier, instant, milliseconds_in, seconds, unguarded

#: a row's values by column; None is a value that is missing
Values = Sequence[str | None]
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
PLACE = {field.name: place for place, field in enumerate(fields(Comment))}
COMMENT_ID, CHAT_ID, ONSET, SENT_AT, TEXT, SITE, SENDER = map(
    PLACE.__getitem__, ["comment_id", "chat_id", "onset_s", "sent_at", "text", "site", "sender"]
)
ROW_ID, ROW_ID_DAMAGED = PLACE["row_id"], PLACE["row_id_damaged"]
UNKNOWN: list[Any] = [None if field.default is MISSING else field.default for field in fields(Comment)]
EARLIEST_TIME = 1e9  # a number from here on is no onset, in seconds or milliseconds, but a Unix time (2001)
DATE = re.compile(r"\s*[0-9]{4}[-/.年][0-9]")
ACFUN = "acfun"  # whose attributes are called `c`
MEMORY = 4096  # values remembered per column: most modes, sizes, colours and videos come again


def row_reader(columns: Columns) -> Callable[[Values], Comment]:
    """The function that reads one row of such a table: as many values as the header has names.

    The function raises BadField where a row is no comment. A blank value is unknown (None), except that a text may be
    empty and a danmu's blank onset is 0. In a corpus that is not of danmu, a column may have one of their names by
    chance (a `color` "navy"): a value that cannot be read there is unknown too, unless the name is our own (OURS).
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
        (PLACE[field], index, strictly(field, columns))
        for field, index in columns.at.items()
        if field in PARSERS and field != "row_id"
    ]
    fills = [fill for fill in (row_ids(columns), either_time(columns), *attributes(columns)) if fill]
    text, identified = columns.at.get("text"), "comment_id" in columns.at

    def read(values: Values) -> Comment:
        taken = begin[:]
        for place, index, parse in plan:
            value = values[index]
            if value and (known := parse(value)) is not None:
                taken[place] = known
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


def strictly(field: str, columns: Columns) -> Callable[[str], Any]:
    """The reader of a field's values: strict in danmu and under our own names, else None for a bad one.

    Exporters of danmu write the clock of Beijing where they name no zone; our own `sent_at` is UTC.
    """
    name = columns.names[columns.at[field]]
    parse = PARSERS[field]
    if field == "onset_s" and (name.endswith("ms") or name == "progress"):
        parse = milliseconds_in
    if field == "sent_at" and columns.danmu and name not in OURS:
        parse = partial(instant, zone=BEIJING)
    if field not in ("onset_s", "sent_at", "comment_id", "sender"):
        parse = Known(parse, MEMORY).__getitem__
    return parse if columns.danmu or name in OURS or field == "comment_id" else tolerant(parse)


def tolerant(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """The same reader with None for what it cannot read."""

    def read(value: str) -> Any:
        try:
            return parse(value)
        except BadField:
            return None

    return read


def row_ids(columns: Columns) -> Fill | None:
    """Fill in the row id, from the first of its columns that gives one, and whether it lost digits.

    A value of `id` that is no number is taken as the corpus's own id, even in a table of danmu.
    """
    named, plain = columns.at.get("row_id"), columns.at.get("id")
    candidates = [index for index in (named, plain) if index is not None]
    strict = columns.danmu or (named is not None and columns.names[named] in OURS)
    if not candidates:
        return None

    def fill(values: Values, taken: list[Any]) -> None:
        lost = False
        for index in candidates:
            value = values[index] or ""
            if len(value) < 19 and value.isascii() and value.isdigit() and value[0] != "0":
                taken[ROW_ID] = int(value)  # the usual spelling, read at once
                return
            value = unguarded(value)
            if index == plain and value and not NUMBER.fullmatch(value):
                taken[COMMENT_ID] = identifier(values[index] or "")
                continue
            try:
                number = row_number(value)
            except BadField:
                if strict:
                    raise
                continue
            if number is not None:
                taken[ROW_ID] = number
                return
            lost = lost or went_through_float(value)
        taken[ROW_ID_DAMAGED] = lost

    return fill


def either_time(columns: Columns) -> Fill | None:
    """Fill in the onset or the time of sending from an ambiguous column, as each value itself tells."""
    index = columns.at.get("either")
    if index is None:
        return None
    zone = BEIJING if columns.danmu else UTC

    def fill(values: Values, taken: list[Any]) -> None:
        value = values[index]
        if value and not value.isspace():
            sent = DATE.match(value) or (NUMBER.fullmatch(value) and float(value) >= EARLIEST_TIME)
            try:
                if not sent:
                    taken[ONSET] = seconds(value)
                elif taken[SENT_AT] is None:
                    taken[SENT_AT] = instant(value, zone)
            except BadField:
                if columns.danmu:
                    raise
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
    counts = ", ".join(map(str, layouts))
    index, chat = columns.at[name], columns.at.get("chat_id")
    is_cid = chat is not None and columns.names[chat] == "cid"

    def fill(values: Values, taken: list[Any]) -> None:
        written = (values[index] or "").split(",")
        parts = in_order(written) if name == "p" else written
        layout = layouts.get(len(parts))
        if layout is None:
            raise BadField(f"{len(parts)} attributes where one of {counts} belongs")
        if len(written) < 6 and is_cid:
            taken[COMMENT_ID], taken[CHAT_ID] = identifier(taken[CHAT_ID] or ""), None
        for (place, parse), part in zip(layout, parts):
            known = parse(part)
            if known is not None or place == ROW_ID:
                taken[place] = known
        if name == "p":
            taken[ROW_ID_DAMAGED] = went_through_float(parts[7])
            taken[SENDER], site = sender_and_site(parts[6])
            taken[SITE] = site or taken[SITE]
        if not parts[0].strip():
            taken[ONSET] = 0.0

    return fill
