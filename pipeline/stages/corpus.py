"""The corpus as `parse` wrote it, for what runs beside the DAG."""

import polars as pl

from pipeline.danmu.schema import COMMENTS
from pipeline.errors import UserError
from pipeline.files import read_parquet
from pipeline.stages.paths import COMMENTS_FILE


def read_comments() -> pl.DataFrame:
    """COMMENTS.

    Raises:
        UserError: there is none yet.
    """
    if not COMMENTS_FILE.is_file():
        raise UserError(f"There is no {COMMENTS_FILE}; run `dvc repro parse` first.")
    return read_parquet(COMMENTS_FILE, COMMENTS)
