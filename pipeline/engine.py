"""Where shards are worked on: in threads of this process, or on a Ray cluster. The results are the same.

    DANMU_ENGINE   local (default), ray
    RAY_ADDRESS    the cluster; without it Ray starts one on this machine

Shards hand each other files, so that a cluster needs a folder that all its machines see at the same path
(set DANMU_SCRATCH to one).
"""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import TypeVar

from pipeline.errors import UserError
from pipeline.runtime import threads

Shard = TypeVar("Shard")
Result = TypeVar("Result")

AHEAD = 2  # shards per worker that wait to be worked on; more would only fill memory


def over_shards(work: Callable[[Shard], Result], shards: Sequence[Shard]) -> Iterator[Result]:
    """`work` on each shard, the results in the order of the shards.

    `work` is a function of a module, without any state; a shard and its result are small and can be pickled.

    Raises:
        UserError: DANMU_ENGINE is unknown, or names an engine that is not installed.
    """
    return in_threads(work, shards) if engine() == "local" else on_ray(work, shards)


def engine() -> str:
    """What DANMU_ENGINE asks for: local or ray.

    Raises:
        UserError: it is unknown, or not installed.
    """
    wanted = os.environ.get("DANMU_ENGINE", "local")
    if wanted not in ("local", "ray"):
        raise UserError(f"DANMU_ENGINE is {wanted!r}; set it to local or ray.")
    if wanted == "ray" and find_spec("ray") is None:
        raise UserError("DANMU_ENGINE is ray, and Ray is not installed; run `make extras`, or pip install ray.")
    return wanted


def in_threads(work: Callable[[Shard], Result], shards: Sequence[Shard]) -> Iterator[Result]:
    """In as many threads as there are cores: compiled readers and polars leave the interpreter's lock."""
    with ThreadPoolExecutor(threads()) as pool:
        yield from pool.map(work, shards)


def on_ray(work: Callable[[Shard], Result], shards: Sequence[Shard]) -> Iterator[Result]:
    """On the cluster's workers, a few shards ahead of the one whose result is next."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would report to its makers
    import ray

    if not ray.is_initialized():
        ray.init(log_to_driver=False, include_dashboard=False, logging_level=logging.WARNING)
    remote = ray.remote(work)
    most = AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
    waiting = [remote.remote(shard) for shard in shards[:most]]
    for index in range(len(shards)):
        yield ray.get(waiting.pop(0))
        if index + most < len(shards):
            waiting.append(remote.remote(shards[index + most]))
