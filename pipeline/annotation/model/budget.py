"""What asking may cost at most, and has cost; the budget is never overspent.

Before a question is begun, the most that its whole conversation can cost is set aside, re-asks and all: a token
is never less than a byte, what a re-ask adds is cut to a known length, and an answer has no more tokens than the
request allows. When it is answered, what the server counted takes the place of what was set aside. The whole
conversation rather than one request, so that no question is left half asked and paid for in vain.

Which questions are asked does not depend on timing. Let a question i cost c(i), with c(i) ≤ b(i), its bound,
and B be the budget. Questions are begun in order, i only when

    spent + set aside + b(i) ≤ B,                                                                      (1)

where earlier questions that are answered count with c, and those on their way with b ≥ c. So whenever i is
begun, c(1) + … + c(i-1) + b(i) ≤ B (2). And when (2) holds, i is begun: at the latest when everything before it
is answered, for then (1) is (2). Asking ends at the first i for which (2) fails, and (2) holds no word of
timing. Costs are sums of whole tokens, whose order makes no difference; money is computed from the sums.

What was answered in an earlier run counts as it did then, so that a replay ends at the same question, and a
larger budget goes on from there: a budget is what the answers may have cost in all, not what one run may spend.
What a request cost that was lost on the way (a timeout, a broken connection) nobody tells, and it is not counted.
"""

import json
from dataclasses import dataclass

from pipeline.annotation.model.question import Messages, Question, Said, Service, Tokens
from pipeline.annotation.model.request import COMPLAINT_BYTES, ECHO_BYTES, response_format
from pipeline.errors import UserError

# What chat templates put around messages: a role and two or three marks each, and around all of them at times a
# system prompt of the model's own.
MESSAGE_TOKENS, REQUEST_TOKENS = 16, 128
MILLION = 1_000_000


@dataclass(frozen=True)
class Budget:
    """Limits of all answers together, and prices per million tokens; None is no limit."""

    tokens: int | None = None
    money: float | None = None
    input_price: float = 0.0
    output_price: float = 0.0

    def cost(self, tokens: Tokens) -> float:
        """What so many tokens cost."""
        return (tokens.input * self.input_price + tokens.output * self.output_price) / MILLION

    def allows(self, tokens: Tokens) -> bool:
        """Whether so many tokens stay within both limits."""
        within = self.tokens is None or tokens.total <= self.tokens
        return within and (self.money is None or self.cost(tokens) <= self.money)

    @property
    def limited(self) -> bool:
        """Whether there is any limit."""
        return self.tokens is not None or self.money is not None


class Ledger:
    """What is spent, and what is set aside for questions on their way."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.spent = Tokens()
        self.aside = Tokens()

    def fits(self, bound: Tokens) -> bool:
        """Whether a question may begin that costs so much at most."""
        return self.budget.allows(self.spent + self.aside + bound)

    def set_aside(self, bound: Tokens) -> None:
        """Begin a question."""
        self.aside += bound

    def settle(self, bound: Tokens, actual: Tokens) -> None:
        """End a question.

        Raises:
            UserError: it cost more than it could, so that the budget's promise cannot be kept.
        """
        self.aside -= bound
        self.spent += actual
        if self.budget.limited and (actual.input > bound.input or actual.output > bound.output):
            raise UserError(
                f"The server counted {actual.input:,} tokens read and {actual.output:,} written for one comment, "
                f"where there should be {bound.input:,} and {bound.output:,} at most: it does not heed "
                "silver.max_output_tokens, or adds to the question, and no budget can be kept with it. Ask another "
                "server, or take the limit out of silver (params.yaml) if asking costs nothing."
            )


def most_of_ask(messages: Messages, question: Question, service: Service) -> Tokens:
    """The most tokens that one request and its answer can have."""
    form = response_format(service.answer_format, question.allowed)
    schema = 0 if form is None else len(json.dumps(form, ensure_ascii=False).encode())
    said = sum(len(content.encode()) + MESSAGE_TOKENS for _, content in messages)
    return Tokens(REQUEST_TOKENS + schema + said, service.max_output_tokens)


def most_of_question(question: Question, service: Service) -> Tokens:
    """The most tokens that a question's whole conversation can have: attempt k carries k - 1 failed ones along."""
    first, attempts = most_of_ask(question.messages, question, service), service.attempts
    failed = ECHO_BYTES + COMPLAINT_BYTES + 2 * MESSAGE_TOKENS
    return Tokens(attempts * first.input + failed * attempts * (attempts - 1) // 2, attempts * first.output)


def counted(said: Said, messages: Messages, question: Question, service: Service) -> Tokens:
    """The tokens of a request and its answer; the most that there can be of those that the server did not count."""
    most = most_of_ask(messages, question, service)
    return Tokens(
        most.input if said.input_tokens is None else said.input_tokens,
        most.output if said.output_tokens is None else said.output_tokens,
    )
