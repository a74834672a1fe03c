"""What is joined: silver labels train, and that is all that they do; and no more is read than is needed."""

from collections.abc import Sequence
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.annotation.model.question import Answer
from pipeline.annotation.model.silver import may_be_labelled, silver_labels, training_additions
from pipeline.artifacts.silver import ADDED, ADDED_FILES
from pipeline.artifacts.splits import SPLITS
from pipeline.artifacts.training import Comments, Labelled, comments_around, read_gold, read_labelled
from pipeline.errors import UserError
from pipeline.text.normalisation import normalised
from tests.annotation.model.test_questionnaire import write_rooms
from tests.annotation.model.test_silver import LEAVES, Corpus, corpora, corpus

KINDS = ("gold", "silver", "agreed")


def write_added(added: dict[str, pl.DataFrame]) -> None:
    for name, frame in added.items():
        ADDED_FILES[name].write(frame)


def held_out(data: Labelled) -> list[tuple[object, ...]]:
    return data.held_out().drop("row").rows()


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
        read = {kind: read_labelled(list(LEAVES), kind, 0.25) for kind in KINDS}
    plain = read["gold"].items
    assert plain["comment_id"].to_list() == sorted(gold["comment_id"]) and set(plain["weight"]) <= {1.0}
    texts = dict(comments.select("comment_id", "text").iter_rows())
    for kind in KINDS:
        assert held_out(read[kind]) == held_out(read["gold"])
        items, new = read[kind].items, set(added[kind]["comment_id"])
        assert items["comment_id"].to_list() == sorted({*gold["comment_id"], *new})
        assert items.filter(~pl.col("comment_id").is_in(list(new))).drop("row").equals(plain.drop("row"))
        for row in items.filter(pl.col("comment_id").is_in(list(new))).iter_rows(named=True):
            assert (row["split"], row["weight"]) == ("train", 0.25)
            assert LEAVES[row["target"]] == dict(added[kind].iter_rows())[row["comment_id"]]
            assert read[kind].comments["comment_id"][row["row"]] == row["comment_id"]
        # what is trained on and what is tested on share no text that silver brought in
        brought = {normalised(texts[key]) for key in new}
        assert not brought & {normalised(texts[key]) for key in read[kind].held_out()["comment_id"]}
    train = read["silver"].items.filter(pl.col("split") == "train")
    assert read["silver"].training({}).train.weights.tolist() == train["weight"].to_list()


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
        read_labelled(list(LEAVES), "silver")
    write_added({"silver": additions(x="joy", y="awe")})
    found = read_labelled(list(LEAVES), "silver", 0.3)
    assert found.items.select("comment_id", "split", "target", "row", "weight").rows() == [
        ("a", "train", 0, 0, 1.0),
        ("b", "validation", 1, 1, 1.0),
        ("c", "test", 2, 2, 1.0),
        ("d", "left_out", 0, 3, 1.0),
        ("x", "train", 0, 4, 0.3),
        ("y", "train", 1, 5, 0.3),
    ]
    assert found.training({}).train.weights.tolist() == [1.0, 0.3, 0.3]
    assert found.asked(["test"]).column("comment_id") == ["c"]


def test_a_comment_that_is_added_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_rooms(*handmade())
    write_added({"silver": pl.concat([additions(x="joy"), additions(x="awe")])})
    with pytest.raises(UserError):
        read_labelled(list(LEAVES), "silver")


def test_without_the_file_of_additions_it_is_said_what_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_rooms(*handmade())
    with pytest.raises(UserError, match=r"There is no data/derived/added/agreed.parquet; run `dvc repro silver`"):
        read_labelled(list(LEAVES), "agreed")


def test_only_the_videos_of_labelled_comments_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    comments, gold, splits = handmade()
    further = corpus(("p", "v9", "别的视频"), ("q", None, "没有视频"))
    write_rooms(pl.concat([comments, further]), gold, splits)
    write_added({"gold": additions()})
    read = read_labelled(list(LEAVES))
    # v1, v2 and v3 whole; y, p and q have no label, and are of no video that has one
    assert read.comments["comment_id"].to_list() == ["a", "b", "c", "d", "x", "z"]
    assert comments_around(pl.Series(["y"]))["comment_id"].to_list() == ["y"]


def test_only_the_vectors_that_are_asked_for_are_looked_up_and_each_text_once() -> None:
    seen: list[str] = []

    class Counted:
        embedding = None

        def __call__(self, texts: Sequence[str]) -> np.ndarray:
            seen.extend(texts)
            return np.array([[len(text), ord(text[0])] for text in texts], dtype=np.float32)

    table = corpus(*((f"dm{at}", "v", text) for at, text in enumerate(["好", "好", "来了", "走", "泪目"])))
    comments = Comments(table, np.array([0, 1, 2]), Counted())  # type: ignore[arg-type]
    assert comments.vectors_at(comments.rows).tolist() == [[1, ord("好")], [1, ord("好")], [2, ord("来")]]
    assert seen == ["好", "来了"]


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
            read_labelled(list(LEAVES), "agreed", 0.5)


def test_labels_of_an_earlier_taxonomy_say_what_is_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_rooms(*handmade())
    write_added({"gold": additions(), "silver": additions(x="fun")})
    renamed = ["delight", *LEAVES[1:]]
    for read in (lambda: read_labelled(renamed), lambda: read_gold().targets(renamed)):
        with pytest.raises(UserError, match=r"labels.parquet has the leaf 'joy', .*; run `dvc repro split` first"):
            read()
    with pytest.raises(UserError, match=r"silver.parquet has the leaf 'fun', .*; run `dvc repro silver` first"):
        read_labelled(list(LEAVES), "silver")
