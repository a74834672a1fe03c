"""bert: fine-tuned encoder with a softmax head over the leaves."""

from pathlib import Path

from pipeline.artifacts.training import Training
from pipeline.networks.fine_tuning import FineTuned, fit_network, load_network
from pipeline.networks.settings import FineTuningSettings

NEEDS_VECTORS = False


class Settings(FineTuningSettings):
    """One cell."""

    train_embeddings: bool  # word embeddings: 4/5 of a multilingual encoder's weights


def fit(training: Training, settings: Settings) -> FineTuned:
    """Fine-tune the encoder."""
    return fit_network("bert", training, settings, train_embeddings=settings.train_embeddings)


def load(folder: Path) -> FineTuned:
    """What `save` wrote."""
    return load_network("bert", folder)
