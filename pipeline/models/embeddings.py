"""One vector per distinct text."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline.runtime import device, interactive

BATCH = 64


def schema(width: int) -> dict[str, Any]:
    """Columns of embeddings.parquet: the text, and its unit vector."""
    return {"text": pl.String(), "vector": pl.Array(pl.Float32(), width)}


def embed(texts: list[str], folder: Path, pooling: str, prefix: str, max_length: int, layers: int | None = None) -> np.ndarray[Any, Any]:
    """Unit vectors of `texts`, (texts, width) float32.

    sentence-transformers sorts by length itself, so that little is spent on padding.
    """
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling, Transformer

    transformer = Transformer(str(folder), max_seq_length=max_length)
    width = transformer.get_word_embedding_dimension()
    modes = {"mean": "mean", "cls": "cls", "last": "lasttoken"}
    modules = [transformer, Pooling(width, pooling_mode=modes[pooling]), Normalize()]
    encoder = SentenceTransformer(modules=modules, device=str(device()))
    vectors = encoder.encode(
        [prefix + text for text in texts],
        batch_size=BATCH,
        convert_to_numpy=True,
        show_progress_bar=interactive(),
    )
    return np.asarray(vectors, dtype=np.float32)
