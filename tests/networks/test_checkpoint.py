"""A folder whose weights are not those of its config.json is refused; what transformers renames or ties is not."""

import ast
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel, AutoModelForCausalLM

from pipeline import remembered
from pipeline.annotation.model.in_process import weights_identity
from pipeline.errors import UserError
from pipeline.networks import checkpoint, classifier
from pipeline.networks.checkpoint import check_folder
from pipeline.networks.digests import digest
from pipeline.networks.scoring import ContinuationScorer
from tests.conftest import ROOT
from tests.networks.test_classifier import settings

Weights = dict[str, torch.Tensor]
QUERY = "encoder.layer.0.attention.self.query.weight"


def changed(folder: Path, place: Path, change: Callable[[Weights], Weights], **config: Any) -> Path:
    """A copy of a model folder with other weights and entries of config.json (None takes one out)."""
    shutil.copytree(folder, place)
    weights = {name: value.clone() for name, value in change(load_file(folder / "model.safetensors")).items()}
    save_file(weights, place / "model.safetensors", metadata={"format": "pt"})
    values = json.loads((folder / "config.json").read_text()) | config
    (place / "config.json").write_text(json.dumps({key: value for key, value in values.items() if value is not None}))
    return place


def unchanged(weights: Weights) -> Weights:
    return weights


def prefixed(prefix: str) -> Callable[[Weights], Weights]:
    return lambda weights: {prefix + name: value for name, value in weights.items()}


def without(name: str) -> Callable[[Weights], Weights]:
    return lambda weights: {other: value for other, value in weights.items() if other != name}


def with_(**more: torch.Tensor) -> Callable[[Weights], Weights]:
    return lambda weights: weights | {name.replace("__", "."): value for name, value in more.items()}


def sharded(folder: Path, place: Path, lose: str = "") -> Path:
    """The folder in two shards with an index, without the weight `lose`."""
    shutil.copytree(folder, place)
    weights = load_file(folder / "model.safetensors")
    (place / "model.safetensors").unlink()
    names = sorted(weights)
    parts = {"model-1.safetensors": names[::2], "model-2.safetensors": names[1::2]}
    for file, some in parts.items():
        save_file({name: weights[name] for name in some if name != lose}, place / file, metadata={"format": "pt"})
    index = {"metadata": {}, "weight_map": {name: file for file, some in parts.items() for name in some}}
    (place / "model.safetensors.index.json").write_text(json.dumps(index))
    return place


def refusal(folder: Path, layers: int | None = None, causal: bool = False) -> str:
    with pytest.raises(UserError) as raised:
        check_folder(folder, layers, causal=causal)
    sentence = str(raised.value)
    assert str(folder) in sentence and "\n" not in sentence
    return sentence


def test_whole_folders_pass(tiny_bert: Path, tiny_llama: Path) -> None:
    check_folder(tiny_bert, None)
    check_folder(tiny_bert, 1)
    check_folder(tiny_llama, 2)
    check_folder(tiny_llama, 1, causal=True)


def test_weights_of_other_names_are_refused_not_drawn_at_random(tiny_bert: Path, tmp_path: Path) -> None:
    folder = changed(tiny_bert, tmp_path / "odd", prefixed("odd."))
    sentence = refusal(folder)
    assert "lacks embeddings.LayerNorm.bias and 36 more" in sentence
    assert "holds odd.embeddings.LayerNorm.bias and 36 more" in sentence
    assert "params.yaml" in sentence
    with pytest.raises(UserError, match="lacks"):
        classifier.build(folder, settings("bert"))


def test_one_missing_one_strange_or_one_reshaped_weight_is_enough(tiny_bert: Path, tmp_path: Path) -> None:
    assert f"lacks {QUERY};" in refusal(changed(tiny_bert, tmp_path / "a", without(QUERY)))
    strange = refusal(changed(tiny_bert, tmp_path / "b", with_(encoder__extra__weight=torch.ones(2))))
    assert "holds encoder.extra.weight, which that model has no place for" in strange
    reshaped = refusal(changed(tiny_bert, tmp_path / "c", lambda weights: weights | {QUERY: torch.ones(3, 5)}))
    assert f"{QUERY} of shape (3, 5) where that model needs (32, 32)" in reshaped


def test_shards_are_read_through_their_index(tiny_bert: Path, tmp_path: Path) -> None:
    check_folder(sharded(tiny_bert, tmp_path / "whole"), None)
    assert f"lacks {QUERY};" in refusal(sharded(tiny_bert, tmp_path / "lost", QUERY))
    gone = sharded(tiny_bert, tmp_path / "gone")
    (gone / "model-2.safetensors").unlink()
    assert "cannot be read" in refusal(gone)


