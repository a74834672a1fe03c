"""comments.parquet and rejected.parquet: what `parse` makes of raw files."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.artifacts.artifact import DERIVED, Record, Table

UTC_TIME = pl.Datetime("ms", "UTC")

COMMENTS: dict[str, Any] = {
    "comment_id": pl.String(),  # the key everywhere; stable across re-collections
    "site": pl.String(),  # bilibili, acfun, niconico …; null in a corpus of no site of danmu
    "video_id": pl.String(),  # `cid` and the pool, where no input names the video
    "chat_id": pl.String(),  # the pool of comments a video part has
    "first_seen": UTC_TIME,  # hour of the first and of the last snapshot that holds it
    "last_seen": UTC_TIME,
    "snapshots": pl.Int32(),  # how many hours it was seen in
    "onset_s": pl.Float64(),  # second of the video at which it appears
    "mode": pl.Int32(),  # 1 rolling, 4 bottom, 5 top, 6 reverse, 7 positioned, 8 and 9 code
    "font_size": pl.Int32(),
    "color": pl.Int64(),  # 0xRRGGBB, though values up to 2³²-1 occur
    "sent_at": UTC_TIME,
    "pool": pl.Int32(),  # 0 normal, 1 subtitles, 2 special, 3 interactive
    "sender": pl.String(),  # text: leading zeros, guests, 2.89E+60
    "row_id": pl.Int64(),  # null where it was missing, 0, damaged by a float, or no key of the site
    "row_id_damaged": pl.Boolean(),  # it went through a float and lost digits: it cannot tell comments apart
    "weight": pl.Int32(),
    "kind": pl.String(),  # null for a comment; super_chat for one that was paid for
    "text": pl.String(),
}

REJECTED: dict[str, Any] = {
    "file": pl.String(),
    "line": pl.Int64(),  # 1-based; in binary files the number of the record
    "reason": pl.String(),
    "excerpt": pl.String(),
}


@dataclass(frozen=True)
class ParseSummary:
    """How many records became what: records = comments + duplicates + rejected."""

    records: int
    comments: int
    duplicates: int  # further records of a comment: snapshots, mostly
    rejected: int
    forms: dict[str, int]  # form of raw file → records
    reasons: dict[str, int]  # why → rejected records
    blanked: dict[str, int]  # what could not be read of a record whose text was kept → records
    shared_ids: int = 0  # comments whose id is that of comments of other content, too: it is no key
    counter_ids: int = 0  # comments whose row id only counts the records of a file


COMMENTS_FILE = Table(DERIVED / "comments.parquet", COMMENTS, "parse")
REJECTED_FILE = Table(DERIVED / "rejected.parquet", REJECTED, "parse")
PARSE_FILE = Record(DERIVED / "parse.json", ParseSummary, "parse")
