"""Players that any site may have: DPlayer and ArtPlayer. Their modes are 0, 1, 2, and no site is named."""

from pipeline.danmu.readers.json_text import as_text
from pipeline.danmu.record import Comment
from pipeline.danmu.sites.site import Around, Keys, Site, commented, part
from pipeline.danmu.sites.values import BOTTOM, ROLLING, TOP, Object, chosen

DPLAYER_MODES = {"0": ROLLING, "1": TOP, "2": BOTTOM, "right": ROLLING, "top": TOP, "bottom": BOTTOM}
DPLAYER_LIST = ("time", "type", "color", "author", "text")  # its API gives a list
ARTPLAYER_MODES = {"0": ROLLING, "1": TOP, "2": BOTTOM}
DPLAYER_PARTS = (
    part("onset_s", "time"),
    part("mode", "type", chosen(DPLAYER_MODES)),
    part("color", "color"),
    part("sender", "author"),
    part("sent_at", "date"),
    part("comment_id", "_id id"),
    part("video_id", "player"),
)
ARTPLAYER_PARTS = (
    part("onset_s", "time"),
    part("mode", "mode", chosen(ARTPLAYER_MODES)),
    part("color", "color"),
    part("comment_id", "id _id"),
)
#: a comment of ArtPlayer's has none but these
ARTPLAYER_KEYS = frozenset(["text", "time", "mode", "color", "border", "style", "escape", "id", "_id"])


def read_dplayer(row: Object, _: Around) -> Comment:
    """A comment as DPlayer sends and keeps it; without a type it rolls."""
    comment = commented(row, None, as_text(row.get("text")), DPLAYER_PARTS)
    return rolling(comment, row.get("type"))


def is_dplayer(row: Object) -> bool:
    """Whether the type is one of DPlayer's."""
    return row["type"] is None or as_text(row["type"]) in DPLAYER_MODES


def read_artplayer(row: Object, _: Around) -> Comment:
    """A comment of ArtPlayer's; without a mode it rolls."""
    comment = commented(row, None, as_text(row.get("text")), ARTPLAYER_PARTS)
    return rolling(comment, row.get("mode"))


def rolling(comment: Comment, mode: object) -> Comment:
    """The comment, which rolls if no mode stands there."""
    if mode is None or mode == "":
        comment.mode = ROLLING
    return comment


def may_be_artplayer(keys: Keys) -> bool:
    """Whether such keys are all of ArtPlayer's, and more than those of any table."""
    return {"text", "time"} <= keys <= ARTPLAYER_KEYS and bool(keys & {"border", "style"} or {"mode", "color"} <= keys)


def is_artplayer(row: Object) -> bool:
    """Whether the mode is one of ArtPlayer's, and the colour is written as in a style sheet."""
    colour = row.get("color")
    styled = "border" in row or "style" in row or (isinstance(colour, str) and colour.startswith("#"))
    return styled and (row.get("mode") is None or as_text(row["mode"]) in ARTPLAYER_MODES)


DPLAYER = Site("DPlayer", lambda keys: keys >= frozenset(DPLAYER_LIST), read_dplayer, is_dplayer)
ARTPLAYER = Site("ArtPlayer", may_be_artplayer, read_artplayer, is_artplayer)
