"""The questions of a run, from the files of the stages before: who is asked about, and what nothing rests on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pipeline.annotation.model import questions
from pipeline.annotation.model.annotator import Answered, Spent
from pipeline.annotation.model.outcome import outcome
from pipeline.annotation.model.question import Answer
from pipeline.annotation.model.questions import Questionnaire, read_questionnaire
from pipeline.annotation.model.settings import Silver
from pipeline.annotation.model.silver import drawn, may_be_labelled
from pipeline.annotation.tree.node import Node
from pipeline.annotation.tree.taxonomy import Taxonomy
from pipeline.artifacts.comments import COMMENTS_FILE
from pipeline.artifacts.embeddings import write_embeddings
from pipeline.artifacts.labels import LABELS, LABELS_FILE
from pipeline.artifacts.silver import ADDED
from pipeline.artifacts.splits import SPLITS_FILE
from pipeline.config import read_section
from pipeline.evaluation.splitting import split
from tests.annotation.model.test_silver import LEAVES, Corpus, corpus
from tests.conftest import ROOT

SETTINGS = read_section("silver", Silver, ROOT / "params.yaml")
TAXONOMY = Taxonomy(1, tuple(Node(leaf, f"Is {leaf}.") for leaf in LEAVES))


def labels_of(gold: pl.DataFrame) -> pl.DataFrame:
    """LABELS as the stage writes them, from comment_id and leaf."""
    empty = dict.fromkeys(LABELS)
    rows = [empty | {"comment_id": key, "leaf": leaf, "leaves": [leaf], "source": "gold"} for key, leaf in gold.rows()]
    return pl.DataFrame(rows, schema=LABELS).sort("comment_id")


def write_rooms(comments: pl.DataFrame, gold: pl.DataFrame, splits: pl.DataFrame) -> None:
    """The files of the stages before, in the folder where we are."""
    COMMENTS_FILE.write(comments.sort("comment_id"))
    LABELS_FILE.write(labels_of(gold))
    SPLITS_FILE.write(splits)


def many() -> tuple[Corpus, np.ndarray]:
    """96 comments of 12 videos, two thirds of them gold, with unit vectors that tell little of their leaf."""
    rows = [(f"dm{at:02}", f"v{at % 12}", f"第{at}条") for at in range(96)]
    comments = corpus(*rows)
    generator = np.random.default_rng(5)
    vectors = generator.normal(size=(96, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    gold = pl.DataFrame(
        [(key, LEAVES[int(generator.integers(3))]) for key, _, _ in rows if int(key[2:]) % 3],
        schema=ADDED,
        orient="row",
    )
    return (comments, gold, split(gold.join(comments, on="comment_id"), 0.2, 0.25, 0)), vectors


def write_vectors(comments: pl.DataFrame, vectors: np.ndarray) -> None:
    write_embeddings(comments["text"].to_list(), vectors)


def silver(**changes: object) -> Silver:
    return SETTINGS.model_copy(update={"annotator": "in-process", "comments": 0, "check": 0} | changes)


def by_number(questionnaire: Questionnaire) -> tuple[Answer, ...]:
    """The answers of an annotator who goes by the comments' numbers."""
    return tuple(
        Answer(question.comment_id, leaf := LEAVES[int(question.comment_id[2:]) % 3], (leaf,), 0.5, leaf, "", 1, 1)
        for question in questionnaire.questions
    )


