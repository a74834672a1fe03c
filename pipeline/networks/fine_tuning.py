"""Fine-tune a pretrained model on labelled comments: what `bert` and `llama` have in common."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline.networks import classifier
from pipeline.networks.batching import PadTo, run_network, softmax
from pipeline.networks.classifier import ClassifierSettings, LoraSettings
from pipeline.networks.inputs import encode, load_tokenizer
from pipeline.networks.training import History, Optimisation, Part, fine_tune
from pipeline.runtime import prepare_torch
from pipeline.settings import FineTuning, Llama, ModelSource
from pipeline.text.context import context_texts

Floats = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Cell:
    """One combination of the swept parameters."""

    model: str
    learning_rate: float
    class_weight: str
    context: int
    labels: str
    seed: int


def classifier_settings(section: FineTuning, cell: Cell, source: ModelSource, leaves: list[str]) -> ClassifierSettings:
    """What the network is, from params.yaml's section and the cell."""
    lora = None
    if isinstance(section, Llama):
        lora = LoraSettings(section.lora_rank, section.lora_alpha, section.lora_dropout, section.lora_targets)
    return ClassifierSettings(
        model=cell.model,
        labels=leaves,
        pooling=source.pooling,
        prefix=source.prefix,
        layers=source.layers,
        max_length=section.max_length,
        context=cell.context,
        dropout=section.dropout,
        precision=section.precision,
        four_bit=getattr(section, "four_bit", False),
        train_embeddings=getattr(section, "train_embeddings", False),
        lora=lora,
    )


def optimisation(section: FineTuning, cell: Cell) -> Optimisation:
    """How it is trained."""
    return Optimisation(
        learning_rate=cell.learning_rate,
        head_learning_rate=section.head_learning_rate,
        head_start=section.head_start,
        class_weight=cell.class_weight,
        epochs=section.epochs,
        batch_size=section.batch_size,
        gradient_accumulation=section.gradient_accumulation,
        weight_decay=section.weight_decay,
        warmup=section.warmup,
        precision=section.precision,
        seed=cell.seed,
    )


class TextReader:
    """Comments → tokens, for one model: the same when training and when predicting."""

    def __init__(self, folder: Path, settings: ClassifierSettings, comments: pl.DataFrame) -> None:
        self.settings = settings
        self.tokenizer = load_tokenizer(folder)
        self.row = {key: index for index, key in enumerate(comments["comment_id"])}
        self.texts = comments["text"].to_list()
        self.contexts = context_texts(comments, settings.context) if settings.context else None
        pad = self.tokenizer.pad_token_id
        self.collate = PadTo(pad if isinstance(pad, int) else 0)

    def tokens(self, comment_ids: list[str]) -> list[dict[str, list[int]]]:
        """Token ids and masks of these comments, in this order."""
        rows = [self.row[key] for key in comment_ids]
        return encode(
            self.tokenizer,
            [self.texts[row] for row in rows],
            [self.contexts[row] for row in rows] if self.contexts else None,
            self.settings.prefix,
            self.settings.max_length,
        )

    def tokens_per_character(self) -> float:
        """How well the tokenizer knows the language: 0.7 for a Chinese one, above 1 for bytes."""
        texts = self.texts[:2000]
        ids = self.tokenizer(texts, add_special_tokens=False).input_ids
        return sum(map(len, ids)) / max(1, sum(map(len, texts)))


@dataclass(frozen=True)
class Trained:
    """What fine-tuning gives."""

    model: Any
    history: History
    probabilities: Floats  # (validation and test items, leaves), in the items' order
    facts: dict[str, float]


def train_and_predict(
    items: pl.DataFrame,
    comments: pl.DataFrame,
    settings: ClassifierSettings,
    how: Optimisation,
    source: Path,
    checkpoints: Path,
) -> Trained:
    """Fine-tune on train, keep the best epoch on validation, predict validation and test.

    Args:
        items: comment_id, split, target (class index) and weight of the labelled comments.
        comments: COMMENTS, from which texts and contexts are taken.
        source: folder of the pretrained weights.
        checkpoints: folder for an unfinished run.
    """
    where = prepare_torch(how.seed)
    reader = TextReader(source, settings, comments)
    model = classifier.build(source, settings)
    # bitsandbytes has placed its 4-bit weights itself, and they cannot be moved
    (model.head if settings.four_bit else model).to(where)

    def part(name: str) -> Part:
        chosen = items.filter(pl.col("split") == name)
        tokens = reader.tokens(chosen["comment_id"].to_list())
        return Part(tokens, chosen["target"].to_numpy(), chosen["weight"].to_numpy())

    train = part("train")
    history = fine_tune(model, train, part("validation"), reader.collate, how, checkpoints)
    predicted = items.filter(pl.col("split").is_in(["validation", "test"]))["comment_id"].to_list()
    logits = run_network(model, reader.tokens(predicted), reader.collate)
    facts = {
        "best_epoch": history.best_epoch,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "parameters_trained": sum(p.numel() for p in model.parameters() if p.requires_grad),
        "tokens_per_comment": round(float(np.mean([len(row["input_ids"]) for row in train.tokens])), 2),
        "tokens_per_character": round(reader.tokens_per_character(), 3),
    }
    return Trained(model, history, softmax(logits), facts)
