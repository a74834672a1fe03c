"""What a section of params.yaml may hold: its types, its sweeps, and the sections that many stages read.

A section's class stands beside what it sets: a method's in its module, a stage's in its room. params.yaml itself
says what each key trades.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

T = TypeVar("T")

ClassWeight = Literal["none", "balanced", "sqrt"]
TrainingLabels = Literal["gold", "silver", "agreed"]
Share = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
NotNegative = Annotated[int, Field(ge=0)]
LARGEST_SEED = 2**32 - 1  # the most that numpy and scikit-learn take
Seed = Annotated[int, Field(ge=0, le=LARGEST_SEED)]

SWEPT, MODEL_KEY = "swept", "model key"  # marks in a field's metadata
#: a value of each cell; in params.yaml a list of them, each of which makes cells
Swept = Annotated[T, SWEPT]
#: all that neither DVC, a shell nor MLflow reads as syntax
PLAIN = re.compile(r"[A-Za-z0-9_-]+")


def plain(name: str) -> str:
    """The name, if it can stand in a cell's name, a command and a path as it is."""
    if not PLAIN.fullmatch(name):
        raise ValueError(
            f"{name!r} holds a sign that DVC, a shell or MLflow reads as syntax; use letters, digits, - and _ alone"
        )
    return name


def distinct(values: list[Any]) -> list[Any]:
    """The list, if no value stands in it twice."""
    for index, value in enumerate(values):
        if value in values[:index]:
            raise ValueError(f"{value!r} stands in the list twice; change one of them")
    return values


#: a list of different values that makes no cells
Several = Annotated[list[T], Field(min_length=1), AfterValidator(distinct)]
#: a key of the models section
ModelKey = Annotated[str, MODEL_KEY, AfterValidator(plain)]


class Section(BaseModel):
    """A section of params.yaml: unknown keys and wrong types are errors, not guesses."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class MethodSettings(Section):
    """The settings of one cell of a method. Every method has these two keys, wherever in its section they stand."""

    if TYPE_CHECKING:  # a field here would come first in every cell's name
        labels: TrainingLabels
        silver_weight: float


def deepest(layers: int | list[int] | None) -> int | None:
    """The last of the layers that are read."""
    return max(layers) if isinstance(layers, list) else layers


class Data(Section):
    """Where the user's files are."""

    raw: str
    hash_senders: bool
    annotations: str
    taxonomy: str


class ModelSource(Section):
    """A model: where its weights come from, and how it is read."""

    source: Literal["bundled", "hub", "path"]
    name: str
    revision: str | None = None
    pooling: Literal["mean", "cls", "last"] = "mean"
    prefix: str = ""
    layers: Count | Several[Count] | None = None  # whose states are pooled, side by side; None for the last

    @property
    def depth(self) -> int | None:
        """How many of the layers are loaded: those behind the last that is read are not. None for all."""
        return deepest(self.layers)


Models = dict[ModelKey, ModelSource]


def swept_fields(settings: type[Section]) -> list[str]:
    """The fields that make cells, in the order in which a cell's name has them."""
    return [name for name, field in settings.model_fields.items() if SWEPT in field.metadata]


def model_keys(section: Mapping[str, Any], settings: type[Section]) -> list[tuple[str, str]]:
    """(field, key of the models section) of everything in a section that names a model.

    Args:
        section: its values, of a swept field a list.
    """
    fields = [name for name, field in settings.model_fields.items() if MODEL_KEY in field.metadata]
    return [
        (name, key)
        for name in fields
        for key in (section[name] if isinstance(section[name], list) else [section[name]])
    ]


def section_of(settings: type[MethodSettings]) -> type[Section]:
    """What params.yaml holds of a method: a list of each swept setting's values, and the other settings as they are."""
    fields: dict[str, Any] = {}
    for name, field in settings.model_fields.items():
        one = Annotated.__class_getitem__((field.annotation, *field.metadata)) if field.metadata else field.annotation  # type: ignore[attr-defined]
        if SWEPT in field.metadata:
            fields[name] = (Annotated[Several[one], AfterValidator(plain_values), SWEPT], ...)  # type: ignore[valid-type]
        else:
            fields[name] = (one, ...)
    return create_model(settings.__name__, __base__=Section, **fields)


def plain_values(values: list[Any]) -> list[Any]:
    """The list, if every word in it is plain: values are parts of a cell's name."""
    for value in values:
        if isinstance(value, str):
            plain(value)
    return values
