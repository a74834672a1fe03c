"""One unit vector per text: pooled, cut and prefixed as the models section says, and never nonsense."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel, AutoTokenizer

from pipeline.errors import UserError
from pipeline.settings import ModelSource
from pipeline.text.embedding import embed
from tests.conftest import TEXTS


def model(pooling: str = "mean", prefix: str = "", layers: int | list[int] | None = None) -> ModelSource:
    return ModelSource(source="path", name="tiny", pooling=pooling, prefix=prefix, layers=layers)  # type: ignore[arg-type]


def by_hand(text: str, folder: Path, pooling: str, layers: int | None) -> np.ndarray:
    """The unit vector of one text, without batches and padding."""
    cut = {} if layers is None else {"num_hidden_layers": layers}
    network = AutoModel.from_pretrained(folder, dtype=torch.float32, **cut).eval()
    tokens = AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")
    tokens.pop("token_type_ids", None)
    with torch.inference_mode():
        states = network(**tokens).last_hidden_state[0].numpy()
    vector = {"mean": states.mean(0), "cls": states[0], "last": states[-1]}[pooling]
    return np.asarray(vector / np.linalg.norm(vector))


@pytest.mark.parametrize("pooling", ["mean", "cls", "last"])
@pytest.mark.parametrize("layers", [None, 1])
@pytest.mark.parametrize("kind", ["bert", "llama"])
def test_vectors_are_the_pooled_states_at_length_one(
    kind: str, layers: int | None, pooling: str, tiny_bert: Path, tiny_llama: Path
) -> None:
    folder = tiny_bert if kind == "bert" else tiny_llama
    vectors = embed(TEXTS, folder, model(pooling, "query: ", layers), 64)
    assert vectors.dtype == np.float32 and len(vectors) == len(TEXTS)
    for text, vector in zip(TEXTS, vectors, strict=True):
        np.testing.assert_allclose(vector, by_hand("query: " + text, folder, pooling, layers), atol=1e-5)


@pytest.mark.parametrize("layers", [[1, 2], [2, 1], [1]])
def test_several_layers_stand_side_by_side_and_count_alike(layers: list[int], tiny_bert: Path) -> None:
    vectors = embed(TEXTS, tiny_bert, model(layers=layers), 64)
    parts = [np.stack([by_hand(text, tiny_bert, "mean", layer) for text in TEXTS]) for layer in layers]
    # each part has length one, and so the whole the root of their number
    np.testing.assert_allclose(vectors, np.concatenate(parts, axis=1) / len(layers) ** 0.5, atol=1e-5)


def test_a_text_past_the_longest_is_cut(tiny_bert: Path) -> None:
    # two special tokens and six signs
    long, short = embed(["哈哈谢谢泪目高能" * 9, "哈哈谢谢泪目"], tiny_bert, model(), 8)
    np.testing.assert_allclose(long, short, atol=1e-6)


def test_vectors_that_are_not_finite_are_refused(tiny_bert: Path, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(tiny_bert, folder)
    weights = load_file(folder / "model.safetensors")
    sign = AutoTokenizer.from_pretrained(folder)("泪", add_special_tokens=False).input_ids[0]
    weights["embeddings.word_embeddings.weight"][sign] = float("inf")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert np.isfinite(embed(["谢谢"], folder, model(), 64)).all()
    text = "泪目" + "哈" * 50
    with pytest.raises(UserError, match=r"1 of 2 texts.*'泪目哈+'.*broken.*precise.*embed\.model") as raised:
        embed(["谢谢", text], folder, model(), 64)
    assert text not in str(raised.value) and "\n" not in str(raised.value)


def test_no_code_of_a_checkpoint_is_run_and_no_pickle_read(tiny_bert: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    from sentence_transformers import models

    class Noted(models.Transformer):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            given.update(options)
            super().__init__(*arguments, **options)

    monkeypatch.setattr(models, "Transformer", Noted)
    embed(["谢谢"], tiny_bert, model(), 64)
    for part in ("model_kwargs", "config_kwargs", "processor_kwargs"):
        assert given[part]["trust_remote_code"] is False
    assert given["model_kwargs"]["use_safetensors"] is True


def test_a_folder_with_pickled_weights_alone_is_not_read(tiny_bert: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pickled"
    shutil.copytree(tiny_bert, folder)
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(OSError, match="safetensors"):
        embed(["谢谢"], folder, model(), 64)
