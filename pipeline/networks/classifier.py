"""A pretrained backbone with a softmax head: the same class for encoders and decoders.

The head reads one pooled vector per text. It starts either at random or as a linear probe, i.e. as
the logistic regression over the backbone's own features (`statistics/regression.py`): fine-tuning then begins where
the embedding baseline ends and cannot collapse to the majority class on its first steps (LP-FT,
Kumar et al. 2022, "Fine-Tuning can Distort Pretrained Features").

What was trained, and only that, is saved: `trained.safetensors` beside `classifier.json`. The frozen
rest is the source model's, which `sources.py` finds again.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pipeline.artifacts.artifact import Record
from pipeline.errors import UserError
from pipeline.files import write_json
from pipeline.networks import checkpoint
from pipeline.networks.adapters import LoraSettings, with_adapters
from pipeline.networks.pooling import pool
from pipeline.networks.sources import digest
from pipeline.settings import deepest

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class ClassifierSettings:
    """Everything that is needed to build the same network again, the source weights aside."""

    model: str  # key in params.yaml's models section
    labels: list[str]  # the taxonomy's leaves, in its order
    pooling: str
    prefix: str
    layers: int | list[int] | None  # whose states are pooled, side by side; None for the last
    max_length: int
    context: int  # neighbouring comments on each side that are read along
    dropout: float = 0.0  # on the pooled vector; the backbone keeps its own
    precision: str = "float32"
    four_bit: bool = False
    train_embeddings: bool = False
    lora: LoraSettings | None = None
    source_digest: str = ""  # of the source weights' folder (sources.digest); "" where nobody noted it


def build(folder: Path, settings: ClassifierSettings) -> "torch.nn.Module":
    """The network around the weights in `folder`; seed first, since head and adapters are drawn here.

    The backbone loads in fp32 unless precision says otherwise; the head is always fp32. Word
    embeddings stay frozen unless asked for: on a few thousand short texts they overfit, and in a
    multilingual encoder they are four fifths of all weights.

    Raises:
        UserError: the folder's weights are not those of the model that its config.json describes, or
            it has fewer layers than the settings take.
    """
    import torch

    stored = settings.precision if settings.lora else "float32"  # what is trained stays fp32
    options: dict[str, Any] = {"dtype": getattr(torch, stored)}
    if settings.four_bit:
        from transformers import BitsAndBytesConfig

        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        )
    backbone = checkpoint.load(folder, deepest(settings.layers), **options)
    if getattr(backbone, "pooler", None) is not None:
        backbone.pooler = None  # the head reads the states; a pooler would be frozen noise
    if settings.lora is not None:
        backbone = with_adapters(backbone, settings.lora, settings.four_bit)
    elif not settings.train_embeddings:
        backbone.get_input_embeddings().weight.requires_grad_(False)
    return classifier(backbone, settings)


def classifier(backbone: Any, settings: ClassifierSettings) -> "torch.nn.Module":
    """The module itself; a function, because torch is imported only when a network is built."""
    import torch

    class Classifier(torch.nn.Module):
        """logits = head(pool(backbone(tokens))), shape (batch, labels)."""

        def __init__(self) -> None:
            super().__init__()
            self.backbone = backbone
            self.several = settings.layers if isinstance(settings.layers, list) else []
            width = backbone.config.hidden_size * max(len(self.several), 1)
            self.head = torch.nn.Linear(width, len(settings.labels))
            self.settings = settings
            self.segments = getattr(backbone.config, "type_vocab_size", 0) > 1

        def features(
            self,
            input_ids: "torch.Tensor",
            attention_mask: "torch.Tensor",
            pool_mask: "torch.Tensor",
            token_type_ids: "torch.Tensor",
        ) -> "torch.Tensor":
            """Pooled states, (batch, layers read × hidden), fp32. All arguments are (batch, tokens)."""
            more: dict[str, Any] = {"token_type_ids": token_type_ids} if self.segments else {}
            if not self.several:
                states = self.backbone(input_ids=input_ids, attention_mask=attention_mask, **more).last_hidden_state
                return pool(states, pool_mask, settings.pooling)
            more["output_hidden_states"] = True
            hidden = self.backbone(input_ids=input_ids, attention_mask=attention_mask, **more).hidden_states
            return torch.cat([pool(hidden[layer], pool_mask, settings.pooling) for layer in self.several], dim=1)

        def forward(
            self,
            input_ids: "torch.Tensor",
            attention_mask: "torch.Tensor",
            pool_mask: "torch.Tensor",
            token_type_ids: "torch.Tensor",
            labels: "torch.Tensor | None" = None,
            item_weights: "torch.Tensor | None" = None,
        ) -> dict[str, "torch.Tensor"]:
            """Labels and weights pass through for the Trainer's sake; the loss is its business."""
            features = self.features(input_ids, attention_mask, pool_mask, token_type_ids)
            features = torch.dropout(features, settings.dropout, self.training)
            with torch.autocast(features.device.type, enabled=False):
                answer = {"logits": self.head(features.float())}
            return answer if item_weights is None else answer | {"item_weights": item_weights}

    return Classifier()


def trained_state(model: "torch.nn.Module") -> dict[str, "torch.Tensor"]:
    """A copy of the parameters that training may change, by name, on the CPU."""
    return {
        name: parameter.detach().cpu().clone().contiguous()
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }


def load_trained_state(model: "torch.nn.Module", state: dict[str, "torch.Tensor"]) -> None:
    """Put `trained_state` back.

    Raises:
        ValueError: the names are not exactly those that training may change.
    """
    expected = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    if set(state) != expected:
        raise ValueError(f"trained parameters differ: {sorted(set(state) ^ expected)[:3]} …")
    model.load_state_dict(state, strict=False)


def save(model: "torch.nn.Module", folder: Path) -> None:
    """Write `trained.safetensors` and `classifier.json`."""
    from safetensors.torch import save_file

    settings = cast(ClassifierSettings, model.settings)
    save_file(trained_state(model), folder / "trained.safetensors", metadata={"format": "pt"})
    write_json(asdict(settings), folder / "classifier.json")


def read_settings(folder: Path) -> ClassifierSettings:
    """The settings that `save` wrote.

    Raises:
        UserError: they are missing, damaged or of another version.
    """
    return Record(folder / "classifier.json", ClassifierSettings, "").read()


def load(folder: Path, source: Path) -> "torch.nn.Module":
    """The trained network: source weights from `source`, what was trained from `folder`.

    Raises:
        UserError: `source` holds other weights than those that were trained on, or broken ones.
    """
    from safetensors.torch import load_file

    settings = read_settings(folder)
    if settings.source_digest and (now := digest(source)) != settings.source_digest:
        raise UserError(
            f"{folder} was trained on source weights with sha256 {settings.source_digest}, but {source} holds those "
            f"with {now}; put the former back behind models.{settings.model}, or train again."
        )
    model = build(source, settings)
    load_trained_state(model, load_file(folder / "trained.safetensors"))
    return model
