"""The attributes of a comment joined by commas, as JSON has them: the XML's, and what others made of them."""

from collections.abc import Callable
from typing import Any

from pipeline.danmu.readers.attributes import in_order
from pipeline.danmu.readers.comments import read_fields
from pipeline.danmu.readers.fields import BadField
from pipeline.danmu.record import Comment

DANDANPLAY = "dandanplay"
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
    written = joined.split(",")
    attributes = in_order(written)
    if len(attributes) < LEAST:
        raise BadField(f"the attributes {joined[:40]!r} are none of a comment")
    comment = read_fields([*attributes, text], None, chat_id, None)
    if is_dandanplays(written):
        comment.site = DANDANPLAY
    return comment


def is_dandanplays(written: list[str]) -> bool:
    """Whether they are the four of DanDanPlay, and no other site is named."""
    return len(written) == 4 and "[" not in written[3]


def fill(comment: Comment, field: str, value: str, read: Callable[[str], Any]) -> None:
    """Fill in a field; where its value cannot be read, it stays blank, and the comment says so."""
    try:
        setattr(comment, field, read(value))
    except BadField:
        comment.blanked += (SPOKEN.get(field, field),)
