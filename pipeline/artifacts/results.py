"""Where a method's cell writes, and the predictions that all write alike."""

from pathlib import Path
from typing import Any

import numpy as np

from pipeline.artifacts.labelled import Labelled
from pipeline.artifacts.paths import RESULTS
from pipeline.artifacts.predictions import predictions, schema
from pipeline.files import write_parquet


def result_folder(method: str, key: str) -> Path:
    """Where a cell writes; empty at the start."""
    folder = RESULTS / method / key
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_predictions(data: Labelled, probabilities: np.ndarray[Any, Any], folder: Path) -> None:
    """predictions.parquet, the same for every method."""
    frame = predictions(data.predicted(), probabilities, data.leaves)
    write_parquet(frame, folder / "predictions.parquet", schema(data.leaves))
