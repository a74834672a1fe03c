"""A file of the user's that says which comment is in which part: CSV or Parquet with comment_id and split.

splits.parquet is such a file itself: a copy of it keeps a split, or its test comments.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.annotation.exchange.tables import csv_lines
from pipeline.artifacts.splits import LEFT_OUT, TEST, TRAIN, VALIDATION
from pipeline.errors import UserError

PARTS = (TRAIN, VALIDATION, TEST)
WORDS = (*PARTS, LEFT_OUT)
COLUMNS = ("comment_id", "split")


@dataclass(frozen=True)
class Listed:
    """What such a file says."""

    file: Path
    part_of: dict[str, str]  # comment_id → train, validation, test or left_out
    place_of: dict[str, str]  # comment_id → where it stands in the file, as `line 7`

    def check_known(self, corpus: Collection[str]) -> None:
        """Raise UserError where it names a comment that the corpus does not have."""
        unknown = next((comment_id for comment_id in self.part_of if comment_id not in corpus), None)
        if unknown is not None:
            raise UserError(
                f"{self.file}, {self.place_of[unknown]}: the corpus has no comment {unknown}; correct or remove it."
            )


def read_listed(file: Path, parameter: str) -> Listed:
    """Read such a file.

    Args:
        parameter: what in params.yaml names it, for the sentences.

    Raises:
        UserError: there is none, a column is missing, a line has no comment or another word than a part's, or a
            comment stands twice.
    """
    if not file.is_file():
        raise UserError(f"There is no file {file}, which {parameter} (params.yaml) names; correct its name.")
    part_of: dict[str, str] = {}
    place_of: dict[str, str] = {}
    for place, comment_id, part in parquet_rows(file) if file.suffix == ".parquet" else csv_rows(file):
        where = f"{file}, {place}"
        if not comment_id:
            raise UserError(f"{where}: there is no comment_id; complete or remove it.")
        if part not in WORDS:
            raise UserError(f"{where}: the split is {part!r}; write {', '.join(WORDS[:-1])} or {WORDS[-1]}.")
        if comment_id in part_of:
            raise UserError(f"{where}: the comment {comment_id} stands in {place_of[comment_id]} too; remove one.")
        part_of[comment_id], place_of[comment_id] = part, place
    return Listed(file, part_of, place_of)


def csv_rows(file: Path) -> Iterator[tuple[str, str, str]]:
    """Place, comment and part of each line."""
    lines = csv_lines(file)
    check_columns(file, next(lines)[1])
    for number, line in lines:
        yield f"line {number}", line["comment_id"].strip(), line["split"].strip()


def parquet_rows(file: Path) -> Iterator[tuple[str, str, str]]:
    """Place, comment and part of each row."""
    try:
        frame = pl.read_parquet(file)
        check_columns(file, frame.columns)
        rows = frame.select(pl.col(COLUMNS).cast(pl.String)).fill_null("").rows()
    except pl.exceptions.PolarsError:
        raise UserError(f"{file} is no Parquet file with words in it; write it anew, or give a CSV.") from None
    for number, (comment_id, part) in enumerate(rows, start=1):
        yield f"row {number}", comment_id.strip(), part.strip()


def check_columns(file: Path, columns: Collection[str]) -> None:
    """Raise UserError where one of the two is missing."""
    for name in COLUMNS:
        if name not in columns:
            raise UserError(f"{file}: there is no column {name}; it needs {' and '.join(COLUMNS)}.")
