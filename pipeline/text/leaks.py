"""The leak rule: of a video or a text that is in validation or test, nothing may be learnt.

It holds for whatever is added to a training set: gold labels of rounds that only train, and silver labels.
"""

import polars as pl

from pipeline.text.normalisation import normalised


def leaks(comments: pl.DataFrame, held_out: pl.DataFrame) -> pl.Series:
    """Which of the comments share a video or a normalised text with one that is held out; (comments,).

    Args:
        comments: with video_id (may be null) and text.
        held_out: the comments of validation and test, with the same columns.
    """
    return shares_video(comments, held_out) | shares_text(comments, held_out)


def shares_video(comments: pl.DataFrame, held_out: pl.DataFrame) -> pl.Series:
    """Which of the comments are of a video that has a held-out comment; a comment of no known video is not."""
    videos = held_out["video_id"].drop_nulls().unique()
    return comments["video_id"].is_in(videos.implode()).fill_null(value=False)


def shares_text(comments: pl.DataFrame, held_out: pl.DataFrame) -> pl.Series:
    """Which of the comments have the normalised text of a held-out one."""
    texts = normalised_texts(held_out["text"]).unique()
    return normalised_texts(comments["text"]).is_in(texts.implode())


def normalised_texts(texts: pl.Series) -> pl.Series:
    """`normalised` of each."""
    return texts.map_elements(normalised, return_dtype=pl.String)
