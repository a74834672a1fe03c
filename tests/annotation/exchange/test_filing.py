"""Out to annotators and back: nothing is lost or made up on the way, and a fault leaves everything as it was."""

from pathlib import Path

import pytest

from pipeline.annotation.exchange.filing import Filed, file_round, write_batch
from pipeline.annotation.exchange.tools import TOOLS
from pipeline.annotation.rounds.batch import Item
from pipeline.annotation.rounds.ratings import Annotation
from pipeline.annotation.rounds.reading import read_rounds
from pipeline.errors import UserError
from tests.annotation.exchange.filled import KNOWN, TREE, everything, filed, fill_csv, lines


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
    file_round([annotator(tmp_path, "anna", "dm1,worry,")], tmp_path / "annotations", 3, TREE, lambda: KNOWN, {}, False)
    assert [(found.annotator, found.round, found.leaves) for found in read_rounds(tmp_path / "annotations", TREE)] == [
        ("anna", 2, ("joy",)),
        ("ben", 2, ("awe",)),
        ("anna", 3, ("worry",)),
    ]


def test_the_same_comment_twice_by_one_annotator_is_refused_across_files_and_names(tmp_path: Path) -> None:
    one = annotator(tmp_path, "anna", "dm1,joy,")
    other = annotator(tmp_path, "user-7", "dm1,joy,")
    assert filed(tmp_path / "a", one, other).new == 2
    with pytest.raises(UserError, match=r"--rename user-7=anna: .* both labelled dm1 .*user-7.csv, line 2.; give"):
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


# Files that people placed by hand


def placed(folder: Path, content: str, name: str = "anna.csv") -> Path:
    file = folder / "annotations" / "round-2" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode())
    return file


#: a byte order mark, a spreadsheet's line ends, an old label, columns of their own, a cell that looks like a formula,
#: blank columns, and no order
BY_HAND = "\ufefftext,comment_id,labels,note,\r\n=1+1,dm4,glee,- sure?,\r\n哈哈,dm1,awe,,\r\n"


def test_where_nothing_is_new_nothing_is_written(tmp_path: Path) -> None:
    file = placed(tmp_path, BY_HAND)
    before, time = file.read_bytes(), file.stat().st_mtime_ns
    done = filed(tmp_path, annotator(tmp_path, "anna", "dm1,awe,", "dm4,joy,"))  # glee is joy today
    assert (done.written, done.new, done.already) == ({}, 0, 2)
    assert file.read_bytes() == before and file.stat().st_mtime_ns == time


def test_new_labels_come_into_a_file_that_somebody_placed_and_all_else_stays(tmp_path: Path) -> None:
    file = placed(tmp_path, BY_HAND)
    done = filed(tmp_path, annotator(tmp_path, "anna", "dm2,worry;joy,2", "dm1,awe,"))
    assert done == Filed({file: 3}, 1, 1, 0)
    assert file.read_bytes().decode() == (
        "\ufefftext,comment_id,labels,note,,confidence\r\n=1+1,dm4,glee,- sure?,,\r\n哈哈,dm1,awe,,,\r\n"
        ",dm2,worry;joy,,,2\r\n"
    )


def test_a_replaced_label_leaves_the_other_columns_and_lines(tmp_path: Path) -> None:
    file = placed(tmp_path, BY_HAND)
    new = annotator(tmp_path, "anna", "dm1,worry,")
    with pytest.raises(UserError, match="has dm1 as awe, and now it is worry; say --replace if the new one counts"):
        filed(tmp_path, new)
    assert file.read_bytes().decode() == BY_HAND
    assert filed(tmp_path, new, replace=True) == Filed({file: 2}, 1, 0, 0, replaced=1)
    assert file.read_bytes().decode() == BY_HAND.replace("dm1,awe", "dm1,worry")


def test_a_file_that_names_its_annotator_in_every_line_goes_on_doing_so(tmp_path: Path) -> None:
    file = placed(tmp_path, "annotator,labels,comment_id\n,joy,dm1\nanna,awe,dm2\n")
    filed(tmp_path, annotator(tmp_path, "anna", "dm4,worry,"))
    assert file.read_text() == "annotator,labels,comment_id\n,joy,dm1\nanna,awe,dm2\nanna,worry,dm4\n"


def test_a_file_with_a_column_for_each_annotator_is_not_written_over(tmp_path: Path) -> None:
    file = placed(tmp_path, "comment_id,anna,ben\ndm1,joy,\n")
    with pytest.raises(UserError, match=r"anna.csv has a column for each annotator; rename it"):
        filed(tmp_path, annotator(tmp_path, "anna", "dm2,worry,"))
    assert file.read_text() == "comment_id,anna,ben\ndm1,joy,\n"


# Names, and all or nothing


@pytest.mark.parametrize("name", ["adjudication", "Adjudication", "ADJUDICATION"])
def test_nobody_is_called_like_the_file_that_overrides_all_votes(name: str, tmp_path: Path) -> None:
    file = annotator(tmp_path, name, "dm1,joy,")
    with pytest.raises(UserError, match=f"no annotator is called {name}, .*; say --rename '{name}=NAME' with the name"):
        filed(tmp_path, file)
    with pytest.raises(UserError, match="no annotator is called adjudication"):
        filed(tmp_path, annotator(tmp_path, "anna", "dm1,joy,"), anna="adjudication")
    assert not (tmp_path / "annotations").exists()
    # as the sentence says, it is one vote among others, and the round can be read
    filed(tmp_path, file, **{name: "ben"})
    assert [vote.annotator for vote in read_rounds(tmp_path / "annotations", TREE)] == ["ben"]


