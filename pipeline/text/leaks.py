"""The leak rule: of a video that is in validation or test, nothing may be learnt.

It holds for whatever is added to a training set: gold labels of rounds that only train, and silver labels.

Texts are another matter. Many people say the same (`？？？`, `哈哈哈`), and a model that has learnt what that mostly
means does what it is there for; gold labels therefore train whatever their text, and the comparison scores the
comments whose text was seen in training apart from the others. Silver labels keep off the texts of held-out comments: a
method's cells with and without silver then have seen the same of them, and *seen* means one thing for all.
"""

import polars as pl

from pipeline.text.normalisation import normalised


def leaks(comments: pl.DataFrame, held_out: pl.DataFrame) -> pl.Series:
    """Which of the comments may not be silver: they share a video or a text with a held-out one; (comments,).

    Args:
        comments: with video_id (may be null) and text.
        held_out: the comments of validation and test, with the same columns.
    """
    return shares_video(comments, held_out) | shares_text(comments, held_out)


def shares_video(comments: pl.DataFrame, held_out: pl.DataFrame) -> pl.Series:
    """Which of the comments are of a video that has a held-out comment; a comment of no known video is not."""
    videos = held_out["video_id"].drop_nulls().unique()
    return comments["video_id"].is_in(videos.implode()).fill_null(value=False)


def shares_text(comments: pl.DataFrame, others: pl.DataFrame) -> pl.Series:
    """Which of the comments have the normalised text of one of the others."""
    texts = normalised_texts(others["text"]).unique()
    return normalised_texts(comments["text"]).is_in(texts.implode())


def normalised_texts(texts: pl.Series) -> pl.Series:
    """`normalised` of each."""
    return texts.map_elements(normalised, return_dtype=pl.String)
