"""Fine-tune a pretrained model on labelled comments: what `bert` and `llama` have in common."""

import hashlib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.artifacts.curves import CurvePoint
from pipeline.artifacts.results import read_fitted, write_fitted
from pipeline.artifacts.training import Comments, Examples, Training
from pipeline.dag.code import Modules
from pipeline.device import prepare_torch
from pipeline.networks import classifier
from pipeline.networks.batching import PadTo, run_network
from pipeline.networks.classifier import ClassifierSettings
from pipeline.networks.digests import digest
from pipeline.networks.inputs import encode, load_tokenizer
from pipeline.networks.settings import FineTuningSettings
from pipeline.networks.sources import model_folder
from pipeline.networks.suitability import Demand, Kind, suitable_folder
from pipeline.networks.training import Optimisation, Part, fine_tune
from pipeline.runtime import cache_folder
from pipeline.settings import ModelSource
from pipeline.text.context import context_texts

Floats = np.ndarray[Any, Any]


class TextReader:
    """Comments → tokens, for one model: the same when training and when predicting."""

    def __init__(self, folder: Path, settings: ClassifierSettings) -> None:
        self.settings = settings
        self.tokenizer = load_tokenizer(folder)
        pad = self.tokenizer.pad_token_id
        self.collate = PadTo(pad if isinstance(pad, int) else 0)

    def tokens(self, comments: Comments) -> list[dict[str, list[int]]]:
        """Token ids and masks of these comments, in this order."""
        count = self.settings.context
        return encode(
            self.tokenizer,
            comments.column("text"),
            context_texts(comments.table, count, comments.rows) if count else None,
            self.settings.prefix,
            self.settings.max_length,
        )

    def tokens_per_character(self, comments: Comments) -> float:
        """How well the tokenizer knows the language: 0.7 for a Chinese one, above 1 for bytes."""
        texts = comments.table["text"].head(2000).to_list()
        ids = self.tokenizer(texts, add_special_tokens=False).input_ids
        return sum(map(len, ids)) / max(1, sum(map(len, texts)))


@dataclass(frozen=True)
class FineTuned:
    """A trained network around a source model."""

    method: str
    source: ModelSource
    reader: TextReader
    model: Any
    facts: dict[str, float] = field(default_factory=dict)
    curve: list[CurvePoint] = field(default_factory=list)

    @property
    def leaves(self) -> list[str]:
        """What its probabilities are of."""
        return self.reader.settings.labels

    def probabilities(self, comments: Comments) -> Floats:
        """(comments, leaves), float64."""
        from scipy.special import softmax

        logits = run_network(self.model, self.reader.tokens(comments), self.reader.collate)
        return np.asarray(softmax(logits.astype(np.float64), axis=-1))

    def save(self, folder: Path) -> None:
        """What was trained, how the network is built, and where its source weights come from."""
        classifier.save(self.model, folder)
        write_fitted(self.method, {"source": self.source.model_dump(), "facts": self.facts}, folder)


def demand_of(method: str, kind: Kind, settings: FineTuningSettings, **special: Any) -> Demand:
    """What a cell asks of its model.

    Args:
        special: lora and four_bit, of the method that has them.
    """
    length, context = settings.max_length, settings.context > 0
    return Demand(method, settings.model, kind, max_length=length, context=context, trained=True, **special)


def fit_network(demand: Demand, training: Training, settings: FineTuningSettings, **special: Any) -> FineTuned:
    """Fine-tune on train and keep the best epoch on validation.

    Args:
        demand: `demand_of` the settings.
        special: settings of the network that only one of the methods has: train_embeddings.
    """
    source = training.models[settings.model]
    folder = suitable_folder(demand, training.models)
    network = ClassifierSettings(
        model=settings.model,
        labels=training.leaves,
        pooling=source.pooling,
        prefix=source.prefix,
        layers=source.layers,
        max_length=settings.max_length,
        context=settings.context,
        dropout=settings.dropout,
        precision=settings.precision,
        four_bit=demand.four_bit,
        lora=demand.lora,
        source_digest=digest(folder),
        **special,
    )
    how = Optimisation(**{entry.name: getattr(settings, entry.name) for entry in fields(Optimisation)})
    where = prepare_torch(how.seed)
    reader = TextReader(folder, network)
    model = classifier.build(folder, network)
    # bitsandbytes has placed its 4-bit weights itself, and they cannot be moved
    (model.head if network.four_bit else model).to(where)

    def part(examples: Examples) -> Part:
        return Part(reader.tokens(examples.comments), examples.targets, examples.weights)

    train = part(training.train)
    unfinished = cache_folder() / "checkpoints" / fingerprint(training, settings, network)
    history = fine_tune(model, train, part(training.validation), reader.collate, how, unfinished)
    facts = {
        "best_epoch": history.best_epoch,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "parameters_trained": sum(p.numel() for p in model.parameters() if p.requires_grad),
        "tokens_per_comment": round(float(np.mean([len(row["input_ids"]) for row in train.tokens])), 2),
        "tokens_per_character": round(reader.tokens_per_character(training.train.comments), 3),
    }
    return FineTuned(demand.section, source, reader, model, facts, history.curve)


def load_network(method: str, folder: Path) -> FineTuned:
    """What `FineTuned.save` wrote, around the source weights, which are found or fetched again.

    Raises:
        UserError: the source weights cannot be had, or are others now.
    """
    content: Any = read_fitted(folder)
    source, network = ModelSource(**content["source"]), classifier.read_settings(folder)
    place = model_folder(network.model, {network.model: source}, f"{method}.model")
    where = prepare_torch(seed=0)
    model = classifier.load(folder, place)
    (model.head if network.four_bit else model).to(where)
    return FineTuned(method, source, TextReader(place, network), model, content["facts"])


def fingerprint(training: Training, settings: FineTuningSettings, network: ClassifierSettings) -> str:
    """Names the folder of an unfinished run: only the very same run may go on from it."""
    code = "\n".join(Modules().lines([__name__]))
    content = hashlib.sha256(repr((code, settings, network, training.leaves)).encode())
    for examples in (training.train, training.validation):
        frame = examples.comments.table.select("comment_id", "video_id", "onset_s", "sent_at", "text")
        content.update(frame.write_csv().encode())
        for numbers in (examples.comments.rows, examples.targets, examples.weights):
            content.update(np.ascontiguousarray(numbers).tobytes())
    return content.hexdigest()[:16]
