"""Low-rank adapters on a frozen backbone (LoRA, Hu et al. 2021)."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class LoraSettings:
    """Low-rank adapters (Hu et al. 2021): rank, scale alpha/rank, dropout, and where they sit."""

    rank: int
    alpha: int
    dropout: float
    target_modules: list[str]


def with_adapters(backbone: Any, lora: LoraSettings, four_bit: bool) -> Any:
    """Adapters on the backbone, in fp32, drawn at random; everything else in it is frozen.

    Args:
        four_bit: the backbone's weights are stored in 4 bits.
    """
    import torch
    from peft import LoraConfig, TaskType, get_peft_model, prepare_model_for_kbit_training

    if four_bit:
        backbone = prepare_model_for_kbit_training(backbone)
    config = LoraConfig(
        task_type=TaskType.FEATURE_EXTRACTION,
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=lora.target_modules,
    )
    adapted = get_peft_model(backbone, config)
    for parameter in adapted.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.to(torch.float32)
    return adapted
