"""`danmu annotate export` in a small project: what it writes, what it prints, and what it refuses."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pipeline.artifacts.embeddings import write_embeddings
from pipeline.artifacts.labels import LABELS
from pipeline.artifacts.splits import SPLITS
from pipeline.files import write_parquet
from tests.cli.project import LEAVES, ROWS, TREE, Danmu, batch, ids, written
from tests.conftest import ROOT


def test_a_random_batch_holds_what_nobody_has_labelled(danmu: Danmu) -> None:
    said = danmu("annotate", "export", "-o", "out", "--size", 12)
    assert said.status == 0 and said.out.startswith("12 comments in out/batch.csv\nGive every annotator a copy")
    assert "not like the corpus" not in said.out
    found = ids("out")
    assert len(found) == len(set(found)) == 12 and not {"dm00", "dm10"} & set(found)
    for line in batch("out"):
        at = int(line["comment_id"][2:])
        assert line["text"] == ROWS[at][2]
        # three on either side, of the same video
        around = [ROWS[other][2] for other in range(at // 10 * 10, at // 10 * 10 + 10)]
        place = at % 10
        assert line["before"] == " / ".join(around[max(0, place - 3) : place])
        assert line["after"] == " / ".join(around[place + 1 : place + 4])


def test_the_seed_decides_and_context_and_size_are_as_asked(danmu: Danmu) -> None:
    for out, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert danmu("annotate", "export", "-o", out, "--size", 9, "--seed", seed, "--context", 0).status == 0
    assert ids("a") == ids("b") != ids("c")
    assert {line["before"] + line["after"] for line in batch("a")} == {""}


def test_more_than_there_are_is_all_that_there_are_as_they_occur(danmu: Danmu) -> None:
    assert danmu("annotate", "export", "-o", "out", "--size", 999).out.startswith("28 comments in")
    assert sorted(ids("out")) == sorted({key for key, _, _ in ROWS} - {"dm00", "dm10"})
    Path("data/annotations/round-1/anna.csv").write_text("comment_id,labels\ndm10,awe\n", encoding="utf-8")
    assert danmu("annotate", "export", "-o", "again", "--size", 999).out.startswith("29 comments in")
    assert {"dm00", "dm19"} <= set(ids("again"))  # which say the same
    assert danmu("annotate", "export", "-o", "picked", "--size", 999, "--sampling", "stratified").status == 0
    assert "dm00" in ids("picked") and "dm19" not in ids("picked")  # of what is picked, one of each text


@pytest.mark.parametrize("sampling", ["uncertainty", "disagreement", "stratified"])
def test_what_is_picked_may_train_and_what_is_random_is_like_the_corpus(danmu: Danmu, sampling: str) -> None:
    write_learnt()
    picked = ["annotate", "export", "--size", 99, "--sampling", sampling]
    hold_out("v1", "validation")
    assert danmu(*picked, "-o", "out").status == 0
    # dm09 is of a video with a comment in test
    assert set(ids("out")) == {f"dm{at}" for at in range(20, 30)}
    danmu("annotate", "export", "-o", "random", "--size", 99)
    assert len(ids("random")) == 21
    hold_out("v1", "validation", "v2", "test")
    said = danmu(*picked, "-o", "none")
    assert said.status == 2 and "where what is picked could not train; collect more, or sample at random" in said.err


def hold_out(*sides: str) -> None:
    """Put the first comment of these videos, each followed by its part, into the labels and the split."""
    splits = pl.read_parquet("data/derived/splits.parquet")
    labels = pl.read_parquet("data/derived/labels.parquet").head(9)
    keys = [(f"dm{video[1]}1", part, f"video {video}") for video, part in zip(sides[::2], sides[1::2], strict=True)]
    both = pl.concat([splits.head(9), pl.DataFrame(keys, schema=SPLITS, orient="row")])
    write_parquet(both, Path("data/derived/splits.parquet"), SPLITS)
    more = [dict.fromkeys(LABELS) | {"comment_id": key, "leaf": "joy"} for key, _, _ in keys]
    write_parquet(pl.concat([labels, pl.DataFrame(more, schema=LABELS)]), Path("data/derived/labels.parquet"), LABELS)


def test_a_batch_before_anybody_labelled_anything(danmu: Danmu) -> None:
    Path("data/annotations/round-1/anna.csv").unlink()
    assert danmu("annotate", "export", "-o", "out", "--size", 5).status == 0 and len(ids("out")) == 5
    Path("data/annotations/round-1").rmdir()
    Path("data/annotations").rmdir()
    assert danmu("annotate", "export", "-o", "other", "--size", 5).status == 0 and ids("other") == ids("out")


def test_stratified_by_video_has_as_many_of_each_and_says_that_it_is_not_like_the_corpus(danmu: Danmu) -> None:
    said = danmu("annotate", "export", "-o", "out", "--size", 9, "--sampling", "stratified")
    assert said.status == 0 and "This batch is not like the corpus" in said.out and "train_only_rounds" in said.out
    videos = [f"v{int(key[2:]) // 10}" for key in ids("out")]
    assert all(sorted(videos[at : at + 3]) == ["v0", "v1", "v2"] for at in (0, 3, 6))


@pytest.mark.parametrize("ways", [["uncertainty"], ["disagreement"], ["stratified", "--by", "leaf"]], ids=str)
def test_what_goes_by_a_model_says_what_it_needs(danmu: Danmu, ways: list[str]) -> None:
    said = danmu("annotate", "export", "-o", "out", "--sampling", *ways)
    assert said.status == 2 and said.out == ""
    assert said.err.startswith("danmu: There is no data/derived/labels.parquet, which this sampling goes by; run `dvc")
    assert not Path("out").exists()


def write_learnt(shift: float = 0.0, left_out: str = "") -> None:
    """Labels of the first video's first nine comments, and vectors that say: the leaf is the number modulo 3."""
    targets = [at % 3 for at in range(30)]
    empty = dict.fromkeys(LABELS)
    rows = [empty | {"comment_id": f"dm{at:02}", "leaf": LEAVES[targets[at]]} for at in range(9)]
    write_parquet(pl.DataFrame(rows, schema=LABELS), Path("data/derived/labels.parquet"), LABELS)
    sides = [(f"dm{at:02}", "test" if at >= 6 else "train", "video v0") for at in range(9)]
    write_parquet(pl.DataFrame(sides, schema=SPLITS, orient="row"), Path("data/derived/splits.parquet"), SPLITS)
    # the higher the number, the nearer to the middle between the leaves
    vectors = np.eye(3)[targets] * (1.5 - np.arange(30)[:, None] / 30) + shift * np.eye(3)[[0]]
    row_of = {text: row for row, (_, _, text) in reversed(list(enumerate(ROWS))) if text != left_out}
    write_embeddings(list(row_of), vectors[list(row_of.values())])
    written("data/annotations/round-1/anna.csv", "comment_id,labels\n" + "".join(f"dm{a:02},joy\n" for a in range(9)))


