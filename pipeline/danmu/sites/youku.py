"""Youku, and Tudou, which has the same service: milliseconds, and a JSON text of decoration."""

from pipeline.danmu.record import Comment
from pipeline.danmu.sites.site import Around, described, part, paths, value_at
from pipeline.danmu.sites.values import (
    BOTTOM,
    LARGE,
    MEDIUM,
    ROLLING,
    SMALL,
    TOP,
    Object,
    chosen,
    hex_colour,
    inner,
    thousandths,
)
from pipeline.danmu.tables.attributes import fill
from pipeline.danmu.tables.values import PARSERS

COLOUR, PLACE, SIZE = paths("color"), paths("pos"), paths("size")
PLACES = {"0": ROLLING, "3": ROLLING, "1": TOP, "2": BOTTOM}
SIZES = {"0": SMALL, "1": MEDIUM, "2": LARGE}


def decorate(row: Object, comment: Comment, _: Around) -> None:
    """Fill in what the decoration says."""
    decoration = inner(row.get("propertis") or row.get("properties"))
    if (colour := value_at(decoration, COLOUR)) is not None:
        fill(comment, "color", colour, hex_colour if colour.startswith("#") else PARSERS["color"])
    fill(comment, "mode", value_at(decoration, PLACE) or "0", chosen(PLACES))
    if (size := value_at(decoration, SIZE)) is not None:
        fill(comment, "font_size", size, chosen(SIZES))


YOUKU = described(
    "youku",
    "playat content",
    "content",
    part("onset_s", "playat", thousandths),
    part("sent_at", "createtime createTime create_time"),
    part("sender", "uid uid2 ouid"),
    part("comment_id", "id"),
    part("video_id", "iid"),
    finish=decorate,
)
