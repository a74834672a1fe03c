import json
import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.annotation.rounds.ratings import Annotation
from pipeline.annotation.rounds.reading import read_adjudication, read_rounds
from pipeline.annotation.tree.node import Node
from pipeline.annotation.tree.taxonomy import Taxonomy
from pipeline.errors import UserError

LEAVES = tuple(Node(name, "") for name in ("joy", "awe", "worry"))
TREE = Taxonomy(2, LEAVES, formerly={"wonder": "awe", "delight": "joy", "glee": "joy", "mood": None})
#: nothing is both light and dark
TORN = Taxonomy(
    1, (Node("feelings", "", (Node("light", "", LEAVES[:2]), Node("dark", "", LEAVES[2:])), exclusive=True),)
)


def annotate(folder: Path, content: str | bytes, name: str = "round-1/A.csv") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def task(comment_id: str, primary: str, email: str, number: int = 1) -> dict[str, Any]:
    """A task of Label Studio's export with one annotation."""
    result = [{"from_name": "primary", "to_name": "text", "type": "choices", "value": {"choices": [primary]}}]
    annotation = {"completed_by": {"email": email}, "result": result, "updated_at": "2025-03-01T08:00:00.000000Z"}
    return {"id": number, "data": {"comment_id": comment_id, "text": "哈"}, "annotations": [annotation]}


def line(comment_id: str, *labels: str) -> str:
    """A line of Doccano's export."""
    return json.dumps({"id": 7, "text": "▶ 哈", "label": labels, "comment_id": comment_id}, ensure_ascii=False) + "\n"


def test_rounds_are_read_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    annotate(tmp_path, "comment_id,labels,confidence\nx,awe,\n", "round-10/A.csv")
    annotate(tmp_path, "\ufeffcomment_id,labels\nx,joy\n", "round-2/B.csv")
    annotate(tmp_path, 'labels,comment_id,confidence\n joy ; awe,"x ",3\nworry,y,1\n', "round-2/A.csv")
    assert read_rounds(tmp_path, TREE) == [
        Annotation("x", "A", 2, ("joy", "awe"), 3),
        Annotation("y", "A", 2, ("worry",), 1),
        Annotation("x", "B", 2, ("joy",), None),
        Annotation("x", "A", 10, ("awe",), None),
    ]


def test_one_round_may_hold_files_of_every_form(tmp_path: Path) -> None:
    annotate(tmp_path, "comment_id,labels\nx,joy\n", "round-2/anna.csv")
    annotate(tmp_path, "comment_id,ben,chris\nx,awe,joy\ny,,awe\n", "round-2/both.csv")
    annotate(
        tmp_path, json.dumps([task("x", "joy", "dora@lab.cn"), task("y", "awe", "emil@lab.cn", 2)]), "round-2/ls.json"
    )
    annotate(tmp_path, line("x", "worry") + line("y"), "round-2/fritz.jsonl")  # y is not labelled
    annotate(tmp_path, "not read", "round-2/notes.txt")
    annotate(tmp_path, "not read", "round-2/.anna.csv")
    assert read_rounds(tmp_path, TREE) == [
        Annotation("x", "anna", 2, ("joy",), None),
        Annotation("x", "ben", 2, ("awe",), None),
        Annotation("x", "chris", 2, ("joy",), None),
        Annotation("y", "chris", 2, ("awe",), None),
        Annotation("x", "fritz", 2, ("worry",), None),
        Annotation("x", "dora", 2, ("joy",), None),
        Annotation("y", "emil", 2, ("awe",), None),
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [("ls.json", json.dumps([task("x", "joy", "anna@lab.cn")])), ("anna.jsonl", line("x", "joy"))],
)
def test_a_byte_order_mark_does_no_harm(tmp_path: Path, name: str, content: str) -> None:
    annotate(tmp_path, "\ufeff" + content, f"round-2/{name}")
    assert read_rounds(tmp_path, TREE) == [Annotation("x", "anna", 2, ("joy",), None)]


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("later.csv", "comment_id,annotator,labels\ny,anna,joy\nx,anna,joy\n", "line 3"),
        ("both.csv", "comment_id,anna,ben\nx,joy,joy\n", "line 2"),
        ("ls.json", json.dumps([task("x", "joy", "anna@lab.cn", 12)]), "task 12"),
        ("more.jsonl", line("y", "joy") + json.dumps({**json.loads(line("x", "joy")), "username": "anna"}), "line 2"),
    ],
)
def test_two_files_in_which_one_annotator_labels_the_same_comment_are_refused(
    tmp_path: Path, name: str, content: str, place: str
) -> None:
    annotate(tmp_path, "comment_id,labels\nx,awe\n", "round-2/anna.csv")
    file = annotate(tmp_path, content, f"round-2/{name}")
    with pytest.raises(UserError, match="^" + re.escape(f"{file}, {place}: x was labelled already by anna; keep one")):
        read_rounds(tmp_path, TREE)


