"""Ids that comments of different content share are no keys: a converter's constant, a counter of each file.

Records of one id are one comment as long as they differ only in what forms lose: digits of an onset within the second,
a sender or a time, the time zone or time of day of a comment whose sender is known, escapes of a text. If any two
differ in more, all comments of that id go by content, so that the order of files makes no difference.
"""

from html import unescape

import polars as pl

from pipeline.danmu.corpus.duplicates import is_repeated
from pipeline.danmu.corpus.identity import UNKNOWN, content_of, ids_by_content, is_by_somebody
from pipeline.danmu.row_ids import COUNTER_DIGITS

ZONE = 900  # seconds: time zones are whole quarters of an hour apart
MIDNIGHTS = (0, 57_600)  # of UTC and of Beijing, in seconds of a UTC day: a date without a time of day
ESCAPES = 3  # times that a text may have been escaped


def shared_ids(frame: pl.DataFrame) -> pl.Series:
    """The ids of comments that differ in more than forms lose, sorted.

    More records never make an id that is shared a sound one, so that parts of a corpus may be looked at one by one.

    Args:
        frame: PART with one row per id and content (duplicates.once).
    """
    records = frame.filter(is_repeated(frame))
    if records.is_empty():
        return records["comment_id"]
    nobody = ~is_by_somebody()
    counted = pl.col("comment_id").str.contains(rf"^\D*\d{{1,{COUNTER_DIGITS}}}$")
    facts = records.with_columns(content_of(records)).select(
        "comment_id",
        pl.col("text").map_elements(unescaped, return_dtype=pl.String, skip_nulls=True),
        second=known("onset") // 1000,
        sender=pl.when(pl.col("sender") != "").then("sender"),
        sent=known("sent"),
        chat_id=pl.when(nobody).then("chat_id"),
        video_id=pl.when(nobody & pl.col("chat_id").is_null()).then("video_id"),
        origin=pl.when(nobody & counted).then("origin"),
    )
    of_day = pl.col("sent") % 86_400
    told = pl.when(~of_day.is_in(MIDNIGHTS)).then(pl.col("sent") % ZONE)
    named = pl.col("sender").is_not_null().all()
    several = [distinct(pl.col(name)) for name in ("text", "second", "sender", "chat_id", "video_id", "origin")]
    several.append(pl.when(named).then(distinct(told)).otherwise(distinct(pl.col("sent"))))
    found = facts.group_by("comment_id").agg(pl.any_horizontal(several).alias("shared"))
    return found.filter("shared")["comment_id"].sort()


def known(name: str) -> pl.Expr:
    """A number of the content, null where it is unknown."""
    return pl.when(pl.col(name) != UNKNOWN).then(name)


def distinct(values: pl.Expr) -> pl.Expr:
    """Whether the known ones among the values differ."""
    return values.drop_nulls().n_unique() > 1


def unescaped(text: str) -> str:
    """A text without the escapes that a converter left in it."""
    for _ in range(ESCAPES if "&" in text else 0):
        text = unescape(text)
    return text


def by_content(frame: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """The comments of these ids, which are shared, under ids by content; a number that is no row id goes."""
    frame = frame.filter(pl.col("comment_id").is_in(ids.implode()))
    marked = frame.with_columns(shared=pl.lit(True))
    is_row_id = pl.col("comment_id") == pl.lit("dm") + pl.col("row_id").cast(pl.String)
    return marked.with_columns(
        ids_by_content(marked, frame["comment_id"]),
        row_id=pl.when(~is_row_id).then("row_id"),
    )
