"""What goes out to annotators, people or models: comments with what stood around them."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.text.context import neighbours


@dataclass(frozen=True)
class Item:
    """A comment as an annotator sees it."""

    comment_id: str
    text: str
    before: tuple[str, ...]  # the neighbouring comments on the screen, in reading order
    after: tuple[str, ...]
    video_id: str | None
    onset_s: float | None


def items(comments: pl.DataFrame, rows: Sequence[int], context: int) -> list[Item]:
    """The comments at `rows`, in this order, each with `context` neighbours on either side.

    Args:
        comments: COMMENTS; neighbours are found among all of them.
    """
    before, after = neighbours(comments, context)
    texts = comments["text"].to_list()
    ids, videos, onsets = (comments[name].to_list() for name in ("comment_id", "video_id", "onset_s"))
    return [
        Item(
            comment_id=ids[row],
            text=texts[row],
            before=tuple(texts[other] for other in before[row][::-1] if other >= 0),
            after=tuple(texts[other] for other in after[row] if other >= 0),
            video_id=videos[row],
            onset_s=onsets[row],
        )
        for row in rows
    ]