def test_where_a_model_is_least_sure_comes_first(danmu: Danmu) -> None:
    write_learnt()
    said = danmu("annotate", "export", "-o", "out", "--size", 6, "--sampling", "uncertainty")
    assert said.status == 0 and "This batch is not like the corpus" in said.out
    # the numbers from 24 on lie nearest to the middle: two of each leaf
    assert set(ids("out")) == {f"dm{at}" for at in range(24, 30)}


def test_stratified_by_leaf_has_as_many_as_the_model_expects_of_each(danmu: Danmu) -> None:
    write_learnt()
    assert danmu("annotate", "export", "-o", "out", "--size", 9, "--sampling", "stratified", "--by", "leaf").status == 0
    leaves = [int(key[2:]) % 3 for key in ids("out")]
    # dm19 has the text, and the vector, of dm00
    leaves = [0 if key == "dm19" else leaf for key, leaf in zip(ids("out"), leaves, strict=True)]
    assert all(sorted(leaves[at : at + 3]) == [0, 1, 2] for at in (0, 3, 6))


def test_disagreement_is_drawn_by_a_committee_and_is_the_same_again(danmu: Danmu) -> None:
    write_learnt()
    for out in ("a", "b"):
        assert danmu("annotate", "export", "-o", out, "--size", 5, "--sampling", "disagreement").status == 0
    assert ids("a") == ids("b") and len(ids("a")) == 5


