"""What params.yaml asks of a model that cannot do it is said in one sentence, before anything is trained."""

import json
import shutil
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from pipeline import remembered
from pipeline.errors import UserError
from pipeline.methods import bert, llama
from pipeline.networks import suitability
from pipeline.networks.adapters import LoraSettings
from pipeline.networks.suitability import Demand, for_vectors, suitable_folder
from pipeline.settings import ModelSource
from pipeline.text.embedding import Embed
from tests.conftest import write_tokenizer

BERT = Demand("bert", "mine", "encoder", max_length=96, trained=True)
LLAMA = Demand("llama", "mine", "decoder", max_length=96, trained=True)
SILVER = Demand("silver", "mine", "decoder", causal=True)
EMBED = for_vectors(Embed(model="mine", max_length=96))


def suits(demand: Demand, folder: Path, **source: Any) -> None:
    models = {"mine": ModelSource(source="path", name=str(folder), **source)}
    assert suitable_folder(demand, models) == folder


def refusal(demand: Demand, folder: Path, **source: Any) -> str:
    with pytest.raises(UserError) as raised:
        suits(demand, folder, **source)
    sentence = str(raised.value)
    assert "\n" not in sentence and sentence.endswith(".")
    return sentence


def adapted(*targets: str) -> Demand:
    return replace(LLAMA, lora=LoraSettings(4, 8, 0.0, list(targets)))


def configured(folder: Path, place: Path, **config: Any) -> Path:
    """A copy of the folder with other entries of config.json."""
    shutil.copytree(folder, place)
    values = json.loads((place / "config.json").read_text()) | config
    (place / "config.json").write_text(json.dumps(values))
    return place


def test_what_suits_passes(tiny_bert: Path, tiny_llama: Path) -> None:
    suits(replace(BERT, max_length=512, context=True), tiny_bert)
    suits(BERT, tiny_bert, layers=1)
    suits(replace(adapted("q_proj", "v_proj"), context=True), tiny_llama, layers=1)
    suits(SILVER, tiny_llama)
    suits(EMBED, tiny_bert)
    suits(EMBED, tiny_llama)


def test_what_is_wrong_with_a_folder_names_the_models_key(tiny_bert: Path, tmp_path: Path) -> None:
    for broken in ("model.safetensors", "tokenizer.json"):
        folder = configured(tiny_bert, tmp_path / broken)
        (folder / broken).unlink()
        assert refusal(BERT, folder).startswith(f"models.mine (params.yaml): {folder}")
    folder = configured(tiny_bert, tmp_path / "wide", hidden_size=64)
    assert refusal(BERT, folder).startswith(
        f"models.mine (params.yaml): {folder} is not the model that its config.json"
    )
    (folder / "config.json").write_text("{")
    assert refusal(BERT, folder).startswith(f"models.mine (params.yaml): {folder}")


