"""The encoder behind the embeddings, asked again: what a method needs that learnt from vectors and meets new texts."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.artifacts.embeddings import Embedding
from pipeline.artifacts.training import Comments
from pipeline.device import prepare_torch
from pipeline.errors import UserError
from pipeline.networks.sources import digest, model_folder
from pipeline.settings import ModelSource

Floats = np.ndarray[Any, Any]


class Encoder:
    """`artifacts.training.Vectors` by running the encoder.

    Args:
        embedding: as a fitted method recorded it.

    Raises:
        UserError: the encoder cannot be had, or has other weights now.
    """

    def __init__(self, embedding: Embedding) -> None:
        self.embedding = embedding
        self.source = source_of(embedding)
        self.folder = model_folder(embedding.model, {embedding.model: self.source}, "embed.model")
        weights = digest(self.folder)
        if weights != embedding.weights:
            raise UserError(
                f"The weights of {embedding.name} are others than those that this method learnt from (sha256 "
                f"{weights[:12]}…, then {embedding.weights[:12]}…); put the former ones back, or fit it again."
            )

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, (texts, width) float32."""
        from pipeline.text.embedding import embed

        prepare_torch(seed=0)
        return embed(list(texts), self.folder, self.source, self.embedding.max_length)


def source_of(embedding: Embedding) -> ModelSource:
    """The embedding's entry of the models section."""
    names = ("source", "name", "revision", "pooling", "prefix", "layers")
    return ModelSource.model_validate({name: getattr(embedding, name) for name in names})


def check_vectors(comments: Comments, learnt: Embedding) -> None:
    """Raise UserError where comments bring the vectors of another encoder than a method learnt from."""
    brought = comments.vectors.embedding
    if brought != learnt:
        raise UserError(
            f"This method learnt from vectors of {learnt.model} (at most {learnt.max_length} tokens), and is asked "
            f"with those of {brought.model} ({brought.max_length}); use the former, or fit it again."
        )
