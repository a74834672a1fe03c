"""The device that torch uses, and what makes it deterministic there.

Where something runs comes from the environment, never from params.yaml, so that a replay on another machine is the
same experiment:

    DANMU_DEVICE   auto (default), cpu, cuda
"""

import os
from typing import TYPE_CHECKING

from pipeline.errors import UserError
from pipeline.runtime import interactive, threads

if TYPE_CHECKING:
    import torch


def device() -> "torch.device":
    """The torch device that DANMU_DEVICE asks for.

    Raises:
        UserError: cuda is asked for and there is none, or the value is unknown.
    """
    import torch

    wanted = os.environ.get("DANMU_DEVICE", "auto")
    if wanted not in ("auto", "cpu", "cuda"):
        raise UserError(f"DANMU_DEVICE is {wanted!r}; set it to auto, cpu or cuda.")
    found = torch.cuda.is_available()
    if wanted == "cuda" and not found:
        raise UserError("DANMU_DEVICE is cuda, but torch sees no CUDA device; set it to auto or cpu.")
    return torch.device("cuda" if found and wanted != "cpu" else "cpu")


def prepare_torch(seed: int) -> "torch.device":
    """Make torch deterministic, seed every generator, and return the device.

    CUBLAS_WORKSPACE_CONFIG has to stand before CUDA is initialised; torch only reads it then.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch
    import transformers

    torch.set_num_threads(threads())
    torch.use_deterministic_algorithms(True)
    # a debugging aid that costs time
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    transformers.set_seed(seed)
    transformers.logging.set_verbosity_error()
    if not interactive():
        transformers.utils.logging.disable_progress_bar()
    return device()
