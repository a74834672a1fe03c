"""One vector per distinct text."""

from pathlib import Path
from typing import Any

import numpy as np

from pipeline.device import device
from pipeline.errors import UserError
from pipeline.runtime import interactive
from pipeline.settings import Count, ModelKey, ModelSource, Section

BATCH = 64


class Embed(Section):
    """The section `embed` of params.yaml."""

    model: ModelKey
    max_length: Count  # tokens


def embed(texts: list[str], folder: Path, source: ModelSource, max_length: int) -> np.ndarray[Any, Any]:
    """Unit vectors of `texts`, (texts, width) float32; of several layers, as long a part from each.

    sentence-transformers sorts by length itself, so that little is spent on padding. That the folder's
    weights fit its config.json, and that it has so many layers, is the caller's to check.

    Raises:
        UserError: a vector is not finite.
    """
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling, Transformer

    cut = {} if source.depth is None else {"num_hidden_layers": source.depth}
    if isinstance(source.layers, list):
        cut["output_hidden_states"] = True
    no_code = {"trust_remote_code": False}
    transformer = Transformer(
        str(folder),
        max_seq_length=max_length,
        config_kwargs=no_code | cut,
        model_kwargs=no_code | {"use_safetensors": True, "dtype": "float32"},  # one in bf16 would run as such
        processor_kwargs=no_code,
    )
    if transformer.tokenizer.pad_token is None:
        transformer.tokenizer.pad_token = transformer.tokenizer.eos_token
    modes = {"mean": "mean", "cls": "cls", "last": "lasttoken"}
    pooling = Pooling(transformer.get_embedding_dimension(), pooling_mode=modes[source.pooling])
    pooled = side_by_side(pooling, source.layers) if isinstance(source.layers, list) else pooling
    encoder = SentenceTransformer(modules=[transformer, pooled, Normalize()], device=str(device()))
    vectors = encoder.encode(
        [source.prefix + text for text in texts],
        batch_size=BATCH,
        convert_to_numpy=True,
        show_progress_bar=interactive(),
    )
    vectors = np.asarray(vectors, dtype=np.float32)
    broken = [text for text, vector in zip(texts, vectors, strict=True) if not np.isfinite(vector).all()]
    if broken:
        raise UserError(
            f"The vectors of {len(broken)} of {len(texts)} texts are not finite, the first that of {broken[0][:20]!r}: "
            f"the weights in {folder} are broken, or 32 bits are not precise enough for them; "
            "name another model in embed.model (params.yaml), or mend the weights."
        )
    return vectors


def side_by_side(pooling: Any, layers: list[int]) -> Any:
    """A module that pools each of the layers, to unit length, and puts them side by side in their order."""
    import torch

    class SideBySide(torch.nn.Module):
        def forward(self, features: dict[str, Any]) -> dict[str, Any]:
            states = features["all_layer_embeddings"]
            each = [pooling(features | {"token_embeddings": states[layer]})["sentence_embedding"] for layer in layers]
            unit = [torch.nn.functional.normalize(vectors, dim=1) for vectors in each]
            return features | {"sentence_embedding": torch.cat(unit, dim=1)}

    return SideBySide()
