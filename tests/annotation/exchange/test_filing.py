"""Out to annotators and back: nothing is lost or made up on the way, and a fault leaves everything as it was."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.annotation.exchange.filing import HEADER, Filed, Tool, file_round, write_batch
from pipeline.annotation.rounds.batch import Item
from pipeline.annotation.rounds.ratings import Annotation
from pipeline.annotation.rounds.reading import read_rounds
from pipeline.annotation.tree.taxonomy import Node, Taxonomy
from pipeline.errors import UserError

TREE = Taxonomy(2, tuple(Node(name, "") for name in ("joy", "awe", "worry")), formerly={"glee": "joy"})
ITEMS = [
    Item("dm1", "哈哈", ("前二", "前一"), ("后一",), "v1", 1.0),
    Item("dm2", '他说"好, 的"', (), (), None, None),
    Item("dm3", "第一行\n第二行", ("",), ("a,b",), "v1", 2.5),
    Item("dm4", "=1+1", ("@x",), ("-1",), "v1", 3.0),
]
KNOWN = {item.comment_id for item in ITEMS}
#: what annotators say of these: leaves, the primary first, and how sure they are; nothing of dm3
SAID: dict[str, tuple[list[str], int | None]] = {"dm1": (["joy"], 3), "dm2": (["worry"], 1), "dm4": (["awe"], 2)}


def lines(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def fill_csv(batch: Path, folder: Path, annotator: str, said: dict[str, Any]) -> Path:
    rows = lines(batch / "batch.csv")
    file = folder / f"{annotator}.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as opened:  # as a spreadsheet saves it
        writer = csv.DictWriter(opened, HEADER)
        writer.writeheader()
        for row in rows:
            leaves, confidence = said.get(row["comment_id"], ([], None))
            writer.writerow(row | {"labels": ";".join(leaves), "confidence": confidence or ""})
    return file


def fill_label_studio(batch: Path, folder: Path, annotator: str, said: dict[str, Any]) -> Path:
    """What Label Studio exports of the tasks; an annotation without an answer is one that was submitted blank."""
    content = json.loads((batch / "tasks.json").read_text(encoding="utf-8-sig"))
    for number, task in enumerate(content, start=1):
        leaves, confidence = said.get(task["data"]["comment_id"], ([], None))
        sure = [] if confidence is None else [str(confidence)]
        answers = [("primary", leaves[:1]), ("further", leaves[1:]), ("confidence", sure)]
        result = [
            {"from_name": name, "to_name": "comment", "type": "choices", "value": {"choices": given}}
            for name, given in answers
            if given
        ]
        email = {"email": f"{annotator}@lab.cn"}
        task |= {
            "id": number,
            "annotations": [{"completed_by": email, "result": result, "updated_at": "2026-11-22T02:28:06Z"}],
        }
    file = folder / "export.json"
    file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return file


def fill_doccano(batch: Path, folder: Path, annotator: str, said: dict[str, Any]) -> Path:
    file = folder / f"{annotator}.jsonl"
    with file.open("w", encoding="utf-8") as opened:
        for number, line in enumerate((batch / "batch.jsonl").read_text(encoding="utf-8").splitlines(), start=1):
            record = json.loads(line)
            record |= {"id": number, "label": said.get(record["comment_id"], ([], None))[0], "Comments": []}
            opened.write(json.dumps(record, ensure_ascii=False) + "\n")
    return file


FILL: dict[Tool, Callable[..., Path]] = {"csv": fill_csv, "label-studio": fill_label_studio, "doccano": fill_doccano}
TOOLS: list[Tool] = ["csv", "label-studio", "doccano"]


def filed(folder: Path, *files: Path, replace: bool = False, **names: str) -> Filed:
    return file_round(files, folder / "annotations", 2, TREE, KNOWN, names, replace)


def annotator(folder: Path, name: str, *rows: str, header: str = "comment_id,labels,confidence") -> Path:
    file = folder / f"{name}.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def everything(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("tool", TOOLS)
def test_what_goes_out_comes_back_as_a_round(tool: Tool, tmp_path: Path) -> None:
    files = write_batch(ITEMS, TREE, tool, tmp_path / "batch")
    assert all(file.is_file() for file in files)
    back = FILL[tool](tmp_path / "batch", tmp_path, "anna", SAID)
    done = filed(tmp_path, back)
    assert (done.new, done.already) == (3, 0)
    assert done.written == {tmp_path / "annotations" / "round-2" / "anna.csv": 3}
    assert read_rounds(tmp_path / "annotations", TREE) == [
        Annotation(key, "anna", 2, tuple(leaves), None if tool == "doccano" else confidence)
        for key, (leaves, confidence) in SAID.items()
    ]
    # once more changes nothing, to the byte
    before = everything(tmp_path / "annotations")
    again = filed(tmp_path, back)
    assert (again.new, again.already) == (0, 3) and everything(tmp_path / "annotations") == before


@pytest.mark.parametrize("tool", TOOLS)
def test_what_an_annotator_has_not_labelled_is_counted(tool: Tool, tmp_path: Path) -> None:
    write_batch(ITEMS, TREE, tool, tmp_path / "batch")
    done = filed(tmp_path, FILL[tool](tmp_path / "batch", tmp_path, "anna", SAID))
    assert done.blank == 1  # dm3


@pytest.mark.parametrize("tool", ["csv", "label-studio"])
def test_further_leaves_come_back_too(tool: Tool, tmp_path: Path) -> None:
    write_batch(ITEMS, TREE, tool, tmp_path / "batch")
    filed(tmp_path, FILL[tool](tmp_path / "batch", tmp_path, "anna", {"dm2": (["worry", "joy"], None)}))
    assert [found.leaves for found in read_rounds(tmp_path / "annotations", TREE)] == [("worry", "joy")]


@given(st.lists(st.text(), min_size=1, max_size=4), st.sampled_from(TOOLS))
@example(["a\rb"], "csv")
@example(["a\r\nb", "\n", '"', "", "\x00", "\u2028\u0085\x1c", "'", ",;"], "csv")
@settings(max_examples=120, deadline=None)
def test_whatever_is_in_the_texts_every_comment_comes_back_as_itself(texts: list[str], tool: Tool) -> None:
    items = [Item(f"dm{at}", text, (text, text), (text,), None, None) for at, text in enumerate(texts)]
    said = {item.comment_id: (["joy"], None) for item in items}
    with TemporaryDirectory(prefix="siltest-") as name:
        folder = Path(name)
        write_batch(items, TREE, tool, folder / "batch")
        if tool == "csv":  # in the table, as a spreadsheet has it, each stands in its own cell
            table = lines(folder / "batch" / "batch.csv")
            assert [line["comment_id"] for line in table] == list(said)
            assert all(line["text"].endswith(item.text) for line, item in zip(table, items, strict=True))
        back = FILL[tool](folder / "batch", folder, "anna", said)
        file_round([back], folder / "annotations", 2, TREE, set(said), {}, False)
        found = read_rounds(folder / "annotations", TREE)
    assert sorted(annotation.comment_id for annotation in found) == sorted(said)


def test_a_batch_in_csv_shows_the_comment_among_its_neighbours_and_leaves_room_for_labels(tmp_path: Path) -> None:
    [file] = write_batch(ITEMS, TREE, "csv", tmp_path)
    assert lines(file)[0] == {
        "comment_id": "dm1",
        "before": "前二 / 前一",
        "text": "哈哈",
        "after": "后一",
        "labels": "",
        "confidence": "",
    }
    assert [line["text"] for line in lines(file)] == ["哈哈", '他说"好, 的"', "第一行\n第二行", "'=1+1"]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "\t=1+1", "\r=1+1", "=", "-", "@"],
)
def test_nothing_that_a_viewer_wrote_is_computed_by_a_spreadsheet(text: str, tmp_path: Path) -> None:
    """A cell that begins with = + - @, or with a tab or a return before, is a formula (OWASP, CSV injection)."""
    [file] = write_batch([Item("dm1", text, (text,), (text, "x"), None, None)], TREE, "csv", tmp_path)
    [line] = lines(file)
    for column in ("before", "text", "after"):
        assert not line[column].startswith(("=", "+", "-", "@", "\t", "\r"))
        assert line[column].lstrip("'").startswith(text)  # and all of it is there to read
    # what only has such a sign in it stays as it is
    [file] = write_batch([Item("dm1", "1+1=2", ("a", text), (), None, None)], TREE, "csv", tmp_path / "other")
    assert lines(file)[0]["text"] == "1+1=2" and lines(file)[0]["before"] == f"a / {text}"


@pytest.mark.parametrize("tool", TOOLS)
def test_a_batch_never_takes_the_place_of_another(tool: Tool, tmp_path: Path) -> None:
    files = write_batch(ITEMS, TREE, tool, tmp_path)
    before = everything(tmp_path)
    with pytest.raises(UserError, match="is there already; name another folder with -o, or move it away"):
        write_batch(ITEMS[:1], TREE, tool, tmp_path)
    files[0].unlink()  # the other file alone is reason enough, and nothing is written
    if len(files) > 1:
        with pytest.raises(UserError, match=f"{files[1].name} is there already"):
            write_batch(ITEMS[:1], TREE, tool, tmp_path)
        assert everything(tmp_path) == {name: content for name, content in before.items() if name != files[0].name}


FAULTS = {
    "a leaf that there is not": ("dm1,anger,", "line 2: 'anger' is no leaf of the taxonomy"),
    "a comment that there is not": ("dm9,joy,", "line 2: there is no comment 'dm9' in the corpus, whose ids are like"),
    "a confidence that there is not": ("dm1,joy,4", "line 2: confidence '4' is not 1, 2 or 3"),
    "a leaf twice": ("dm1,joy;joy,", "line 2: joy;joy names a leaf twice"),
    "a short line": ("dm1", "line 2: the line has too few columns"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_in_the_second_file_and_nothing_is_written(fault: str, tmp_path: Path) -> None:
    line, complaint = FAULTS[fault]
    good = annotator(tmp_path, "anna", "dm1,joy,3", "dm2,awe,")
    bad = annotator(tmp_path, "ben", line)
    with pytest.raises(UserError, match=f"ben.csv, {complaint}"):
        filed(tmp_path, good, bad)
    assert not (tmp_path / "annotations").exists()
    # nor where there is something already
    filed(tmp_path, annotator(tmp_path, "chris", "dm1,awe,"))
    before = everything(tmp_path / "annotations")
    with pytest.raises(UserError, match=f"ben.csv, {complaint}"):
        filed(tmp_path, good, bad)
    assert everything(tmp_path / "annotations") == before
    # mended, both are filed
    done = filed(tmp_path, good, annotator(tmp_path, "ben", "dm1,joy,"))
    assert done.new == 3 and len(read_rounds(tmp_path / "annotations", TREE)) == 4


def test_of_unknown_comments_the_first_is_named_and_the_others_are_counted(tmp_path: Path) -> None:
    file = annotator(tmp_path, "anna", "dm1,joy,", "dm7,joy,", "dm8,joy,", "dm9,joy,", "dm6,,")
    with pytest.raises(UserError, match=r"line 3: there is no comment 'dm7' in the corpus \(nor 2 others\)"):
        filed(tmp_path, file)


def test_a_line_without_a_label_may_be_of_anything(tmp_path: Path) -> None:
    done = filed(tmp_path, annotator(tmp_path, "anna", "dm1,joy,", "dm9,,", "dm2, ; ,2"))
    assert (done.new, done.blank) == (1, 2)


def test_an_annotator_who_labelled_nothing_has_no_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"anna.csv holds no label; nothing was filed"):
        filed(tmp_path, annotator(tmp_path, "anna", "dm1,,"))
    assert not (tmp_path / "annotations").exists()


def test_new_labels_go_beside_the_old_and_the_file_is_in_the_order_of_the_ids(tmp_path: Path) -> None:
    filed(tmp_path, annotator(tmp_path, "anna", "dm4,awe,2", "dm1,joy,"))
    done = filed(tmp_path, annotator(tmp_path, "anna", "dm2,worry;joy,1", "dm1,joy,"))
    file = tmp_path / "annotations" / "round-2" / "anna.csv"
    assert done == Filed({file: 3}, 1, 1, 0)
    assert file.read_text(encoding="utf-8") == "comment_id,labels,confidence\ndm1,joy,\ndm2,worry;joy,1\ndm4,awe,2\n"


@pytest.mark.parametrize("changed", ["dm1,awe,3", "dm1,joy;awe,3", "dm1,joy,2", "dm1,joy,"])
def test_a_changed_annotation_needs_replace(changed: str, tmp_path: Path) -> None:
    filed(tmp_path, annotator(tmp_path, "anna", "dm1,joy,3", "dm2,awe,"))
    before = everything(tmp_path / "annotations")
    new = annotator(tmp_path, "anna", "dm4,joy,", changed)
    with pytest.raises(UserError, match=r"anna.csv has dm1 as joy.*, and now it is .*; say --replace if the new one"):
        filed(tmp_path, new)
    assert everything(tmp_path / "annotations") == before  # dm4 neither
    done = filed(tmp_path, new, replace=True)
    assert (done.new, done.already) == (2, 0)
    found = {entry.comment_id: entry for entry in read_rounds(tmp_path / "annotations", TREE)}
    _, labels, confidence = changed.split(",")
    assert found["dm1"] == Annotation("dm1", "anna", 2, tuple(labels.split(";")), int(confidence or 0) or None)
    assert found["dm2"].leaves == ("awe",) and len(found) == 3


def test_another_annotator_or_another_round_is_no_change(tmp_path: Path) -> None:
    filed(tmp_path, annotator(tmp_path, "anna", "dm1,joy,"))
    filed(tmp_path, annotator(tmp_path, "ben", "dm1,awe,"))
    file_round([annotator(tmp_path, "anna", "dm1,worry,")], tmp_path / "annotations", 3, TREE, KNOWN, {}, False)
    assert [(found.annotator, found.round, found.leaves) for found in read_rounds(tmp_path / "annotations", TREE)] == [
        ("anna", 2, ("joy",)),
        ("ben", 2, ("awe",)),
        ("anna", 3, ("worry",)),
    ]


def test_the_same_comment_twice_by_one_annotator_is_refused_across_files_and_names(tmp_path: Path) -> None:
    one = annotator(tmp_path, "anna", "dm1,joy,")
    other = annotator(tmp_path, "user-7", "dm1,joy,")
    assert filed(tmp_path / "a", one, other).new == 2
    with pytest.raises(UserError, match=r"user-7.csv, line 2: dm1 was labelled already"):
        filed(tmp_path / "b", one, other, **{"user-7": "anna"})
    assert not (tmp_path / "b").exists()


def test_annotators_are_called_as_one_says(tmp_path: Path) -> None:
    several = annotator(
        tmp_path, "both", "dm1,user-1,joy", "dm1,user-2,awe", "dm2,chris,joy", header="comment_id,annotator,labels"
    )
    done = filed(tmp_path, several, **{"user-1": "anna", "user-2": "本"})
    assert sorted(file.name for file in done.written) == ["anna.csv", "chris.csv", "本.csv"]
    found = {(entry.annotator, entry.leaves) for entry in read_rounds(tmp_path / "annotations", TREE)}
    assert found == {("anna", ("joy",)), ("本", ("awe",)), ("chris", ("joy",))}


@pytest.mark.parametrize("name", ["../x", "a/b", "..", ".hidden", "/etc/x", "a\\b", "a b", "a\n", "", "a:b", "x\x00"])
def test_a_name_that_would_lead_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    file = annotator(tmp_path, "both", "dm1,mallory,joy", header="comment_id,annotator,labels")
    with pytest.raises(UserError, match=r"both.csv: the annotator .* cannot be a file's name; say --rename"):
        filed(tmp_path / "in", file, mallory=name)
    assert everything(tmp_path) == {"both.csv": file.read_bytes()}
    # as it stands in the file, too
    if name.strip() and name.isprintable():
        file = annotator(tmp_path, "both", f'dm1,"{name}",joy', header="comment_id,annotator,labels")
        with pytest.raises(UserError, match="cannot be a file's name"):
            filed(tmp_path / "in", file)
        assert filed(tmp_path / "in", file, **{name: "mallory"}).new == 1


def test_labels_of_an_earlier_tree_are_filed_as_todays(tmp_path: Path) -> None:
    filed(tmp_path, annotator(tmp_path, "anna", "dm1,glee,"))
    file = tmp_path / "annotations" / "round-2" / "anna.csv"
    assert "dm1,joy," in file.read_text(encoding="utf-8")
    assert filed(tmp_path, annotator(tmp_path, "anna", "dm1,joy,")).already == 1


def test_a_file_that_holds_others_too_keeps_what_they_said(tmp_path: Path) -> None:
    """round-2/anna.csv may hold several annotators one below the other; anna's new labels do not make ben's hers."""
    folder = tmp_path / "annotations" / "round-2"
    folder.mkdir(parents=True)
    annotator(folder, "anna", "dm1,ben,joy", "dm2,anna,awe", header="comment_id,annotator,labels")
    before = everything(tmp_path / "annotations")
    try:
        filed(tmp_path, annotator(tmp_path, "anna", "dm4,worry,"))
    except UserError:
        assert everything(tmp_path / "annotations") == before  # a sentence would do as well
        return
    rounds = read_rounds(tmp_path / "annotations", TREE)
    found = {(entry.comment_id, entry.annotator, entry.leaves) for entry in rounds}
    assert found == {("dm1", "ben", ("joy",)), ("dm2", "anna", ("awe",)), ("dm4", "anna", ("worry",))}


def test_what_is_filed_can_be_read(tmp_path: Path) -> None:
    """Where the round has anna's label in another file, it would stand there twice, and no stage read the round."""
    folder = tmp_path / "annotations" / "round-2"
    folder.mkdir(parents=True)
    annotator(folder, "both", "dm1,joy,awe", header="comment_id,anna,ben")
    try:
        filed(tmp_path, annotator(tmp_path, "anna", "dm1,joy,"))
    except UserError:
        assert [file.name for file in folder.iterdir()] == ["both.csv"]  # refused, and nothing written
    read_rounds(tmp_path / "annotations", TREE)