def test_one_process_asks_a_tokenizer_once_and_again_where_it_changed(
    tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = configured(tiny_bert, tmp_path / "mine")
    monkeypatch.setattr(remembered, "SETTLED_NS", -1)
    loaded: list[Path] = []
    load = suitability.load_tokenizer
    monkeypatch.setattr(suitability, "load_tokenizer", lambda place: loaded.append(place) or load(place))
    for demand in (BERT, EMBED, replace(BERT, context=True)):
        suits(demand, folder)
    assert len(loaded) == 1
    write_tokenizer(
        folder, {"cls": "<s>", "sep": "</s>", "pad": "<pad>", "mask": "<mask>", "more": "<more>"}, "<s> $A </s>"
    )
    assert "embeddings for" in refusal(BERT, folder)


def test_the_methods_demands_are_those_of_their_settings() -> None:
    shared = {
        "model": "mine", "learning_rate": 1.0, "class_weight": "none", "context": 2, "labels": "gold", "seed": 0,
        "silver_weight": 1.0, "epochs": 1, "batch_size": 1, "gradient_accumulation": 1, "head_start": "probe",
        "head_learning_rate": 1.0, "weight_decay": 0.0, "warmup": 0.0, "dropout": 0.0, "max_length": 96,
        "precision": "float32",
    }  # fmt: skip
    adapters = {"four_bit": True, "lora_rank": 4, "lora_alpha": 8, "lora_dropout": 0.0, "lora_targets": ["q_proj"]}
    assert bert.demand(bert.Settings(**shared, train_embeddings=False)) == replace(BERT, context=True)
    assert llama.demand(llama.Settings(**shared, **adapters)) == replace(adapted("q_proj"), context=True, four_bit=True)


def test_an_encoder_is_no_decoder_and_the_reverse(tiny_bert: Path, tiny_llama: Path, tmp_path: Path) -> None:
    assert "bert.model (params.yaml) names mine, whose model_type llama is a decoder" in refusal(BERT, tiny_llama)
    assert "llama.model (params.yaml) names mine, whose model_type bert is an encoder" in refusal(LLAMA, tiny_bert)
    assert "silver.model (params.yaml) names mine, whose model_type bert is an encoder" in refusal(SILVER, tiny_bert)
    turned = configured(tiny_bert, tmp_path / "turned", is_decoder=True)
    assert "bert is a decoder" in refusal(BERT, turned)
    both = configured(tiny_bert, tmp_path / "both", model_type="bart", is_encoder_decoder=True)
    assert "an encoder with a decoder behind it" in refusal(BERT, both)


def test_a_length_beyond_the_positions_is_refused(tiny_bert: Path, tiny_llama: Path) -> None:
    said = refusal(replace(BERT, max_length=513), tiny_bert)
    assert said == "bert.max_length is 513, and mine reads at most 512 tokens; lower it (params.yaml)."
    assert "embed.max_length is 513" in refusal(replace(EMBED, max_length=513), tiny_bert)
    assert "at most 131072 tokens" in refusal(replace(LLAMA, max_length=131073), tiny_llama)


def test_roberta_s_positions_begin_behind_the_padding_s_number(tmp_path: Path) -> None:
    import torch
    from transformers import RobertaConfig, RobertaModel

    special = {"cls": "<s>", "sep": "</s>", "pad": "<pad>", "mask": "<mask>"}
    size = write_tokenizer(tmp_path, special, "<s> $A </s>")
    config = RobertaConfig(vocab_size=size, hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
                           intermediate_size=64, pad_token_id=2, max_position_embeddings=40)  # fmt: skip
    model = RobertaModel(config, add_pooling_layer=False)
    model.save_pretrained(tmp_path)
    suits(replace(BERT, max_length=37), tmp_path)
    assert "at most 37 tokens" in refusal(replace(BERT, max_length=38), tmp_path)
    model(torch.zeros((1, 37), dtype=torch.long))
    with pytest.raises((IndexError, RuntimeError)):
        model(torch.zeros((1, 38), dtype=torch.long))


def test_a_length_that_leaves_the_text_no_room_is_refused(tiny_bert: Path, tiny_llama: Path) -> None:
    assert "puts 2 special tokens around a text" in refusal(replace(BERT, max_length=2), tiny_bert)
    assert "raise it to 3 at least" in refusal(replace(BERT, max_length=1), tiny_bert)
    suits(replace(BERT, max_length=3), tiny_bert)
    assert "raise it to 5 at least" in refusal(replace(BERT, max_length=4, context=True), tiny_bert)
    assert "raise it to 2 at least" in refusal(replace(LLAMA, max_length=1), tiny_llama)
    assert "and the 7 of its prefix" in refusal(replace(EMBED, max_length=9), tiny_bert, prefix="query: ")
    suits(replace(EMBED, max_length=10), tiny_bert, prefix="query: ")


def test_adapters_on_layers_that_are_not_there_are_refused(tiny_llama: Path) -> None:
    said = refusal(adapted("q_proj", "query"), tiny_llama)  # peft itself passes over the one that is missing
    assert "llama.lora_targets names 'query', and mine has no such layer (it has down_proj, " in said
    assert "no such layer" in refusal(adapted("layers.1.self_attn.q_proj"), tiny_llama, layers=1)
    assert "takes no adapter" in refusal(adapted("mlp"), tiny_llama)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "config.json is damaged"),
        ("[]", "config.json holds no settings"),
        ("5", "config.json holds no settings"),
        ("[" * 100_000, "config.json is damaged"),
        ('{"model_type": "bert", "hidden_size": "wide"}', "field 'hidden_size'"),
        ('{"model_type": "bert", "num_attention_heads": 0}', "ZeroDivisionError"),
        ('{"model_type": "bert", "hidden_act": "none"}', "KeyError"),
        ('{"model_type": "bert", "dtype": "float99"}', "float99"),
        ('{"model_type": "bert", "auto_map": {"AutoModelForPreTraining": "code.X"}}', "such code is never run"),
    ],
)
def test_settings_that_are_damaged_or_ask_for_code_are_refused(
    content: str, words: str, tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object) -> str:
        raise AssertionError("somebody was asked on the terminal")

    monkeypatch.setattr("builtins.input", asked)
    shutil.copytree(tiny_bert, tmp_path / "odd")
    (tmp_path / "odd" / "config.json").write_text(content)
    assert words in refusal(EMBED, tmp_path / "odd")


def test_weights_that_are_missing_cut_or_of_other_shapes_are_refused(tiny_bert: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_bert, tmp_path / "mine")
    weights = folder / "model.safetensors"
    whole = weights.read_bytes()
    for content in (b"", whole[:100], whole[: len(whole) // 2]):
        weights.write_bytes(content)
        assert "cannot be read as a model with safetensors weights" in refusal(BERT, folder)
    weights.unlink()
    assert "no file named model.safetensors" in refusal(EMBED, folder)
    assert "of shape (32,) where that model needs (64,)" in refusal(
        BERT, configured(tiny_bert, tmp_path / "wide", hidden_size=64)
    )
    assert "has 2 layers" in refusal(BERT, tiny_bert, layers=3)


def test_a_tokenizer_that_is_missing_damaged_another_s_or_code_is_refused(tiny_bert: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_bert, tmp_path / "mine")
    tokenizer, settings = folder / "tokenizer.json", folder / "tokenizer_config.json"
    content = tokenizer.read_text(encoding="utf-8")
    tokenizer.write_text(content[:200], encoding="utf-8")
    assert "cannot be read as a model's tokenizer" in refusal(BERT, folder)
    larger = json.loads(content)
    larger["model"]["vocab"] |= {f"word {number}": 100 + number for number in range(5)}
    tokenizer.write_text(json.dumps(larger), encoding="utf-8")
    assert "the model has embeddings for 51" in refusal(EMBED, folder)
    tokenizer.unlink()
    assert "holds no tokenizer" in refusal(BERT, folder)
    tokenizer.write_text(content, encoding="utf-8")
    settings.write_text(json.dumps({"auto_map": {"AutoTokenizer": ["code.T", None]}}))
    assert "tokenizer_config.json asks for Python code" in refusal(BERT, folder)


@pytest.mark.skipif(find_spec("bitsandbytes") is not None, reason="what is missed is there")
def test_four_bits_need_what_is_not_here(tiny_llama: Path) -> None:
    assert "llama.four_bit is true, but" in refusal(replace(LLAMA, four_bit=True), tiny_llama)
