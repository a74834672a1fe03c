"""A file between stages: a table in Parquet or an object in JSON, with its place and the stage that makes it."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import polars as pl
from pydantic import TypeAdapter, ValidationError

from pipeline.errors import UserError
from pipeline.files import damaged, read_json, repro, require, write_json, write_parquet

T = TypeVar("T")

DERIVED = Path("data/derived")


@dataclass(frozen=True)
class Table:
    """A Parquet file with fixed columns, one row per thing."""

    path: Path
    schema: dict[str, Any]
    stage: str  # what `dvc repro` has to run to make it

    def read(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The table, or only some of its columns.

        Raises:
            UserError: the file is missing, damaged, or has other columns than this version writes.
        """
        return collected(self.scan() if columns is None else self.scan().select(columns), self.path, self.stage)

    def scan(self) -> pl.LazyFrame:
        """The table before it is read, for those who need a part of its rows; collect it with `collected`.

        Raises:
            UserError: as `read`.
        """
        require(self.path, self.stage)
        lazy = pl.scan_parquet(self.path)
        try:
            schema = dict(lazy.collect_schema())
        except pl.exceptions.PolarsError:
            raise damaged(self.path, self.stage) from None
        if schema != self.schema:
            raise UserError(
                f"{self.path} has other columns than this version writes; run `dvc repro {self.stage}` to make it anew."
            )
        return lazy

    def write(self, frame: pl.DataFrame) -> None:
        """Write the rows; their columns have to be the schema's."""
        write_parquet(frame, self.path, self.schema)


@dataclass(frozen=True)
class Record(Generic[T]):
    """A JSON file that holds one dataclass."""

    path: Path
    kind: type[T]
    stage: str

    def read(self) -> T:
        """The object.

        Raises:
            UserError: the file is missing, damaged, or has other fields than this version writes.
        """
        try:
            return TypeAdapter(self.kind).validate_python(read_json(self.path, self.stage))
        except ValidationError:
            again = repro(self.stage)
            raise UserError(
                f"{self.path} has other fields than this version writes; run `{again}` to make it anew."
            ) from None

    def write(self, value: T) -> None:
        """Write the object."""
        write_json(dataclasses.asdict(value), self.path)  # type: ignore[call-overload]


Artifact = Table | Record[Any]


def collected(lazy: pl.LazyFrame, path: Path, stage: str) -> pl.DataFrame:
    """The rows of a part of a table."""
    try:
        return lazy.collect()
    except pl.exceptions.PolarsError:
        raise damaged(path, stage) from None
