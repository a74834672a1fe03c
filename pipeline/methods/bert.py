"""bert: fine-tuned encoder with a softmax head over the leaves."""

from pathlib import Path

from pipeline.artifacts.training import Training
from pipeline.networks.fine_tuning import FineTuned, demand_of, fit_network, load_network
from pipeline.networks.settings import FineTuningSettings
from pipeline.networks.suitability import Demand

NEEDS_VECTORS = False


class Settings(FineTuningSettings):
    """One cell."""

    train_embeddings: bool  # word embeddings: 4/5 of a multilingual encoder's weights


def demand(settings: Settings) -> Demand:
    """What it asks of its model."""
    return demand_of("bert", "encoder", settings)


def fit(training: Training, settings: Settings) -> FineTuned:
    """Fine-tune the encoder."""
    return fit_network(demand(settings), training, settings, train_embeddings=settings.train_embeddings)


def load(folder: Path) -> FineTuned:
    """What `save` wrote."""
    return load_network("bert", folder)