def test_an_annotator_may_label_a_comment_again_in_another_round(tmp_path: Path) -> None:
    for number in (1, 2):
        annotate(tmp_path, "comment_id,labels\nx,awe\n", f"round-{number}/anna.csv")
    assert [found.round for found in read_rounds(tmp_path, TREE)] == [1, 2]


def test_labels_of_an_earlier_tree_become_todays(tmp_path: Path) -> None:
    annotate(tmp_path, "comment_id,labels\nx,wonder;joy\ny,delight;glee\nz,awe;wonder\n")
    # two old labels that became one leaf are that leaf, once
    assert [found.leaves for found in read_rounds(tmp_path, TREE)] == [("awe", "joy"), ("joy",), ("awe",)]
    assert next(iter(read_rounds(tmp_path, None))).leaves == ("wonder", "joy")  # as it is written


def test_leaves_that_exclude_each_other_are_refused(tmp_path: Path) -> None:
    file = annotate(tmp_path, "comment_id,labels\nx,joy;awe\ny,awe;worry\n")
    with pytest.raises(UserError, match=f"^{file}, line 3: light and dark exclude each other below feelings; keep one"):
        read_rounds(tmp_path, TORN)
    assert len(read_rounds(tmp_path, TREE)) == len(read_rounds(tmp_path, None)) == 2


@pytest.mark.parametrize("name", ["round2", "round-", "rounds", "round-2b", "round-2.csv"])
def test_a_folder_that_is_nearly_a_round_is_not_passed_over(tmp_path: Path, name: str) -> None:
    annotate(tmp_path, "comment_id,labels\nx,joy\n", f"{name}/A.csv")
    with pytest.raises(UserError, match=f"{name} is no round"):
        read_rounds(tmp_path, TREE)


def test_a_round_that_is_a_file_is_not_read_as_a_folder(tmp_path: Path) -> None:
    annotate(tmp_path, "comment_id,labels\nx,joy\n", "round-1")
    with pytest.raises(UserError, match="round-1"):
        read_rounds(tmp_path, TREE)


def test_two_folders_of_one_number_are_refused(tmp_path: Path) -> None:
    """The same annotator's labels would otherwise stand twice in one round."""
    for name in ("round-1", "round-01"):
        annotate(tmp_path, "comment_id,labels\nx,joy\n", f"{name}/A.csv")
    with pytest.raises(UserError, match=r"round-0?1"):
        read_rounds(tmp_path, TREE)


