"""A record as the careful readers give it: a comment, or what was rejected and why."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

EXCERPT = 80  # characters of a rejected record that are kept
BILIBILI = "bilibili"  # the site of danmu whose form names no other
SUPER_CHAT = "super_chat"  # the kind of a comment that was paid for
BEIJING = timezone(timedelta(hours=8))


@dataclass(slots=True)
class Comment:
    """One comment as one input record gives it; None where the input does not say."""

    text: str
    comment_id: str | None = (
        None  # the corpus's own; danmu get theirs later, from row_id or content (corpus/identity.py)
    )
    video_id: str | None = None
    chat_id: str | None = None
    seen: datetime | None = None
    onset_s: float | None = None
    mode: int | None = None
    font_size: int | None = None
    color: int | None = None
    sent_at: datetime | None = None
    pool: int | None = None
    sender: str | None = None
    row_id: int | None = None
    row_id_damaged: bool = False
    weight: int | None = None
    site: str | None = None
    kind: str | None = None
    blanked: tuple[str, ...] = ()  # which of its values were there and could not be read: "colour", "time"


@dataclass(slots=True)
class Rejected:
    """One input record that could not be read, and why."""

    file: str
    line: int
    reason: str
    excerpt: str


class Flaw(NamedTuple):
    """A part of a row or document that is no comment: why, and how it begins."""

    reason: str
    excerpt: str


#: the values that a reason quotes: they differ from record to record
PARTICULAR = re.compile(r"'[^']*'|-?\d+(?= fields)|(?<=collect_YMDH )\d+|\(.*\)")


def general(reason: str) -> str:
    """A reason without the values that it quotes."""
    return PARTICULAR.sub("…", reason)
