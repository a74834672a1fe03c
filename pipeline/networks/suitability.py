"""Whether a model can do what params.yaml asks of it: its kind, the length that it reads, where its adapters sit.

`danmu check` asks this, and whoever uses a model asks again before any long work. No weight is read for it: only
config.json, the tokenizer, the headers of the safetensors files, and the network on torch's meta device.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import UserError
from pipeline.networks import checkpoint
from pipeline.networks.adapters import LoraSettings, with_adapters
from pipeline.networks.digests import model_files
from pipeline.networks.inputs import load_tokenizer
from pipeline.networks.sources import check_four_bit, model_folder
from pipeline.remembered import Key, while_unchanged
from pipeline.settings import ModelSource
from pipeline.text.embedding import Embed

Kind = Literal["encoder", "decoder"]
READS = {
    "encoder": "an encoder, which reads in both directions",
    "decoder": "a decoder, which reads from left to right",
}
#: without any of these transformers makes a tokenizer that knows no word
VOCABULARIES = ("tokenizer.json", "vocab.txt", "vocab.json", "*.model")
SHOWN = 8  # names of layers in a sentence


@dataclass(frozen=True)
class Demand:
    """What a section of params.yaml asks of the model that it names."""

    section: str
    model: str  # a key of the models section
    kind: Kind | None = None  # None where either will do
    max_length: int | None = None  # tokens
    context: bool = False  # texts are read with their neighbours
    trained: bool = False  # a head is trained on it
    causal: bool = False  # the language-model head is used
    lora: LoraSettings | None = None
    four_bit: bool = False


@dataclass(frozen=True)
class TokenizerSaid:
    """What a tokenizer said when it was asked, and needs no tokenizer to be known again."""

    highest: int  # number of a token
    fast: bool
    pads: bool
    pairs: bool  # there is a sign between two texts
    special: int  # tokens around a text
    special_of_pair: int
    prefix: int  # tokens


#: in this process, by the prefix
SAID: defaultdict[str, dict[Key, TokenizerSaid]] = defaultdict(dict)


def for_vectors(settings: Embed) -> Demand:
    """What the section `embed` asks of its model."""
    return Demand("embed", settings.model, max_length=settings.max_length)


def suitable_folder(demand: Demand, models: Mapping[str, ModelSource]) -> Path:
    """Folder with the model, built or fetched if it is not there yet, once it is sure that it can do what is asked.

    Raises:
        UserError: it cannot be had, is not whole, or cannot do it.
    """
    if demand.four_bit:
        check_four_bit()
    source = models[demand.model]
    folder = model_folder(demand.model, dict(models), f"{demand.section}.model")
    with naming(demand):
        config = checkpoint.read_config(folder)
    check_kind(demand, config)
    with naming(demand):
        checkpoint.check_folder(folder, source.depth, causal=demand.causal)
        network = checkpoint.without_memory(folder, config, source.depth)
        said = tokenizer_of(folder, source)
        check_tokenizer(demand, folder, said, network)
    check_length(demand, said, positions(network))
    if demand.lora is not None:
        check_targets(demand, network, demand.lora)
    return folder


def check_kind(demand: Demand, config: Any) -> None:
    """Raise UserError where a decoder stands in for an encoder or the reverse, or the model is neither."""
    named = f"{demand.section}.model (params.yaml) names {demand.model}, whose model_type {config.model_type} is"
    if demand.kind is None:
        return
    if config.is_encoder_decoder:
        raise UserError(f"{named} an encoder with a decoder behind it; choose one that is {READS[demand.kind]}.")
    if (kind := kind_of(config)) != demand.kind:
        raise UserError(f"{named} {READS[kind]}, and {demand.section} needs {READS[demand.kind]}; choose another.")
    if demand.trained and not isinstance(getattr(config, "hidden_size", None), int):
        raise UserError(f"{named} put together from several models; choose one that reads text alone.")


def kind_of(config: Any) -> Kind:
    """What a model is, by its configuration. Many encoders can be run as decoders too; what they are for counts."""
    from transformers.models.auto.modeling_auto import (
        MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
        MODEL_FOR_MASKED_LM_MAPPING_NAMES,
    )

    if getattr(config, "is_decoder", False):
        return "decoder"
    both_ways = config.model_type in MODEL_FOR_MASKED_LM_MAPPING_NAMES or getattr(
        config, "use_bidirectional_attention", False
    )
    return "decoder" if not both_ways and config.model_type in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES else "encoder"


@contextmanager
def naming(demand: Demand) -> Iterator[None]:
    """Begin what is said of a model's folder with its key in params.yaml."""
    try:
        yield
    except UserError as error:
        raise UserError(f"models.{demand.model} (params.yaml): {error}") from None


