"""Tencent Video: milliseconds in the segments of today, seconds in the lists of before."""

from pipeline.danmu.record import Comment
from pipeline.danmu.sites.site import Around, described, part, paths, value_at
from pipeline.danmu.sites.values import BOTTOM, ROLLING, TOP, Object, chosen, hex_colour, inner, thousandths
from pipeline.danmu.tables.attributes import fill

COLOUR, PLACE = paths("color"), paths("position")
PLACES = {"0": ROLLING, "1": ROLLING, "2": TOP, "3": BOTTOM}


def decorate(row: Object, comment: Comment, _: Around) -> None:
    """Fill in the colour and the mode of a style."""
    style = inner(row.get("content_style"))
    gradient = style.get("gradient_colors")
    first = gradient[0] if isinstance(gradient, list) and gradient and isinstance(gradient[0], str) else None
    if (colour := value_at(style, COLOUR) or first) is not None:
        fill(comment, "color", colour, hex_colour)
    fill(comment, "mode", value_at(style, PLACE) or "0", chosen(PLACES))


PARTS = (
    part("sent_at", "create_time createtime"),
    part("sender", "vuid opername nick"),
    part("comment_id", "id commentid"),
    part("video_id", "vid"),
)
TENCENT = described(
    "tencent",
    "time_offset content",
    "content",
    part("onset_s", "time_offset", thousandths),
    *PARTS,
    finish=decorate,
)
TENCENT_LIST = described(
    "tencent", "timepoint content commentid", "content", part("onset_s", "timepoint"), *PARTS, finish=decorate
)
