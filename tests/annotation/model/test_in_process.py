"""The decoder in this process: what it answers, what it keeps, and that a second run reads nothing."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.annotation.model.annotator import Spent, score_here
from pipeline.annotation.model.in_process import InProcess, weights_identity
from pipeline.annotation.model.question import Answer, Question
from pipeline.networks.scoring import ContinuationScorer

LEAVES = ("joy", "awe", "worry")


class Decoder:
    """Gives the scores that a test lists under a text, and counts how often it is asked."""

    def __init__(self, scores: dict[str, Sequence[float]]) -> None:
        self.scores = scores
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self.power = math.inf  # readings until it is cut off

    def __call__(self, text: str, continuations: Sequence[str]) -> tuple[Sequence[float], int]:
        if len(self.asked) >= self.power:
            raise KeyboardInterrupt
        self.asked.append((text, tuple(continuations)))
        return self.scores[text], len(text)


def line(key: str, text: str, allowed: tuple[str, ...] = LEAVES) -> Question:
    return Question(key, (("text", text),), allowed)


def annotator(decoder: Decoder, folder: Path, weights: str = "w" * 64) -> InProcess:
    return InProcess(decoder, weights, folder / "answers.sqlite")


def test_the_answer_is_the_likeliest_leaf_and_confidence_the_softmax(tmp_path: Path) -> None:
    # shares: e^-1 : e^-3 : e^-2 = 1 : e^-2 : e^-1, so the first has 1 / (1 + 0.135335 + 0.367879) = 0.665241
    decoder = Decoder({"one": [-1.0, -3.0, -2.0], "two": [-9.5, -9.5 + math.log(3)]})
    found = annotator(decoder, tmp_path).answers([line("b", "one"), line("a", "two", ("awe", "worry"))])
    assert found == [
        Answer("b", "joy", ("joy",), 0.665241, "joy=-1.000 awe=-3.000 worry=-2.000", "", 3, 0),
        Answer("a", "worry", ("worry",), 0.75, "awe=-9.500 worry=-8.401", "", 3, 0),  # 3 : 1
    ]
    # a name ends where its line ends: `joy` is not the beginning of a longer one
    assert decoder.asked == [("one", (" joy\n", " awe\n", " worry\n")), ("two", (" awe\n", " worry\n"))]


def test_the_earlier_leaf_wins_a_tie_and_very_small_likelihoods_do_no_harm(tmp_path: Path) -> None:
    decoder = Decoder({"tie": [-2.0, -1.0, -1.0], "small": [-5000.0, -4000.0, -6000.0]})
    first, second = annotator(decoder, tmp_path).answers([line("a", "tie"), line("b", "small")])
    # 1 / (1 + 1 + e^-1) = 0.422319
    assert (first.leaf, first.confidence) == ("awe", 0.422319)
    assert (second.leaf, second.confidence) == ("awe", 1.0)


@given(st.lists(st.floats(-50, 0), min_size=3, max_size=3))
def test_confidence_is_a_probability_and_the_leaf_its_argmax(scores: list[float]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.annotation.model.in_process.Cache", Forgetful)
        [answer] = InProcess(Decoder({"x": scores}), "w", Path("unused")).answers([line("a", "x")])
    rounded = [round(score, 6) for score in scores]
    exponentials = [math.exp(score) for score in rounded]
    assert answer.leaf == LEAVES[rounded.index(max(rounded))]
    assert answer.confidence == pytest.approx(max(exponentials) / sum(exponentials), abs=1e-6)


class Forgetful:
    """In place of the cache: Hypothesis would ask the disk a hundred times."""

    def __init__(self, file: Path) -> None: ...

    def __enter__(self) -> "Forgetful":
        return self

    def __exit__(self, *error: object) -> None: ...

    def find(self, key: str) -> None: ...

    def keep(self, key: str, model: str, said: object) -> object:
        return said


def test_a_second_run_reads_nothing_and_gives_the_same(tmp_path: Path) -> None:
    decoder = Decoder({f"text {number}": [-1.25, -0.1234567 * number, -3.0] for number in range(20)})
    questions = [line(f"dm{number}", f"text {number}") for number in range(20)]
    ours = annotator(decoder, tmp_path)
    first = ours.answers(questions)
    assert len(decoder.asked) == 20 and ours.from_cache == 0
    again = annotator(decoder, tmp_path)
    assert again.answers(questions) == first
    assert len(decoder.asked) == 20 and again.from_cache == 20
    # nor does the same annotator, whose count begins anew
    assert again.answers(questions[:5]) == first[:5] and again.from_cache == 5
    # and the same question about another comment is the same reading
    assert annotator(decoder, tmp_path).answers([line("other", "text 3")])[0].raw == first[3].raw
    assert len(decoder.asked) == 20


def test_a_run_that_was_cut_goes_on(tmp_path: Path) -> None:
    decoder = Decoder({f"text {number}": [-1.0 - number, -2.0, -3.0] for number in range(10)})
    questions = [line(f"dm{number}", f"text {number}") for number in range(10)]
    decoder.power = 6
    with pytest.raises(KeyboardInterrupt):
        annotator(decoder, tmp_path).answers(questions)
    decoder.power = math.inf
    ours = annotator(decoder, tmp_path)
    found = ours.answers(questions)
    assert [text for text, _ in decoder.asked] == [f"text {number}" for number in range(10)]  # each once
    assert ours.from_cache == 6
    assert found == annotator(Decoder(decoder.scores), tmp_path / "another folder").answers(questions)


def test_another_models_digest_another_text_and_other_leaves_are_read_anew(tmp_path: Path) -> None:
    decoder = Decoder({"x": [-1.0, -2.0, -3.0], "y": [-3.0, -2.0, -1.0]})
    annotator(decoder, tmp_path, "a" * 64).answers([line("a", "x")])
    for weights, question in (
        ("b" * 64, line("a", "x")),
        ("a" * 63 + "b", line("a", "x")),  # all of the digest counts
        ("a" * 64, line("a", "y")),
        ("a" * 64, line("a", "x", ("joy", "worry", "awe"))),
    ):
        before = len(decoder.asked)
        annotator(decoder, tmp_path, weights).answers([question])
        assert len(decoder.asked) == before + 1
    annotator(decoder, tmp_path, "a" * 64).answers([line("b", "x")])
    assert len(decoder.asked) == 5


def test_the_same_folder_with_other_layers_is_read_anew(tmp_path: Path) -> None:
    decoder = Decoder({"x": [-1.0, -2.0, -3.0]})
    digest = "a" * 64
    identities = [weights_identity(digest, layers) for layers in (None, 1, 2, 12)]
    assert identities[0] == digest  # what was kept before layers could be named is found again
    for read, identity in enumerate(identities, start=1):
        for _ in range(2):
            annotator(decoder, tmp_path, identity).answers([line("a", "x")])
        assert len(decoder.asked) == read


def test_what_is_kept_may_stand_beside_a_servers_answers(tmp_path: Path) -> None:
    """Both are in one file, under keys that cannot meet: one hashes a list, the other an object."""
    import sqlite3

    annotator(Decoder({"x": [-1.0, -2.0, -3.0]}), tmp_path, "abcdef0123456789fedcba").answers([line("a", "x")])
    with sqlite3.connect(tmp_path / "answers.sqlite") as connection:
        [(key, model, text, tokens)] = connection.execute("SELECT key, model, text, input_tokens FROM answers")
    assert len(key) == 64 and model == "abcdef0123456789" and json.loads(text) == [-1.0, -2.0, -3.0] and tokens == 1


def test_the_run_as_a_whole_says_what_it_took(tmp_path: Path) -> None:
    decoder = Decoder({"one": [-1.0, -2.0, -3.0], "three": [-2.0, -1.0, -3.0]})
    questions = [line("a", "one"), line("b", "three"), line("c", "one")]
    found = score_here(questions, decoder, "w", tmp_path / "answers.sqlite")
    assert [answer.leaf for answer in found.answers] == ["joy", "awe", "joy"] and found.served_by == ()
    assert found.spent == Spent(input_tokens=3 + 5 + 3, from_cache=1)
    again = score_here(questions, decoder, "w", tmp_path / "answers.sqlite")
    assert again.answers == found.answers and again.spent.from_cache == 3


def test_with_a_real_decoder_the_answer_is_its_likeliest_name(tiny_llama: Path, tmp_path: Path) -> None:
    scorer = ContinuationScorer(tiny_llama)
    allowed = ("好看", "谢谢", "泪目 加油")
    question = line("dm1", "哈哈 → 好看\n谢谢 →", allowed)
    likely, tokens = scorer.log_probabilities(question.messages[0][1], [f" {leaf}\n" for leaf in allowed])
    [answer] = InProcess(scorer.log_probabilities, "w", tmp_path / "answers.sqlite").answers([question])
    assert answer.leaf == allowed[max(range(3), key=likely.__getitem__)] and answer.input_tokens == tokens
    shares = [math.exp(value - max(likely)) for value in likely]
    assert answer.confidence == pytest.approx(1 / sum(shares), abs=2e-6)


def test_a_replay_does_not_even_load_the_weights(tiny_llama: Path, tmp_path: Path) -> None:
    question = line("dm1", "谢谢 →", ("好看", "谢谢"))
    first = InProcess(ContinuationScorer(tiny_llama).log_probabilities, "w", tmp_path / "a.sqlite").answers([question])
    replaying = ContinuationScorer(tiny_llama)
    assert InProcess(replaying.log_probabilities, "w", tmp_path / "a.sqlite").answers([question]) == first
    assert "model" not in vars(replaying)
