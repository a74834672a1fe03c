"""One vector per distinct text."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline.runtime import device, interactive
from pipeline.settings import ModelSource

BATCH = 64


def schema(width: int) -> dict[str, Any]:
    """Columns of embeddings.parquet: the text, and its unit vector."""
    return {"text": pl.String(), "vector": pl.Array(pl.Float32(), width)}


def embed(texts: list[str], folder: Path, source: ModelSource, max_length: int) -> np.ndarray[Any, Any]:
    """Unit vectors of `texts`, (texts, width) float32.

    sentence-transformers sorts by length itself, so that little is spent on padding.
    """
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling, Transformer

    cut = {} if source.layers is None else {"num_hidden_layers": source.layers}
    fp32 = {"dtype": "float32"}  # a checkpoint in bf16 would run as such
    transformer = Transformer(str(folder), max_seq_length=max_length, config_kwargs=cut, model_kwargs=fp32)
    if transformer.tokenizer.pad_token is None:
        transformer.tokenizer.pad_token = transformer.tokenizer.eos_token
    modes = {"mean": "mean", "cls": "cls", "last": "lasttoken"}
    pooling = Pooling(transformer.get_embedding_dimension(), pooling_mode=modes[source.pooling])
    encoder = SentenceTransformer(modules=[transformer, pooling, Normalize()], device=str(device()))
    vectors = encoder.encode(
        [source.prefix + text for text in texts],
        batch_size=BATCH,
        convert_to_numpy=True,
        show_progress_bar=interactive(),
    )
    return np.asarray(vectors, dtype=np.float32)