def test_prefix_old_names_buffers_poolers_and_the_pretraining_heads_pass(tiny_bert: Path, tmp_path: Path) -> None:
    """The names in bert-base-chinese: saved from a class for pretraining, with TensorFlow's names for norms."""

    def as_in_bert_base_chinese(weights: Weights) -> Weights:
        names = {name: name.replace("LayerNorm.weight", "LayerNorm.gamma") for name in weights}
        names = {name: old.replace("LayerNorm.bias", "LayerNorm.beta") for name, old in names.items()}
        more = {
            "bert.embeddings.position_ids": torch.arange(512)[None],
            "bert.pooler.dense.weight": torch.ones(32, 32),
            "bert.pooler.dense.bias": torch.ones(32),
            "cls.predictions.bias": torch.ones(7),
            "cls.predictions.transform.LayerNorm.gamma": torch.ones(32),
            "cls.predictions.transform.dense.weight": torch.ones(32, 32),
            "cls.seq_relationship.weight": torch.ones(2, 32),
        }
        return {f"bert.{old}": weights[name] for name, old in names.items()} | more

    folder = changed(tiny_bert, tmp_path / "a", as_in_bert_base_chinese, architectures=["BertForMaskedLM"])
    check_folder(folder, None)
    same = AutoModel.from_pretrained(folder).state_dict()
    for name, value in AutoModel.from_pretrained(tiny_bert).state_dict().items():
        assert "pooler" in name or torch.equal(value, same[name])
    check_folder(changed(folder, tmp_path / "b", unchanged, architectures=None), None)


def test_a_head_passes_only_where_its_own_architecture_has_it(tiny_bert: Path, tmp_path: Path) -> None:
    def headed(weights: Weights) -> Weights:
        return prefixed("bert.")(weights) | {"classifier.weight": torch.ones(2, 32), "classifier.bias": torch.ones(2)}

    check_folder(changed(tiny_bert, tmp_path / "a", headed, architectures=["BertForSequenceClassification"]), None)
    assert "classifier.bias and 1 more" in refusal(changed(tiny_bert, tmp_path / "b", headed))


def test_the_language_model_head_may_be_tied_unused_or_there_and_must_not_be_missing(
    tiny_llama: Path, tmp_path: Path
) -> None:
    size = len(load_file(tiny_llama / "model.safetensors")["model.embed_tokens.weight"])
    head = with_(lm_head__weight=torch.ones(size, 64))
    untied = changed(tiny_llama, tmp_path / "untied", head, tie_word_embeddings=False)
    check_folder(untied, None)
    check_folder(untied, None, causal=True)
    lost = changed(tiny_llama, tmp_path / "lost", unchanged, tie_word_embeddings=False)
    check_folder(lost, None)  # the backbone is whole
    assert "lacks lm_head.weight;" in refusal(lost, causal=True)
    with pytest.raises(UserError, match=r"lm_head\.weight"):
        ContinuationScorer(lost)
    inverse = with_(model__layers__0__self_attn__rotary_emb__inv_freq=torch.ones(4))
    check_folder(changed(tiny_llama, tmp_path / "old", inverse), None)


def test_more_layers_than_there_are_is_an_error_and_fewer_are_taken(tiny_bert: Path, tiny_llama: Path) -> None:
    for folder, kind in ((tiny_bert, "bert"), (tiny_llama, "llama")):
        assert "has 2 layers" in refusal(folder, 3)
        with pytest.raises(UserError, match=r"first 3 of them; lower `layers`"):
            classifier.build(folder, settings(kind, layers=3))
    with pytest.raises(UserError, match="has 2 layers"):
        ContinuationScorer(tiny_llama, 3)


def test_config_that_says_fewer_or_more_layers_than_the_weights_have(tiny_bert: Path, tmp_path: Path) -> None:
    fewer = refusal(changed(tiny_bert, tmp_path / "a", unchanged, num_hidden_layers=1))
    assert "holds encoder.layer.1." in fewer
    more = refusal(changed(tiny_bert, tmp_path / "b", unchanged, num_hidden_layers=3))
    assert "lacks encoder.layer.2." in more


