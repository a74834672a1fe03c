"""What the environment says of where and how fast things run, held against what it may say."""

import os

from pipeline.errors import UserError

#: every variable of ours that anything reads
KNOWN = {
    "DANMU_BILIBILI_URL",
    "DANMU_CACHE",
    "DANMU_CHECKPOINT_SECONDS",
    "DANMU_DEVICE",
    "DANMU_ENGINE",
    "DANMU_LLM_CONCURRENCY",
    "DANMU_LLM_KEY",
    "DANMU_LLM_TIMEOUT",
    "DANMU_LLM_URL",
    "DANMU_SCRATCH",
    "DANMU_SENDER_KEY",
    "DANMU_THREADS",
}


def check_environment() -> list[str]:
    """The variables called DANMU_… that nothing reads: misspelt ones, most likely.

    Raises:
        UserError: one that is read has a value that it cannot have.
    """
    from pipeline.device import device
    from pipeline.engine import engine
    from pipeline.networks.unfinished import checkpoint_seconds
    from pipeline.runtime import cache_folder, scratch_folder, threads

    for read in (threads, scratch_folder, engine, checkpoint_seconds, device):
        read()
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"DANMU_CACHE is {str(folder)!r}, which is no folder to write to ({error.strerror}); name another."
        ) from None
    return sorted(name for name in os.environ if name.startswith("DANMU_") and name not in KNOWN)
