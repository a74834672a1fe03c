"""Reading and writing the files between rooms: whole or not at all, the same bytes every time."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.errors import UserError

WRITING = "while writing "  # begins the note on an error that says which file it was; a full disk's do not themselves


def write_parquet(frame: pl.DataFrame, path: Path, schema: dict[str, Any]) -> None:
    """Write `frame` in `schema`'s column order and types.

    Raises:
        ValueError: the frame does not fit the schema; a defect of the writer, not of the data.
    """
    if dict(frame.schema) != schema:
        raise ValueError(f"{path.name}: columns are {dict(frame.schema)}, the schema says {schema}")
    with replacing(path) as part:
        frame.write_parquet(part, compression="zstd", statistics=True)


def read_parquet(path: Path, schema: dict[str, Any]) -> pl.DataFrame:
    """Read a file that `write_parquet` wrote with the same schema.

    Raises:
        UserError: the file is missing, damaged or has other columns, i.e. it is not this stage's.
    """
    require(path)
    try:
        frame = pl.read_parquet(path)
    except pl.exceptions.PolarsError:
        raise damaged(path) from None
    if dict(frame.schema) != schema:
        raise UserError(f"{path} has other columns than this version writes; run `dvc repro` to make it anew.")
    return frame


def write_json(content: Any, path: Path) -> None:
    """Write JSON with sorted keys and a final newline; floats as Python's shortest repr."""
    text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False)
    write_text(text + "\n", path)


def read_json(path: Path, stage: str = "") -> Any:
    """Read a JSON file that the stage made.

    Raises:
        UserError: the file is missing or damaged.
    """
    require(path, stage)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise damaged(path, stage) from None


def require(path: Path, stage: str = "") -> None:
    """Raise UserError where a file is missing that the stage makes."""
    if not path.is_file():
        raise UserError(f"There is no {path}; run `{repro(stage)}` to make it.")


def damaged(path: Path, stage: str = "") -> UserError:
    """The sentence for a file that cannot be read."""
    return UserError(f"{path} is damaged; remove it and run `{repro(stage)}` to make it anew.")


def repro(stage: str) -> str:
    """The command that runs a stage; without a name, whatever is not current."""
    return f"dvc repro {stage}".rstrip()


def write_text(text: str, path: Path) -> None:
    """Write UTF-8 text."""
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Note on an error which file or folder was being written."""
    try:
        yield
    except Exception as error:
        error.add_note(f"{WRITING}{path}")
        raise


class replacing:
    """Context manager: write beside the target, then rename, so that a cut leaves no half file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.part = path.with_name(f".{path.name}.{os.getpid()}.part")

    def __enter__(self) -> Path:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return self.part

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            self.part.replace(self.path)
        else:
            self.part.unlink(missing_ok=True)
            error.add_note(f"{WRITING}{self.path}")
