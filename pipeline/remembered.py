"""What was worked out from a file, remembered until the file changes: hashing gigabytes, or parsing two hundred
modules, at every call would take longer than many a stage.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from pipeline.files import replacing

T = TypeVar("T")
#: names and stamps of the files that something was made of
Key = tuple[tuple[object, ...], ...]

#: A file system's clock may stand still for some milliseconds. What changed this short a time ago may change again
#: and keep its time, so nothing of it is remembered yet.
SETTLED_NS = 2_000_000_000


def remembered(paths: Iterable[Path], work_out: Callable[[Path], Any], store: Path) -> dict[Path, Any]:
    """`work_out(path)` of each file or folder; it is called for what is new or changed since the last call.

    Args:
        work_out: gives what JSON can hold.
        store: a JSON file, which may be removed at any time.
    """
    known, news, found = read_store(store), {}, {}
    for path in paths:
        stamp = stamp_of(path)
        entry = known.get(str(path.absolute()))
        if isinstance(entry, list) and entry[:-1] == stamp:
            found[path] = entry[-1]
            continue
        found[path] = work_out(path)
        if settled(stamp):
            news[str(path.absolute())] = [*stamp, found[path]]
    if news:
        add(news, store)
    return found


def while_unchanged(paths: Iterable[Path], work_out: Callable[[], T], known: dict[Key, T]) -> T:
    """What `work_out` makes of all these files together: once in this process, and again when one of them changed.

    Args:
        known: what earlier calls with the same `work_out` made; it is added to.
    """
    stamps = {str(path.absolute()): stamp_of(path) for path in paths}
    key = tuple((name, *stamp) for name, stamp in stamps.items())
    if key in known:
        return known[key]
    made = work_out()
    if all(map(settled, stamps.values())):
        known[key] = made
    return made


def settled(stamp: list[int]) -> bool:
    """Whether a later change is bound to be seen in the stamp."""
    return time.time_ns() - max(stamp[1], stamp[2]) > SETTLED_NS


def stamp_of(path: Path) -> list[int]:
    """What changes when a file's content does: size, time of the last change of content and of any, inode."""
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def read_store(store: Path) -> dict[str, Any]:
    """What earlier calls remembered: path → [size, mtime, ctime, inode, result]; nothing if it is damaged."""
    try:
        content = json.loads(store.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def add(news: Mapping[str, Any], store: Path) -> None:
    """Add entries and drop those of files that are gone.

    The file is replaced as a whole. Of two processes that write at once the later one wins, and the other's results
    are worked out again. Where the cache cannot be written, all are, at every call.
    """
    entries = {name: entry for name, entry in read_store(store).items() if Path(name).exists()} | dict(news)
    with suppress(OSError), replacing(store) as part:
        part.write_text(json.dumps(entries, sort_keys=True) + "\n", encoding="utf-8")
