"""sha256 of model files, remembered: hashing gigabytes at every call would take longer than many a stage."""

import hashlib
import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from pipeline.errors import UserError
from pipeline.files import replacing
from pipeline.runtime import cache_folder

#: what a model folder needs; not the duplicate weights in other formats that hub repositories hold
MODEL_FILES = ("*.json", "*.safetensors", "*.txt", "*.model", "*.jinja")
#: A file system's clock may stand still for some milliseconds. A file that changed this short a time
#: ago may change again and keep its time, so its digest is not remembered yet.
SETTLED_NS = 2_000_000_000


def digest(folder: Path) -> str:
    """sha256 over a model folder's files and their names: what tells its weights from others.

    Only the files that a model needs count, so that a README beside them changes nothing.

    Raises:
        UserError: a file cannot be read.
    """
    return hashlib.sha256(lines(folder, known_digests(model_files(folder))).encode()).hexdigest()


def sums(folder: Path) -> str:
    """The folder's model files with their sha256, one a line, as `sha256sum` writes them; all are read."""
    return lines(folder, {path: file_digest(path) for path in model_files(folder)})


def lines(folder: Path, digests: dict[Path, str]) -> str:
    """`sha256sum`'s lines for the model files of `folder`."""
    return "".join(f"{digests[path]}  {path.name}\n" for path in model_files(folder))


def model_files(folder: Path) -> list[Path]:
    """The files directly in `folder` that a model needs, by name."""
    return sorted(path for path in folder.iterdir() if path.is_file() and any(map(path.match, MODEL_FILES)))


def file_digest(path: Path) -> str:
    """sha256 of a file's content."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); mend that, or choose another model.") from None


def known_digests(paths: list[Path]) -> dict[Path, str]:
    """sha256 of each file; only what is new or was changed since the last call is read."""
    store = cache_folder() / "digests.json"
    remembered, news = read_store(store), {}
    digests = {}
    for path in paths:
        stamp = stamp_of(path)
        entry = remembered.get(str(path.absolute()))
        if isinstance(entry, list) and entry[:-1] == stamp:
            digests[path] = entry[-1]
            continue
        digests[path] = file_digest(path)
        if time.time_ns() - max(stamp[1], stamp[2]) > SETTLED_NS:
            news[str(path.absolute())] = [*stamp, digests[path]]
    if news:
        remember(store, news)
    return digests


def stamp_of(path: Path) -> list[int]:
    """What changes when a file's content does: size, time of the last change of content and of any, inode."""
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def read_store(store: Path) -> dict[str, Any]:
    """What earlier calls remembered: path → [size, mtime, ctime, inode, sha256]; nothing if it is damaged."""
    try:
        content = json.loads(store.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def remember(store: Path, news: dict[str, Any]) -> None:
    """Add entries and drop those of files that are gone.

    The file is replaced as a whole. Of two processes that write at once the later one wins, and the
    other's files are hashed again. Where the cache cannot be written, all are, at every call.
    """
    entries = {name: entry for name, entry in read_store(store).items() if Path(name).is_file()} | news
    with suppress(OSError), replacing(store) as part:
        part.write_text(json.dumps(entries, indent=1, sort_keys=True) + "\n", encoding="utf-8")
