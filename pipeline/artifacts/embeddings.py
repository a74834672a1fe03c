"""embeddings.parquet: one vector per distinct text; embedding.json: what made them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline.artifacts.artifact import DERIVED, Record, collected
from pipeline.errors import UserError
from pipeline.files import require, write_parquet

Floats = np.ndarray[Any, Any]
STAGE = "embed"
EMBEDDINGS_PATH = DERIVED / "embeddings.parquet"


@dataclass(frozen=True)
class Embedding:
    """Which encoder made the vectors, so that a method that learnt from them can be asked about new texts."""

    model: str  # key in params.yaml's models section
    source: str  # bundled, hub, path
    name: str
    revision: str | None
    pooling: str
    prefix: str
    layers: int | list[int] | None
    max_length: int  # tokens
    weights: str  # sha256 over the weights' folder
    width: int


EMBEDDING_FILE = Record(DERIVED / "embedding.json", Embedding, STAGE)


def write_embeddings(texts: Sequence[str], vectors: Floats) -> None:
    """Write embeddings.parquet: texts in the order given, vectors (texts, width) float32."""
    schema = {"text": pl.String(), "vector": pl.Array(pl.Float32(), vectors.shape[1])}
    write_parquet(pl.DataFrame({"text": texts, "vector": vectors}, schema=schema), EMBEDDINGS_PATH, schema)


def stored_vectors(texts: Sequence[str], path: Path = EMBEDDINGS_PATH) -> Floats:
    """The vectors of these texts, (texts, width) float32; no others are read into memory.

    Raises:
        UserError: the file is missing or damaged, or lacks one of the texts.
    """
    require(path, STAGE)
    wanted = pl.LazyFrame({"text": texts}, schema={"text": pl.String()})
    stored = pl.scan_parquet(path).join(wanted.unique(), on="text", how="semi")
    rows = collected(wanted.join(stored, on="text", how="left", maintain_order="left"), path, STAGE)
    if missing := rows["vector"].null_count():
        raise UserError(f"{path} lacks the vectors of {missing:,} comments; run `dvc repro embed` to make it anew.")
    return rows["vector"].to_numpy()
