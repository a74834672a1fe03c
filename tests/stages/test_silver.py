"""The stage `silver` as a whole, with an annotator that answers by rule."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from pipeline.annotation.model.annotator import Answered, Spent
from pipeline.annotation.model.question import Answer
from pipeline.annotation.model.silver import drawn, may_be_labelled
from pipeline.artifacts.silver import SILVER_FILE, SILVER_SUMMARY_FILE
from pipeline.artifacts.training import read_labelled
from pipeline.config import read_params
from pipeline.files import write_text
from pipeline.stages import silver as stage
from tests.annotation.model.test_questionnaire import many, write_rooms, write_vectors
from tests.annotation.model.test_silver import LEAVES
from tests.conftest import ROOT

TREE = "version: 1\nnodes:\n" + "".join(f"  - {{name: {leaf}, definition: 'Is {leaf}.'}}\n" for leaf in LEAVES)
KINDS = ("gold", "silver", "agreed")


def write_params(**changes: object) -> None:
    """params.yaml and the taxonomy that it names, in the folder where we are."""
    params = read_params(ROOT / "params.yaml")
    params["silver"] |= {"annotator": "in-process", **changes}
    with Path("params.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(params, file)
    write_text(TREE, Path(params["data"]["taxonomy"]))


def run_silver(monkeypatch: pytest.MonkeyPatch, cut: int | None = None) -> None:
    """The stage with an annotator that answers by the comment's number; `cut` answers are all that it gives."""

    def answers(questions: object, *_: object) -> Answered:
        given = [
            Answer(q.comment_id, leaf := LEAVES[int(q.comment_id[2:]) % 3], (leaf,), 0.5, leaf, "", 1, 1)
            for q in questions  # type: ignore[attr-defined]
        ]
        return Answered(tuple(given[:cut]), Spent(input_tokens=1), ("a model",))

    monkeypatch.setattr(stage, "answers", answers)
    stage.silver()


def test_the_stage_writes_labels_that_train_and_says_how_good_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (comments, gold, splits), vectors = many()
    write_params(comments=7, check=4)
    write_rooms(comments, gold, splits)
    write_vectors(comments, vectors)
    run_silver(monkeypatch)
    free = may_be_labelled(comments, splits)["comment_id"].to_list()
    silver = SILVER_FILE.read()
    seed = read_params()["silver"]["seed"]
    assert set(silver["comment_id"]) == set(drawn(free, 7, seed)) and set(silver["source"]) == {"llm"}
    read = {kind: read_labelled(list(LEAVES), kind, 0.3) for kind in KINDS}
    held_out = [read[kind].held_out().drop("row").rows() for kind in KINDS]
    assert held_out[0] == held_out[1] == held_out[2]
    new = {kind: set(read[kind].items["comment_id"]) - set(gold["comment_id"]) for kind in KINDS}
    assert new["gold"] == set() and new["silver"] == set(silver["comment_id"])
    student = dict(silver.select("comment_id", "student_leaf").iter_rows())
    assert new["agreed"] == {key for key in new["silver"] if student[key] == LEAVES[int(key[2:]) % 3]}
    summary = SILVER_SUMMARY_FILE.read()
    assert summary.quality is not None
    assert (summary.labelled, summary.left_for_budget, summary.quality.checked) == (7, 0, 4)
    # a budget that ends within the check leaves no labels, and that is no fault
    run_silver(monkeypatch, cut=2)
    summary = SILVER_SUMMARY_FILE.read()
    assert summary.quality is not None
    assert (summary.labelled, summary.left_for_budget, summary.quality.checked) == (0, 9, 2)
    assert read_labelled(list(LEAVES), "silver").items.equals(read["gold"].items)


def test_without_an_annotator_every_training_set_is_gold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (comments, gold, splits), _ = many()
    write_params(annotator="none")
    write_rooms(comments, gold, splits)
    stage.silver()
    items = [read_labelled(list(LEAVES), kind).items for kind in KINDS]
    assert items[0].equals(items[1]) and items[0].equals(items[2]) and len(items[0]) == len(gold)
