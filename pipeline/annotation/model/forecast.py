"""What asking is likely to cost, and at most, said before it begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.annotation.model.budget import Budget, most_of_question
from pipeline.annotation.model.cache import Cache
from pipeline.annotation.model.question import Question, Service, Tokens
from pipeline.annotation.model.request import request_key

WIDE = 0x2E80  # from here on a character is Chinese, Japanese, Korean or an emoji, and about a token
LIKELY_OUTPUT = 32  # tokens of {"leaf": "situated_knowledge", "also": [], "confidence": 0.9}


@dataclass(frozen=True)
class Forecast:
    """Tokens of all answers together, those that are kept from earlier runs included, as the budget counts them."""

    questions: int
    different: int  # the same question is asked once
    kept: int  # of the different ones, those whose first answer is in the cache
    likely: Tokens  # every question answered at the first attempt
    most: Tokens  # every attempt used, every bound reached


def forecast(questions: Sequence[Question], service: Service, cache_file: Path | None = None) -> Forecast:
    """What asking all questions takes."""
    different = list({(question.messages, question.allowed): question for question in questions}.values())
    read = sum(likely_tokens(content) for question in different for _, content in question.messages)
    likely = Tokens(read, len(different) * min(LIKELY_OUTPUT, service.max_output_tokens))
    most = sum((most_of_question(question, service) for question in different), Tokens())
    kept = 0
    if cache_file is not None and cache_file.exists():
        with Cache(cache_file) as cache:
            kept = sum(cache.find(request_key(service, q, q.messages)) is not None for q in different)
    return Forecast(len(questions), len(different), kept, likely, most)


def likely_tokens(text: str) -> int:
    """One for each Chinese character, one for every four others."""
    wide = sum(ord(character) >= WIDE for character in text)
    return wide + -(-(len(text) - wide) // 4)


def announcement(ahead: Forecast, service: Service, budget: Budget) -> str:
    """The forecast in one line, and in a second one what the budget does to it."""
    same = "" if ahead.different == ahead.questions else f" ({ahead.different:,} different questions)"
    line = f"Asking {service.model} about {ahead.questions:,} comments{same}: likely {ahead.likely.total:,} tokens"
    line += f", at most {ahead.most.total:,}"
    if budget.input_price or budget.output_price:
        line += f"; likely cost {budget.cost(ahead.likely):,.2f}, at most {budget.cost(ahead.most):,.2f}"
    line += f". {ahead.kept:,} have an answer already, which costs nothing again." if ahead.kept else "."
    if budget.allows(ahead.most):
        return line
    limits = [f"{budget.tokens:,} tokens"] if budget.tokens is not None else []
    limits += [f"a cost of {budget.money:,.2f}"] if budget.money is not None else []
    end = "may end it before" if budget.allows(ahead.likely) else "ends it before"
    return f"{line}\nThe budget of {' and '.join(limits)} {end} the last comment."
