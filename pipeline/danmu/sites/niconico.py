"""Niconico: hundredths of a second and a line of commands before 2022, milliseconds and a list of them since."""

from pipeline.danmu.readers.fields import BadField
from pipeline.danmu.readers.json_text import as_text
from pipeline.danmu.record import Comment
from pipeline.danmu.sites.site import Around, Keys, Site, commented, described, part
from pipeline.danmu.sites.values import (
    BOTTOM,
    LARGE,
    MEDIUM,
    ROLLING,
    SMALL,
    TOP,
    WHITE,
    Object,
    hex_colour,
    hundredths,
    place,
    sent,
    texts_in,
    thousandths,
)

PLACES = {"ue": TOP, "shita": BOTTOM, "naka": ROLLING}
SIZES = {"big": LARGE, "medium": MEDIUM, "small": SMALL}
COLOURS = {
    "white": 0xFFFFFF, "red": 0xFF0000, "pink": 0xFF8080, "orange": 0xFFC000, "yellow": 0xFFFF00, "green": 0x00FF00,
    "cyan": 0x00FFFF, "blue": 0x0000FF, "purple": 0xC000FF, "black": 0x000000,
    "white2": 0xCCCC99, "niconicowhite": 0xCCCC99, "red2": 0xCC0033, "truered": 0xCC0033, "pink2": 0xFF33CC,
    "orange2": 0xFF6600, "passionorange": 0xFF6600, "yellow2": 0x999900, "madyellow": 0x999900,
    "green2": 0x00CC66, "elementalgreen": 0x00CC66, "cyan2": 0x00CCCC, "blue2": 0x3399FF, "marineblue": 0x3399FF,
    "purple2": 0x6633CC, "nobleviolet": 0x6633CC, "black2": 0x666666,
}  # fmt: skip
#: what stands beside comments in an answer, each in an object of its own
OTHERS = frozenset(
    ["ping", "thread", "leaf", "global_num_res", "num_res", "chat_result", "view_counter", "nicoru_result", "click_rev"]
)


def command(comment: Comment, commands: object) -> None:
    """Fill in what commands say: place, size, colour. The first of each counts; without one, the player's own."""
    modes, sizes, colours = [], [], []
    for word in texts_in(commands):
        name = word.casefold()
        modes += [PLACES[name]] if name in PLACES else []
        sizes += [SIZES[name]] if name in SIZES else []
        if name in COLOURS:
            colours.append(COLOURS[name])
        elif name.startswith("#") and len(name) == 7:
            try:
                colours.append(hex_colour(name))
            except BadField:
                comment.blanked += ("colour",)
    comment.mode, comment.font_size, comment.color = [*modes, ROLLING][0], [*sizes, MEDIUM][0], [*colours, WHITE][0]


CHAT = (
    part("onset_s", "vpos", hundredths),
    part("sent_at", "date"),
    part("sender", "user_id userId"),
    part("video_id", "thread"),
)


def read_chat(row: Object, _: Around) -> Comment:
    """A comment of before 2022, alone or in an object with the key `chat`."""
    if OTHERS & row.keys() and "content" not in row:
        raise BadField(f"a message of Niconico's that is no comment: {next(iter(row))[:40]}")
    chat = row.get("chat", row)
    if not isinstance(chat, dict):
        raise BadField("no text")
    text = as_text(chat.get("content"))
    if text is None and chat.get("deleted"):
        raise BadField("a deleted comment, which has no text")
    comment = commented(chat, "niconico", text, CHAT)
    micros = as_text(chat.get("date_usec"))
    if comment.sent_at is not None and micros and micros.isdecimal() and len(micros) <= 6:
        comment.sent_at = comment.sent_at.replace(microsecond=int(micros) // 1000 * 1000)
    command(comment, chat.get("mail"))
    return comment


def is_chat(keys: Keys) -> bool:
    """Whether such keys are those of a comment of before 2022, or of what stands beside them."""
    return {"vpos", "content"} <= keys or (len(keys) == 1 and bool(keys & (OTHERS | {"chat"})))


def is_message(row: Object) -> bool:
    """Whether it is one, and no object of another that has such a key."""
    return "vpos" in row or (len(row) == 1 and isinstance(next(iter(row.values())), dict))


def finish(row: Object, comment: Comment, around: Around) -> None:
    """Fill in the commands, and the thread around the comments."""
    command(comment, row.get("commands"))
    comment.video_id = f"niconico{around.thread}" if place(around.thread) else None


NICONICO = Site("niconico", is_chat, read_chat, is_message)
NICONICO_V1 = described(
    "niconico",
    "vposMs body",
    "body",
    part("onset_s", "vposMs", thousandths),
    part("sent_at", "postedAt", sent),
    part("sender", "userId"),
    part("comment_id", "id"),
    finish=finish,
)
