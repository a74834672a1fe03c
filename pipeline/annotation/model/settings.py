"""The section `silver` of params.yaml: a language model as annotator."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from pipeline.annotation.model.question import AnswerFormat
from pipeline.settings import MODEL_KEY, Count, NotNegative, Section, Seed


class Silver(Section):
    """Who labels what, and within which limits; params.yaml says what each key trades."""

    annotator: Literal["none", "in-process", "server"]
    model: Annotated[str, MODEL_KEY]  # with a server what that calls its model, which may be any text
    comments: NotNegative
    check: NotNegative
    neighbours: Count
    candidates: Annotated[int, Field(ge=2)]
    examples: NotNegative
    context: NotNegative
    minimum_confidence: Annotated[float, Field(ge=0, le=1)]
    attempts: Count
    max_output_tokens: Annotated[int, Field(ge=16)]
    answer_format: AnswerFormat
    token_budget: NotNegative
    money_budget: Annotated[float, Field(ge=0)]
    input_price: Annotated[float, Field(ge=0)]
    output_price: Annotated[float, Field(ge=0)]
    seed: Seed

    @model_validator(mode="after")
    def know_what_it_costs(self) -> "Silver":
        """A limit of money needs a price."""
        if self.money_budget and not (self.input_price or self.output_price):
            raise ValueError(
                "money_budget is set, and input_price and output_price are 0, so nothing would cost anything; "
                "change one of them"
            )
        return self
