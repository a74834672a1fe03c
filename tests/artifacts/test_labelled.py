"""Silver labels train, and that is all that they do: through the files, as the stages hand them on."""

from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.annotation.model.question import Answer
from pipeline.annotation.model.silver import drawn, may_be_labelled, silver_labels, training_additions
from pipeline.annotation.model.survey import Answered
from pipeline.artifacts.comments import COMMENTS
from pipeline.artifacts.labelled import Labelled, read_labelled, with_added
from pipeline.artifacts.labels import LABELS
from pipeline.artifacts.paths import COMMENTS_FILE, EMBEDDINGS_FILE, LABELS_FILE, SILVER_FILE, SPLITS_FILE, added_file
from pipeline.artifacts.silver import ADDED, SILVER_LABELS
from pipeline.artifacts.splits import SPLITS
from pipeline.config import load_params
from pipeline.errors import UserError
from pipeline.evaluation.splitting import split
from pipeline.files import read_json, read_parquet, write_parquet, write_text
from pipeline.settings import Params
from pipeline.stages import silver as silver_stage
from pipeline.stages import survey as survey_stage
from pipeline.stages.survey import Asked, read_survey
from pipeline.text import embedding as embeddings
from pipeline.text.normalisation import normalised
from tests.annotation.model.test_silver import LEAVES, Corpus, corpora, corpus
from tests.conftest import ROOT

PARAMS = load_params(ROOT / "params.yaml")
TREE = "version: 1\nnodes:\n" + "".join(f"  - {{name: {leaf}, definition: 'Is {leaf}.'}}\n" for leaf in LEAVES)
KINDS = ("gold", "silver", "agreed")


def labels_of(gold: pl.DataFrame) -> pl.DataFrame:
    """LABELS as the stage writes them, from comment_id and leaf."""
    empty = dict.fromkeys(LABELS)
    rows = [empty | {"comment_id": key, "leaf": leaf, "leaves": [leaf], "source": "gold"} for key, leaf in gold.rows()]
    return pl.DataFrame(rows, schema=LABELS).sort("comment_id")


def write_rooms(comments: pl.DataFrame, gold: pl.DataFrame, splits: pl.DataFrame) -> None:
    """The files of the stages before, in the folder where we are."""
    write_text(TREE, Path(PARAMS.data.taxonomy))
    write_parquet(comments.sort("comment_id"), COMMENTS_FILE, COMMENTS)
    write_parquet(labels_of(gold), LABELS_FILE, LABELS)
    write_parquet(splits, SPLITS_FILE, SPLITS)


def write_added(added: dict[str, pl.DataFrame]) -> None:
    for name, frame in added.items():
        write_parquet(frame, added_file(name), ADDED)


def held_out(data: Labelled) -> list[tuple[object, ...]]:
    return data.predicted().rows()


@given(corpora(), st.data())
@settings(max_examples=40, deadline=None)
def test_added_items_train_and_validation_and_test_stay_as_they_are(found: Corpus, data: st.DataObject) -> None:
    comments, gold, splits = found
    free = may_be_labelled(comments, splits)["comment_id"].to_list()
    leaf = st.sampled_from(LEAVES)
    answers = [Answer(key, name := data.draw(leaf), (name,), None, "", "", 1, 1) for key in free]
    added = training_additions(silver_labels(answers, {key: data.draw(leaf) for key in free}, 0.0))
    with TemporaryDirectory(prefix="siltest-") as folder, chdir(folder):
        write_rooms(comments, gold, splits)
        write_added(added)
        read = {kind: read_labelled(PARAMS, kind, 0.25) for kind in KINDS}
    plain = read["gold"].items
    assert plain["comment_id"].to_list() == sorted(gold["comment_id"]) and set(plain["weight"]) <= {1.0}
    texts = dict(comments.select("comment_id", "text").iter_rows())
    for kind in KINDS:
        assert held_out(read[kind]) == held_out(read["gold"])
        items, new = read[kind].items, set(added[kind]["comment_id"])
        assert items["comment_id"].to_list() == sorted({*gold["comment_id"], *new})
        assert items.filter(~pl.col("comment_id").is_in(list(new))).equals(plain)
        for row in items.filter(pl.col("comment_id").is_in(list(new))).iter_rows(named=True):
            assert (row["split"], row["weight"]) == ("train", 0.25)
            assert LEAVES[row["target"]] == dict(added[kind].iter_rows())[row["comment_id"]]
            assert read[kind].comments["comment_id"][row["row"]] == row["comment_id"]
        # what is trained on and what is tested on share no text that silver brought in
        brought = {normalised(texts[key]) for key in new}
        assert not brought & {normalised(texts[key]) for key in read[kind].predicted()["comment_id"]}
    assert read["silver"].train_weights().tolist() == read["silver"].part("train")["weight"].to_list()


