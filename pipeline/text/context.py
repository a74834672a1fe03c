"""The comments that surround a comment on the screen."""

from typing import Any

import numpy as np
import polars as pl

Indices = np.ndarray[Any, np.dtype[np.int64]]


def neighbours(comments: pl.DataFrame, count: int) -> tuple[Indices, Indices]:
    """Row indices of the comments shown just before and just after each comment.

    Args:
        comments: COMMENTS; the order is onset within a video, then time sent, then id.
        count: how many on each side.

    Returns:
        before and after, each (rows, count), nearest first; -1 where the video has no more, or
        where the corpus knows no videos or onsets.
    """
    ordered = comments.with_row_index("row").sort("video_id", "onset_s", "sent_at", "comment_id")
    rows = ordered["row"].to_numpy().astype(np.int64)
    known = ordered.select(pl.col("video_id").is_not_null() & pl.col("onset_s").is_not_null()).to_series().to_numpy()
    videos = ordered["video_id"].rle_id().to_numpy()
    before = np.full((len(rows), count), -1, dtype=np.int64)
    after = before.copy()
    for step in range(1, count + 1):
        same = (videos[step:] == videos[:-step]) & known[step:] & known[:-step]
        before[rows[step:][same], step - 1] = rows[:-step][same]
        after[rows[:-step][same], step - 1] = rows[step:][same]
    return before, after


def context_texts(comments: pl.DataFrame, count: int, rows: Indices) -> list[str]:
    """For each comment at `rows` its neighbours in reading order, joined: `earlier / earlier | later / later`."""
    before, after = neighbours(comments, count)
    texts = comments["text"]
    lines = []
    for earlier, later in zip(before[rows], after[rows], strict=True):
        past = " / ".join(texts[int(index)] for index in earlier[::-1] if index >= 0)
        future = " / ".join(texts[int(index)] for index in later if index >= 0)
        lines.append(f"{past} | {future}" if past or future else "")
    return lines
