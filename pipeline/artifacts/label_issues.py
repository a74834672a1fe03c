"""label_issues.parquet: the gold labels that look wrong."""

from typing import Any

import polars as pl

from pipeline.artifacts.artifact import DERIVED, Table

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

LABEL_ISSUES_FILE = Table(DERIVED / "label_issues.parquet", LABEL_ISSUES, "quality")
