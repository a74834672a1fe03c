"""The corpus as `parse` wrote it, for what runs beside the DAG."""

import polars as pl

from pipeline.artifacts.comments import COMMENTS
from pipeline.artifacts.paths import COMMENTS_FILE
from pipeline.errors import UserError
from pipeline.files import read_parquet


def read_comments() -> pl.DataFrame:
    """COMMENTS.

    Raises:
        UserError: there is none yet.
    """
    if not COMMENTS_FILE.is_file():
        raise UserError(f"There is no {COMMENTS_FILE}; run `dvc repro parse` first.")
    return read_parquet(COMMENTS_FILE, COMMENTS)
