"""A training run that may be cut: what it leaves on disk, and where it goes on."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import UserError
from pipeline.files import read_json, replacing, write_json
from pipeline.runtime import not_negative

if TYPE_CHECKING:
    import torch


def checkpoint_seconds() -> float:
    """Least time between two checkpoints: a short run is sooner repeated than stored."""
    return not_negative("DANMU_CHECKPOINT_SECONDS", 300)


def recorded(file: Path, number: Callable[[Any], int]) -> int | None:
    """A number that a file records; None where the file is missing or damaged, as by a cut."""
    try:
        return number(read_json(file))
    except (UserError, KeyError, TypeError, ValueError):
        return None


class UnfinishedRun:
    """The folder of a run: the Trainer's checkpoint, and beside it the best epoch's state and the curve so far.

    Args:
        folder: of this run and no other. What lies there and cannot be gone on from is removed.

    Attributes:
        checkpoint: the Trainer's, to go on from; None where the run begins.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.best_file, self.history_file = folder / "best.safetensors", folder / "history.json"
        self.stored, self.seconds = time.monotonic(), checkpoint_seconds()
        self.checkpoint = self.last_checkpoint()
        if self.checkpoint is None:
            self.remove()
        folder.mkdir(parents=True, exist_ok=True)

    def last_checkpoint(self) -> Path | None:
        """The checkpoint to go on from: whole, and of the epoch that the history ends with; else None."""
        epochs = recorded(self.history_file, lambda history: len(history["curve"]) - 1)
        for checkpoint in self.folder.glob("checkpoint-*"):
            state = checkpoint / "trainer_state.json"  # the Trainer writes it last
            if epochs is not None and recorded(state, lambda told: round(told["epoch"])) == epochs:
                return checkpoint
        return None

    def due(self) -> bool:
        """Whether the last checkpoint is long enough ago."""
        return time.monotonic() - self.stored > self.seconds

    def store(self, best: "dict[str, torch.Tensor]", history: dict[str, Any]) -> None:
        """Write what the Trainer's checkpoint lacks; the Trainer writes its own afterwards, which makes it count."""
        from safetensors.torch import save_file

        self.stored = time.monotonic()
        with replacing(self.best_file) as part:
            save_file(best, part)
        write_json(history, self.history_file)

    def read(self) -> "tuple[dict[str, torch.Tensor], dict[str, Any]]":
        """The best epoch's state and the history that `store` wrote."""
        from safetensors.torch import load_file

        return load_file(self.best_file), read_json(self.history_file)

    def remove(self) -> None:
        """Remove the folder: the run is over, or begins anew."""
        shutil.rmtree(self.folder, ignore_errors=True)
