"""The commands in a small project of their own: what they write, what they print, and what they refuse."""

import csv
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from pipeline.annotation.rounds.ratings import Annotation
from pipeline.annotation.rounds.reading import read_rounds
from pipeline.annotation.tree.taxonomy import load_taxonomy
from pipeline.artifacts.comments import COMMENTS
from pipeline.artifacts.labels import LABELS
from pipeline.artifacts.splits import SPLITS
from pipeline.cli import main as cli
from pipeline.files import write_parquet
from pipeline.text import embedding as embeddings
from tests.annotation.model.test_silver import corpus
from tests.conftest import ROOT

LEAVES = ("joy", "awe", "worry")
TREE = "version: 1\nnodes:\n" + "".join(
    f"  - {{name: {leaf}, definition: 'Is {leaf}.', examples: ['一', '二']}}\n" for leaf in LEAVES
)
#: thirty comments of three videos, ten of each; the last of the second says what the first of the first says
ROWS = [(f"dm{at:02}", f"v{at // 10}", "第0条" if at == 19 else f"第{at}条") for at in range(30)]


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    status: int
    out: str
    err: str


Danmu = Callable[..., Said]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with comments and nothing else done; anna has labelled dm00 and dm10 in round 1."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "taxonomy.yaml").write_text(TREE, encoding="utf-8")
    written("data/annotations/round-1/anna.csv", "comment_id,labels\ndm00,joy\ndm10,awe\n")
    write_parquet(corpus(*ROWS), Path("data/derived/comments.parquet"), COMMENTS)
    return tmp_path


