"""sha256 of model files."""

import hashlib
from pathlib import Path

from pipeline.errors import UserError
from pipeline.remembered import Key, remembered, while_unchanged
from pipeline.runtime import cache_folder

#: what a model folder needs; not the duplicate weights in other formats that hub repositories hold
MODEL_FILES = ("*.json", "*.safetensors", "*.txt", "*.model", "*.jinja")
#: what `sums` read in this process
SUMS_READ: dict[Key, str] = {}


def digest(folder: Path) -> str:
    """sha256 over a model folder's files and their names: what tells its weights from others.

    Only the files that a model needs count, so that a README beside them changes nothing; each is read once, and
    again when it changed.

    Raises:
        UserError: a file cannot be read.
    """
    digests = remembered(model_files(folder), file_digest, cache_folder() / "digests.json")
    return hashlib.sha256(lines(folder, digests).encode()).hexdigest()


def sums(folder: Path) -> str:
    """The folder's model files with their sha256, one a line, as `sha256sum` writes them.

    All are read, whatever earlier processes read: a bad disk changes a file and not its time. In this one they are
    read again when they change.
    """
    files = model_files(folder)
    return while_unchanged(files, lambda: lines(folder, {path: file_digest(path) for path in files}), SUMS_READ)


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
