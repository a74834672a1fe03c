"""Encoder and adapted decoder through one classifier: padding, batches, saving, what is trained."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pipeline.errors import UserError
from pipeline.networks import classifier
from pipeline.networks.adapters import LoraSettings
from pipeline.networks.batching import PadTo, run_network
from pipeline.networks.classifier import ClassifierSettings
from pipeline.networks.inputs import encode, load_tokenizer
from pipeline.networks.sources import digest
from tests.conftest import TEXTS

LABELS = ["joy", "confusion", "other"]


def settings(kind: str, **changes: object) -> ClassifierSettings:
    lora = LoraSettings(4, 8, 0.0, ["q_proj", "v_proj"]) if kind == "llama" else None
    values = {"pooling": "mean" if kind == "bert" else "last", "prefix": "", "layers": None, "max_length": 32}
    return ClassifierSettings(model=kind, labels=LABELS, context=0, lora=lora, **(values | changes))  # type: ignore[arg-type]


@pytest.fixture(params=["bert", "llama"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def source(kind: str, tiny_bert: Path, tiny_llama: Path) -> Path:
    return tiny_bert if kind == "bert" else tiny_llama


class PadLeft(PadTo):
    """As PadTo, but on the left: each text is turned round, padded, and turned back."""

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
        turned = super().__call__([{name: values[::-1] for name, values in row.items()} for row in rows])
        return {name: values.flip(1) for name, values in turned.items()}


def logits(model: torch.nn.Module, folder: Path, pad: type[PadTo] = PadTo, texts: list[str] = TEXTS) -> np.ndarray:
    tokenizer = load_tokenizer(folder)
    tokens = encode(tokenizer, texts, None, "", 32)
    return run_network(model, tokens, pad(tokenizer.pad_token_id))


def build(source: Path, wanted: ClassifierSettings) -> torch.nn.Module:
    torch.manual_seed(0)
    model = classifier.build(source, wanted)
    with torch.no_grad():  # adapters start as the identity; give them something to say
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.normal_(std=0.2)
    return model


def test_padding_side_does_not_matter_to_a_decoder(tiny_llama: Path) -> None:
    model = build(tiny_llama, settings("llama"))
    np.testing.assert_allclose(logits(model, tiny_llama, PadLeft), logits(model, tiny_llama), atol=2e-5)


def test_amount_of_padding_does_not_matter(kind: str, source: Path) -> None:
    model = build(source, settings(kind))
    longest = logits(model, source, texts=[*TEXTS, "哈" * 30])[: len(TEXTS)]
    np.testing.assert_allclose(longest, logits(model, source), atol=2e-5)


def test_batch_and_order_do_not_matter(kind: str, source: Path) -> None:
    model = build(source, settings(kind))
    together = logits(model, source)
    alone = np.concatenate([logits(model, source, texts=[text]) for text in TEXTS])
    backwards = logits(model, source, texts=TEXTS[::-1])[::-1]
    np.testing.assert_allclose(together, alone, atol=2e-5)
    np.testing.assert_allclose(together, backwards, atol=2e-5)


def test_saved_and_loaded_gives_the_same_logits(kind: str, source: Path, tmp_path: Path) -> None:
    model = build(source, settings(kind))
    before = logits(model, source)
    classifier.save(model, tmp_path)
    torch.manual_seed(99)  # what loading draws at random must not survive
    after = logits(classifier.load(tmp_path, source), source)
    np.testing.assert_array_equal(before, after)
    assert {path.name for path in tmp_path.iterdir()} == {"trained.safetensors", "classifier.json"}


def test_head_and_adapters_get_gradients_and_the_frozen_rest_does_not(kind: str, source: Path) -> None:
    model = build(source, settings(kind))
    tokenizer = load_tokenizer(source)
    batch = PadTo(tokenizer.pad_token_id)(encode(tokenizer, TEXTS, None, "", 32))
    model(**batch)["logits"].square().sum().backward()
    moved = {name for name, parameter in model.named_parameters() if parameter.grad is not None}
    assert {"head.weight", "head.bias"} <= moved
    assert moved == set(classifier.trained_state(model))
    assert not any("embed_tokens" in name or "word_embeddings" in name for name in moved)
    if kind == "llama":
        assert all("lora_" in name or name.startswith("head.") for name in moved)


def test_adapters_are_the_same_for_the_same_seed(tiny_llama: Path) -> None:
    states = []
    for seed in (7, 7, 8):
        torch.manual_seed(seed)
        states.append(classifier.trained_state(classifier.build(tiny_llama, settings("llama"))))
    first, second, other = (
        state["backbone.base_model.model.layers.0.self_attn.q_proj.lora_A.default.weight"] for state in states
    )
    assert torch.equal(first, second) and not torch.equal(first, other)


def test_bf16_backbone_keeps_head_and_adapters_in_fp32(tiny_llama: Path) -> None:
    model = classifier.build(tiny_llama, settings("llama", precision="bfloat16"))
    assert {value.dtype for value in classifier.trained_state(model).values()} == {torch.float32}
    frozen = {parameter.dtype for parameter in model.parameters() if not parameter.requires_grad}
    assert frozen == {torch.bfloat16}


def test_layers_takes_the_first_so_many(tiny_bert: Path) -> None:
    model = classifier.build(tiny_bert, settings("bert", layers=1))
    assert model.backbone.config.num_hidden_layers == len(model.backbone.encoder.layer) == 1


def test_a_head_reads_the_layers_that_are_named_side_by_side(tiny_bert: Path, tmp_path: Path) -> None:
    parts = [classifier.build(tiny_bert, settings("bert", layers=layer)) for layer in (1, 2)]
    both = classifier.build(tiny_bert, settings("bert", layers=[1, 2]))
    tokens = torch.tensor([[2, 5, 6, 3], [2, 7, 3, 0]])
    mask = (tokens > 0).long()
    with torch.inference_mode():
        read = [model.eval().features(tokens, mask, mask, torch.zeros_like(tokens)) for model in (*parts, both)]
    torch.testing.assert_close(read[2], torch.cat(read[:2], dim=1))
    assert both.head.in_features == read[2].shape[1]
    classifier.save(both, tmp_path)
    assert classifier.read_settings(tmp_path).layers == [1, 2]


def test_loading_refuses_what_belongs_to_another_network(tiny_bert: Path) -> None:
    model = build(tiny_bert, settings("bert"))
    state = classifier.trained_state(model)
    state.pop("head.bias")
    with pytest.raises(ValueError, match=r"head\.bias"):
        classifier.load_trained_state(model, state)


def test_tokenizer_without_pad_token_gets_one_without_growing(tiny_llama: Path) -> None:
    tokenizer = load_tokenizer(tiny_llama)
    assert tokenizer.pad_token_id is not None and tokenizer.pad_token_id < len(tokenizer)
    masked = encode(tokenizer, ["谢谢"], None, "", 32)[0]
    assert masked["attention_mask"] == [1] * len(masked["input_ids"])


def test_context_is_read_but_not_pooled_and_never_cuts_the_comment(kind: str, source: Path) -> None:
    tokenizer = load_tokenizer(source)
    plain = encode(tokenizer, ["谢谢"], None, "", 12)[0]
    row = encode(tokenizer, ["谢谢"], ["哈哈哈哈 / 泪目 | 前方高能 / 好家伙"], "", 12)[0]
    assert len(row["input_ids"]) == 12 > len(plain["input_ids"])
    pooled = [token for token, kept in zip(row["input_ids"], row["pool_mask"], strict=True) if kept]
    own = [token for token in pooled if token in tokenizer("谢谢", add_special_tokens=False).input_ids]
    assert own == tokenizer("谢谢", add_special_tokens=False).input_ids
    long = encode(tokenizer, ["谢谢" * 20], ["泪目"], "", 12)[0]
    special = 4 if kind == "bert" else 1  # <s> … </s> </s> … </s>, or the one at the beginning
    assert len(long["input_ids"]) == 12 and long["input_ids"].count(own[0]) == 12 - special


def test_context_changes_the_answer(kind: str, source: Path) -> None:
    model, tokenizer = build(source, settings(kind)), load_tokenizer(source)
    answers = [
        run_network(model, encode(tokenizer, ["？？？"], [line], "", 32), PadTo(tokenizer.pad_token_id))
        for line in ("哈哈哈哈 | 泪目", "前方高能 | 好家伙")
    ]
    assert np.abs(answers[0] - answers[1]).max() > 1e-5


def test_other_source_weights_than_those_trained_on_are_refused(
    tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DANMU_CACHE", str(tmp_path / "cache"))
    source, saved = tmp_path / "source", tmp_path / "saved"
    shutil.copytree(tiny_bert, source)
    saved.mkdir()
    noted = replace(settings("bert"), source_digest=digest(source))
    classifier.save(build(source, noted), saved)
    assert classifier.read_settings(saved) == noted
    classifier.load(saved, source)
    (source / "config.json").write_text((source / "config.json").read_text() + "\n")
    with pytest.raises(UserError) as raised:
        classifier.load(saved, source)
    assert noted.source_digest in str(raised.value) and digest(source) in str(raised.value)


def test_settings_without_a_source_digest_are_read_and_hold_for_any_source(tiny_bert: Path, tmp_path: Path) -> None:
    classifier.save(build(tiny_bert, settings("bert")), tmp_path)
    values = json.loads((tmp_path / "classifier.json").read_text())
    assert values.pop("source_digest") == ""
    (tmp_path / "classifier.json").write_text(json.dumps(values))
    np.testing.assert_array_equal(
        logits(classifier.load(tmp_path, tiny_bert), tiny_bert),
        logits(build(tiny_bert, settings("bert")), tiny_bert),
    )


@pytest.mark.parametrize("what", ["logits", "features"])
def test_logits_and_features_that_are_not_finite_are_refused(tiny_bert: Path, what: str) -> None:
    model = build(tiny_bert, settings("bert"))
    tokenizer = load_tokenizer(tiny_bert)
    # one token's vector is broken, and with it the texts in which it stands
    broken = tokenizer("泪", add_special_tokens=False).input_ids[0]
    with torch.no_grad():
        model.backbone.get_input_embeddings().weight[broken] = float("nan")
    collate = PadTo(tokenizer.pad_token_id)
    run_network(model, encode(tokenizer, ["谢谢"], None, "", 32), collate, what)
    with pytest.raises(UserError, match=rf"{what} of model bert are not finite for 1 of 10 texts.*precision float32"):
        run_network(model, encode(tokenizer, TEXTS, None, "", 32), collate, what)
