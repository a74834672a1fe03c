"""silver.parquet and added/: a language model's labels, and what they add to a training set."""

from typing import Any

import polars as pl

SILVER = "llm"

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
