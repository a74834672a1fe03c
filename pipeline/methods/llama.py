"""llama: LoRA on a Llama-architecture decoder, classification head, cross-entropy."""

from pathlib import Path

from pipeline.artifacts.training import Training
from pipeline.networks.adapters import LoraSettings
from pipeline.networks.fine_tuning import FineTuned, demand_of, fit_network, load_network
from pipeline.networks.settings import FineTuningSettings, ShareOrNone
from pipeline.networks.suitability import Demand
from pipeline.settings import Count, Several

NEEDS_VECTORS = False


class Settings(FineTuningSettings):
    """One cell."""

    four_bit: bool  # QLoRA's NF4 base weights; CUDA and bitsandbytes only
    lora_rank: Count
    lora_alpha: Count
    lora_dropout: ShareOrNone
    lora_targets: Several[str]


def demand(settings: Settings) -> Demand:
    """What it asks of its model."""
    lora = LoraSettings(settings.lora_rank, settings.lora_alpha, settings.lora_dropout, settings.lora_targets)
    return demand_of("llama", "decoder", settings, lora=lora, four_bit=settings.four_bit)


def fit(training: Training, settings: Settings) -> FineTuned:
    """Train the adapters and the head."""
    return fit_network(demand(settings), training, settings)


def load(folder: Path) -> FineTuned:
    """What `save` wrote."""
    return load_network("llama", folder)
