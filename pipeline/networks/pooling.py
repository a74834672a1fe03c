"""From token states to one vector per text."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def pool(states: "torch.Tensor", mask: "torch.Tensor", how: str) -> "torch.Tensor":
    """Pool the last layer's states.

    Args:
        states: (batch, tokens, hidden).
        mask: (batch, tokens), 1 where a token is real. The answer depends on neither the padding's
            side nor its amount.
        how: `mean` over the real tokens, `cls` for the first of them, `last` for the last.

    Returns:
        (batch, hidden), in float32.
    """
    import torch

    if how == "mean":
        weights = mask.unsqueeze(-1).to(torch.float32)
        return (states.float() * weights).sum(1) / weights.sum(1).clamp(min=1)
    positions = torch.arange(mask.shape[1], device=mask.device)
    # argmax returns the first of equal values, and thus of the mask the first real token
    index = ((mask * positions) if how == "last" else mask).argmax(1)
    return states[torch.arange(len(states), device=states.device), index].float()