@pytest.mark.parametrize("annotator", ["in-process", "server"])
def test_the_questions_know_nothing_of_the_test_set(
    annotator: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (comments, gold, splits), vectors = many()
    write_rooms(comments, gold, splits)
    write_vectors(comments, vectors)
    before = read_questionnaire(TAXONOMY, silver(annotator=annotator))
    sides = dict(splits.select("comment_id", "split").iter_rows())
    # those to check are of validation, and come first; those to label are all that may be
    checked = [question.comment_id for question in before.questions[: before.checked]]
    assert {sides[key] for key in checked} == {"validation"} and before.check.gold.keys() == set(checked)
    rest = [question.comment_id for question in before.questions[len(checked) :]]
    assert sorted(rest) == may_be_labelled(comments, splits)["comment_id"].to_list() and len(rest) > 5
    assert before.may_be_labelled == len(rest)
    # a decoder continues a text, a server is sent a chat
    roles = {tuple(role for role, _ in question.messages) for question in before.questions}
    assert roles == {("text",) if annotator == "in-process" else ("system", "user")}
    # neither the test set's leaves nor its texts are in what is asked
    side = pl.col("comment_id").replace_strict(sides, default=None)
    other = pl.when(side == "test").then(pl.lit("worry")).otherwise("leaf").alias("leaf")
    texts = pl.when(side == "test").then(pl.col("text") + "！换了").otherwise("text").alias("text")
    changed, rewritten = gold.with_columns(other), comments.with_columns(texts)
    assert not changed.equals(gold) and not rewritten.equals(comments)
    write_rooms(rewritten, changed, splits)
    write_vectors(rewritten, vectors)
    assert read_questionnaire(TAXONOMY, silver(annotator=annotator)) == before
    # and the examples are of the training set alone
    train = {f'"{row["text"]}" → {row["leaf"]}' for row in
             gold.join(comments, on="comment_id").filter(side == "train").iter_rows(named=True)}  # fmt: skip
    lines = {line for question in before.questions for line in question.messages[-1][1].splitlines()}
    shown = {line for line in lines if line.endswith(LEAVES) and "→" in line}
    assert shown and shown <= train


def test_the_student_is_trained_on_gold_of_training_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A student that saw silver labels, or test, would confirm its own."""
    monkeypatch.chdir(tmp_path)
    (comments, gold, splits), vectors = many()
    write_rooms(comments, gold, splits)
    write_vectors(comments, vectors)
    seen = []

    def student(train: tuple[np.ndarray, list[str]], validation: object, leaves: list[str]) -> object:
        seen.append(train)
        return lambda asked: ["joy"] * len(asked)

    monkeypatch.setattr(questions, "student", student)
    read_questionnaire(TAXONOMY, silver())
    train = gold.join(splits.filter(pl.col("split") == "train"), on="comment_id").sort("comment_id")
    [(learnt, leaves)] = seen
    assert leaves == train["leaf"].to_list()
    np.testing.assert_array_equal(learnt, vectors[[int(key[2:]) for key in train["comment_id"]]])


def test_the_check_comes_first_and_a_budget_that_ends_within_it_leaves_no_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (comments, gold, splits), vectors = many()
    write_rooms(comments, gold, splits)
    write_vectors(comments, vectors)
    settings = silver(comments=7, check=4)
    questionnaire = read_questionnaire(TAXONOMY, settings)
    assert (questionnaire.checked, len(questionnaire.questions)) == (4, 11)
    answers = by_number(questionnaire)
    labels, summary = outcome(questionnaire, Answered(answers, Spent(), ("m",)), settings, LEAVES)
    free = may_be_labelled(comments, splits)["comment_id"].to_list()
    assert set(labels["comment_id"]) == set(drawn(free, 7, settings.seed))
    assert (summary.labelled, summary.kept, summary.unanswered, summary.left_for_budget) == (7, 7, 0, 0)
    assert summary.agreed == sum(
        leaf == questionnaire.check.student[key] for key, leaf in labels.select("comment_id", "leaf").iter_rows()
    )
    assert (summary.annotator, summary.model, summary.served_by) == ("in-process", settings.model, ("m",))
    assert summary.may_be_labelled == len(free) and summary.quality is not None
    assert (summary.quality.checked, summary.quality.agreement.total) == (4, 4)
    # one is not answered, one lies below the least confidence
    some = (*answers[:4], replace(answers[4], leaf=None, leaves=()), replace(answers[5], confidence=0.1), *answers[6:])
    sure = settings.model_copy(update={"minimum_confidence": 0.3})
    _, summary = outcome(questionnaire, Answered(some, Spent()), sure, LEAVES)
    assert (summary.labelled, summary.kept, summary.unanswered) == (6, 5, 1)
    labels, summary = outcome(questionnaire, Answered(answers[:2], Spent()), settings, LEAVES)
    assert labels.is_empty() and (summary.labelled, summary.left_for_budget) == (0, 9)
    assert summary.quality is not None and summary.quality.checked == 2
