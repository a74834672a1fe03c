"""splits.parquet: which part of the experiment a labelled comment is in."""

from typing import Any

import polars as pl

SPLITS: dict[str, Any] = {
    "comment_id": pl.String(),
    "split": pl.String(),  # train, validation, test; left_out: would leak into one of the latter
    "group": pl.String(),  # the video, or the normalised text where there are no videos
}
