"""The attributes of a comment joined by commas: the XML's, and what others made of them."""

import re
from collections.abc import Callable
from typing import Any

from pipeline.danmu.readers.fields import BadField, went_through_float
from pipeline.danmu.record import BILIBILI, Comment
from pipeline.danmu.tables.values import PARSERS


def words(text: str) -> frozenset[str]:
    """Its words."""
    return frozenset(text.split())


#: the fields of `p` by their number: Bilibili's have 8 or 9, DanDanPlay's 4, those of servers like it 5 or 7
JOINED = {
    4: "onset_s mode color sender",
    5: "onset_s mode font_size color sender",
    7: "onset_s mode font_size color sent_at sender row_id",
    8: "onset_s mode font_size color sent_at pool sender row_id",
    9: "onset_s mode font_size color sent_at pool sender row_id weight",
}
#: the site in brackets, in place of a sender or before one
TAG = re.compile(r"\s*\[([^\[\]]{1,30})\]\s*(.*)", re.DOTALL)
#: sites whose name before a sender is taken off; another one is part of the sender's name, unless it stands alone
TAGGED = words(
    "bilibili bilibili1 tencent qq iqiyi qiyi youku tudou mgtv mango imgo sohu letv leshi migu renren hanjutv acfun "
    "gamer bahamut dandan dandanplay niconico nicovideo xigua maiduidui animeko aiyifan custom douyin local"
)
NAMES = {"qq": "tencent", "qiyi": "iqiyi", "mango": "mgtv", "imgo": "mgtv", "bilibili1": "bilibili",
         "nicovideo": "niconico", "gamer": "bahamut", "dandan": "dandanplay"}  # fmt: skip
DANDANPLAY = "dandanplay"
#: what a field is called where it could not be read
SPOKEN = {"color": "colour", "font_size": "size", "sent_at": "time", "onset_s": "onset", "comment_id": "id",
          "row_id": "row id"}  # fmt: skip
Reader = Callable[[str], Any]


def of_attributes(comment: Comment, joined: str) -> None:
    """Fill in what joined attributes say, and the site. A value that cannot be read stays blank, and is noted.

    Raises:
        BadField: there are too few or too many of them.
    """
    parts = joined.split(",")
    layout = JOINED.get(min(len(parts), 9)) if len(parts) != 6 else None
    if layout is None:
        raise BadField(f"{len(parts)} attributes where 4, 5, 7, 8 or more belong")
    names = layout.split()
    comment.site = DANDANPLAY if len(names) == 4 else BILIBILI
    for name, value in zip(names, parts):
        if name == "sender":
            site, said = tagged(value)
            comment.site, comment.sender = site or comment.site, said
        elif value.strip():
            fill(comment, name, value, PARSERS[name])
    if "row_id" in names:
        comment.row_id_damaged = went_through_float(parts[names.index("row_id")])
    if not parts[0].strip():
        comment.onset_s = 0.0


def tagged(sender: str) -> tuple[str | None, str | None]:
    """The site that a sender names, and the sender without it."""
    tag = TAG.fullmatch(sender)
    if tag is None:
        return None, PARSERS["sender"](sender)
    site = tag[1].strip().casefold()
    if tag[2].strip() and site not in TAGGED:
        return None, PARSERS["sender"](sender)
    return NAMES.get(site, site), tag[2].strip() or None


def fill(comment: Comment, field: str, value: str, read: Reader) -> None:
    """Fill in a field; where its value cannot be read, it stays blank, and the comment says so."""
    try:
        setattr(comment, field, read(value))
    except BadField:
        comment.blanked += (SPOKEN.get(field, field),)
