"""By what a comment is known: a row id or the corpus's own id, else what it says, when, where and by whom.

A row id is unique over the whole service, so that a comment keeps its id through every re-collection. Where it is
missing, 0, has lost digits in a float, or only counts the records of a file, the content decides: onset, second of
sending, sender and text; where sender or time is unknown, also video and pool, or the file where it has neither, and
the number that is no row id. corpus/shared.py does the same with ids that comments of different content share. A record
without a row id is a duplicate of a comment with the same content that has one (corpus/merge.py, find_twins).
"""

import os
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from pipeline.danmu.compiled.content import hash_rows
from pipeline.danmu.readers.batch import BATCH
from pipeline.danmu.record import BILIBILI
from pipeline.danmu.row_ids import is_counter
from pipeline.errors import UserError

#: comments of one part of the corpus, with their comment_id; file and order are numbers in the whole corpus
PART: dict[str, Any] = {
    **BATCH,
    "origin": pl.String(),  # what tells the file, of a danmu that names neither video nor pool
    "shared": pl.Boolean(),  # its id is that of comments of other content too: it goes by content
    "counter": pl.Boolean(),  # the same, since its row id only counts the records of a file
}
SENDER_KEY = "DANMU_SENDER_KEY"

AT_ONCE = 1 << 16  # ids that are spelled at once: as Python's numbers and texts they take some hundred bytes each
UNKNOWN = -(2**62)  # in place of a null
SITES_OWN = (pl.col("site") == BILIBILI).fill_null(True)  # a comment of Bilibili, or of no site


def with_ids(frame: pl.DataFrame, origin: Callable[[int], str] | None = None) -> pl.DataFrame:
    """PART of BATCH: each comment_id filled, with `dm` and the row id, or `dx` and the content's hash.

    The letters keep spreadsheets from reading 17 digits as a rounded number. An id of another site has that site's name
    before it, so that no two sites' ids meet.

    Args:
        origin: what tells the file of this number from others (corpus/origins.py).
    """
    sent = pl.col("sent_at").dt.epoch("s")
    counted = frame.select(number=pl.when(SITES_OWN & is_counter(pl.col("row_id"), sent)).then("row_id"))["number"]
    frame = frame.with_columns(
        with_origins(frame, origin),
        row_id=pl.when(counted.is_null()).then("row_id"),
        shared=pl.lit(False),
        counter=pl.col("comment_id").is_null() & counted.is_not_null(),
    )
    ids = pl.coalesce("comment_id", pl.format("dm{}", pl.col("row_id")))
    if not frame.select(SITES_OWN.all()).item():
        own = pl.coalesce("comment_id", pl.col("row_id").cast(pl.String))
        spelled = pl.when(own.str.starts_with(pl.col("site"))).then(own).otherwise(pl.col("site") + own)
        ids = pl.when(SITES_OWN).then(ids).otherwise(spelled)
    missing = frame.select(pl.col("comment_id").is_null() & pl.col("row_id").is_null()).to_series()
    if missing.any():
        place = missing.cum_sum().cast(pl.Int64) - 1
        unknown = ids_by_content(frame.filter(missing), counted.filter(missing).cast(pl.String))
        ids = pl.coalesce(ids, unknown.gather(pl.select(pl.when(missing).then(place)).to_series()))
    return frame.with_columns(ids.alias("comment_id")).select(PART.keys())


def with_origins(frame: pl.DataFrame, origin: Callable[[int], str] | None) -> pl.Series:
    """What tells the file of each danmu that names neither video nor pool."""
    placeless = pl.col("video_id").is_null() & pl.col("chat_id").is_null() & pl.col("onset_s").is_not_null()
    files = frame.select(pl.when(placeless).then("file")).to_series()
    names = {number: origin(number) for number in files.drop_nulls().unique().sort()} if origin else {}
    return files.replace_strict(names, default=None, return_dtype=pl.String).alias("origin")


def is_by_somebody() -> pl.Expr:
    """Whether sender and time are known: then no two comments have the same content."""
    known = (sender_expression() != "") & (pl.col("sent_at").dt.epoch("s") > 0)
    return known.fill_null(False)


def is_keyless() -> pl.Expr:
    """Whether a comment is known by its content alone, which a comment with a row id may share."""
    return pl.col("row_id").is_null() & pl.col("comment_id").str.starts_with("dx") & is_by_somebody()


def sender_expression() -> pl.Expr:
    """The sender without leading zeros: collections that read it as a number drop them."""
    return pl.col("sender").str.strip_chars_start("0")


def ids_by_content(frame: pl.DataFrame, number: pl.Series | None = None) -> pl.Series:
    """`dx` and a 64-bit hash of each row's content.

    Args:
        frame: PART.
        number: what stands where the id belongs, and is none. It tells comments of nobody known from each other.
    """
    hashes = content_hash(content_of(frame, number))
    parts = (hashes[begin : begin + AT_ONCE].tolist() for begin in range(0, max(len(hashes), 1), AT_ONCE))
    return pl.concat(pl.Series("comment_id", [f"dx{value:016x}" for value in part], dtype=pl.String) for part in parts)


def content_of(frame: pl.DataFrame, number: pl.Series | None = None) -> pl.DataFrame:
    """What a comment says, when, where and by whom: onset, sent, sender, place and text, none of them null.

    The place of a comment of somebody known is blank, for nobody is at two places in a second. But where an id is
    shared, its converter may have written one sender and one time for all, too: then pool, video or file counts.
    """
    site = pl.when(SITES_OWN).then(pl.lit("")).otherwise(pl.col("site") + ":")
    marks = pl.concat_str(
        pl.col("origin").fill_null(""), pl.lit("" if number is None else number.fill_null("")), separator="#"
    )
    nobodys = pl.concat_str(*(pl.col(name).fill_null("") for name in ("video_id", "chat_id")), separator="/")
    nobodys += pl.when(marks == "#").then(pl.lit("")).otherwise(marks)
    shared = pl.lit("@") + pl.coalesce("chat_id", "video_id", "origin", pl.lit(""))
    named = bool(frame.select((is_by_somebody() & ~pl.col("shared")).all()).item())
    place = pl.when(is_by_somebody()).then(pl.when("shared").then(shared).otherwise(pl.lit(""))).otherwise(nobodys)
    sent = pl.col("sent_at").dt.epoch("s")
    return frame.select(
        onset=(pl.col("onset_s") * 1000).round().cast(pl.Int64).fill_null(UNKNOWN),
        sent=pl.when(sent > 0).then(sent).otherwise(UNKNOWN),
        sender=sender_expression().fill_null(""),
        place=site + (pl.lit("") if named else place),
        text=pl.col("text"),
    )


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
