"""Whether a model folder holds the weights that its config.json speaks of.

transformers fills a weight that it does not find with random numbers, skips one that it has no place
for, and adds untrained layers where more are asked for than there are. It only logs that, and what is
trained on top looks like a weak model. Here each of these is an error, before any weight is read.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.errors import UserError
from pipeline.networks.digests import model_files
from pipeline.remembered import Key, while_unchanged

MEND = "put the files of one and the same model there, or name another in params.yaml's models section"

#: configurations whose weights were found to fit, without and with the language-model head
FITTING: dict[bool, dict[Key, Any]] = {False: {}, True: {}}


def check_folder(folder: Path, layers: int | None, *, causal: bool = False) -> None:
    """Compare names and shapes of the weights in `folder` with those that its model needs.

    transformers itself does the matching, on torch's meta device: it knows the base model's prefix,
    older names, tied weights and former buffers, and there it reads the safetensors headers alone.
    All layers are compared, also where only the first so many will be taken. In one process it is
    done once, and again when a file changed.

    Args:
        folder: of a model, in transformers' layout; weights in one safetensors file or in shards.
        layers: the first so many will be taken; None for all.
        causal: the language-model head will be used as well, not the backbone alone.

    Raises:
        UserError: the folder cannot be read as a model; a weight is missing, has another shape or has
            no place in the model; or there are fewer layers than asked for. Poolers are left alone,
            for the project uses none, and so are the heads that are not used.
    """
    refuse_code(folder)
    if (folder / "adapter_config.json").is_file():
        raise UserError(f"{folder} holds an adapter, not a whole model; merge it into its model first, or {MEND}.")
    config = while_unchanged(model_files(folder), partial(fitting_config, folder, causal), FITTING[causal])
    check_depth(folder, config, layers)


def fitting_config(folder: Path, causal: bool) -> Any:
    """The configuration of the model in `folder`, whose weights fit it.

    Raises:
        UserError: they do not.
    """
    model, differences = match(folder, causal)
    missing = sorted(name for name in differences["missing_keys"] if not of_pooler(name))
    unexpected = sorted(name for name in differences["unexpected_keys"] if not of_pooler(name))
    reshaped = sorted(entry for entry in differences["mismatched_keys"] if not of_pooler(entry[0]))
    if unexpected:
        known = head_names(model.config)
        unexpected = [name for name in unexpected if name not in known]
    faults = []
    if missing:
        faults.append(f"lacks {some(missing)}")
    if unexpected:
        faults.append(f"holds {some(unexpected)}, which that model has no place for")
    if reshaped:
        name, stored, needed = reshaped[0]
        faults.append(f"holds {name} of shape {tuple(stored)} where that model needs {tuple(needed)}")
    if faults:
        raise UserError(f"{folder} is not the model that its config.json describes: it {' and '.join(faults)}; {MEND}.")
    return model.config


def load(folder: Path, layers: int | None, *, causal: bool = False, **options: Any) -> Any:
    """The pretrained network in `folder`, or the first so many of its layers, after `check_folder`.

    Args:
        options: further ones for `from_pretrained`.
    """
    check_folder(folder, layers, causal=causal)
    if layers is not None:
        options["num_hidden_layers"] = layers  # the weights of further ones are not loaded
    return automatic(causal).from_pretrained(folder, trust_remote_code=False, use_safetensors=True, **options)


def automatic(causal: bool) -> Any:
    """transformers' class that picks the model class by config.json."""
    from transformers import AutoModel, AutoModelForCausalLM

    return AutoModelForCausalLM if causal else AutoModel


def check_depth(folder: Path, config: Any, layers: int | None) -> None:
    """Raise UserError where `layers` asks for more layers than the model has."""
    depth = getattr(config, "num_hidden_layers", None)
    if layers is not None and (depth is None or layers > depth):
        has = "does not say how many layers its model has" if depth is None else f"has {depth} layers"
        raise UserError(
            f"{folder} {has}, and params.yaml takes the first {layers} of them; "
            "lower `layers` of this model in the models section, or leave it out for all."
        )


