"""Who answers the questions: a server that the environment names, or a decoder in this process."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.annotation.model.asking import ask
from pipeline.annotation.model.budget import Budget
from pipeline.annotation.model.forecast import announcement, forecast
from pipeline.annotation.model.in_process import InProcess, Scorer
from pipeline.annotation.model.question import KEY_VARIABLE, URL_VARIABLE, Answer, Question, Service
from pipeline.annotation.model.settings import Silver
from pipeline.errors import UserError
from pipeline.runtime import whole_number

CONCURRENCY_VARIABLE, TIMEOUT_VARIABLE = "DANMU_LLM_CONCURRENCY", "DANMU_LLM_TIMEOUT"


@dataclass(frozen=True)
class Spent:
    """What the answers took, those of earlier runs included, as costs/silver/silver.json has it (SilverCost)."""

    input_tokens: int = 0
    output_tokens: int = 0
    money: float = 0.0
    requests: int = 0  # sent in this run
    from_cache: int = 0  # answers that nobody had to be asked for


@dataclass(frozen=True)
class Answered:
    """What came of the questions, and what it took."""

    answers: tuple[Answer, ...]  # of the first so many questions
    spent: Spent
    served_by: tuple[str, ...] = ()  # the models' names, as a server gave them with its answers


def service(settings: Silver) -> Service:
    """The server that the environment names.

    Raises:
        UserError: it names none, or what it names cannot be one.
    """
    url = os.environ.get(URL_VARIABLE, "")
    if not url:
        raise UserError(
            f"silver.annotator is server, and {URL_VARIABLE} is not set; set it to the server's address, as "
            "http://127.0.0.1:8000/v1, or choose in-process or none (params.yaml)."
        )
    return Service(
        base_url=url,
        model=settings.model,
        key=os.environ.get(KEY_VARIABLE),
        concurrency=whole_number(CONCURRENCY_VARIABLE, 8),
        attempts=settings.attempts,
        timeout_s=whole_number(TIMEOUT_VARIABLE, 120),
        max_output_tokens=settings.max_output_tokens,
        answer_format=settings.answer_format,
    )


def budget(settings: Silver) -> Budget:
    """The limits that params.yaml sets; 0 is none."""
    return Budget(
        settings.token_budget or None, settings.money_budget or None, settings.input_price, settings.output_price
    )


def price(questions: Sequence[Question], settings: Silver, cache_file: Path) -> str:
    """What asking a server is going to cost, in a line or two."""
    server = service(settings)
    return announcement(forecast(questions, server, cache_file), server, budget(settings))


def ask_server(questions: Sequence[Question], settings: Silver, cache_file: Path) -> Answered:
    """Ask the server, within the budget."""
    asked = ask(questions, service(settings), budget(settings), cache_file)
    tokens = asked.tokens
    spent = Spent(tokens.input, tokens.output, round(asked.money, 6), asked.requests, asked.from_cache)
    return Answered(asked.answers, spent, asked.served_by)


def score_here(questions: Sequence[Question], scorer: Scorer, weights: str, cache_file: Path) -> Answered:
    """Let a decoder in this process score the leaves.

    Args:
        scorer: of the decoder.
        weights: what tells these weights from all others, as `InProcess` has it: in_process.weights_identity.
        cache_file: where the scores are kept.
    """
    annotator = InProcess(scorer, weights, cache_file)
    answers = annotator.answers(questions)
    read = sum(answer.input_tokens for answer in answers)
    return Answered(tuple(answers), Spent(input_tokens=read, from_cache=annotator.from_cache))
