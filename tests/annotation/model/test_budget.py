"""The budget: never overspent, and the same questions are asked whatever the timing."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.annotation.model.asking import Asked, ask
from pipeline.annotation.model.budget import Budget, Ledger, counted, most_of_question
from pipeline.annotation.model.question import Question, Said, Tokens
from pipeline.annotation.model.request import ask_again
from pipeline.errors import UserError
from tests.annotation.model.llm_server import Model, Reply, Request, hurried, question, questions, service, serving

NOBODY = "http://127.0.0.1:9/v1"


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    hurried(monkeypatch)
    with serving(Model(replies=costly)) as model:
        yield model


def costly(request: Request) -> Reply:
    """Costs and re-asks that follow from the comment alone, after a wait that does not."""
    chance = random.Random(request.comment)
    failing = chance.choice([0, 0, 0, 1, 2, 5])
    usage = {"prompt_tokens": chance.randint(20, 200), "completion_tokens": chance.randint(5, 50)}
    text = "nothing" if request.attempt <= failing else '{"leaf": "joy"}'
    return Reply(text, usage=usage, delay=random.random() * 0.008)


def asked(model: Model | str, file: Path, budget: Budget, count: int = 60, **changes: Any) -> Asked:
    return ask(questions(count), service(model, **changes), budget, file, retries=3)


@pytest.mark.parametrize(
    "budget",
    [
        Budget(tokens=9_000),
        Budget(money=0.03, input_price=2.0, output_price=10.0),
        Budget(tokens=12_000, money=0.02, input_price=1.0, output_price=5.0),
    ],
)
def test_the_same_questions_are_asked_whatever_the_timing(model: Model, tmp_path: Path, budget: Budget) -> None:
    results = [asked(model, tmp_path / f"{n}.sqlite", budget, concurrency=n) for n in (1, 4, 16)]
    first = results[0]
    assert 10 < len(first.answers) < 60
    assert len(first.answers) + len(first.unasked) == 60 and first.unasked[0] == f"dm{len(first.answers)}"
    for result in results:
        assert (result.answers, result.unasked, result.tokens) == (first.answers, first.unasked, first.tokens)
        assert budget.allows(result.tokens) and result.money == budget.cost(result.tokens)
    # what was left was less than the next question may have cost
    bound = most_of_question(questions(60)[len(first.answers)], service(model))
    assert not budget.allows(first.tokens + bound)


def test_the_server_is_never_asked_for_more_than_the_budget(model: Model, tmp_path: Path) -> None:
    """Counted where it is spent: at the server, after every single request."""
    budget, spent = Budget(tokens=8_000), [0]

    def replies(request: Request) -> Reply:
        reply = costly(request)
        spent[0] += sum(reply.usage.values())  # type: ignore[union-attr]
        assert spent[0] <= 8_000
        return reply

    model.replies = replies
    result = asked(model, tmp_path / "answers.sqlite", budget, concurrency=16)
    assert spent[0] == result.tokens.total <= 8_000


def test_a_replay_ends_at_the_same_question_and_more_budget_goes_on_from_there(model: Model, tmp_path: Path) -> None:
    file = tmp_path / "answers.sqlite"
    small = asked(model, file, Budget(tokens=8_000), concurrency=8)
    sent = len(model.requests)
    replay = asked(NOBODY, file, Budget(tokens=8_000), concurrency=2)
    assert replay == replace(small, requests=0, from_cache=len(small.answers))
    large = asked(model, file, Budget(tokens=14_000))
    assert large.answers[: len(small.answers)] == small.answers and len(large.answers) > len(small.answers)
    assert large.from_cache == len(small.answers) and large.tokens.total <= 14_000
    again = {(request.comment, request.attempt) for request in model.requests}
    assert len(again) == len(model.requests) == sent + large.requests  # nothing was asked twice
    unlimited = asked(model, file, Budget())
    assert unlimited.unasked == () and len(unlimited.answers) == 60


def test_a_budget_below_the_first_question_asks_nobody(model: Model, tmp_path: Path) -> None:
    result = asked(model, tmp_path / "answers.sqlite", Budget(tokens=100))
    assert (result.answers, len(result.unasked), result.tokens) == ((), 60, Tokens())
    assert model.requests == model.knocks == []


def test_a_question_that_was_asked_before_costs_nothing_but_comes_in_its_turn(model: Model, tmp_path: Path) -> None:
    model.replies = lambda request: Reply(usage={"prompt_tokens": 400, "completion_tokens": 10})
    same = [
        question("dm0", "哈哈"),
        question("dm1", "泪目"),
        question("dm2", "哈哈"),
        question("dm3", "第一"),
        question("dm4", "哈哈"),
    ]
    bound = most_of_question(same[0], service(model)).total
    result = ask(same, service(model), Budget(tokens=820 + bound - 1), tmp_path / "answers.sqlite")
    assert [answer.comment_id for answer in result.answers] == ["dm0", "dm1", "dm2"]
    assert result.unasked == ("dm3", "dm4") and result.tokens.total == 820


def test_a_server_that_counts_more_than_there_can_be_ends_the_run(model: Model, tmp_path: Path) -> None:
    model.replies = lambda request: Reply(usage={"prompt_tokens": 100, "completion_tokens": 5_000})
    with pytest.raises(UserError, match=r"100 tokens read and 5,000 written .* does not heed silver.max_output_tokens"):
        asked(model, tmp_path / "answers.sqlite", Budget(tokens=100_000))
    assert len(asked(model, tmp_path / "answers.sqlite", Budget()).answers) == 60  # without a limit it does not matter


TEXT = st.text(max_size=700)


@given(
    st.lists(TEXT, min_size=1, max_size=4),
    st.lists(st.tuples(TEXT, TEXT), max_size=4),
    st.sampled_from(["json_schema", "json_object", "text"]),
)
def test_no_conversation_costs_more_than_was_set_aside(
    said: list[str], failed: list[tuple[str, str]], form: str
) -> None:
    """Every server that counts at most a token a byte, and a few for the roles."""
    ours = service(NOBODY, attempts=len(failed) + 1, answer_format=form)
    one = Question("dm1", tuple(("user", text) for text in said), ("joy", "domain_knowledge"))
    messages, whole, told = one.messages, Tokens(), Tokens()
    for answer, fault in [*failed, ("", "")]:
        whole += counted(Said(answer, "stop"), messages, one, ours)
        told += Tokens(sum(len(content.encode()) + 8 for _, content in messages), ours.max_output_tokens)
        messages = ask_again(messages, answer, fault)
    most = most_of_question(one, ours)
    assert told.input <= whole.input <= most.input and told.output == whole.output == most.output


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), max_size=30), st.integers(0, 5_000), st.randoms())
def test_the_ledger_never_goes_over_in_any_order(
    costs: list[tuple[int, int]], tokens: int, chance: random.Random
) -> None:
    budget = Budget(tokens=tokens, money=tokens / 1e6, input_price=0.3, output_price=1.7)
    ledger, begun = Ledger(budget), 0
    running: list[tuple[Tokens, Tokens]] = []
    for actual, slack in costs:
        bound = Tokens(actual + slack, actual + slack)
        while running and not ledger.fits(bound):
            ledger.settle(*running.pop(chance.randrange(len(running))))
        if not ledger.fits(bound):
            break
        ledger.set_aside(bound)
        running.append((bound, Tokens(actual, actual)))
        begun += 1
        if running and chance.random() < 0.5:
            ledger.settle(*running.pop(chance.randrange(len(running))))
    while running:
        ledger.settle(*running.pop())
    assert budget.allows(ledger.spent) and ledger.aside == Tokens()
    one_by_one, spent = 0, Tokens()
    for actual, slack in costs:
        if not budget.allows(spent + Tokens(actual + slack, actual + slack)):
            break
        spent += Tokens(actual, actual)
        one_by_one += 1
    assert begun == one_by_one and spent == ledger.spent