def tokenizer_of(folder: Path, source: ModelSource) -> TokenizerSaid:
    """What the folder's tokenizer says; it is asked once in a process, and again where a file changed."""
    if not any(next(folder.glob(pattern), None) for pattern in VOCABULARIES):
        raise UserError(f"{folder} holds no tokenizer; put the model's tokenizer.json there.")
    return while_unchanged(model_files(folder), partial(tokenizer_said, folder, source.prefix), SAID[source.prefix])


def check_length(demand: Demand, said: TokenizerSaid, longest: int | None) -> None:
    """Raise UserError where max_length leaves a text no room, or more than the network has positions for."""
    key = f"{demand.section}.max_length"
    if demand.max_length is None:
        return
    if longest is not None and demand.max_length > longest:
        raise UserError(
            f"{key} is {demand.max_length}, and {demand.model} reads at most {longest} tokens; lower it (params.yaml)."
        )
    special = said.special_of_pair if demand.context and said.pairs else said.special
    prefix = said.prefix
    if demand.max_length <= special + prefix:
        around = f"{special} special tokens" + (f" and the {prefix} of its prefix" if prefix else "")
        raise UserError(
            f"{key} is {demand.max_length}, and {demand.model} puts {around} around a text, so that nothing of it is "
            f"read; raise it to {special + prefix + 1} at least (params.yaml)."
        )


def tokenizer_said(folder: Path, prefix: str) -> TokenizerSaid:
    """Load a model's tokenizer, ask it, and let it go."""
    with checkpoint.read_as(folder, "a model's tokenizer"):
        tokenizer: Any = load_tokenizer(folder)
    return TokenizerSaid(
        highest=max([tokenizer.vocab_size - 1, tokenizer.pad_token_id or 0, *tokenizer("", "").input_ids]),
        fast=getattr(tokenizer, "backend_tokenizer", None) is not None,
        pads=tokenizer.pad_token is not None,
        pairs=tokenizer.sep_token is not None,
        special=tokenizer.num_special_tokens_to_add(False),
        special_of_pair=tokenizer.num_special_tokens_to_add(True),
        prefix=len(tokenizer(prefix, add_special_tokens=False).input_ids) if prefix else 0,
    )


def check_tokenizer(demand: Demand, folder: Path, said: TokenizerSaid, network: Any) -> None:
    """Raise UserError where the tokenizer numbers tokens that the network has no embedding for, or lacks one."""
    rows = network.get_input_embeddings().num_embeddings
    if said.highest >= rows:
        raise UserError(
            f"The tokenizer in {folder} numbers tokens up to {said.highest}, and the model has embeddings for {rows}; "
            "put the files of one and the same model there."
        )
    if demand.trained and not said.fast:
        raise UserError(f"{folder} has no fast tokenizer, which {demand.section} needs; put its tokenizer.json there.")
    if not demand.trained and not demand.causal and not said.pads:
        raise UserError(f"The tokenizer in {folder} has neither a pad nor an eos token; name one in its settings.")


def positions(network: Any) -> int | None:
    """The longest text in tokens that a network has positions for; None where any length will do."""
    from torch.nn import Embedding

    said = getattr(network.config, "max_position_embeddings", None)
    limits = [said] if isinstance(said, int) and said > 0 else []
    for name, module in network.named_modules():
        # RoBERTa and those after it count from behind the padding's number
        if name.endswith("position_embeddings") and isinstance(module, Embedding) and module.padding_idx is not None:
            limits.append(module.num_embeddings - module.padding_idx - 1)
    return min(limits, default=None)


def check_targets(demand: Demand, network: Any, lora: LoraSettings) -> None:
    """Raise UserError where adapters would sit on a layer that is not there, or that takes none."""
    from torch.nn import Linear

    modules = dict(network.named_modules())
    for target in lora.target_modules:
        if not any(name == target or name.endswith(f".{target}") for name in modules):
            linear = sorted({name.rpartition(".")[2] for name, module in modules.items() if isinstance(module, Linear)})
            there = ", ".join(linear[:SHOWN]) + (" and others" if len(linear) > SHOWN else "")
            raise UserError(
                f"{demand.section}.lora_targets names {target!r}, and {demand.model} has no such layer (it has {there}"
                "); change it (params.yaml)."
            )
    try:
        with_adapters(network, lora, four_bit=False)
    except ValueError as error:
        raise UserError(
            f"{demand.section}.lora_targets (params.yaml) names what takes no adapter in {demand.model} "
            f"({checkpoint.first_sentence(error)}); name linear layers."
        ) from None
