"""The attributes of a comment joined by commas, as JSON has them: the XML's, and what others made of them."""

import re
from collections.abc import Callable
from typing import Any

from pipeline.danmu.readers.attributes import DANDANPLAY, in_order
from pipeline.danmu.readers.comments import read_fields
from pipeline.danmu.readers.fields import NOTHING, BadField
from pipeline.danmu.record import Comment

#: DanDanPlay's four, where none of them needs a closer look: onset, mode, colour, sender
PLAIN_FOUR = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,3}0*)?),([1-9]),([0-9]{1,9}),(?![0-9]{9})([0-9A-Za-z]{2,32})")
LEAST = 8  # attributes, once they are in order
#: what a field is called where it could not be read
SPOKEN = {"color": "colour", "font_size": "size", "sent_at": "time", "onset_s": "onset", "comment_id": "id"}


def words(text: str) -> frozenset[str]:
    """Its words."""
    return frozenset(text.split())


def of_attributes(joined: str, text: str, chat_id: str | None = None) -> Comment:
    """The comment of joined attributes and a text. A value that cannot be read stays blank, and is noted.

    Raises:
        BadField: they have not the shape of a comment's.
    """
    plain = PLAIN_FOUR.fullmatch(joined)
    if plain and plain[4] not in NOTHING:  # the usual spelling, read at once
        onset, mode, color, sender = plain.groups()
        return Comment(text, None, None, chat_id, None, float(onset), int(mode), None, int(color), None, None, sender,
                       site=DANDANPLAY)  # fmt: skip
    attributes = in_order(joined.split(","))
    if len(attributes) < LEAST:
        raise BadField(f"the attributes {joined[:40]!r} are none of a comment")
    return read_fields([*attributes, text], None, chat_id, None)


def fill(comment: Comment, field: str, value: str, read: Callable[[str], Any]) -> None:
    """Fill in a field; where its value cannot be read, it stays blank, and the comment says so."""
    try:
        setattr(comment, field, read(value))
    except BadField:
        comment.blanked += (SPOKEN.get(field, field),)
