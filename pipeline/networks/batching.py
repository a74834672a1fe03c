"""Batches of tokens, and running a network over them without training it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from pipeline.errors import UserError

if TYPE_CHECKING:
    import torch

    from pipeline.networks.classifier import ClassifierSettings

Floats = np.ndarray[Any, Any]
#: per text: input_ids, attention_mask (what is read), pool_mask (what the head sees), token_type_ids
Tokens = list[dict[str, list[int]]]
PREDICT_BATCH = 64


class PadTo:
    """Collator: pad a batch to its longest text, masked.

    On the right, whatever the tokenizer says: the mask finds the last token, and an encoder counts
    its positions from the left.
    """

    def __init__(self, pad_id: int) -> None:
        self.pad_id = pad_id

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, "torch.Tensor"]:
        """Tensors (batch, longest) of each entry; labels and item_weights (batch,) where there are any."""
        import torch

        width = max(len(row["input_ids"]) for row in rows)

        def padded(name: str, filler: int) -> torch.Tensor:
            return torch.tensor([row[name] + [filler] * (width - len(row[name])) for row in rows])

        batch = {"input_ids": padded("input_ids", self.pad_id)}
        batch |= {name: padded(name, 0) for name in ("attention_mask", "pool_mask", "token_type_ids")}
        for name in ("labels", "item_weights"):
            if name in rows[0]:
                batch[name] = torch.tensor([row[name] for row in rows])
        return batch


def batches(tokens: Tokens, size: int) -> list[list[int]]:
    """Indices by length, longest first, in batches: little padding, and too little memory shows at once."""
    order = sorted(range(len(tokens)), key=lambda index: (-len(tokens[index]["input_ids"]), index))
    return [order[at : at + size] for at in range(0, len(order), size)]


def run_network(model: "torch.nn.Module", tokens: Tokens, collate: PadTo, what: str = "logits") -> Floats:
    """Logits (n, classes) or features (n, hidden) of every text, float32, in the order given.

    Raises:
        UserError: one of them is not finite.
    """
    import torch

    model.eval()
    where = next(model.parameters()).device
    settings = cast("ClassifierSettings", model.settings)
    half = settings.precision == "bfloat16"
    answer: Floats | None = None
    with torch.inference_mode(), torch.autocast(where.type, torch.bfloat16, enabled=half):
        for chosen in batches(tokens, PREDICT_BATCH):
            batch = {name: value.to(where) for name, value in collate([tokens[i] for i in chosen]).items()}
            out = model(**batch)["logits"] if what == "logits" else model.features(**batch)  # type: ignore[operator]
            if answer is None:
                answer = np.zeros((len(tokens), out.shape[1]), dtype=np.float32)
            answer[chosen] = out.float().cpu().numpy()
    if answer is None:
        head = cast("torch.nn.Linear", model.head)
        return np.zeros((0, head.out_features if what == "logits" else head.in_features), dtype=np.float32)
    if not np.isfinite(answer).all():
        broken = int((~np.isfinite(answer).all(axis=1)).sum())
        raise UserError(
            f"The {what} of model {settings.model} are not finite for {broken} of {len(answer)} texts: its weights are "
            f"broken, precision {settings.precision} does not suit it, or it was trained at too high a learning_rate; "
            f"mend that in params.yaml, or the weights behind models.{settings.model}."
        )
    return answer