@pytest.fixture
def danmu(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Danmu:
    """The command line as a shell calls it."""

    def call(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["danmu", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return Said(int(ended.value.code or 0), out, err)

    return call


def written(name: str, content: str | bytes) -> Path:
    file = Path(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def batch(folder: str) -> list[dict[str, str]]:
    with Path(folder, "batch.csv").open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def ids(folder: str) -> list[str]:
    return [line["comment_id"] for line in batch(folder)]


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


def test_more_than_there_are_is_all_that_there_are_one_of_each_text(danmu: Danmu) -> None:
    assert danmu("annotate", "export", "-o", "out", "--size", 999).out.startswith("28 comments in")
    # dm00 and dm10 are labelled; dm19 says what dm00 says, which nobody sees before dm00 is taken out
    assert sorted(ids("out")) == sorted({key for key, _, _ in ROWS} - {"dm00", "dm10"})
    Path("data/annotations/round-1/anna.csv").write_text("comment_id,labels\ndm10,awe\n", encoding="utf-8")
    assert danmu("annotate", "export", "-o", "again", "--size", 999).out.startswith("28 comments in")
    assert "dm00" in ids("again") and "dm19" not in ids("again")


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
    frame = pl.DataFrame({"text": [text for _, _, text in ROWS], "vector": vectors}, schema=embeddings.schema(3))
    frame = frame.unique("text", keep="first", maintain_order=True).filter(pl.col("text") != left_out)
    write_parquet(frame, Path("data/derived/embeddings.parquet"), embeddings.schema(3))
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
def test_the_test_sets_labels_decide_nothing(danmu: Danmu, sampling: str) -> None:
    write_learnt()
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
        ("data/derived/comments.parquet", ["export", "-o", "out"], "comments.parquet; run `dvc repro parse` first"),
        ("data/derived/comments.parquet", ["import", "anna.csv", "--round", "2"], "run `dvc repro parse` first"),
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


def test_what_came_back_is_filed_counted_and_changed_only_when_asked(danmu: Danmu) -> None:
    danmu("annotate", "export", "-o", "out", "--size", 4, "--seed", 3)
    one, two, three, _ = ids("out")
    filled = "".join(f"{key},{labels},3\n" for key, labels in ((one, "joy"), (two, "awe;joy"), (three, "")))
    file = written("back/anna.csv", "comment_id,labels,confidence\n" + filled)
    said = danmu("annotate", "import", file, "--round", 2)
    assert said.status == 0 and said.out == (
        "data/annotations/round-2/anna.csv: 2 annotations\n"
        "2 new, 0 were there already, 1 comments without a label passed over\n"
    )
    tree = load_taxonomy(Path("data/taxonomy.yaml"))
    found = [entry for entry in read_rounds(Path("data/annotations"), tree) if entry.round == 2]
    assert sorted(found, key=lambda entry: entry.leaves) == [
        Annotation(two, "anna", 2, ("awe", "joy"), 3),
        Annotation(one, "anna", 2, ("joy",), 3),
    ]
    assert "0 new, 2 were there already" in danmu("annotate", "import", file, "--round", 2).out
    written("back/anna.csv", f"comment_id,labels\n{one},worry\n")
    refused = danmu("annotate", "import", file, "--round", 2)
    assert refused.status == 2 and "say --replace if the new one counts" in refused.err
    assert danmu("annotate", "import", file, "--round", 2, "--replace").out.startswith(
        "data/annotations/round-2/anna.csv: 2 annotations\n1 new"
    )
    # what is filed is not drawn again
    danmu("annotate", "export", "-o", "next", "--size", 999)
    assert not {one, two} & set(ids("next")) and three in ids("next")


def test_annotators_may_be_renamed_and_no_name_leads_out_of_the_folder(danmu: Danmu) -> None:
    export = [
        {
            "id": number,
            "data": {"comment_id": key},
            "annotations": [
                {
                    "completed_by": who,
                    "updated_at": "2026-11-22T02:28:06Z",
                    "result": [{"from_name": "primary", "value": {"choices": ["joy"]}}],
                }
                for who in (1, 2)
            ],
        }
        for number, key in enumerate(["dm01", "dm02"])
    ]
    file = written("export.json", json.dumps(export))
    bad = danmu("annotate", "import", file, "--round", 2, "--rename", "user-1=../../params")
    assert bad.status == 2 and "cannot be a file's name" in bad.err and not Path("data/annotations/round-2").exists()
    names = ["--rename", "user-1=anna", "--rename", "user-2=ben=b"]  # an address may hold `=`; a file's name may not
    assert danmu("annotate", "import", file, "--round", 2, *names).status == 2
    names[-1] = "user-2=ben"
    assert "4 new" in danmu("annotate", "import", file, "--round", 2, *names).out
    assert sorted(path.name for path in Path("data/annotations/round-2").iterdir()) == ["anna.csv", "ben.csv"]


@pytest.mark.parametrize("number", ["0", "-1", "two"])
def test_rounds_are_numbered_from_one(danmu: Danmu, number: str) -> None:
    file = written("anna.csv", "comment_id,labels\ndm01,joy\n")
    assert danmu("annotate", "import", file, "--round", number).status == 2
    assert not Path(f"data/annotations/round-{number}").exists()


def disputed(folder: str = "data/annotations") -> None:
    """Round 2: three annotators of four items. Two agree on all, the third differs in one."""
    for name, labels in (("anna", "joy joy awe awe"), ("ben", "joy joy awe awe"), ("chris", "joy awe awe awe")):
        lines = "".join(f"dm{at:02},{leaf}\n" for at, leaf in enumerate(labels.split(), start=1))
        written(f"{folder}/round-2/{name}.csv", f"comment_id,labels\n{lines}")


def test_agreement_of_a_folder_of_rounds(danmu: Danmu) -> None:
    disputed()
    said = danmu("agreement", "data/annotations", "--taxonomy", "data/taxonomy.yaml", "--resamples", 0)
    assert said.status == 0
    first, second = said.out.split("\n\n", 1)[0], said.out.partition("Round 2: ")[2]
    assert first.startswith("Round 1: 2 items, 0 with at least two ratings. Annotators: anna (2). Agreement needs")
    assert second.startswith("4 items, 4 with at least two ratings. Annotators: anna (4), ben (4), chris (4).")
    # of three pairs of ratings an item, all agree in three items and one in the fourth: 10 of 12
    assert "0.833" in second
    # the pairs: anna and ben agree in all, chris with each of them in three of four
    assert "anna and ben" in second and "0.750" in second
    assert "dm02 “第2条” anna joy, ben joy, chris awe" in second  # with its text, since the corpus is here


def alpha() -> float:
    """Krippendorff's alpha of `disputed`, by hand.

    In one item two stand against one: 2 · 2 · 1 ordered pairs differ, each weighs 1 / (3 - 1); there are 12 ratings.
    Of all 12 ratings 5 are joy and 7 awe: 2 · 5 · 7 of the 12 · 11 ordered pairs differ.
    """
    observed, expected = 4 / 2 / 12, 70 / 132
    return 1 - observed / expected


def test_agreement_as_json_says_everything(danmu: Danmu) -> None:
    disputed()
    for path in ("data/annotations", "data/annotations/round-2"):
        said = danmu("agreement", path, "--taxonomy", "data/taxonomy.yaml", "--resamples", 0, "--json")
        found = json.loads(said.out)["rounds"][-1]
        assert (found["round"], found["items"], found["annotators"]) == (2, 4, {"anna": 4, "ben": 4, "chris": 4})
        leaves = found["levels"][-1]
        assert leaves["percent"] == {"value": pytest.approx(10 / 12), "low": None, "high": None}
        assert leaves["alpha"]["value"] == pytest.approx(alpha())
        assert [(pair["first"], pair["second"], pair["percent"]["value"]) for pair in found["pairs"]] == [
            ("anna", "ben", 1.0),
            ("anna", "chris", 0.75),
            ("ben", "chris", 0.75),
        ]


def test_intervals_follow_the_seed(danmu: Danmu) -> None:
    disputed()

    def levels(seed: int) -> Any:
        said = danmu("agreement", "data/annotations/round-2", "--resamples", 200, "--seed", seed, "--json")
        return json.loads(said.out)["rounds"][0]["levels"]

    assert levels(1) == levels(1)
    [level] = levels(1)
    assert (
        level["name"] == "labels" and level["percent"]["low"] <= level["percent"]["value"] <= level["percent"]["high"]
    )
    assert level["percent"]["low"] < level["percent"]["high"]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_agreement_of_a_table_whose_columns_are_raters(danmu: Danmu, form: str) -> None:
    columns = {"anna": "joy joy awe awe", "ben": "joy joy awe awe", "chris": "joy awe awe awe"}
    rows = [
        {"uid": str(at), **{name: labels.split()[at] for name, labels in columns.items()}, "gold": "-"}
        for at in range(4)
    ]
    if form == "csv":
        content = "uid,anna,ben,chris,gold\n" + "".join(",".join(row.values()) + "\n" for row in rows)
    else:
        content = "".join(json.dumps(row) + "\n" for row in rows)
    file = written(f"table.{form}", content)
    said = danmu("agreement", file, "--raters", "anna,ben,chris", "--id", "uid", "--resamples", 0, "--json")
    assert said.status == 0
    [found] = json.loads(said.out)["rounds"]
    assert found["annotators"] == {"anna": 4, "ben": 4, "chris": 4}
    assert found["levels"][0]["alpha"]["value"] == pytest.approx(alpha())
    text = danmu("agreement", file, "--raters", "anna,ben,chris", "--id", "uid", "--resamples", 0).out
    assert f"{alpha():.3f}" in text and "anna and chris" in text
    missing = danmu("agreement", file, "--raters", "anna,dora", "--id", "uid")
    assert missing.status == 2 and "there is no column dora" in missing.err


def test_agreement_of_one_file_without_corpus_or_taxonomy(danmu: Danmu) -> None:
    Path("data/derived/comments.parquet").unlink()
    file = written("both.csv", "comment_id,anna,ben\na,good,good\nb,bad,good\nc,bad,bad\n")
    said = danmu("agreement", file, "--resamples", 0)
    assert said.status == 0 and "Round 1: 3 items, 3 with at least two ratings." in said.out
    # 2 of 3 agree. Cohen's kappa: anna says good in 1/3, ben in 2/3, so by chance they agree in
    # 1/3 · 2/3 + 2/3 · 1/3 = 4/9, and (2/3 - 4/9) / (1 - 4/9) = 0.4
    assert "0.667" in said.out and "0.400" in said.out


@pytest.mark.parametrize(
    ("path", "complaint"),
    [("nowhere", "There is no nowhere; name a folder of rounds, or a file of ratings."), ("data", "data holds no")],
)
def test_agreement_of_nothing_is_refused(danmu: Danmu, path: str, complaint: str) -> None:
    said = danmu("agreement", path)
    assert said.status == 2 and said.err.startswith(f"danmu: {complaint}")


def test_price_is_asked_of_a_server_only(danmu: Danmu) -> None:
    said = danmu("annotate", "price")
    assert said.status == 2 and "silver.annotator is in-process, which costs nothing; set it to server" in said.err
