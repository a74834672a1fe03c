"""Mango TV: milliseconds, and colours in three parts."""

from contextlib import suppress

from pipeline.danmu.record import Comment
from pipeline.danmu.sites.site import Around, described, part
from pipeline.danmu.sites.values import BOTTOM, ROLLING, TOP, Object, chosen, inner, thousandths


def decorate(row: Object, comment: Comment, _: Around) -> None:
    """Fill in the colour, the left one of two; without a place it rolls."""
    if row.get("v2_position") is None:
        comment.mode = ROLLING
    colours = inner(row.get("v2_color"))
    colour = inner(colours.get("color_left")) or inner(colours.get("color_right"))
    if not colour:
        return
    with suppress(KeyError, TypeError, ValueError):
        red, green, blue = (int(colour[name]) for name in "rgb")
        if all(0 <= one <= 255 for one in (red, green, blue)):
            comment.color = red << 16 | green << 8 | blue
            return
    comment.blanked += ("colour",)


MANGO = described(
    "mgtv",
    "time content ids|v2_up_count|v2_position|v2_color",
    "content",
    part("onset_s", "time", thousandths),
    part("mode", "v2_position", chosen({"0": ROLLING, "1": TOP, "2": BOTTOM})),
    part("sender", "uid uuid"),
    part("comment_id", "ids id"),
    part("video_id", "vid"),
    finish=decorate,
)
