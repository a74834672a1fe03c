"""Readers that numba compiles: they take what is spelled regularly, and take it fast.

The machine code is kept for the next run. Numba notices when the file of a function changes, but not when
a file changes from which it calls another function. Therefore the folder of the machine code is named by a hash of all
files here.
"""

import os
from hashlib import blake2b
from pathlib import Path

import numba

FOLDER = Path(__file__).parent


def code_folder() -> Path:
    """Where the machine code is kept: beside the sources, or in ~/.cache if that folder cannot be written."""
    sources = b"".join(file.read_bytes() for file in sorted(FOLDER.glob("*.py")))
    place = FOLDER if os.access(FOLDER, os.W_OK) else Path.home() / ".cache" / "danmu"
    return place / "__pycache__" / blake2b(sources, digest_size=8).hexdigest()


numba.config.CACHE_DIR = str(code_folder())  # type: ignore[attr-defined]
