"""`danmu agreement` as a shell calls it."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.artifacts.comments import COMMENTS, COMMENTS_FILE
from pipeline.files import write_parquet
from pipeline.terminal import STEERING
from tests.annotation.model.test_silver import corpus
from tests.cli.project import Danmu, written


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


def test_whole_videos_are_drawn_where_the_corpus_knows_ten(danmu: Danmu) -> None:
    """Two comments of each of 12 videos; round 2 has all of them, or those of nine videos."""
    rows = [(f"dm{at:02}", f"v{at // 2}", f"第{at}条") for at in range(24)]
    write_parquet(corpus(*rows), Path("data/derived/comments.parquet"), COMMENTS)

    def resampled(labelled: int) -> tuple[str, Any]:
        for name, leaves in (("anna", ["joy"]), ("ben", ["joy", "awe", "awe"])):
            lines = "".join(f"dm{at:02},{leaves[at // 2 % len(leaves)]}\n" for at in range(labelled))
            written(f"data/annotations/round-2/{name}.csv", f"comment_id,labels\n{lines}")
        said = danmu("agreement", "data/annotations/round-2", "--resamples", 200, "--json")
        [of_round] = json.loads(said.out)["rounds"]
        return of_round["resampled"], of_round["levels"][0]["percent"]

    of_videos, all_videos = resampled(24)
    assert of_videos == "videos" and resampled(18)[0] == "comments"
    Path("data/derived/comments.parquet").unlink()
    of_comments, without_corpus = resampled(24)
    assert of_comments == "comments" and without_corpus["value"] == all_videos["value"] == pytest.approx(1 / 3)
    assert all_videos["high"] - all_videos["low"] > without_corpus["high"] - without_corpus["low"]


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


ESCAPES = "\x1b]0=mine\x07\x1b[2J\x9b31m\u202e"


@pytest.mark.parametrize("way", [["--resamples", "0"], ["--resamples", "0", "--json"]], ids=["text", "json"])
def test_nothing_that_others_wrote_steers_the_terminal(danmu: Danmu, way: list[str]) -> None:
    comments = corpus(("dm1", "v1", f"哈{ESCAPES}\nRound 9: all is well"), ("dm2", "v1", "x"))
    write_parquet(comments, COMMENTS_FILE.path, COMMENTS)
    names = f"an{ESCAPES}na", "ben"
    lines = f"dm1,{names[0]},joy{ESCAPES}\ndm1,ben,awe\ndm2,{names[0]},awe\ndm2,ben,awe\n"
    file = written("long.csv", f"comment_id,annotator,labels\n{lines}")
    said = danmu("agreement", file, *way)
    assert said.status == 0 and not STEERING.search(said.out.replace("\n", ""))
    assert "\\u001b[2J" in said.out and "\nRound 9" not in said.out
    if "--json" in way:
        [found] = json.loads(said.out)["rounds"]
        assert names[0] in found["annotators"] and f"joy{ESCAPES}" in {leaf["leaf"] for leaf in found["leaves"]}
    else:
        assert "哈\\u001b]0=mine" in said.out and "\\nRound 9: all is well" in said.out


def test_nor_does_an_error(danmu: Danmu) -> None:
    file = written(f"a{ESCAPES}.csv", f"comment_id,label{ESCAPES}\n")
    said = danmu("agreement", file)
    assert said.status == 2 and not STEERING.search(said.err.replace("\n", "")) and "\\u001b[2J" in said.err
