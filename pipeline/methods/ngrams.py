"""ngrams: character n-grams, weighted by rarity → multinomial logistic regression, the floor that needs no network."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.artifacts.curves import CurvePoint
from pipeline.artifacts.results import read_fitted, write_fitted
from pipeline.artifacts.training import Comments, Examples, Training
from pipeline.errors import UserError
from pipeline.settings import ClassWeight, Count, MethodSettings, Positive, Several, Swept, TrainingLabels
from pipeline.statistics.regression import Probe, fit_probe

Floats = np.ndarray[Any, Any]
NEEDS_VECTORS = False
WEIGHTS = "regression.safetensors"


class Settings(MethodSettings):
    """One cell."""

    class_weight: Swept[ClassWeight]
    longest: Swept[Count]  # characters of an n-gram; all from 1 on are counted
    labels: Swept[TrainingLabels]
    silver_weight: Positive
    least_texts: Count  # training texts that an n-gram has to stand in
    inverse_regularisation: Several[Positive]  # candidates for C; the best on validation macro-F1 is taken


@dataclass(frozen=True)
class Ngrams:
    """A regression over the n-grams of a text: 1 + log of how often each occurs, times its rarity, to unit length."""

    leaves: list[str]
    vectoriser: Any  # scikit-learn's TfidfVectorizer, fitted
    probe: Probe
    facts: dict[str, float]
    curve: list[CurvePoint] = field(default_factory=list)

    def probabilities(self, comments: Comments) -> Floats:
        """(comments, leaves), float64."""
        if not len(comments):
            return np.zeros((0, len(self.leaves)))
        return self.probe.probabilities(self.vectoriser.transform(comments.column("text")))

    def save(self, folder: Path) -> None:
        """The n-grams in their order, how rare each is, and the regression's weights."""
        from safetensors.numpy import save_file

        save_file(self.probe.arrays | {"rarity": self.vectoriser.idf_}, folder / WEIGHTS)
        ngrams = [str(ngram) for ngram in self.vectoriser.get_feature_names_out()]
        longest = self.vectoriser.ngram_range[1]
        content = {"leaves": self.leaves, "longest": longest, "ngrams": ngrams, "facts": self.facts}
        write_fitted("ngrams", content, folder)


def vectoriser(longest: int, **more: Any) -> Any:
    """scikit-learn's counter of character n-grams; letters in one case, line breaks and blanks as one blank."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer="char", ngram_range=(1, longest), sublinear_tf=True, **more)


def fit(training: Training, settings: Settings) -> Ngrams:
    """The regression with the best C."""
    counter = vectoriser(settings.longest, min_df=settings.least_texts)
    try:
        counter.fit(training.train.comments.column("text"))
    except ValueError:  # nothing is left to count
        raise UserError(
            f"No character stands in ngrams.least_texts = {settings.least_texts} training texts; "
            "lower it in params.yaml, or label more."
        ) from None

    def part(examples: Examples) -> tuple[Any, Floats]:
        return counter.transform(examples.comments.column("text")), examples.targets

    probe = fit_probe(
        part(training.train),
        part(training.validation),
        len(training.leaves),
        settings.class_weight,
        settings.inverse_regularisation,
        item_weights=training.train.weights,
        standardise=False,
    )
    facts = {"inverse_regularisation": probe.inverse_regularisation, "features": float(len(counter.idf_))}
    return Ngrams(training.leaves, counter, probe, facts)


def load(folder: Path) -> Ngrams:
    """What `save` wrote."""
    from safetensors.numpy import load_file

    stored, content = load_file(folder / WEIGHTS), read_fitted(folder)
    facts: Any = content["facts"]
    longest: Any = content["longest"]
    counter = vectoriser(longest, vocabulary=content["ngrams"])
    counter.idf_ = stored["rarity"]
    probe = Probe.of(stored, facts["inverse_regularisation"])
    leaves: Any = content["leaves"]
    return Ngrams(leaves, counter, probe, facts)
