"""DanDanPlay, and the servers that answer as it does: `{"cid": 7, "p": "12.5,1,16777215,[tencent]", "m": "…"}`.

The number beside `p` and `m` is the comment's own. Some servers only count with it: then it is no id.
"""

from pipeline.danmu.readers.fields import BadField
from pipeline.danmu.readers.json_text import as_text
from pipeline.danmu.record import Comment
from pipeline.danmu.sites.site import Around, Keys, Site
from pipeline.danmu.sites.values import Object, place
from pipeline.danmu.tables.attributes import of_attributes
from pipeline.danmu.tables.columns import columns_of

OWN = frozenset(["p", "m", "cid"])


def read(row: Object, around: Around) -> Comment:
    """A comment of joined attributes and a text."""
    text = as_text(row.get("m"))
    if text is None:
        raise BadField("no text")
    comment = of_attributes(as_text(row.get("p")) or "", text)
    number = as_text(row.get("cid"))
    counts = around.is_count(number)
    if comment.row_id is None and not counts:
        comment.comment_id = place(number)
    return comment


def has(keys: Keys) -> bool:
    """Whether such keys are those of a comment, and no other one means anything in a table of danmu."""
    return {"p", "m"} <= keys and not columns_of(sorted(keys - OWN)).at


DANDANPLAY = Site("DanDanPlay", has, read)
