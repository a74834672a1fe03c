"""The columns of the label files between rooms, which every room may use."""

from typing import Any

import polars as pl

GOLD, SILVER = "gold", "llm"

VOTE = pl.Struct({"annotator": pl.String(), "round": pl.Int32(), "leaves": pl.List(pl.String())})

LABELS: dict[str, Any] = {
    "comment_id": pl.String(),
    "leaf": pl.String(),  # the primary leaf that the annotators settled on
    "leaves": pl.List(pl.String()),  # primary first, then every leaf that a majority also named
    "source": pl.String(),  # gold: annotators by the written procedure
    "round": pl.Int32(),  # the latest that a vote is from
    "first_round": pl.Int32(),  # the one whose batch the comment was drawn for
    "annotators": pl.Int32(),
    "agreement": pl.Float64(),  # share of the annotators whose primary leaf this is
    "settled": pl.String(),  # how: majority, dawid_skene, adjudication
    "confidence": pl.Float64(),  # dawid_skene: the leaf's posterior; majority: the agreement; null where adjudicated
    "votes": pl.List(VOTE),  # what the label was made of, by annotator
}

SPLITS: dict[str, Any] = {
    "comment_id": pl.String(),
    "split": pl.String(),  # train, validation, test; left_out: would leak into one of the latter
    "group": pl.String(),  # the video, or the normalised text where there are no videos
}

SILVER_LABELS: dict[str, Any] = {
    "comment_id": pl.String(),
    "leaf": pl.String(),
    "leaves": pl.List(pl.String()),  # primary first
    "source": pl.String(),  # llm: a language model, never a part of validation or test
    "confidence": pl.Float64(),  # the model's own, 0 to 1; null where it gave none
    "student_leaf": pl.String(),  # what a regression over the embeddings, trained on gold alone, says
    "agreed": pl.Boolean(),  # whether the two are the same leaf
    "kept": pl.Boolean(),  # whether the confidence reaches silver.minimum_confidence
    "answer": pl.String(),  # the model's answer as it came
}

ADDED: dict[str, Any] = {
    "comment_id": pl.String(),  # never of validation or test, nor of their videos or texts
    "leaf": pl.String(),
}

LABEL_ISSUES: dict[str, Any] = {
    "rank": pl.Int32(),  # 1 is the most doubtful
    "comment_id": pl.String(),
    "before": pl.String(),
    "text": pl.String(),
    "after": pl.String(),
    "leaf": pl.String(),  # the gold label that is doubted
    "suggested": pl.String(),  # the leaf that the model would rather give
    "quality": pl.Float64(),  # the model's probability of the given leaf, out of fold
    "probability_of_suggested": pl.Float64(),
    "split": pl.String(),  # a test label is only ever changed by people who see neither leaf nor suggestion
    "agreement": pl.Float64(),
    "votes": pl.String(),
}
