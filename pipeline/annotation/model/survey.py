"""One run of the model annotator: which comments are asked about, by what questions, and who answers."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline.annotation.model.asking import ask
from pipeline.annotation.model.budget import Budget
from pipeline.annotation.model.estimate import announced, estimate
from pipeline.annotation.model.in_process import InProcess, Scorer
from pipeline.annotation.model.prompt import Asker, Gold
from pipeline.annotation.model.question import Answer, Question, Service
from pipeline.annotation.model.retrieval import Near, nearest
from pipeline.annotation.model.trouble import KEY_VARIABLE, check_service
from pipeline.annotation.rounds.batch import items
from pipeline.annotation.tree.taxonomy import Taxonomy
from pipeline.errors import UserError
from pipeline.runtime import whole_number
from pipeline.settings import Silver

Floats = np.ndarray[Any, Any]
URL_VARIABLE, CONCURRENCY_VARIABLE, TIMEOUT_VARIABLE = "DANMU_LLM_URL", "DANMU_LLM_CONCURRENCY", "DANMU_LLM_TIMEOUT"


@dataclass(frozen=True)
class Answered:
    """What came of them, and what it took."""

    answers: list[Answer]  # of the first so many questions
    spent: dict[str, Any] = field(default_factory=dict)  # tokens, money, requests
    served_by: tuple[str, ...] = ()


def survey(
    comments: pl.DataFrame, vectors: Floats, asked: Sequence[int], gold: pl.DataFrame, taxonomy: Taxonomy, how: Silver
) -> tuple[list[Question], list[Near]]:
    """The question about each comment in `asked`, and what it was made from.

    Args:
        comments: COMMENTS.
        vectors: (comments, width), unit length.
        asked: rows of `comments`.
        gold: row (in comments), leaf: of the training set's gold labels, which examples come from.
    """
    texts, rows = comments["text"].to_list(), gold["row"].to_list()
    examples = [Gold(texts[row], leaf) for row, leaf in gold.select("row", "leaf").iter_rows()]
    near = nearest(vectors[list(asked)], vectors[rows], gold["leaf"].to_list(), how.neighbours, how.candidates)
    asker = Asker(taxonomy, examples, how.examples)
    about = zip(items(comments, asked, how.context), near, strict=True)
    ask_about = asker.line if how.annotator == "in-process" else asker.question
    return [ask_about(item, around) for item, around in about], near


def service(how: Silver) -> Service:
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
    found = Service(
        base_url=url,
        model=how.model,
        key=os.environ.get(KEY_VARIABLE),
        concurrency=whole_number(CONCURRENCY_VARIABLE, 8),
        attempts=how.attempts,
        timeout_s=whole_number(TIMEOUT_VARIABLE, 120),
        max_output_tokens=how.max_output_tokens,
        answer_format=how.answer_format,
    )
    check_service(found)
    return found


def budget(how: Silver) -> Budget:
    """The limits that params.yaml sets; 0 is none."""
    return Budget(how.token_budget or None, how.money_budget or None, how.input_price, how.output_price)


def price(questions: Sequence[Question], how: Silver, cache_file: Path) -> str:
    """What asking a server is going to cost, in a line or two."""
    asked = service(how)
    return announced(estimate(questions, asked, cache_file), asked, budget(how))


def ask_server(questions: Sequence[Question], how: Silver, cache_file: Path) -> Answered:
    """Ask the server, within the budget."""
    asked = ask(questions, service(how), budget(how), cache_file)
    spent = {
        "input_tokens": asked.tokens.input,
        "output_tokens": asked.tokens.output,
        "money": round(asked.money, 6),
        "requests": asked.requests,
        "from_cache": asked.from_cache,
    }
    return Answered(list(asked.answers), spent, asked.served_by)


def score_here(questions: Sequence[Question], scorer: Scorer, weights: str, cache_file: Path) -> Answered:
    """Let a decoder in this process score the leaves."""
    annotator = InProcess(scorer, weights, cache_file)
    answers = annotator.answers(questions)
    read = sum(answer.input_tokens for answer in answers)
    return Answered(answers, {"input_tokens": read, "output_tokens": 0, "money": 0.0, "requests": 0,
                              "from_cache": annotator.from_cache})  # fmt: skip
