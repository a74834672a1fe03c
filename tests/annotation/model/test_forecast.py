"""What asking is said to cost before it begins."""

from dataclasses import replace
from pathlib import Path

from pipeline.annotation.model.asking import ask
from pipeline.annotation.model.budget import Budget
from pipeline.annotation.model.forecast import announcement, forecast, likely_tokens
from pipeline.annotation.model.question import Question, Tokens
from tests.annotation.model.llm_server import Model, question, questions, service


def test_likely_tokens_are_one_a_chinese_character_and_one_in_four_of_others() -> None:
    assert [likely_tokens(text) for text in ("", "哈哈哈", "abcd", "abcde", "up主加油！", "666 前方高能")] == [
        0,
        3,
        1,
        2,
        5,
        5,
    ]


def test_the_forecast_is_worked_out_by_hand(model: Model, tmp_path: Path) -> None:
    ours = service(model, attempts=2, answer_format="text", max_output_tokens=40)
    one = Question("dm1", (("system", "abcd" * 10), ("user", "哈哈")), ("joy",))
    same, other = replace(one, comment_id="dm2"), replace(one, comment_id="dm3", messages=(("user", "泪目了"),))
    ahead = forecast([one, same, other], ours)
    assert (ahead.questions, ahead.different, ahead.kept) == (3, 2, 0)
    assert ahead.likely == Tokens(10 + 2 + 3, 2 * 32)
    first, second = 128 + (40 + 16) + (6 + 16), 128 + (9 + 16)
    assert ahead.most == Tokens(2 * (first + second) + 2 * (600 + 400 + 2 * 16), 2 * 2 * 40)
    ask([one], ours, Budget(), tmp_path / "answers.sqlite")
    assert forecast([one, same, other], ours, tmp_path / "answers.sqlite").kept == 1
    assert forecast([one], ours, tmp_path / "none.sqlite").kept == 0 and not (tmp_path / "none.sqlite").exists()


def test_what_is_ahead_is_said_in_a_line_or_two(model: Model, tmp_path: Path) -> None:
    ours, twelve = service(model, attempts=1), [*questions(11), question("dm11", "弹幕 dm3")]
    ahead = forecast(twelve, ours)
    line = f"Asking test-model about 12 comments (11 different questions): likely {ahead.likely.total:,} tokens, "
    line += f"at most {ahead.most.total:,}"
    assert announcement(ahead, ours, Budget()) == f"{line}."
    priced = Budget(input_price=1_000.0, output_price=2_000.0)
    cost = ahead.likely.input * 1e-3 + ahead.likely.output * 2e-3
    most = ahead.most.input * 1e-3 + ahead.most.output * 2e-3
    assert announcement(ahead, ours, priced) == f"{line}; likely cost {cost:.2f}, at most {most:.2f}."
    may = announcement(ahead, ours, Budget(tokens=ahead.most.total - 1))
    assert may.endswith(f"\nThe budget of {ahead.most.total - 1:,} tokens may end it before the last comment.")
    will = announcement(ahead, ours, replace(priced, tokens=100, money=0.05))
    assert will.endswith("\nThe budget of 100 tokens and a cost of 0.05 ends it before the last comment.")
    assert announcement(ahead, ours, Budget(tokens=10**9)) == f"{line}."
    kept = announcement(replace(ahead, kept=7), ours, Budget())
    assert kept == f"{line}. 7 have an answer already, which costs nothing again."