@pytest.mark.parametrize("sampling", ["uncertainty", "stratified"])
@pytest.mark.parametrize("part", ["test", "validation"])
def test_the_labels_of_what_is_scored_or_chosen_by_decide_nothing(danmu: Danmu, sampling: str, part: str) -> None:
    write_learnt()
    splits = pl.read_parquet("data/derived/splits.parquet").with_columns(pl.col("split").replace("test", part))
    write_parquet(splits, Path("data/derived/splits.parquet"), SPLITS)
    ways = ["--size", 9, "--sampling", sampling, "--by", "leaf"]
    danmu("annotate", "export", "-o", "before", *ways)
    labels = pl.read_parquet("data/derived/labels.parquet")
    tested = pl.col("comment_id") >= "dm06"
    changed = labels.with_columns(leaf=pl.when(tested).then(pl.lit("worry")).otherwise("leaf"))
    assert not changed.equals(labels)
    write_parquet(changed, Path("data/derived/labels.parquet"), LABELS)
    danmu("annotate", "export", "-o", "after", *ways)
    assert ids("after") == ids("before")


def test_embeddings_of_an_older_corpus_are_not_taken_for_this_ones(danmu: Danmu) -> None:
    """After `dvc repro parse` with new files, some texts have no vector yet."""
    write_learnt(left_out="第25条")
    said = danmu("annotate", "export", "-o", "out", "--size", 29, "--sampling", "uncertainty")
    assert said.status == 2 and "dvc repro" in said.err


@pytest.mark.parametrize(
    ("tool", "files", "next_"),
    [
        ("csv", ["batch.csv"], "danmu annotate import anna.csv ben.csv --round N"),
        ("label-studio", ["configuration.xml", "tasks.json"], "danmu annotate import export.json --round N"),
        ("doccano", ["batch.jsonl", "labels.json"], "danmu annotate import anna.jsonl ben.jsonl --round N"),
    ],
)
def test_a_batch_for_each_tool_says_what_to_do_next(danmu: Danmu, tool: str, files: list[str], next_: str) -> None:
    said = danmu("annotate", "export", "-o", "out", "--size", 4, "--to", tool)
    assert said.status == 0 and next_ in said.out and said.out.startswith("4 comments in out/")
    assert sorted(file.name for file in Path("out").iterdir()) == files
    again = danmu("annotate", "export", "-o", "out", "--to", tool)
    assert again.status == 2 and "is there already; name another folder with -o" in again.err


ADDING = """
from pipeline.annotation.exchange.tools import TOOLS
from pipeline.annotation.exchange.tool import Tool
from pipeline.annotation.rounds.sampling import STRATEGIES, Strategy

STRATEGIES["last"] = Strategy("last", lambda pool, by, size, seed: list(range(len(pool.videos)))[-size:])
batch = lambda items, taxonomy: {"ids.txt": "".join(item.comment_id + " " for item in items)}
TOOLS["list"] = Tool("list", "a list", (".txt",), "Read it.", batch, lambda file: False, lambda file, taxonomy: [])

from pipeline.cli.main import main
main()
"""


