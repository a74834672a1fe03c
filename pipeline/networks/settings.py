"""The settings that an encoder and a decoder have in common when they are fine-tuned."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.settings import (
    ClassWeight,
    Count,
    MethodSettings,
    ModelKey,
    NotNegative,
    Positive,
    Seed,
    Swept,
    TrainingLabels,
)

ShareOrNone = Annotated[float, Field(ge=0, lt=1)]


class FineTuningSettings(MethodSettings):
    """One cell; what each key trades stands in params.yaml."""

    model: Swept[ModelKey]
    learning_rate: Swept[Positive]
    class_weight: Swept[ClassWeight]
    context: Swept[NotNegative]  # neighbouring comments on each side that are read along
    labels: Swept[TrainingLabels]
    silver_weight: Positive
    seed: Swept[Seed]
    epochs: Count
    batch_size: Count
    gradient_accumulation: Count
    head_start: Literal["probe", "random"]
    head_learning_rate: Positive
    weight_decay: Annotated[float, Field(ge=0)]
    warmup: ShareOrNone
    dropout: ShareOrNone
    max_length: Count
    precision: Literal["float32", "bfloat16"]
