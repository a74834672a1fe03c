"""The folder that a corpus is parsed into: one run at a time, no remains of killed ones, and two tables of one run."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from pipeline.errors import UserError
from pipeline.locks import hold, lockable
from pipeline.runtime import scratch_folder

COMMENTS_NAME, REJECTED_NAME = "comments.parquet", "rejected.parquet"
MAKING, TEMPORARY, LOCK = ".danmu-making-", ".danmu-parse-", "held"
OLD = 7 * 24 * 3600  # seconds; where nothing tells whether a process holds a folder, an older one is taken as left


class Output(NamedTuple):
    """Where the tables are written until both are whole, and a folder for temporary files."""

    comments: Path
    rejected: Path
    scratch: Path


@contextmanager
def output(folder: Path) -> Iterator[Output]:
    """A place for both tables, which stand in the folder at the end of the block, if it ends well.

    Where it does not, the older tables stay. Killed while it exchanges them, comments.parquet is missing: where both
    tables are there, they are of one run.

    Raises:
        UserError: the folder cannot be written, or another run is writing there.
    """
    with ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(alone(folder))
            place = scratch_folder() or folder
            for parent in {folder, place}:
                remove_left(parent)
            for name in (COMMENTS_NAME, REJECTED_NAME):
                for part in folder.glob(f".{name}.*.part"):
                    part.unlink()
            scratch = stack.enter_context(held_folder(place))
        except OSError as error:
            raise UserError(f"{folder} cannot be written ({error.strerror}); name another folder.") from None
        comments, rejected = (folder / f".{name}.{os.getpid()}.part" for name in (COMMENTS_NAME, REJECTED_NAME))
        stack.callback(comments.unlink, missing_ok=True)
        stack.callback(rejected.unlink, missing_ok=True)
        yield Output(comments, rejected, scratch)
        (folder / COMMENTS_NAME).unlink(missing_ok=True)
        rejected.replace(folder / REJECTED_NAME)
        comments.replace(folder / COMMENTS_NAME)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder, so that no second run writes there; without such locks on this platform, do nothing.

    Raises:
        UserError: another run holds it.
    """
    if not lockable():
        yield
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        try:
            hold(number)
        except BlockingIOError:
            raise UserError(
                f"Another `danmu parse` is writing into {folder}; let it end, or name another folder with -o."
            ) from None
        except OSError:
            pass  # a file system without locks
        yield
    finally:
        os.close(number)


@contextmanager
def held_folder(place: Path) -> Iterator[Path]:
    """A temporary folder below `place` that other runs leave alone as long as this process lives.

    It has the name by which they would remove it only once its lock is held.
    """
    made = Path(tempfile.mkdtemp(prefix=MAKING, dir=place))
    folder = made.with_name(made.name.replace(MAKING, TEMPORARY))
    try:
        with (made / LOCK).open("w") as lock:
            is_left(lock)
            made.rename(folder)
            yield folder
    finally:
        for left in (made, folder):
            shutil.rmtree(left, ignore_errors=True)


def remove_left(place: Path) -> None:
    """Remove the temporary folders of runs that were killed."""
    for folder in place.glob(f"{TEMPORARY}*"):
        try:
            with (folder / LOCK).open("r+") as lock:
                left = is_left(lock)
        except FileNotFoundError:
            left = True  # of an older version
        except OSError:
            left = False
        if left:
            shutil.rmtree(folder, ignore_errors=True)


def is_left(lock: IO[str]) -> bool:
    """Whether no living process holds this; if so, it is held from here on until the file is closed."""
    if not lockable():
        return time.time() - os.fstat(lock.fileno()).st_mtime > OLD
    try:
        hold(lock)
        return True
    except OSError:
        return False
