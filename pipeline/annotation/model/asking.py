"""Questions → answers: in their order, several at a time, from the cache where it has them, within a budget."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.annotation.model.answer import Malformed, read_said
from pipeline.annotation.model.budget import Budget, Ledger, counted, most_of_question
from pipeline.annotation.model.cache import Cache
from pipeline.annotation.model.question import INPUT_FILTER, Answer, Question, Service, Tokens
from pipeline.annotation.model.request import ask_again, request_key
from pipeline.annotation.model.server import RETRIES, Server
from pipeline.errors import UserError
from pipeline.runtime import interactive

if TYPE_CHECKING:
    from tqdm import tqdm


@dataclass(frozen=True)
class Asked:
    """What came of all questions."""

    answers: tuple[Answer, ...]  # in the questions' order; as many as the budget paid for, from the first on
    unasked: tuple[str, ...]  # comment_ids of the rest
    tokens: Tokens  # of all answers, those of earlier runs included
    money: float
    from_cache: int  # comments that nobody had to be asked about
    requests: int  # sent in this run, those sent again included
    served_by: tuple[str, ...]  # names of models that the server gave with its answers


def ask(
    questions: Sequence[Question], service: Service, budget: Budget, cache_file: Path, retries: int = RETRIES
) -> Asked:
    """Ask a model each question; the same question is asked once, and its answer counts for every comment.

    Ctrl-C, an error, even a killed process leave every answer in the cache that was complete, and the next call
    goes on from there. Where nothing new has to be asked no server is needed.

    Args:
        questions: in the order in which they are asked, which decides what a budget pays for.
        service: the model's server.
        budget: what the answers may cost in all, as budget.py has it.
        cache_file: where answers are kept.
        retries: how often a request is sent again when the server is busy or gone.

    Raises:
        UserError: the server cannot be had, or refuses; the cache or the budget cannot be kept.
    """
    from tqdm import tqdm

    with (
        Cache(cache_file) as cache,
        tqdm(total=len(questions), desc="asking", unit="comment", disable=not interactive(), leave=False) as bar,
    ):
        return asyncio.run(Asking(service, budget, cache, Server(service, cache_file, retries), bar).ask(questions))


class Asking:
    """One run of `ask`."""

    def __init__(self, service: Service, budget: Budget, cache: Cache, server: Server, bar: "tqdm[None]") -> None:
        self.service, self.cache, self.server, self.bar = service, cache, server, bar
        self.ledger = Ledger(budget)
        self.answers: dict[int, Answer] = {}  # by the place of the question
        self.running: dict[asyncio.Task[Answer], tuple[int, Tokens]] = {}
        self.fresh: set[int] = set()  # places of questions that somebody had to be asked
        self.served_by: set[str] = set()

    async def ask(self, questions: Sequence[Question]) -> Asked:
        """Ask all, and put the answers in their order."""
        first: dict[object, int] = {}
        places = [first.setdefault((question.messages, question.allowed), at) for at, question in enumerate(questions)]
        try:
            begun = await self.ask_in_order(questions, places)
        finally:
            await self.server.close()
        answers = [
            self.answers[place] if place == at else copied(self.answers[place], questions[at])
            for at, place in enumerate(places[:begun])
        ]
        return Asked(
            answers=tuple(answers),
            unasked=tuple(question.comment_id for question in questions[begun:]),
            tokens=self.ledger.spent,
            money=self.ledger.budget.cost(self.ledger.spent),
            from_cache=begun - len(self.fresh),
            requests=self.server.requests,
            served_by=tuple(sorted(self.served_by)),
        )

    async def ask_in_order(self, questions: Sequence[Question], places: Sequence[int]) -> int:
        """Begin one question after the other, as budget.py says; returns how many the budget paid for."""
        begun = 0
        try:
            for at, question in enumerate(questions):
                if places[at] == at:
                    bound = most_of_question(question, self.service)
                    while self.running and (
                        len(self.running) >= self.service.concurrency or not self.ledger.fits(bound)
                    ):
                        await self.settle()
                    if not self.ledger.fits(bound):
                        break
                    self.ledger.set_aside(bound)
                    self.running[asyncio.create_task(self.answer(at, question))] = at, bound
                else:
                    self.bar.update()
                begun += 1
            while self.running:
                await self.settle()
        except UserError:
            # what others have begun is paid for: it may finish, and is kept
            if self.running:
                await asyncio.wait(self.running, timeout=self.service.timeout_s)
            raise
        finally:
            for task in self.running:
                task.cancel()
            await asyncio.gather(*self.running, return_exceptions=True)
        return begun

    async def settle(self) -> None:
        """Wait until something is answered, and book it."""
        done, _ = await asyncio.wait(self.running, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            at, bound = self.running[task]
            answer = task.result()
            del self.running[task]
            self.answers[at] = answer
            self.ledger.settle(bound, Tokens(answer.input_tokens, answer.output_tokens))
            self.bar.set_postfix_str(self.spent(), refresh=False)
            self.bar.update()

    def spent(self) -> str:
        """What is spent, for the bar: money where there is a price."""
        budget, spent = self.ledger.budget, self.ledger.spent
        priced = budget.input_price or budget.output_price
        return f"cost {budget.cost(spent):,.2f}" if priced else f"{spent.total:,} tokens"

    async def answer(self, at: int, question: Question) -> Answer:
        """Ask, and ask again with what was wrong, until there is an answer that can be used or no attempt left."""
        messages, spent, reading = question.messages, Tokens(), None
        raw = fault = ""
        for _ in range(self.service.attempts):
            key = request_key(self.service, question, messages)
            said = self.cache.find(key)
            if said is None:
                self.fresh.add(at)
                said = self.cache.keep(key, self.service.model, await self.server.complete(question, messages))
            raw = said.text
            spent += counted(said, messages, question, self.service)
            self.served_by |= {said.served_by} - {""}
            try:
                reading, fault = read_said(said, question.allowed), ""
                break
            except Malformed as why:
                fault = f"No answer can be used: {why}."
                messages = ask_again(messages, said.text, str(why))
            if said.finish == INPUT_FILTER:
                break  # it was the question that was refused, and it stands in every re-ask
        return Answer(
            comment_id=question.comment_id,
            leaf=reading.leaf if reading else None,
            leaves=reading.leaves if reading else (),
            confidence=reading.confidence if reading else None,
            raw=raw,
            fault=fault,
            input_tokens=spent.input,
            output_tokens=spent.output,
        )


def copied(answer: Answer, question: Question) -> Answer:
    """The answer to the same question about another comment, which costs nothing."""
    return replace(answer, comment_id=question.comment_id, input_tokens=0, output_tokens=0)
