"""Threads, folders, progress, costs: where and how fast things run; torch's part of it is in device.py.

Where something runs comes from the environment, never from params.yaml, so that a replay on
another machine is the same experiment:

    DANMU_THREADS  CPU threads for torch and XGBoost; default: the cores this process may use
    DANMU_ENGINE   local (default), ray: where shards are worked on (engine.py)
    DANMU_SCRATCH  where large temporary files go; default: beside the output
    DANMU_CACHE    where rebuilt model folders and checkpoints live; default: .danmu in the repository
"""

import math
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pipeline.errors import UserError

T = TypeVar("T")


def threads() -> int:
    """CPU threads to use. XGBoost's last digits depend on it, so replays pin it."""
    return whole_number("DANMU_THREADS", cores())


def cores() -> int:
    """The cores that this process may use; where only Linux could tell (a container's share), those there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def whole_number(variable: str, default: int) -> int:
    """A number from 1 up that the environment may set."""
    value = os.environ.get(variable, str(default))
    if not (value.isascii() and value.isdigit()) or int(value) < 1:
        raise UserError(f"{variable} is {value!r}; set it to a whole number from 1 up.")
    return int(value)


def not_negative(variable: str, default: float) -> float:
    """A number from 0 up that the environment may set."""
    value = os.environ.get(variable, str(default))
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise UserError(f"{variable} is {value!r}; set it to a number from 0 up, without a unit.")
    return number


def cache_folder() -> Path:
    """Folder for what can be made again: rebuilt model weights, checkpoints of unfinished runs.

    Below DVC_ROOT where DVC set it, because `dvc exp run --temp` moves the working directory.
    """
    root = Path(os.environ.get("DVC_ROOT", "."))
    return Path(os.environ.get("DANMU_CACHE", root / ".danmu")).resolve()


def scratch_folder() -> Path | None:
    """Folder for temporary files, if the environment names one; a cluster's machines must all see it."""
    named = os.environ.get("DANMU_SCRATCH")
    if named is not None and not Path(named).is_dir():
        raise UserError(f"DANMU_SCRATCH is {named!r}, which is no folder; make it, or unset the variable.")
    return None if named is None else Path(named).resolve()


def interactive() -> bool:
    """Whether somebody watches: progress bars are drawn on terminals only."""
    return sys.stderr.isatty()


def progress(items: Iterable[T], label: str, total: int | None = None) -> Iterator[T]:
    """Yield `items` under a bar with rate and time left; quiet when stderr is no terminal."""
    from tqdm import tqdm

    yield from tqdm(items, desc=label, total=total, disable=not interactive(), leave=False)


@dataclass
class Cost:
    """What a piece of work took: wall-clock seconds, peak resident memory, device memory (MiB)."""

    seconds: float = 0.0
    peak_memory_mib: float = 0.0
    peak_device_memory_mib: float = 0.0
    device: str = "cpu"


@contextmanager
def measured() -> Iterator[Cost]:
    """Measure the block. Peak memory is the whole process's, as the kernel counts it."""
    cost = Cost()
    start = time.perf_counter()
    yield cost
    cost.seconds = round(time.perf_counter() - start, 2)
    cost.peak_memory_mib = peak_memory_mib()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        cost.device = torch.cuda.get_device_name()
        cost.peak_device_memory_mib = round(torch.cuda.max_memory_allocated() / 2**20, 1)


def peak_memory_mib() -> float:
    """The most memory that this process has held; 0 on Windows, which has no such count for Python."""
    try:
        import resource
    except ImportError:
        return 0.0
    unit = 2**20 if sys.platform == "darwin" else 2**10  # getrusage(2): bytes on macOS, KiB elsewhere
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)
