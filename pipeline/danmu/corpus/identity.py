"""Which records are the same comment: by row id, else by what they say, when, where and by whom.

A row id is unique over the whole service, so that a comment keeps its id through every re-collection. Where the row
id is missing, 0, or has lost digits in a float, the content decides: onset, second of sending, sender and text, and
also video and pool where sender or time is unknown. A record without a row id is a duplicate of a comment with the
same content that has one (corpus/merge.py, find_twins).
"""

import os
from hashlib import blake2b
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from pipeline.danmu.compiled.content import hash_rows
from pipeline.errors import UserError

SENDER_KEY = "DANMU_SENDER_KEY"

AT_ONCE = 1 << 16  # ids that are spelled at once: as Python's numbers and texts they take some hundred bytes each
UNKNOWN = np.int64(-(2**62))  # in place of a null


def with_ids(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with each comment_id filled: `dm` and the row id, or `dx` and the content's hash.

    The letters keep spreadsheets from reading 17 digits as a rounded number.
    """
    missing = frame.select(pl.col("comment_id").is_null() & pl.col("row_id").is_null()).to_series()
    ids = pl.coalesce("comment_id", pl.format("dm{}", pl.col("row_id")))
    if missing.any():
        place = missing.cum_sum().cast(pl.Int64) - 1
        by_content = ids_by_content(frame.filter(missing)).gather(pl.select(pl.when(missing).then(place)).to_series())
        ids = pl.coalesce(ids, by_content)
    return frame.with_columns(ids.alias("comment_id"))


def is_by_somebody() -> pl.Expr:
    """Whether sender and time are known: then no two comments have the same content."""
    return (sender_expression() != "").fill_null(False) & pl.col("sent_at").is_not_null()


def is_keyless() -> pl.Expr:
    """Whether a comment is known by its content alone, which a comment with a row id may share."""
    return pl.col("row_id").is_null() & pl.col("comment_id").str.starts_with("dx") & is_by_somebody()


def sender_expression() -> pl.Expr:
    """The sender without leading zeros: collections that read it as a number drop them."""
    return pl.col("sender").str.strip_chars_start("0")


def ids_by_content(frame: pl.DataFrame) -> pl.Series:
    """`dx` and a 64-bit hash of onset, second, sender and text; without sender or time, of video and pool too."""
    place = pl.concat_str(pl.col("video_id", "chat_id").fill_null(""), separator="/")
    content = frame.select(
        onset=(pl.col("onset_s") * 1000).round().cast(pl.Int64).fill_null(UNKNOWN),
        sent=pl.col("sent_at").dt.epoch("s").fill_null(UNKNOWN),
        sender=sender_expression().fill_null(""),
        place=pl.when(is_by_somebody()).then(pl.lit("")).otherwise(place),
        text=pl.col("text"),
    )
    hashes = content_hash(content)
    parts = (hashes[begin : begin + AT_ONCE].tolist() for begin in range(0, max(len(hashes), 1), AT_ONCE))
    return pl.concat(pl.Series("comment_id", [f"dx{value:016x}" for value in part], dtype=pl.String) for part in parts)


def content_hash(content: pl.DataFrame) -> Any:
    """64 bits of onset, sent, sender, place and text; the same on every machine."""
    texts = [text_buffers(content[name]) for name in ("sender", "place", "text")]
    numbers = [content[name].to_numpy() for name in ("onset", "sent")]
    return hash_rows(*numbers, *(buffer for pair in texts for buffer in pair))


def text_buffers(texts: pl.Series) -> tuple[Any, Any]:
    """Where each text ends, with a leading 0, and all their bytes."""
    array = texts.rechunk().to_arrow().cast(pa.large_string())
    _, ends, data = array.buffers()
    ends = np.frombuffer(ends, np.int64)[array.offset : array.offset + len(array) + 1]
    return ends, np.frombuffer(data or b"\0", np.uint8)


def sender_key() -> bytes:
    """The key of hashed senders, from the environment.

    Raises:
        UserError: it is missing or short.
    """
    key = os.environ.get(SENDER_KEY, "")
    if len(key) < 16:
        raise UserError(
            f"Senders are to be hashed, and {SENDER_KEY} is {'too short' if key else 'not set'}; "
            f"set it to a secret of 16 characters or more, and keep it: another key gives other hashes."
        )
    return key.encode()[:64]


def with_hashed_senders(frame: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """Each sender as a keyed hash, 16 hexadecimal digits; a blank sender and `0` stay as they are.

    The service gives the CRC32 of a user id, which can be reversed in under a second. BLAKE2b with a secret key cannot
    be (RFC 7693).
    """
    senders = frame["sender"].drop_nulls().unique().sort().to_list()
    hashed = {
        sender: blake2b(sender.lstrip("0").encode(), digest_size=8, key=key).hexdigest()
        for sender in senders
        if sender.strip("0")
    }
    return frame.with_columns(pl.col("sender").replace(hashed))
