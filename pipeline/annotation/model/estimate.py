"""What asking is likely to cost, and at most, said before it begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.annotation.model.budget import Budget, most_of_question
from pipeline.annotation.model.cache import Cache, request_key
from pipeline.annotation.model.question import Question, Service, Tokens

WIDE = 0x2E80  # from here on a character is Chinese, Japanese, Korean or an emoji, and about a token
LIKELY_OUTPUT = 32  # tokens of {"leaf": "situated_knowledge", "also": [], "confidence": 0.9}


@dataclass(frozen=True)
class Estimate:
    """What is ahead, for the sentence that is printed before the start."""

    questions: int
    different: int  # the same question is asked once
    kept: int  # of the different ones, those whose first answer is in the cache
    likely: Tokens  # every question answered at the first attempt
    most: Tokens  # every attempt used, every bound reached


def estimate(questions: Sequence[Question], service: Service, cache_file: Path | None = None) -> Estimate:
    """What asking all questions is likely to cost, and at most; the kept ones included, as the budget has it."""
    different = list({(question.messages, question.allowed): question for question in questions}.values())
    likely = most = Tokens()
    for question in different:
        read = sum(likely_tokens(content) for _, content in question.messages)
        likely += Tokens(read, min(LIKELY_OUTPUT, service.max_output_tokens))
        most += most_of_question(question, service)
    kept = 0
    if cache_file is not None and cache_file.exists():
        with Cache(cache_file) as cache:
            kept = sum(cache.find(request_key(service, q, q.messages)) is not None for q in different)
    return Estimate(len(questions), len(different), kept, likely, most)


def likely_tokens(text: str) -> int:
    """One for each Chinese character, one for every four others."""
    wide = sum(ord(character) >= WIDE for character in text)
    return wide + -(-(len(text) - wide) // 4)


def announced(ahead: Estimate, service: Service, budget: Budget) -> str:
    """The estimate in one line or two."""
    same = "" if ahead.different == ahead.questions else f" ({ahead.different:,} different questions)"
    line = f"Asking {service.model} about {ahead.questions:,} comments{same}: likely {ahead.likely.total:,} tokens"
    line += f", at most {ahead.most.total:,}"
    if budget.input_price or budget.output_price:
        line += f"; likely cost {budget.cost(ahead.likely):,.2f}, at most {budget.cost(ahead.most):,.2f}"
    line += "."
    if ahead.kept:
        line += f" {ahead.kept:,} have an answer already, which costs nothing again."
    limits = [] if budget.tokens is None else [f"{budget.tokens:,} tokens"]
    limits += [] if budget.money is None else [f"a cost of {budget.money:,.2f}"]
    if not limits or budget.allows(ahead.most):
        return line
    end = "ends it before" if not budget.allows(ahead.likely) else "may end it before"
    return f"{line}\nThe budget of {' and '.join(limits)} {end} the last comment."
