"""params.yaml as typed, checked objects: the only reader of it.

YAML is read with ruamel as YAML 1.2, exactly as DVC reads it: `1e-5` is a number, `no` is a word.
"""

from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pipeline.errors import UserError

PARAMS = Path("params.yaml")

ClassWeight = Literal["none", "balanced", "sqrt"]
Precision = Literal["float32", "bfloat16"]
Share = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
NotNegative = Annotated[int, Field(ge=0)]


def distinct(values: list[Any]) -> list[Any]:
    """The list, if no value stands in it twice: two cells of one name would be the same experiment."""
    for index, value in enumerate(values):
        if value in values[:index]:
            raise ValueError(f"{value!r} stands in the list twice")
    return values


def sweep(item: Any) -> Any:
    """A list with at least one value, each of which makes cells; no value twice."""
    return Annotated[list[item], Field(min_length=1), AfterValidator(distinct)]


class Section(BaseModel):
    """A section of params.yaml: unknown keys and wrong types are errors, not guesses."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Data(Section):
    raw: str
    hash_senders: bool
    annotations: str
    taxonomy: str


class Label(Section):
    exclude_rounds: list[int]
    minimum_annotators: Count


class Split(Section):
    seed: int
    validation: Share
    test: Share

    @model_validator(mode="after")
    def leave_some_to_train(self) -> "Split":
        if self.validation + self.test >= 1:
            raise ValueError("validation + test must stay below 1, or nothing is left to train on")
        return self


class ModelSource(Section):
    source: Literal["bundled", "hub", "path"]
    name: str
    revision: str | None = None
    pooling: Literal["mean", "cls", "last"] = "mean"
    prefix: str = ""
    layers: Count | None = None


class Embed(Section):
    model: str
    max_length: Count


class Logistic(Section):
    class_weight: sweep(ClassWeight)  # type: ignore[valid-type]
    inverse_regularisation: sweep(Positive)  # type: ignore[valid-type]


class XGBoost(Section):
    class_weight: sweep(ClassWeight)  # type: ignore[valid-type]
    neighbours: sweep(NotNegative)  # type: ignore[valid-type]
    seed: sweep(int)  # type: ignore[valid-type]
    learning_rate: Positive
    max_depth: Count
    min_child_weight: Annotated[float, Field(ge=0)]
    l2_regularisation: Annotated[float, Field(ge=0)]
    subsample: Annotated[float, Field(gt=0, le=1)]
    column_sample: Annotated[float, Field(gt=0, le=1)]
    rounds: Count
    early_stopping: Count


class FineTuning(Section):
    """What an encoder and a decoder have in common when they are fine-tuned."""

    model: sweep(str)  # type: ignore[valid-type]
    learning_rate: sweep(Positive)  # type: ignore[valid-type]
    class_weight: sweep(ClassWeight)  # type: ignore[valid-type]
    context: sweep(NotNegative)  # type: ignore[valid-type]
    seed: sweep(int)  # type: ignore[valid-type]
    epochs: Count
    batch_size: Count
    gradient_accumulation: Count
    head_start: Literal["probe", "random"]
    head_learning_rate: Positive
    weight_decay: Annotated[float, Field(ge=0)]
    warmup: Annotated[float, Field(ge=0, lt=1)]
    dropout: Annotated[float, Field(ge=0, lt=1)]
    max_length: Count
    precision: Precision


class Bert(FineTuning):
    train_embeddings: bool


class Llama(FineTuning):
    four_bit: bool
    lora_rank: Count
    lora_alpha: Count
    lora_dropout: Annotated[float, Field(ge=0, lt=1)]
    lora_targets: sweep(str)  # type: ignore[valid-type]


class Compare(Section):
    resamples: Annotated[int, Field(ge=100)]
    confidence: Share
    calibration_bins: Count
    seed: int


class Params(Section):
    """The whole file."""

    data: Data
    label: Label
    split: Split
    models: dict[str, ModelSource]
    embed: Embed
    logistic: Logistic
    xgboost: XGBoost
    bert: Bert
    llama: Llama
    compare: Compare

    @model_validator(mode="after")
    def name_known_models(self) -> "Params":
        chosen = [("embed.model", self.embed.model)]
        chosen += [("bert.model", name) for name in self.bert.model]
        chosen += [("llama.model", name) for name in self.llama.model]
        for key, name in chosen:
            if name not in self.models:
                raise ValueError(f"{key} names {name!r}, which the models section does not have")
        return self


def read_yaml(path: Path) -> Any:
    """Plain Python values from a YAML 1.2 file.

    Raises:
        UserError: the file is missing, empty or no YAML in UTF-8.
    """
    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"There is no {path}; restore it, or name another file.") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not in UTF-8; save it so.") from None
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise UserError(f"{path}{line}: this is no YAML ({getattr(error, 'problem', error)}); mend the line.") from None
    if content is None:
        raise UserError(f"{path} is empty; restore it, or name another file.")
    return content


def load_params(path: Path = PARAMS) -> Params:
    """Read and check params.yaml.

    Raises:
        UserError: an unknown key, a wrong type, a value out of range; one of them.
    """
    return validated(read_yaml(path), path)


def load_profile(profile: Path, path: Path = PARAMS) -> Params:
    """params.yaml with a profile's lines (`section.key=value`) laid over it, as `dvc exp run` would.

    Raises:
        UserError: no such profile, a line that sets nothing, or what `load_params` refuses.
    """
    if not profile.is_file():
        there = ", ".join(sorted(file.stem for file in profile.parent.glob("*.txt")))
        raise UserError(f"There is no profile {profile}; there are {there}.")
    content = read_yaml(path)
    for number, line in enumerate(profile.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, value = line.partition("=")
        section, _, key = name.partition(".")
        if not isinstance(content.get(section), dict) or key not in content[section]:
            raise UserError(f"{profile}, line {number}: there is no parameter {name}; correct its spelling.")
        content[section][key] = YAML(typ="safe", pure=True).load(value)
    return validated(content, profile)


def validated(content: Any, path: Path) -> Params:
    """The typed parameters, or the sentence that says what is wrong in `path`."""
    try:
        return Params.model_validate(content)
    except ValidationError as error:
        raise UserError(f"{path}: {sentence(error)}") from None


def sentence(error: ValidationError) -> str:
    """One of the problems that pydantic found, as a sentence for the person who edits the file.

    A misspelt key is a missing one and an unknown one; only the latter shows the misspelling.
    """
    problem = min(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
    key = ".".join(str(part) for part in problem["loc"])
    value = problem["input"]
    kind = problem["type"]
    if kind == "missing":
        return f"the key {key} is missing; add it (`git show HEAD:params.yaml` has it, with what it does)."
    if kind == "extra_forbidden":
        return f"there is no parameter {key}; remove it or correct its spelling."
    if kind == "list_type":
        return f"{key} is {value!r}, but this parameter is swept, so it takes a list: [{value}]."
    if kind == "value_error":
        message = problem["msg"].removeprefix("Value error, ")
        return f"{key + ': ' if key else ''}{message}; change one of them."
    return f"{key or 'the content'} is {value!r}, but {problem['msg'][0].lower()}{problem['msg'][1:]}; change it."


def cells(section: Section, keys: list[str]) -> list[dict[str, Any]]:
    """Every combination of the swept `keys` of a section, in the order DVC expands a matrix."""
    values = [getattr(section, key) for key in keys]
    return [dict(zip(keys, combination, strict=True)) for combination in product(*values)]
