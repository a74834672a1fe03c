"""logistic: embedding → multinomial logistic regression, the baseline that has to be beaten."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.artifacts.curves import CurvePoint
from pipeline.artifacts.embeddings import Embedding
from pipeline.artifacts.results import read_fitted, write_fitted
from pipeline.artifacts.training import Comments, Examples, Training
from pipeline.networks.encoder import check_vectors
from pipeline.settings import ClassWeight, MethodSettings, Positive, Several, Swept, TrainingLabels
from pipeline.statistics.regression import Probe, fit_probe

Floats = np.ndarray[Any, Any]
NEEDS_VECTORS = True
WEIGHTS = "regression.safetensors"


class Settings(MethodSettings):
    """One cell."""

    class_weight: Swept[ClassWeight]
    labels: Swept[TrainingLabels]
    silver_weight: Positive
    inverse_regularisation: Several[Positive]  # candidates for C; the best on validation macro-F1 is taken


@dataclass(frozen=True)
class Logistic:
    """A regression over the vectors of one encoder."""

    leaves: list[str]
    embedding: Embedding
    probe: Probe
    facts: dict[str, float]
    curve: list[CurvePoint] = field(default_factory=list)

    def probabilities(self, comments: Comments) -> Floats:
        """(comments, leaves), float64."""
        check_vectors(comments, self.embedding)
        return np.asarray(self.probe.probabilities(comments.vectors_at(comments.rows).astype(np.float64)))

    def save(self, folder: Path) -> None:
        """The regression's weights, and whose vectors it reads."""
        from safetensors.numpy import save_file

        save_file(self.probe.arrays, folder / WEIGHTS)
        content = {"leaves": self.leaves, "embedding": asdict(self.embedding), "facts": self.facts}
        write_fitted("logistic", content, folder)


def fit(training: Training, settings: Settings) -> Logistic:
    """The regression with the best C."""

    def part(examples: Examples) -> tuple[Floats, Floats]:
        return examples.comments.vectors_at(examples.comments.rows), examples.targets

    probe = fit_probe(
        part(training.train),
        part(training.validation),
        len(training.leaves),
        settings.class_weight,
        settings.inverse_regularisation,
        item_weights=training.train.weights,
    )
    facts = {"inverse_regularisation": probe.inverse_regularisation}
    return Logistic(training.leaves, training.train.comments.vectors.embedding, probe, facts)


def load(folder: Path) -> Logistic:
    """What `save` wrote."""
    from safetensors.numpy import load_file

    stored, content = load_file(folder / WEIGHTS), read_fitted(folder)
    facts: Any = content["facts"]
    probe = Probe.of(stored, facts["inverse_regularisation"])
    leaves: Any = content["leaves"]
    embedding: Any = content["embedding"]
    return Logistic(leaves, Embedding(**embedding), probe, facts)
