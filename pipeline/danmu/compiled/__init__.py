"""Readers that numba compiles: what is spelled regularly, at the speed of memory.

The machine code is kept for the next run. Numba notices a change of a function's own file, but not of what
it calls in others; therefore the folder is named by the content of all files here.
"""

import os
from hashlib import blake2b
from pathlib import Path

import numba

FOLDER = Path(__file__).parent


def code_folder() -> Path:
    """Where the machine code is kept: beside the sources, or where those are not ours to write, in ~/.cache."""
    sources = b"".join(file.read_bytes() for file in sorted(FOLDER.glob("*.py")))
    place = FOLDER if os.access(FOLDER, os.W_OK) else Path.home() / ".cache" / "danmu"
    return place / "__pycache__" / blake2b(sources, digest_size=8).hexdigest()


numba.config.CACHE_DIR = str(code_folder())  # type: ignore[attr-defined]