def test_folders_that_are_no_models_are_a_sentence(tiny_bert: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "There is no" in refusal(tmp_path / "empty")
    damaged = changed(tiny_bert, tmp_path / "damaged", unchanged)
    content = (damaged / "model.safetensors").read_bytes()
    (damaged / "model.safetensors").write_bytes(content[: len(content) // 2])
    assert "cannot be read" in refusal(damaged)
    unknown = changed(tiny_bert, tmp_path / "unknown", unchanged, model_type="of-our-own")
    assert "of-our-own" in refusal(unknown)
    (unknown / "model.safetensors").unlink()
    foreign = changed(
        tiny_bert, tmp_path / "foreign", unchanged, model_type="x", auto_map={"AutoConfig": "code.Config"}
    )
    (foreign / "code.py").write_text("raise SystemExit('this ran')")
    assert "code that comes with the weights" in refusal(foreign)
    adapter = changed(tiny_bert, tmp_path / "adapter", unchanged)
    (adapter / "adapter_config.json").write_text('{"base_model_name_or_path": "elsewhere"}')
    assert "adapter" in refusal(adapter)


def test_pickled_weights_are_never_read(tiny_bert: Path, tmp_path: Path) -> None:
    folder = changed(tiny_bert, tmp_path / "pickled", unchanged)
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    check_folder(folder, None)
    (folder / "model.safetensors").unlink()
    assert "safetensors" in refusal(folder)


def test_looking_draws_nothing_prints_nothing_and_reads_no_weights(
    tiny_bert: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    check_folder(tiny_bert, 1)
    assert torch.equal(before, torch.get_rng_state())
    model, _ = checkpoint.match(tiny_bert, causal=False)
    assert {parameter.device.type for parameter in model.parameters()} == {"meta"}
    assert capfd.readouterr() == ("", "")


def test_headers_are_compared_once_and_again_where_the_folder_changed(
    tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = changed(tiny_bert, tmp_path / "mine", unchanged)
    monkeypatch.setattr(remembered, "SETTLED_NS", -1)
    looked: list[bool] = []
    compare = checkpoint.match
    monkeypatch.setattr(checkpoint, "match", lambda *asked: looked.append(True) or compare(*asked))
    check_folder(folder, None)
    check_folder(folder, 1)
    classifier.build(folder, settings("bert"))
    assert len(looked) == 1
    changed(tiny_bert, tmp_path / "broken", without("embeddings.LayerNorm.bias"))
    (tmp_path / "broken" / "model.safetensors").replace(folder / "model.safetensors")
    assert "lacks" in refusal(folder) == refusal(folder)


def test_a_good_folder_gives_the_network_that_it_gave_before_it_was_looked_at(tiny_bert: Path) -> None:
    torch.manual_seed(3)
    plain = AutoModel.from_pretrained(tiny_bert, dtype=torch.float32)
    head = torch.nn.Linear(32, 3)
    torch.manual_seed(3)
    model = classifier.build(tiny_bert, settings("bert"))
    assert torch.equal(model.head.weight, head.weight) and torch.equal(model.head.bias, head.bias)
    expected = {name: value for name, value in plain.state_dict().items() if "pooler" not in name}
    assert expected.keys() == model.backbone.state_dict().keys()
    assert all(torch.equal(value, expected[name]) for name, value in model.backbone.state_dict().items())


def test_the_scorer_takes_the_first_so_many_layers(tiny_llama: Path) -> None:
    whole, first = ContinuationScorer(tiny_llama), ContinuationScorer(tiny_llama, 1)
    assert len(first.model.model.layers) == 1 and len(whole.model.model.layers) == 2
    one, _ = first.log_probabilities("泪目", ["哈", "谢谢"])
    two, _ = whole.log_probabilities("泪目", ["哈", "谢谢"])
    assert list(one) != pytest.approx(list(two))
    network = AutoModelForCausalLM.from_pretrained(tiny_llama, num_hidden_layers=1)
    ids = first.tokenizer("泪目哈", return_tensors="pt").input_ids
    with torch.inference_mode():
        expected = network(ids).logits[0, -2].log_softmax(-1)[ids[0, -1]].item()
    assert one[0] == pytest.approx(expected, abs=1e-5)
    # a cache must not take the answers of the one for the other's
    assert weights_identity(digest(tiny_llama), None) != weights_identity(digest(tiny_llama), 1)


def calls(tree: ast.AST) -> list[tuple[str, ast.Call]]:
    """What is made from a folder or its configuration: the method's name, and the call or the partial of it."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for asked in (node.func, *node.args[:1]):
                if isinstance(asked, ast.Attribute) and asked.attr in ("from_pretrained", "from_config"):
                    found.append((ast.unparse(asked), node))
    return found


def test_no_code_of_a_checkpoint_is_run_and_no_pickle_read_anywhere_in_the_project() -> None:
    seen = 0
    for path in sorted(
        path for room in ("pipeline", "benchmarks", "notebooks") for path in (ROOT / room).rglob("*.py")
    ):
        for asked, call in calls(ast.parse(path.read_text(encoding="utf-8"))):
            given = {word.arg: word.value for word in call.keywords}
            where = f"{path.relative_to(ROOT)}:{call.lineno}"
            assert isinstance(given.get("trust_remote_code"), ast.Constant), where
            assert given["trust_remote_code"].value is False, where
            no_weights = any(word in asked for word in ("Tokenizer", "Config.", "from_config"))
            reads_weights = not no_weights and "gguf_file" not in given
            if reads_weights:
                assert isinstance(given.get("use_safetensors"), ast.Constant), where
                assert given["use_safetensors"].value is True, where
            seen += 1
    assert seen >= 9
