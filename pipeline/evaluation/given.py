"""A split that is given, as published data sets have one: used as it is, once it is seen not to leak."""

from collections.abc import Iterator

import polars as pl

from pipeline.artifacts.splits import LEFT_OUT
from pipeline.errors import UserError
from pipeline.evaluation.groups import grouped, in_parts
from pipeline.evaluation.listed import PARTS, Listed
from pipeline.terminal import in_line, say
from pipeline.text.leaks import normalised_texts

LONGEST = 40  # characters of a text in a sentence


def given_split(labelled: pl.DataFrame, given: Listed, stop: bool) -> pl.DataFrame:
    """SPLITS as the file says; a labelled comment that it does not have is left out.

    Args:
        labelled: comment_id, video_id (may be null), text.
        stop: whether a video or a text on two sides is an error; else it is said.

    Raises:
        UserError: a part has no labelled comment; it leaks.
    """
    comments = grouped(labelled.sort("comment_id"))
    parts = [given.part_of.get(comment_id, LEFT_OUT) for comment_id in comments["comment_id"]]
    empty = [part for part in PARTS if part not in parts]
    if empty:
        raise UserError(
            f"{given.file} puts no labelled comment into {empty[0]}; give every part some, or leave split.given empty."
        )
    for leak in leaks_between(comments.with_columns(split=pl.Series(parts)), given):
        if stop:
            raise UserError(f"{leak}; move one of them, or set split.given_leaks to warn (params.yaml).")
        say(f"{leak}.")
    return in_parts(comments, parts)


def leaks_between(comments: pl.DataFrame, given: Listed) -> Iterator[str]:
    """A sentence on the first video, and on the first text, that stands on two sides, without its end."""
    there = comments.filter(pl.col("split") != LEFT_OUT)
    there = there.with_columns(normalised=normalised_texts(there["text"]))
    for what, column in (("video", "video_id"), ("text", "normalised")):
        sides = there.drop_nulls(column).unique([column, "split"], keep="first", maintain_order=True)
        shared = sides.filter(pl.col(column).is_duplicated())
        if shared.is_empty():
            continue
        first = shared.filter(pl.col(column) == shared[column][0])
        one, other = (
            f"in {row['split']} ({row['comment_id']}, {given.place_of[row['comment_id']]})"
            for row in first.head(2).iter_rows(named=True)
        )
        count = shared[column].n_unique()
        name = in_line(first["video_id"][0]) if what == "video" else f"“{in_line(first['text'][0][:LONGEST])}”"
        others = f", and so are {count - 1:,} others" if count > 1 else ""
        yield f"{given.file}: the {what} {name} is {one} and {other}{others}"