def match(folder: Path, causal: bool) -> tuple[Any, dict[str, Any]]:
    """The model without memory behind it, and transformers' account of what did not fit."""
    with read_as(folder, "a model with safetensors weights"):
        model, differences = automatic(causal).from_pretrained(
            folder,
            device_map="meta",
            ignore_mismatched_sizes=True,  # they are listed then; otherwise the first one raises
            output_loading_info=True,
            trust_remote_code=False,
            use_safetensors=True,
        )
    return model, differences


def read_config(folder: Path) -> Any:
    """The model's configuration.

    Raises:
        UserError: it cannot be read, or asks for code of its own.
    """
    from transformers import AutoConfig

    refuse_code(folder)
    with read_as(folder, "a model"):
        return AutoConfig.from_pretrained(folder, trust_remote_code=False)


def without_memory(folder: Path, config: Any, layers: int | None) -> Any:
    """The network as config.json describes it, or the first so many of its layers, on torch's meta device."""
    import torch
    from transformers import AutoModel

    if layers is not None:
        config.num_hidden_layers = layers
    with read_as(folder, "a model"), torch.device("meta"):
        return AutoModel.from_config(config, trust_remote_code=False)


def refuse_code(folder: Path) -> None:
    """Raise UserError where a model's settings are damaged, or ask for Python code that comes with the weights.

    transformers would ask on the terminal whether to run it, or quietly take a class of its own that only has the
    same name.
    """
    if not (folder / "config.json").is_file():
        raise UserError(f"There is no {folder / 'config.json'}; {MEND}.")
    for file in (folder / "config.json", folder / "tokenizer_config.json"):
        try:
            content = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        except OSError as error:
            raise UserError(f"{file} cannot be read ({error.strerror}); {MEND}.") from None
        except (ValueError, RecursionError):
            raise UserError(f"{file} is damaged; {MEND}.") from None
        if not isinstance(content, dict):
            raise UserError(f"{file} holds no settings; {MEND}.")
        if content.get("auto_map"):
            raise UserError(
                f"{file} asks for Python code that comes with the weights (auto_map), and such code is never run; "
                f"{MEND}."
            )


def head_names(config: Any) -> set[str]:
    """Names of all weights of the model's own architecture, and of language models on the same backbone.

    A checkpoint may hold the head that it was pretrained with, though config.json names another class:
    bert-base-chinese says BertForMaskedLM, and holds the next-sentence head of BertForPreTraining too.
    """
    import torch
    import transformers
    from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoModelForPreTraining

    said = config.architectures if isinstance(config.architectures, list) else []
    named = [getattr(transformers, str(name), None) for name in said]
    makers: list[Any] = [kind for kind in named if getattr(kind, "config_class", None) is type(config)]
    kinds = (AutoModelForPreTraining, AutoModelForMaskedLM, AutoModelForCausalLM)
    makers += [partial(kind.from_config, trust_remote_code=False) for kind in kinds]
    names: set[str] = set()
    for make in makers:
        try:
            with silence(), torch.device("meta"):
                names |= set(make(config).state_dict())
        except ValueError:  # this backbone comes with no such head
            continue
    return names


def of_pooler(name: str) -> bool:
    """Whether a weight belongs to a pooler."""
    return "pooler" in name.split(".")


def some(names: list[str]) -> str:
    """The first name, and how many others there are."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def first_sentence(error: Exception) -> str:
    """What a library's error says, without the advice behind it."""
    return " ".join(str(error).split("\n")[0].split(". ")[0].split()).rstrip(" .:") or type(error).__name__


@contextmanager
def read_as(folder: Path, what: str) -> Iterator[None]:
    """Let transformers read the folder; whatever it raises on what stands there becomes a sentence."""
    try:
        with silence():
            yield
    except Exception as error:  # of many types, for a wrong value in config.json fails wherever it is used first
        kind = "" if isinstance(error, (OSError, ValueError, ImportError)) else f"{type(error).__name__}: "
        raise UserError(f"{folder} cannot be read as {what} ({kind}{first_sentence(error)}); {MEND}.") from None


@contextmanager
def silence() -> Iterator[None]:
    """Keep transformers from printing what `check_folder` says in one sentence."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
