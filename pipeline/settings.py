"""The sections of params.yaml, typed: what each key may be. params.yaml itself says what each trades."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

ClassWeight = Literal["none", "balanced", "sqrt"]
TrainingLabels = Literal["gold", "silver", "agreed"]
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
    consensus: Literal["majority", "dawid_skene"]
    minimum_alpha: Annotated[float, Field(ge=0, le=1)]
    below_minimum: Literal["stop", "warn"]
    resamples: Annotated[int, Field(ge=100)]
    seed: int


class Split(Section):
    seed: int
    validation: Share
    test: Share
    train_only_rounds: list[int]

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


class Silver(Section):
    annotator: Literal["none", "in-process", "server"]
    model: str
    comments: NotNegative
    check: NotNegative
    neighbours: Count
    candidates: Annotated[int, Field(ge=2)]
    examples: NotNegative
    context: NotNegative
    minimum_confidence: Annotated[float, Field(ge=0, le=1)]
    attempts: Count
    max_output_tokens: Annotated[int, Field(ge=16)]
    answer_format: Literal["json_schema", "json_object", "text"]
    token_budget: NotNegative
    money_budget: Annotated[float, Field(ge=0)]
    input_price: Annotated[float, Field(ge=0)]
    output_price: Annotated[float, Field(ge=0)]
    seed: int

    @model_validator(mode="after")
    def know_what_it_costs(self) -> "Silver":
        if self.money_budget and not (self.input_price or self.output_price):
            raise ValueError(
                "money_budget is set, and input_price and output_price are 0, so nothing would cost anything"
            )
        return self


class Quality(Section):
    folds: Annotated[int, Field(ge=2)]
    class_weight: ClassWeight
    inverse_regularisation: Positive
    seed: int


class Logistic(Section):
    class_weight: sweep(ClassWeight)  # type: ignore[valid-type]
    labels: sweep(TrainingLabels)  # type: ignore[valid-type]
    silver_weight: Positive
    inverse_regularisation: sweep(Positive)  # type: ignore[valid-type]


class XGBoost(Section):
    class_weight: sweep(ClassWeight)  # type: ignore[valid-type]
    neighbours: sweep(NotNegative)  # type: ignore[valid-type]
    labels: sweep(TrainingLabels)  # type: ignore[valid-type]
    silver_weight: Positive
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
    labels: sweep(TrainingLabels)  # type: ignore[valid-type]
    silver_weight: Positive
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
    silver: Silver
    quality: Quality
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
        chosen += [("silver.model", self.silver.model)] if self.silver.annotator == "in-process" else []
        for key, name in chosen:
            if name not in self.models:
                raise ValueError(f"{key} names {name!r}, which the models section does not have")
        return self