@pytest.mark.parametrize(
    ("content", "line", "complaint"),
    [
        ("comment_id,labels\nx,joy\ny,anger\n", 3, "'anger' is no leaf of the taxonomy"),
        ("comment_id,labels\nx,mood\n", 2, "'mood' has no single successor in version 2 of the taxonomy"),
        ("comment_id,label\nx,joy\n", 1, "there is no column labels"),
        ("", 1, "there is no column comment_id"),
        ("comment_id,labels\nx,joy\ny,joy\nx,awe\n", 4, "x was labelled already"),
        ("comment_id,labels,confidence\nx,joy,4\n", 2, "confidence '4' is not 1, 2 or 3"),
        ("comment_id,labels,confidence\nx,joy,sure\n", 2, "confidence 'sure' is not 1, 2 or 3"),
        ("comment_id,labels\nx, ;\n", 2, "there is no label"),
        ("comment_id,labels\nx,joy;joy\n", 2, "joy;joy names a leaf twice"),
        ("comment_id,labels\nx\n", 2, "the line has too few columns"),
        ("comment_id,ben,chris\nx,joy,anger\n", 2, "'anger' is no leaf of the taxonomy"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(tmp_path: Path, content: str, line: int, complaint: str) -> None:
    file = annotate(tmp_path, content)
    with pytest.raises(UserError, match="^" + re.escape(f"{file}, line {line}: {complaint}")):
        read_rounds(tmp_path, TREE)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.json", "{", " is neither CSV nor Label Studio's JSON nor Doccano's JSON lines"),
        ("a.json", "[]", " is neither"),
        ("a.jsonl", "", " is neither"),
        ("a.jsonl", '{"comment_id": "x", "labels": ["joy"]}', " is neither"),  # no id, no text: nobody's export
        ("a.json", "\u00ff".encode("latin-1"), " is not in UTF-8"),
        ("a.json", json.dumps([task("x", "anger", "anna@lab.cn", 9)]), ", task 9: 'anger' is no leaf of the taxonomy"),
        ("a.jsonl", line("x", "joy") + line("y", "anger"), ", line 2: 'anger' is no leaf of the taxonomy"),
        ("a.csv", "comment_id,labels\nx,哈哈\n".encode("gb18030"), " is not in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, content: str | bytes, complaint: str) -> None:
    file = annotate(tmp_path, content, f"round-2/{name}")
    with pytest.raises(UserError, match="^" + re.escape(f"{file}{complaint}")):
        read_rounds(tmp_path, TREE)


def test_a_line_of_doccano_with_several_labels_has_no_primary_one(tmp_path: Path) -> None:
    """Doccano sorts labels by name: `awe` would be taken for the primary one of `joy;awe`."""
    annotate(tmp_path, line("x", "awe", "joy"), "round-2/anna.jsonl")
    with pytest.raises(UserError, match="line 1: there are several labels"):
        read_rounds(tmp_path, TREE)
    several = Taxonomy(2, LEAVES, kind="multi-label")
    assert [found.leaves for found in read_rounds(tmp_path, several)] == [("awe", "joy")]


def test_a_folder_without_annotations_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=f"^{tmp_path} holds no annotations"):
        read_rounds(tmp_path, TREE)


def test_adjudication_is_optional_and_checked_like_a_round(tmp_path: Path) -> None:
    assert read_adjudication(tmp_path, TREE) == {}
    file = annotate(tmp_path, "comment_id,labels\nx ,awe;joy\n", "adjudication.csv")
    assert read_adjudication(tmp_path, TREE) == {"x": ("awe", "joy")}
    annotate(tmp_path, "comment_id,labels\nx,awe\nx,joy\n", "adjudication.csv")
    with pytest.raises(UserError, match=f"^{file}, line 3: x was settled already"):
        read_adjudication(tmp_path, TREE)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("comment_id,leaf\nx,joy\n", "line 1: there is no column labels"),
        ("comment_id,labels\nx,anger\n", "line 2: 'anger' is no leaf"),
        ("comment_id,labels\nx,\n", "line 2: there is no label"),
        ("comment_id,labels\nx,awe;worry\n", "line 2: light and dark exclude each other"),
    ],
)
def test_a_mistake_in_the_adjudication_is_named(tmp_path: Path, content: str, complaint: str) -> None:
    file = annotate(tmp_path, content, "adjudication.csv")
    with pytest.raises(UserError, match="^" + re.escape(f"{file}, {complaint}")):
        read_adjudication(tmp_path, TORN)


def test_an_adjudicated_label_of_an_earlier_tree_becomes_todays(tmp_path: Path) -> None:
    annotate(tmp_path, "comment_id,labels,reason\nx,wonder;delight,settled in version 1\n", "adjudication.csv")
    assert read_adjudication(tmp_path, TREE) == {"x": ("awe", "joy")}


def test_a_file_beside_the_rounds_is_not_passed_over(tmp_path: Path) -> None:
    annotate(tmp_path, "comment_id,labels\nx,joy\n")
    annotate(tmp_path, "comment_id,labels\nx,awe\n", "adjudications.csv")
    with pytest.raises(UserError, match=r"adjudications.csv is in no round; .* or call it adjudication.csv"):
        read_rounds(tmp_path, TREE)


def test_an_adjudication_in_a_round_is_no_annotator(tmp_path: Path) -> None:
    annotate(tmp_path, "comment_id,labels\nx,joy\n")
    annotate(tmp_path, "comment_id,labels\nx,awe\n", "round-1/adjudication.csv")
    with pytest.raises(UserError, match=r"round-1/adjudication.csv is no annotator's"):
        read_rounds(tmp_path, TREE)


def test_names_that_differ_in_case_alone_are_refused(tmp_path: Path) -> None:
    annotate(tmp_path, "comment_id,labels\nx,joy\n", "round-1/Anna.csv")
    annotate(tmp_path, "comment_id,labels\nx,joy\n", "round-1/anna.csv")
    with pytest.raises(UserError, match=r"anna.csv, line 2: anna and Anna differ in case alone"):
        read_rounds(tmp_path, TREE)
