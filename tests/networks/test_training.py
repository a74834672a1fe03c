"""The loop: normalisation of the loss, the kept epoch, going on after a cut, the same bytes twice."""

import resource
import shutil
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pipeline.device import prepare_torch
from pipeline.disk import sentence_of
from pipeline.errors import UserError
from pipeline.files import write_json
from pipeline.networks import classifier, training
from pipeline.networks.batching import PadTo, run_network
from pipeline.networks.inputs import encode, load_tokenizer
from pipeline.networks.training import Optimisation, Part, fine_tune
from pipeline.networks.unfinished import UnfinishedRun
from tests.conftest import TEXTS
from tests.networks.test_classifier import settings

HOW = Optimisation(
    learning_rate=1e-3,
    head_learning_rate=1e-2,
    head_start="random",
    class_weight="balanced",
    epochs=2,
    batch_size=16,
    gradient_accumulation=1,
    weight_decay=0.0,
    warmup=0.0,
    precision="float32",
    seed=3,
)


def parts(folder: Path, repeat: int = 2) -> tuple[Part, PadTo]:
    tokenizer = load_tokenizer(folder)
    texts = (TEXTS * repeat)[:16]
    targets = np.array([index % 3 if index % 10 < 7 else 0 for index in range(len(texts))])
    tokens = encode(tokenizer, texts, None, "", 32)
    return Part(tokens, targets, np.ones(len(targets))), PadTo(tokenizer.pad_token_id)


def trained(folder: Path, place: Path, kind: str = "llama", **changes: Any) -> tuple[Any, Any]:
    how = replace(HOW, **changes)
    prepare_torch(how.seed)
    model = classifier.build(folder, settings(kind))
    part, collate = parts(folder)
    history = fine_tune(model, part, part, collate, how, place)
    return model, history


@pytest.mark.parametrize("kind", ["bert", "llama"])
def test_it_learns_what_it_is_shown_and_keeps_the_best_epoch(
    kind: str, tiny_bert: Path, tiny_llama: Path, tmp_path: Path
) -> None:
    folder = tiny_bert if kind == "bert" else tiny_llama
    model, history = trained(folder, tmp_path / "run", kind, epochs=12, learning_rate=5e-3, batch_size=4)
    part, collate = parts(folder)
    scores = [point.validation_macro_f1 for point in history.curve]
    assert [point.step for point in history.curve] == list(range(13))
    assert history.best_epoch == int(np.argmax(scores)) and max(scores) > scores[0]
    kept = training.scores(run_network(model, part.tokens, collate), part.targets)
    assert kept[0] == history.best()
    assert not (tmp_path / "run").exists()


def test_four_by_four_gives_the_update_of_one_by_sixteen(tiny_llama: Path, tmp_path: Path) -> None:
    whole, _ = trained(tiny_llama, tmp_path / "a", epochs=1, batch_size=16)
    parts_, _ = trained(tiny_llama, tmp_path / "b", epochs=1, batch_size=4, gradient_accumulation=4)
    first, second = classifier.trained_state(whole), classifier.trained_state(parts_)
    start = classifier.trained_state(rebuilt(tiny_llama))
    assert any(not torch.equal(first[name], start[name]) for name in first)
    for name in first:
        torch.testing.assert_close(first[name], second[name], atol=2e-5, rtol=1e-3)


def rebuilt(folder: Path) -> torch.nn.Module:
    prepare_torch(HOW.seed)
    return classifier.build(folder, settings("llama"))


def test_weighted_loss_is_the_weighted_sum_over_the_step_divided_by_its_texts() -> None:
    # two texts, even logits: cross-entropy ln 2 each; weights 1 and 3; step of 4 texts: (1 + 3) ln 2 / 4
    loss = training.weighted_loss(np.array([1.0, 3.0]))
    even = {"logits": torch.zeros(2, 2), "item_weights": torch.ones(2)}
    value = loss(even, torch.tensor([0, 1]), num_items_in_batch=4)
    assert value.item() == pytest.approx(np.log(2))


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tiny_llama: Path, tmp_path: Path) -> None:
    states = [
        classifier.trained_state(trained(tiny_llama, tmp_path / str(i), seed=seed)[0])
        for i, seed in enumerate((3, 3, 4))
    ]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert any(not torch.equal(states[0][name], states[2][name]) for name in states[0])


