"""`danmu annotate import` and `price` as a shell calls them."""

import json
from pathlib import Path

import pytest

from pipeline.annotation.rounds.ratings import Annotation
from pipeline.annotation.rounds.reading import read_rounds
from pipeline.annotation.tree.taxonomy import load_taxonomy
from tests.cli.project import Danmu, ids, written


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


def test_price_is_asked_of_a_server_only(danmu: Danmu) -> None:
    said = danmu("annotate", "price")
    assert said.status == 2 and "silver.annotator is in-process, which costs nothing; set it to server" in said.err
