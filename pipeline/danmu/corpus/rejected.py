"""Rejected records on their way to rejected.parquet."""

from pathlib import Path

import polars as pl

from pipeline.artifacts.comments import REJECTED
from pipeline.danmu.record import Rejected, general


def save_rejected(rejected: list[Rejected], path: Path, hashed: bool) -> None:
    """Write rejected records; where senders are to be hashed, without the values that may quote one."""
    frame = pl.DataFrame(rejected, schema=REJECTED, orient="row")
    if hashed:
        reasons = pl.Series([general(record.reason) for record in rejected], dtype=pl.String)
        frame = frame.with_columns(reason=reasons, excerpt=pl.lit(""))
    frame.write_parquet(path)
