"""Where the fields of a comment stand among its values, and how one that cannot be read is left blank."""

from dataclasses import MISSING, fields
from typing import Any

from pipeline.danmu.readers.fields import BadField
from pipeline.danmu.record import Comment
from pipeline.danmu.tables.dates import Undecided

PLACE = {field.name: place for place, field in enumerate(fields(Comment))}
COMMENT_ID, CHAT_ID, ONSET, SENT_AT, TEXT, SITE, SENDER, BLANKED = map(
    PLACE.__getitem__, ["comment_id", "chat_id", "onset_s", "sent_at", "text", "site", "sender", "blanked"]
)
ROW_ID, ROW_ID_DAMAGED = PLACE["row_id"], PLACE["row_id_damaged"]
UNKNOWN: list[Any] = [None if field.default is MISSING else field.default for field in fields(Comment)]
#: what a value that cannot be read is counted as; its comment is kept
COUNTED_AS = {
    PLACE[field]: name
    for field, name in {
        "onset_s": "onset",
        "mode": "mode",
        "font_size": "size",
        "color": "colour",
        "sent_at": "time",
        "pool": "pool",
        "weight": "weight",
        "row_id": "row id",
    }.items()
}


def leave_blank(taken: list[Any], place: int, error: BadField) -> None:
    """Note that a value could not be read.

    Raises:
        BadField: the same again, if it is a comment's own id or a date that may be either of two.
    """
    if place not in COUNTED_AS or isinstance(error, Undecided):
        raise error
    taken[place] = None
    taken[BLANKED] += (COUNTED_AS[place],)