def test_a_run_that_was_cut_goes_on_to_the_same_result(
    tiny_llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DANMU_CHECKPOINT_SECONDS", "0")
    whole, history = trained(tiny_llama, tmp_path / "whole", epochs=4, batch_size=4)

    def cut(*_: Any) -> tuple[float, float]:
        calls.append(1)
        if len(calls) > 3:  # epoch 0, 1, 2 were scored: the power goes in epoch 3
            raise KeyboardInterrupt
        return scores(*_)

    calls: list[int] = []
    scores = training.scores
    with monkeypatch.context() as patch:
        patch.setattr(training, "scores", cut)
        with pytest.raises(KeyboardInterrupt):
            trained(tiny_llama, tmp_path / "cut", epochs=4, batch_size=4)
    assert list((tmp_path / "cut").glob("checkpoint-*"))
    resumed, again = trained(tiny_llama, tmp_path / "cut", epochs=4, batch_size=4)
    assert [point.validation_macro_f1 for point in again.curve] == [
        point.validation_macro_f1 for point in history.curve
    ]
    first, second = classifier.trained_state(whole), classifier.trained_state(resumed)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_probe_start_begins_above_a_random_head(tiny_bert: Path, tmp_path: Path) -> None:
    _, probe = trained(tiny_bert, tmp_path / "a", "bert", epochs=1, head_start="probe")
    _, random = trained(tiny_bert, tmp_path / "b", "bert", epochs=1, head_start="random")
    assert probe.curve[0].validation_macro_f1 > random.curve[0].validation_macro_f1


def test_a_disk_that_is_full_at_a_checkpoint_is_one_sentence(
    tiny_llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DANMU_CHECKPOINT_SECONDS", "0")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))  # as on a disk that is full
    try:
        with pytest.raises(Exception) as raised:
            trained(tiny_llama, tmp_path / "run", epochs=2, batch_size=4)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert f"{tmp_path / 'run'}" in str(sentence_of(raised.value))


def test_a_checkpoint_of_another_epoch_than_the_history_s_is_begun_anew(tmp_path: Path) -> None:
    def left(epoch: float) -> Path:
        folder = tmp_path / f"run-{epoch}"
        (folder / "checkpoint-9").mkdir(parents=True)
        write_json({"epoch": epoch}, folder / "checkpoint-9" / "trainer_state.json")
        return folder

    whole = left(2.0)
    UnfinishedRun(tmp_path / "other").store({"head.bias": torch.ones(3)}, {"curve": [{}, {}, {}], "best_epoch": 1})
    for name in ("best.safetensors", "history.json"):
        shutil.copy(tmp_path / "other" / name, whole)
    run = UnfinishedRun(whole)
    assert run.checkpoint == whole / "checkpoint-9"
    best, history = run.read()
    assert torch.equal(best["head.bias"], torch.ones(3)) and history["best_epoch"] == 1
    for folder in (left(1.0), left(3.0)):  # cut between the history and the Trainer's part; no history at all
        if folder.name == "run-1.0":
            shutil.copy(whole / "history.json", folder)
        assert UnfinishedRun(folder).checkpoint is None
        assert folder.is_dir() and not list(folder.iterdir())
    contents = ("", "{}", "[", '{"curve": 1, "epoch": "x"}')
    for place, (name, content) in enumerate(product(("history.json", "checkpoint-9/trainer_state.json"), contents), 1):
        folder = left(2 + place / 100)
        shutil.copy(tmp_path / "other" / "history.json", folder)
        (folder / name).write_text(content)
        assert UnfinishedRun(folder).checkpoint is None and not list(folder.iterdir())


def test_training_that_gives_no_numbers_any_more_is_a_sentence(tiny_bert: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"logits of model bert are not finite .*learning_rate"):
        trained(tiny_bert, tmp_path / "run", "bert", learning_rate=1e38, head_learning_rate=1e38)
