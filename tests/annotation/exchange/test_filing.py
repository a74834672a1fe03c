"""Out to annotators and back: nothing is lost or made up on the way, and a fault leaves everything as it was."""

from pathlib import Path

import pytest

from pipeline.annotation.exchange.filing import Filed, file_round
from pipeline.annotation.rounds.ratings import Annotation
from pipeline.annotation.rounds.reading import read_rounds
from pipeline.errors import UserError
from tests.annotation.exchange.filled import KNOWN, TREE, everything, filed


def annotator(folder: Path, name: str, *rows: str, header: str = "comment_id,labels,confidence") -> Path:
    file = folder / f"{name}.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


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