def test_a_new_strategy_and_a_new_tool_are_offered_without_another_change(project: Path) -> None:
    command = [sys.executable, "-c", ADDING, "annotate", "export", "-o", "out", "--size", "3"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [*command, "--sampling", "last", "--to", "list"], capture_output=True, text=True, env=environment
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("3 comments in out/ids.txt\nRead it.\nThis batch is not like the corpus")
    assert Path("out/ids.txt").read_text() == "dm27 dm28 dm29 "


def test_a_list_of_ids_is_taken_in_its_order_and_labelled_ones_too(danmu: Danmu) -> None:
    written("issues.csv", "rank,comment_id,text\n1,dm21,x\n2,dm00,x\n3,dm21,x\n4,dm05,x\n")
    said = danmu("annotate", "export", "-o", "out", "--ids", "issues.csv", "--size", 2)
    assert said.status == 0 and ids("out") == ["dm21", "dm00"] and "not like the corpus" not in said.out
    danmu("annotate", "export", "-o", "all", "--ids", "issues.csv")
    assert ids("all") == ["dm21", "dm00", "dm05"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("comment_id\ndm99\n", "names no comment of data/derived/comments.parquet as dm99"),
        ("comment_id\n", "names no comment of data/derived/comments.parquet as comment_id"),
        ("id\ndm01\n", "comment_id"),  # what is missing is the column
        ("", "comment_id"),
        ("comment_id,text\ndm01,哈\n".encode("gb18030"), "is not in UTF-8"),
    ],
)
def test_a_list_that_names_nothing_is_refused_with_a_sentence(
    danmu: Danmu, content: str | bytes, complaint: str
) -> None:
    written("issues.csv", content)
    said = danmu("annotate", "export", "-o", "out", "--ids", "issues.csv")
    assert said.status == 2 and said.err.startswith("danmu: issues.csv") and complaint in said.err
    assert " as None" not in said.err and not Path("out").exists()


@pytest.mark.parametrize(
    ("missing", "arguments", "complaint"),
    [
        ("params.yaml", ["export", "-o", "out"], "There is no params.yaml"),
        ("data/taxonomy.yaml", ["export", "-o", "out"], "There is no data/taxonomy.yaml"),
        (
            "data/derived/comments.parquet",
            ["export", "-o", "out"],
            "comments.parquet; run `dvc repro parse` to make it",
        ),
        ("data/derived/comments.parquet", ["import", "anna.csv", "--round", "2"], "run `dvc repro parse` to make it"),
        ("anna.csv", ["import", "anna.csv", "--round", "2"], "There is no file anna.csv; correct its name."),
        ("none.csv", ["export", "-o", "out", "--ids", "none.csv"], "There is no file none.csv; correct its name"),
    ],
)
def test_what_is_missing_is_named(danmu: Danmu, missing: str, arguments: list[str], complaint: str) -> None:
    written("anna.csv", "comment_id,labels\ndm01,joy\n")
    Path(missing).unlink(missing_ok=True)
    said = danmu("annotate", *arguments)
    assert said.status == 2 and said.err.startswith("danmu: ") and complaint in said.err
    assert not Path("out").exists() and not Path("data/annotations/round-2").exists()


def test_when_all_is_labelled_it_is_said(danmu: Danmu) -> None:
    written("data/annotations/round-1/anna.csv", "comment_id,labels\n" + "".join(f"{key},joy\n" for key, _, _ in ROWS))
    said = danmu("annotate", "export", "-o", "out")
    assert said.status == 2 and "is in a round already; collect more, or name some with --ids" in said.err


@pytest.mark.parametrize("ways", [["uncertainty"], ["disagreement"], ["stratified", "--by", "leaf"]], ids=str)
def test_a_leaf_that_was_renamed_after_the_run_says_what_is_to_run_again(danmu: Danmu, ways: list[str]) -> None:
    write_learnt()
    renamed = TREE.replace("name: joy", "name: delight").replace("nodes:", "formerly: {0: {joy: delight}}\nnodes:")
    written("data/taxonomy.yaml", renamed)
    said = danmu("annotate", "export", "-o", "out", "--sampling", *ways)
    assert said.status == 2 and said.out == "" and not Path("out").exists()
    assert said.err.startswith("danmu: data/derived/labels.parquet has the leaf 'joy', which the taxonomy has not")
    assert "run `dvc repro embed split` first" in said.err


def test_a_list_that_a_spreadsheet_saved_is_read(danmu: Danmu) -> None:
    written("issues.csv", "\ufeffrank,comment_id,text,,\r\n1,dm21,'=1+1,,\r\n,,,,\r\n2,dm05,x,,\r\n,,,,\r\n")
    assert danmu("annotate", "export", "-o", "out", "--ids", "issues.csv").status == 0
    assert ids("out") == ["dm21", "dm05"]
