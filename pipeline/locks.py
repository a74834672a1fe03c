"""Files that one process holds at a time."""

from typing import IO

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


def lockable() -> bool:
    """Whether this platform has such locks."""
    return fcntl is not None


def hold(file: int | IO[str]) -> None:
    """Hold an open file or folder, so that no other process can until it is closed; where `lockable()`.

    Raises:
        BlockingIOError: another process holds it.
        OSError: its file system has no locks.
    """
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