@pytest.mark.parametrize("name", ["con", "NUL", "com1", "lpt9.old", "x" * 300, "弹" * 100])
def test_a_name_that_some_system_cannot_store_is_refused_before_anything_is_written(name: str, tmp_path: Path) -> None:
    several = annotator(
        tmp_path, "all", "dm1,anna,joy", f"dm1,{name},joy", "dm2,zoe,awe", header="comment_id,annotator,labels"
    )
    with pytest.raises(UserError, match=r"cannot be a file's name.*; say --rename") as refusal:
        filed(tmp_path, several)
    assert len(str(refusal.value)) < 300 + len(str(tmp_path)) + len(name)
    assert not (tmp_path / "annotations").exists()
    assert len(filed(tmp_path, several, **{name: "ben"}).written) == 3


def test_where_one_file_cannot_be_written_none_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a disk that fills up."""
    placed(tmp_path, "comment_id,labels\ndm1,joy\n")
    before = everything(tmp_path / "annotations")
    write, calls = Path.write_text, []

    def full(self: Path, *content: str, **how: str) -> int:
        calls.append(self)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return write(self, *content, **how)

    both = annotator(tmp_path, "both", "dm2,anna,awe", "dm1,ben,joy", header="comment_id,annotator,labels")
    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        filed(tmp_path, both)
    assert len(calls) == 2 and everything(tmp_path / "annotations") == before


def test_a_mistyped_rename_is_refused_even_where_its_target_is_there(tmp_path: Path) -> None:
    both = annotator(tmp_path, "both", "dm1,anna,awe", "dm1,user-1,joy", header="comment_id,annotator,labels")
    with pytest.raises(UserError, match=r"--rename usr-1=anna: no file has an annotator 'usr-1', but 'anna', 'user-1'"):
        filed(tmp_path, both, **{"usr-1": "anna"})
    assert not (tmp_path / "annotations").exists()


def test_a_name_that_differs_in_case_alone_from_one_in_the_round_is_refused(tmp_path: Path) -> None:
    """The round could not be read afterwards."""
    filed(tmp_path, annotator(tmp_path, "anna", "dm1,awe,"))
    with pytest.raises(UserError, match=r"has labels of anna, who differs from Anna in case alone; .* 'Anna=anna'"):
        filed(tmp_path, annotator(tmp_path, "Anna", "dm2,awe,"))
    filed(tmp_path, annotator(tmp_path, "Anna", "dm2,awe,"), Anna="anna")
    assert len(read_rounds(tmp_path / "annotations", TREE)) == 2


def test_a_round_is_found_under_the_name_that_it_has(tmp_path: Path) -> None:
    placed(tmp_path, "comment_id,labels\ndm1,joy\n")
    (tmp_path / "annotations" / "round-2").rename(tmp_path / "annotations" / "round-02")
    filed(tmp_path, annotator(tmp_path, "ben", "dm1,joy,"))
    assert len(read_rounds(tmp_path / "annotations", TREE)) == 2


@pytest.mark.parametrize("what", ["round-2", "round-2/anna.csv"])
def test_what_stands_in_the_way_is_named(what: str, tmp_path: Path) -> None:
    place = tmp_path / "annotations" / what
    if what == "round-2":
        place.parent.mkdir()
        place.write_text("")
    else:
        place.mkdir(parents=True)
    with pytest.raises(UserError, match=f"^{place} is a .*; move it away"):
        filed(tmp_path, annotator(tmp_path, "anna", "dm1,joy,"))


@pytest.mark.parametrize("comment_id", ["-1", "=7", "@x", "+", "'-1"])
@pytest.mark.parametrize("eaten", [False, True])
def test_an_id_like_a_formula_goes_out_guarded_and_comes_back_as_itself(
    tmp_path: Path, comment_id: str, eaten: bool
) -> None:
    items = [Item(comment_id, "哈", (), (), None, None)]
    [batch] = write_batch(items, TREE, TOOLS["csv"], tmp_path / "batch")
    assert lines(batch)[0]["comment_id"] == f"'{comment_id}"
    back = fill_csv(tmp_path / "batch", tmp_path, "anna", {f"'{comment_id}": (["joy"], None)})
    if eaten and not comment_id.startswith("'"):  # by a spreadsheet, for which it marks a text
        back.write_text(back.read_text().replace(f"'{comment_id}", comment_id))
    for _ in range(2):  # and is the same comment when it comes again
        file_round([back], tmp_path / "annotations", 2, TREE, lambda: {comment_id}, {}, False)
    assert [vote.comment_id for vote in read_rounds(tmp_path / "annotations", TREE)] == [comment_id]
    assert lines(tmp_path / "annotations" / "round-2" / "anna.csv")[0]["comment_id"] == f"'{comment_id}"
