"""A disk that is full, or where we may not write: what a dozen libraries say of it, as one sentence."""

import errno
import os
import re
import shutil
import tempfile
from pathlib import Path

from pipeline.errors import UserError
from pipeline.files import WRITING
from pipeline.runtime import cache_folder, scratch_folder

FULL, FORBIDDEN = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG), (errno.EACCES, errno.EPERM, errno.EROFS)
RUST = re.compile(r"\(os error (\d+)\)")  # polars and safetensors, in errors of their own types
#: SQLite, XGBoost and torch, which do not say why the disk did not take it
UNNUMBERED = re.compile(
    r"disk is full|disk I/O error|FileStream\.Write incomplete|PytorchStreamWriter|inline_container"
)


def sentence_of(error: Exception) -> UserError | None:
    """The sentence for an error that its user can mend: a UserError itself, or what the disk caused; else None."""
    if isinstance(error, UserError):
        return error
    causes: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop()
        if cause is not None and cause not in causes:
            causes.append(cause)
            waiting += [cause.__context__, cause.__cause__]
    place, numbers = place_of(causes), [number_of(cause) for cause in causes]
    forbidden = next((number for number in numbers if number in FORBIDDEN), None)
    if forbidden and place:
        return UserError(
            f"{place} may not be read or written ({os.strerror(forbidden)}); see to its owner and its rights, and run "
            "the same command again."
        )
    full = next((number for number in numbers if number in FULL), None)
    if full:
        return UserError(
            f"{place or fullest()} could not be written ({os.strerror(full)}); make room there, and run the same "
            "command again. What was finished before is kept."
        )
    return None


def number_of(error: BaseException) -> int | None:
    """The system's number for what went wrong, if the system was asked at all."""
    if isinstance(error, OSError) and error.errno:
        return error.errno
    if found := RUST.search(str(error)):
        return int(found[1])
    return errno.ENOSPC if UNNUMBERED.search(str(error)) else None


def place_of(causes: list[BaseException]) -> str:
    """The file or folder that was being written, as a note or an error itself names it; empty where none does."""
    notes = [note for cause in causes for note in getattr(cause, "__notes__", ()) if note.startswith(WRITING)]
    names = [name for cause in causes if isinstance(cause, OSError) for name in (cause.filename2, cause.filename)]
    return next((str(name) for name in [*(note.removeprefix(WRITING) for note in notes), *names] if name), "")


def fullest() -> Path:
    """Of the folders that we write into the one with the least room."""
    folders = [Path.cwd(), cache_folder(), scratch_folder() or Path.cwd(), Path(tempfile.gettempdir())]
    return min(filter(Path.is_dir, folders), key=lambda folder: shutil.disk_usage(folder).free)
