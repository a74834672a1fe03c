"""A silver label counts what params.yaml says, in regression, trees and fine-tuning alike."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from pipeline.device import prepare_torch
from pipeline.networks import classifier, training
from pipeline.networks.batching import PadTo, run_network
from pipeline.networks.inputs import encode, load_tokenizer
from pipeline.networks.training import Part, fine_tune, weighted_loss
from pipeline.statistics.class_weight import class_weights
from pipeline.statistics.regression import fit_probe
from tests.conftest import TEXTS
from tests.networks import test_training
from tests.networks.test_classifier import settings as network

HOWS = ("none", "balanced", "sqrt")
TARGETS = np.array([0, 0, 0, 1, 3])
NOTHING = 1e-9


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """So little work takes longer with more, where others want the cores too."""
    monkeypatch.setenv("DANMU_THREADS", "1")


def test_class_weights_with_item_weights_by_hand() -> None:
    items = np.array([1.0, 1.0, 1.0, 0.5, 0.5])
    # classes weigh 3, 0.5 and 0.5 together: 4 of three classes; balanced is 4 / (3 · 3), 4 / (3 · 0.5)
    balanced = class_weights(TARGETS, 4, "balanced", items)
    np.testing.assert_allclose(balanced, [4 / 9, 8 / 3, 1, 8 / 3])
    # their roots 2/3 and √(8/3) = 1.632993 have the mean (3 · 2/3 + 2 · 0.5 · 1.632993) / 4 = 0.908248
    root = class_weights(TARGETS, 4, "sqrt", items)
    np.testing.assert_allclose(root, [0.734014, 1.797959, 1, 1.797959], atol=1e-6)
    np.testing.assert_array_equal(class_weights(TARGETS, 4, "none", items), np.ones(4))


def test_a_leaf_that_silver_made_frequent_has_the_frequency_that_silver_counts_for() -> None:
    # one gold joy, one gold awe, ten silver awes at 0.3: 1 against 1 + 3
    targets, items = np.array([0] + [1] * 11), np.array([1.0, 1.0] + [0.3] * 10)
    np.testing.assert_allclose(class_weights(targets, 2, "balanced", items), [5 / 2, 5 / 8])
    np.testing.assert_allclose(class_weights(targets, 2, "balanced"), [12 / 2, 12 / 22])


def test_a_class_whose_items_all_weigh_nothing_weighs_what_one_that_does_not_occur_weighs() -> None:
    balanced = class_weights(TARGETS, 4, "balanced", np.array([1.0, 1.0, 1.0, 0.0, 1.0]))
    np.testing.assert_allclose(balanced, [4 / 6, 1, 1, 4 / 2])


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0.01, 10)), min_size=1, max_size=30), st.sampled_from(HOWS))
def test_the_mean_weight_over_the_training_set_is_that_of_the_items(items: list[tuple[int, float]], how: str) -> None:
    targets, weights = np.array([target for target, _ in items]), np.array([weight for _, weight in items])
    of_classes = class_weights(targets, 4, how, weights)
    assert (of_classes[targets] * weights).sum() == pytest.approx(weights.sum())
    # one unit of measure is as good as another
    np.testing.assert_allclose(class_weights(targets, 4, how, weights * 7), of_classes)


@pytest.mark.parametrize("how", HOWS)
def test_weights_of_one_are_no_weights(how: str) -> None:
    np.testing.assert_array_equal(class_weights(TARGETS, 4, how, np.ones(5)), class_weights(TARGETS, 4, how))


def sample(seed: int = 0, count: int = 90) -> tuple[np.ndarray, np.ndarray]:
    """Vectors of three classes that overlap, the first the most frequent."""
    generator = np.random.default_rng(seed)
    targets = np.minimum(generator.integers(0, 5, size=count) // 2, 2)
    return generator.normal(size=(count, 6)) + np.eye(6)[targets] * 1.5, targets


def probe_of(
    train: tuple[np.ndarray, np.ndarray], weights: np.ndarray | None, how: str = "none", c: float = 3.0
) -> Any:
    return fit_probe(train, sample(9), 4, how, [c], item_weights=weights)


@pytest.mark.parametrize("how", HOWS)
def test_a_regression_with_weights_of_one_is_the_one_without(how: str) -> None:
    plain, ones = probe_of(sample(), None, how), probe_of(sample(), np.ones(90), how)
    np.testing.assert_array_equal(plain.weight, ones.weight)
    np.testing.assert_array_equal(plain.bias, ones.bias)
    assert plain.validation_score == ones.validation_score


@pytest.mark.parametrize("how", HOWS)
def test_twice_at_half_the_weight_is_once(how: str) -> None:
    vectors, targets = sample()
    weights = np.random.default_rng(1).choice([0.3, 1.0], size=90)
    once = probe_of((vectors, targets), weights, how)
    twice = probe_of((np.tile(vectors, (2, 1)), np.tile(targets, 2)), np.tile(weights / 2, 2), how)
    # the solver stops at gradients below 1e-4
    np.testing.assert_allclose(twice.weight, once.weight, atol=5e-3)
    np.testing.assert_allclose(twice.bias, once.bias, atol=5e-3)
    np.testing.assert_allclose(twice.probabilities(vectors), once.probabilities(vectors), atol=2e-3)
    # and another weight is another regression
    assert np.abs(probe_of((vectors, targets), None, how).weight - once.weight).max() > 0.02


def test_the_regression_is_scikit_learns_with_these_sample_weights() -> None:
    vectors, targets = sample()
    weights = np.random.default_rng(2).choice([0.3, 1.0], size=90)
    probe = probe_of((vectors, targets), weights, "balanced")
    scaled = (vectors - vectors.mean(0)) / (vectors.std(0) + 1e-6) / np.sqrt(6)
    counts = np.bincount(targets, weights)
    sums = weights.sum() / (3 * counts)[targets] * weights
    model = LogisticRegression(C=3.0, max_iter=1000, tol=1e-6).fit(scaled, targets, sample_weight=sums)
    seen = probe.probabilities(vectors)[:, :3]  # the fourth class is nobody's, and takes a little of each
    np.testing.assert_allclose(seen / seen.sum(1, keepdims=True), model.predict_proba(scaled), atol=2e-3)


@pytest.mark.parametrize("how", HOWS)
def test_a_regression_learns_nothing_from_labels_that_weigh_nothing(how: str) -> None:
    vectors, targets = sample()
    wrong = (np.concatenate([vectors, vectors]), np.concatenate([targets, 2 - targets]))
    weights = np.concatenate([np.ones(90), np.full(90, NOTHING)])
    # the same vectors once more, so that mean and deviation stay; only labels are added
    alone, beside = probe_of((vectors, targets), None, how), probe_of(wrong, weights, how)
    np.testing.assert_allclose(beside.probabilities(vectors), alone.probabilities(vectors), atol=2e-3)
    heeded = probe_of(wrong, np.ones(180), how)
    assert np.abs(heeded.probabilities(vectors) - alone.probabilities(vectors)).max() > 0.1


def test_a_regression_may_take_a_class_from_silver_alone() -> None:
    vectors, targets = sample()
    weights = np.where(targets == 2, 0.3, 1.0)
    likely = probe_of((vectors, targets), weights, "balanced").probabilities(vectors)
    assert likely[targets == 2].argmax(1).tolist().count(2) > 0.5 * (targets == 2).sum()


def test_the_loss_with_item_weights_by_hand() -> None:
    # logits (0, 0), and ln 3 for the first: shares 3/4 and 1/4; labels 0, 1, 0
    logits = torch.tensor([[0.0, 0.0], [np.log(3), 0.0], [np.log(3), 0.0]], dtype=torch.float32)
    outputs = {"logits": logits, "item_weights": torch.tensor([1.0, 0.5, 2.0])}
    loss = weighted_loss(np.array([1.0, 3.0]))
    # (1 · 1 · ln 2 + 3 · 0.5 · ln 4 + 1 · 2 · ln 4/3) / 3
    by_hand = np.log(2) + 1.5 * np.log(4) + 2 * np.log(4 / 3)
    assert loss(outputs, torch.tensor([0, 1, 0])).item() == pytest.approx(by_hand / 3, abs=1e-6)
    # of a step of eight texts this is one part
    assert loss(outputs, torch.tensor([0, 1, 0]), num_items_in_batch=8).item() == pytest.approx(by_hand / 8, abs=1e-6)
    outputs["item_weights"] = torch.ones(3)
    plain = np.log(2) + 3 * np.log(4) + np.log(4 / 3)
    assert loss(outputs, torch.tensor([0, 1, 0])).item() == pytest.approx(plain / 3, abs=1e-6)


def test_an_item_s_gradient_is_its_weight_times_the_plain_one() -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(4, 3, generator=generator)
    labels, weights = torch.tensor([0, 1, 2, 0]), torch.tensor([1.0, 0.3, NOTHING, 1.7])

    def gradient(items: torch.Tensor) -> torch.Tensor:
        leaf = logits.clone().requires_grad_()
        weighted_loss(np.ones(3))({"logits": leaf, "item_weights": items}, labels).backward()
        assert leaf.grad is not None
        return leaf.grad

    torch.testing.assert_close(gradient(weights), gradient(torch.ones(4)) * weights[:, None])
    assert gradient(weights)[2].abs().max() < 1e-9


def test_rows_carry_weights_with_mean_one_to_the_network_and_back() -> None:
    tokens = [{"input_ids": [1, 2], "attention_mask": [1, 1], "pool_mask": [1, 1], "token_type_ids": [0, 0]}] * 4
    rows = Part(tokens, np.array([0, 1, 2, 0]), np.array([1.0, 1.0, 0.3, 0.3])).rows()
    # the mean is 2.6 / 4 = 0.65
    assert [row["item_weights"] for row in rows] == pytest.approx([1 / 0.65, 1 / 0.65, 0.3 / 0.65, 0.3 / 0.65])
    batch = PadTo(0)(rows)
    assert batch["item_weights"].tolist() == pytest.approx([row["item_weights"] for row in rows])
    assert "item_weights" not in PadTo(0)(tokens)


HOW = replace(
    test_training.HOW, learning_rate=3e-3, head_learning_rate=3e-2, class_weight="none", epochs=3, batch_size=32
)
RIGHT = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 0])


def tuned(
    folder: Path, place: Path, labels: np.ndarray, weights: np.ndarray, monkeypatch: pytest.MonkeyPatch, **changes: Any
) -> tuple[dict[str, torch.Tensor], np.ndarray]:
    """What was trained after the last epoch on TEXTS (again and again) with these labels, and its loss on RIGHT.

    The epoch that is kept is always the last: validation decides nothing here.
    """
    how = replace(HOW, **changes)
    prepare_torch(how.seed)
    model = classifier.build(folder, network("llama"))
    tokenizer = load_tokenizer(folder)
    tokens, collate = encode(tokenizer, TEXTS, None, "", 32), PadTo(tokenizer.pad_token_id)
    rising = iter(range(99))
    monkeypatch.setattr(training, "scores", lambda *_: (float(next(rising)), 0.0))
    part = Part(tokens * (len(labels) // len(TEXTS)), labels, weights)
    history = fine_tune(model, part, Part(tokens, RIGHT, np.ones(10)), collate, how, place)
    assert history.best_epoch == how.epochs
    likely = softmax(run_network(model, tokens, collate).astype(np.float64), axis=-1)[np.arange(10), RIGHT]
    return classifier.trained_state(model), -np.log(likely)


@pytest.mark.parametrize("changes", [{}, {"class_weight": "balanced"}, {"head_start": "probe"}], ids=str)
def test_fine_tuning_learns_nothing_from_wrong_labels_that_weigh_nothing(
    tiny_llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    """With all items in one step, the update is that of the right ones alone: their weights have mean 1 then."""
    both, wrong = np.concatenate([RIGHT, (RIGHT + 1) % 3]), np.concatenate([np.ones(10), np.full(10, NOTHING)])
    alone, loss = tuned(tiny_llama, tmp_path / "a", RIGHT, np.ones(10), monkeypatch, **changes)
    beside, same = tuned(tiny_llama, tmp_path / "b", both, wrong, monkeypatch, **changes)
    _, heeded = tuned(tiny_llama, tmp_path / "c", both, np.ones(20), monkeypatch, **changes)
    np.testing.assert_allclose(same, loss, atol=5e-3)
    assert heeded.mean() > loss.mean() + 0.2
    for name in alone:
        torch.testing.assert_close(beside[name], alone[name], atol=2e-3, rtol=1e-2)


def test_fine_tuning_with_weights_of_any_one_size_is_that_without(
    tiny_llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ones, _ = tuned(tiny_llama, tmp_path / "a", RIGHT, np.ones(10), monkeypatch, batch_size=4)
    halves, _ = tuned(tiny_llama, tmp_path / "b", RIGHT, np.full(10, 0.5), monkeypatch, batch_size=4)
    assert all(torch.equal(ones[name], halves[name]) for name in ones)


@given(st.lists(st.sampled_from([0.3, 1.0]), min_size=10, max_size=10))
@settings(max_examples=10, deadline=None)
def test_the_weights_of_a_training_set_have_mean_one_whatever_they_are(weights: list[float]) -> None:
    tokens = [{"input_ids": [1]}] * 10
    rows = Part(tokens, RIGHT, np.array(weights)).rows()
    assert sum(row["item_weights"] for row in rows) == pytest.approx(10)
