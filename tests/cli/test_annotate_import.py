"""`danmu annotate import` and `price` as a shell calls them."""

import json
from pathlib import Path

import pytest

from pipeline.annotation.rounds.ratings import Annotation
from pipeline.annotation.rounds.reading import read_rounds
from pipeline.annotation.tree.taxonomy import load_taxonomy
from tests.cli.project import TREE, Danmu, ids, written
from tests.cli.test_annotate_export import write_learnt


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
    said = danmu("annotate", "import", file, "--round", number)
    wanted = "a whole number" if number == "two" else "at least 1"
    assert said.status == 2
    assert said.err == f"danmu: --round is {number}, and has to be {wanted}; see `danmu annotate import --help`.\n"
    assert not Path(f"data/annotations/round-{number}").exists()


def test_names_come_before_the_corpus(danmu: Danmu) -> None:
    Path("data/derived/comments.parquet").unlink()
    file = written("anna.csv", "comment_id,labels\ndm01,joy\n")
    said = danmu("annotate", "import", file, "--round", 2, "--rename", "ben=chris")
    assert said.status == 2 and "--rename ben=chris: no file has an annotator 'ben', but 'anna'" in said.err
    said = danmu("annotate", "import", file, "--round", 2, "--rename", "anna=con")
    assert said.status == 2 and "the annotator 'con' cannot be a file's name" in said.err
    assert "comments.parquet" in danmu("annotate", "import", file, "--round", 2).err


def test_two_who_get_one_name_are_told_by_the_rename(danmu: Danmu) -> None:
    files = [written(f"{name}.csv", "comment_id,labels\ndm01,joy\n") for name in ("anna", "ben")]
    said = danmu("annotate", "import", *files, "--round", 2, "--rename", "ben=anna")
    assert said.err == (
        "danmu: --rename ben=anna: anna and ben would both be anna, and both labelled dm01 (ben.csv, line 2); "
        "give one of them another name.\n"
    )
    written("ben.csv", "comment_id,labels\ndm02,joy\n")  # halves of one person's work
    assert "2 new" in danmu("annotate", "import", *files, "--round", 2, "--rename", "ben=anna").out


def test_price_is_asked_of_a_server_only(danmu: Danmu) -> None:
    said = danmu("annotate", "price")
    assert said.status == 2 and "silver.annotator is in-process, which costs nothing; set it to server" in said.err


def test_price_after_a_leaf_was_renamed_says_what_is_to_run_again(
    danmu: Danmu, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_learnt()
    params = Path("params.yaml")
    params.write_text(params.read_text("utf-8").replace("annotator: in-process", "annotator: server"), "utf-8")
    written("data/taxonomy.yaml", TREE.replace("name: joy", "name: delight"))
    monkeypatch.setenv("DANMU_LLM_URL", "http://127.0.0.1:9/v1")
    said = danmu("annotate", "price")
    assert said.status == 2 and "labels.parquet has the leaf 'joy', which the taxonomy has not" in said.err


def test_a_workbook_and_an_adjudication_are_refused_and_the_round_goes_on(danmu: Danmu) -> None:
    workbook = written("anna.xlsx", b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml")
    said = danmu("annotate", "import", workbook, "--round", 2)
    assert said.status == 2 and said.err.startswith(
        "danmu: anna.xlsx is a spreadsheet's own file; save it as `CSV UTF-"
    )
    file = written("adjudication.csv", "comment_id,labels\ndm00,worry\n")
    said = danmu("annotate", "import", file, "--round", 9)
    assert said.status == 2 and "say --rename 'adjudication=NAME'" in said.err
    assert not Path("data/annotations/round-9").exists() and not Path("data/annotations/adjudication.csv").exists()
    assert danmu("annotate", "import", file, "--round", 9, "--rename", "adjudication=ben").status == 0
    assert danmu("agreement", "data/annotations", "--resamples", 0).status == 0


@pytest.mark.parametrize("names", [["a=b", "a=c"], ["nobody"], ["=x"]])
def test_a_rename_that_says_two_things_or_nothing_is_refused(danmu: Danmu, names: list[str]) -> None:
    file = written("x.csv", "comment_id,annotator,labels\ndm01,a,joy\n")
    said = danmu("annotate", "import", file, "--round", 2, *(part for name in names for part in ("--rename", name)))
    assert said.status == 2 and "--rename" in said.err and not Path("data/annotations/round-2").exists()