def handmade() -> Corpus:
    """Four gold comments, one of each side, and three that nobody labelled."""
    rows = [("a", "v1", "好看"), ("b", "v2", "来了"), ("c", "v3", "泪目"), ("d", "v3", "第一")]
    comments = corpus(*rows, ("x", "v1", "完了"), ("y", None, "冲"), ("z", "v3", "走"))
    gold = pl.DataFrame([("a", "joy"), ("b", "awe"), ("c", "worry"), ("d", "joy")], schema=ADDED, orient="row")
    sides = [("a", "train"), ("b", "validation"), ("c", "test"), ("d", "left_out")]
    splits = pl.DataFrame([(*row, "") for row in sides], schema=SPLITS, orient="row")
    return comments, gold, splits


def additions(**leaves: str) -> pl.DataFrame:
    return pl.DataFrame(list(leaves.items()), schema=ADDED, orient="row")


@pytest.mark.parametrize("key", ["a", "b", "c", "d"])
def test_an_added_comment_with_a_gold_label_is_refused_whatever_its_side(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_rooms(*handmade())
    write_added({"silver": additions(x="joy", **{key: "joy"})})
    with pytest.raises(UserError, match="comments that have a gold label; run `dvc repro silver`"):
        read_labelled(PARAMS, "silver")
    write_added({"silver": additions(x="joy", y="awe")})
    found = read_labelled(PARAMS, "silver", 0.3)
    assert found.items.rows() == [
        ("a", "train", 0, 0, 1.0),
        ("b", "validation", 1, 1, 1.0),
        ("c", "test", 2, 2, 1.0),
        ("d", "left_out", 0, 3, 1.0),
        ("x", "train", 0, 4, 0.3),
        ("y", "train", 1, 5, 0.3),
    ]
    assert found.train_weights().tolist() == [1.0, 0.3, 0.3] and found.at("test").tolist() == [2]


def test_a_comment_that_is_added_twice_is_refused() -> None:
    comments, _, _ = handmade()
    none = pl.DataFrame(
        schema={"comment_id": pl.String, "split": pl.String, "leaf": pl.String, "row": pl.UInt32, "weight": pl.Float64}
    )
    twice = pl.concat([additions(x="joy"), additions(x="awe")])
    with pytest.raises(UserError):
        with_added(none, twice, comments, 1.0)


def test_without_the_file_of_additions_it_is_said_what_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_rooms(*handmade())
    with pytest.raises(UserError, match=r"There is no data/derived/added/agreed.parquet; run `dvc repro`"):
        read_labelled(PARAMS, "agreed")


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
    frame = pl.DataFrame({"text": comments["text"], "vector": vectors}, schema=embeddings.schema(vectors.shape[1]))
    write_parquet(frame, EMBEDDINGS_FILE, embeddings.schema(vectors.shape[1]))


def with_silver(**changes: object) -> Params:
    how = PARAMS.silver.model_copy(update={"annotator": "in-process", "comments": 0, "check": 0} | changes)
    return PARAMS.model_copy(update={"silver": how})


@pytest.mark.parametrize("annotator", ["in-process", "server"])
def test_the_questions_know_nothing_of_the_test_set(
    annotator: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (comments, gold, splits), vectors = many()
    write_rooms(comments, gold, splits)
    write_vectors(comments, vectors)
    before = read_survey(with_silver(annotator=annotator))
    sides = dict(splits.select("comment_id", "split").iter_rows())
    # those to check are of validation, and come first; those to label are all that may be
    checked = [question.comment_id for question in before.questions[: len(before.check.gold)]]
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
    assert read_survey(with_silver(annotator=annotator)) == before
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

    monkeypatch.setattr(survey_stage, "student", student)
    read_survey(with_silver())
    train = gold.join(splits.filter(pl.col("split") == "train"), on="comment_id").sort("comment_id")
    [(learnt, leaves)] = seen
    assert leaves == train["leaf"].to_list()
    np.testing.assert_array_equal(learnt, vectors[[int(key[2:]) for key in train["comment_id"]]])


def run_silver(params: Params, monkeypatch: pytest.MonkeyPatch, cut: int | None = None) -> Asked:
    """The silver stage with an annotator that answers by the comment's number; `cut` answers are all that it gives."""
    asked: list[Asked] = []

    def answers(found: Asked, _: Params) -> Answered:
        asked.append(found)
        given = [
            Answer(q.comment_id, leaf := LEAVES[int(q.comment_id[2:]) % 3], (leaf,), 0.5, leaf, "", 1, 1)
            for q in found.questions
        ]
        return Answered(given[:cut], {"input_tokens": 1}, ("a model",))

    monkeypatch.setattr(silver_stage, "load_params", lambda: params)
    monkeypatch.setattr(silver_stage, "answers", answers)
    silver_stage.silver()
    return asked[0]


def test_the_stage_writes_labels_that_train_and_says_how_good_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (comments, gold, splits), vectors = many()
    write_rooms(comments, gold, splits)
    write_vectors(comments, vectors)
    asked = run_silver(with_silver(comments=7, check=4), monkeypatch)
    free = may_be_labelled(comments, splits)["comment_id"].to_list()
    silver = read_parquet(SILVER_FILE, SILVER_LABELS)
    assert set(silver["comment_id"]) == set(drawn(free, 7, PARAMS.silver.seed)) and set(silver["source"]) == {"llm"}
    student, right = asked.check.student, asked.check.gold
    read = {kind: read_labelled(PARAMS, kind, 0.3) for kind in KINDS}
    assert held_out(read["silver"]) == held_out(read["agreed"]) == held_out(read["gold"])
    new = {kind: set(read[kind].items["comment_id"]) - set(gold["comment_id"]) for kind in KINDS}
    assert new["gold"] == set() and new["silver"] == set(silver["comment_id"])
    assert new["agreed"] == {key for key in new["silver"] if student[key] == LEAVES[int(key[2:]) % 3]}
    summary = read_json(Path("data/derived/silver.json"))
    assert (summary["labelled"], summary["left_for_budget"], summary["quality"]["checked"]) == (7, 0, 4)
    hits = sum(LEAVES[int(key[2:]) % 3] == leaf for key, leaf in right.items())
    assert summary["quality"]["agreement"]["hits"] == hits
    # a budget that ends within the check leaves no labels, and that is no fault
    run_silver(with_silver(comments=7, check=4), monkeypatch, cut=2)
    summary = read_json(Path("data/derived/silver.json"))
    assert (summary["labelled"], summary["left_for_budget"], summary["quality"]["checked"]) == (0, 9, 2)
    assert read_labelled(PARAMS, "silver").items.equals(read["gold"].items)


def test_without_an_annotator_every_training_set_is_gold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    comments, gold, splits = handmade()
    write_rooms(comments, gold, splits)
    monkeypatch.setattr(silver_stage, "load_params", lambda: with_silver(annotator="none"))
    silver_stage.silver()
    found = [read_labelled(PARAMS, kind).items for kind in KINDS]
    assert found[0].equals(found[1]) and found[0].equals(found[2]) and len(found[0]) == len(gold)


@given(corpora(), st.sampled_from(LEAVES), st.data())
@settings(max_examples=25, deadline=None)
def test_any_overlap_with_gold_is_refused(found: Corpus, leaf: str, data: st.DataObject) -> None:
    comments, gold, splits = found
    assume(len(gold))
    wrong = data.draw(st.sampled_from(gold["comment_id"].to_list()))
    with TemporaryDirectory(prefix="siltest-") as folder, chdir(folder):
        write_rooms(comments, gold, splits)
        write_added({"agreed": additions(**{wrong: leaf})})
        with pytest.raises(UserError, match="have a gold label"):
            read_labelled(PARAMS, "agreed", 0.5)
