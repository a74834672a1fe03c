"""The section `label` of params.yaml: how rounds become gold."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.settings import Count, Section, Seed

Consensus = Literal["majority", "dawid_skene"]
GatedOf = Literal["value", "lower"]  # what of alpha the gate judges: itself, or its interval's lower end


class Label(Section):
    """How rounds become gold; params.yaml says what each key trades."""

    exclude_rounds: list[int]
    minimum_annotators: Count
    consensus: Consensus
    minimum_alpha: Annotated[float, Field(ge=0, le=1)]
    minimum_alpha_of: GatedOf
    below_minimum: Literal["stop", "warn"]
    resamples: Annotated[int, Field(ge=100)]
    seed: Seed
