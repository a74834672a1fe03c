"""How likely a decoder finds given continuations of a prompt: labelling without generating anything."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from pipeline.device import prepare_torch
from pipeline.networks import checkpoint
from pipeline.networks.inputs import load_tokenizer


class ContinuationScorer:
    """A causal language model that is asked how a text would go on.

    Args:
        folder: of the weights, in transformers' layout.
        layers: the first so many are taken, and the head reads their last; None for all.

    Raises:
        UserError: the folder's weights are not those of the model that its config.json describes, or
            it has fewer layers than that.
    """

    def __init__(self, folder: Path, layers: int | None = None) -> None:
        checkpoint.check_folder(folder, layers, causal=True)
        self.folder, self.layers = folder, layers
        self.tokenizer = load_tokenizer(folder)

    @cached_property
    def model(self) -> Any:
        """The network in fp32, loaded when it is first needed: a replay from the cache needs none."""
        import torch

        where = prepare_torch(seed=0)
        network = checkpoint.load(self.folder, self.layers, causal=True, dtype=torch.float32)
        return network.to(where).eval()

    def log_probabilities(self, text: str, continuations: Sequence[str]) -> tuple[Sequence[float], int]:
        """log p(continuation | text) of each, and how many tokens were read.

        The text is read once; the continuations go on from its cached states together.

        Args:
            continuations: each is tokenised by itself, as the model would write it after the text.
        """
        import torch

        opening = list(self.tokenizer(text).input_ids)
        endings = [list(self.tokenizer(part, add_special_tokens=False).input_ids) for part in continuations]
        where, width = self.model.device, max(map(len, endings))
        with torch.inference_mode():
            read = self.model(torch.tensor([opening], device=where), use_cache=True, logits_to_keep=1)
            cache = read.past_key_values
            cache.batch_repeat_interleave(len(endings))
            padded = torch.tensor([ending + [0] * (width - len(ending)) for ending in endings], device=where)
            mask = torch.ones((len(endings), len(opening) + width), dtype=torch.long, device=where)
            for row, ending in enumerate(endings):
                mask[row, len(opening) + len(ending) :] = 0
            logits = self.model(padded, attention_mask=mask, past_key_values=cache).logits
            before = torch.cat([read.logits.expand(len(endings), 1, -1), logits[:, :-1]], dim=1).float()
            chosen = before.log_softmax(-1).gather(2, padded[:, :, None])[:, :, 0]
            kept = mask[:, len(opening) :].to(chosen.dtype)
            scores = (chosen * kept).sum(1).cpu().tolist()
        return scores, len(opening) + sum(map(len, endings))
