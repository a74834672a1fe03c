import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.annotation.exchange.filing import write_batch
from pipeline.annotation.exchange.ratings_csv import read_csv, read_table
from pipeline.annotation.exchange.tools import TOOLS
from pipeline.annotation.rounds.batch import Item
from pipeline.annotation.rounds.ratings import Rating
from pipeline.errors import UserError
from tests.annotation.exchange.filled import ITEMS, TREE, lines

Writer = Callable[..., Path]


@pytest.fixture
def written(tmp_path: Path) -> Writer:
    def write(content: str | bytes, name: str = "anna.csv") -> Path:
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    return write


def table(file: Path) -> list[Rating]:
    return read_table(file, "id", ["label0", "label1"])


# CSV


def test_a_file_of_one_annotator_is_named_by_its_file(written: Writer) -> None:
    file = written("comment_id,labels,confidence\nx,joy; awe,3\n y ,worry, \n")
    assert read_csv(file) == [
        Rating("x", "anna", ("joy", "awe"), 3, "line 2"),
        Rating("y", "anna", ("worry",), None, "line 3"),
    ]


def test_several_annotators_may_stand_one_below_the_other(written: Writer) -> None:
    file = written("annotator,comment_id,labels\nben,x,joy\n chris ,x,awe\n,y,joy\n")
    assert read_csv(file) == [
        Rating("x", "ben", ("joy",), None, "line 2"),
        Rating("x", "chris", ("awe",), None, "line 3"),
        Rating("y", "anna", ("joy",), None, "line 4"),  # no name there: the file's
    ]


def test_several_annotators_may_stand_side_by_side(written: Writer) -> None:
    file = written("comment_id,text,ben,chris,dora,note\nx,哈,joy,,awe;joy,?\ny,哈, ;,,worry,\nz,哈,,,,\n")
    assert read_csv(file) == [
        Rating("x", "ben", ("joy",), None, "line 2"),
        Rating("x", "dora", ("awe", "joy"), None, "line 2"),  # an empty cell is no rating
        Rating("y", "dora", ("worry",), None, "line 3"),
    ]


def test_what_a_batch_carries_along_is_nobodys_rating(written: Writer) -> None:
    header = "comment_id,text,before,after,context,video_id,onset_s,confidence,reason,note,notes,sampling,leaf"
    with pytest.raises(UserError, match="line 1: there is no column labels"):
        read_csv(written(f"{header},ben\nx{',' * 12},joy\n"))
    assert [one.annotator for one in read_csv(written(f"{header},ben,chris\nx{',' * 12},joy,joy\n"))] == [
        "ben",
        "chris",
    ]


def test_a_spreadsheets_habits_are_read(written: Writer) -> None:
    # a byte order mark, lines that end in CR LF, an empty line, quotes around a comma and a line break
    file = written('\ufeffcomment_id,labels,text\r\nx,joy,"a, b\r\nc"\r\n\r\ny,awe,\r\n')
    assert [(one.comment_id, one.place) for one in read_csv(file)] == [("x", "line 3"), ("y", "line 5")]


@pytest.mark.parametrize(
    ("content", "place", "complaint"),
    [
        ("", ", line 1: ", "there is no column comment_id; the header is []"),
        ("id,labels\nx,joy\n", ", line 1: ", "there is no column comment_id; the header is ['id', 'labels']"),
        ("comment_id,label\nx,joy\n", ", line 1: ", "there is no column labels; the header is"),
        ("comment_id\nx\n", ", line 1: ", "there is no column labels; the header is"),
        ("comment_id,labels\nx,joy\ny\n", ", line 3: ", "the line has too few columns; complete it"),
        ("comment_id,labels\nx,joy,awe\n", ", line 2: ", "the line has too many columns; quote its commas"),
        ("comment_id,ben,chris\nx,joy\n", ", line 2: ", "the line has too few columns"),
        ("comment_id,labels,confidence\nx,joy,4\n", ", line 2: ", "confidence '4' is not 1, 2 or 3"),
        ("comment_id,labels,confidence\nx,joy,2.0\n", ", line 2: ", "confidence '2.0' is not 1, 2 or 3"),
        ("comment_id,labels\nx,哈哈\n".encode("gb18030"), " ", "is not in UTF-8; save it so"),
        ("comment_id,labels\n".encode("utf-16"), " ", "is not in UTF-8; save it so"),
        (f"comment_id,labels\nx,{'j' * 200_000}\n", " ", "is no CSV: field larger than field limit"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(
    written: Writer, content: str | bytes, place: str, complaint: str
) -> None:
    file = written(content)
    with pytest.raises(UserError, match="^" + re.escape(f"{file}{place}{complaint}")):
        read_csv(file)


def test_a_misspelt_labels_beside_annotator_is_no_pair_of_annotators(written: Writer) -> None:
    with pytest.raises(UserError, match="there is no column labels"):
        read_csv(written("comment_id,annotator,label\nx,ben,joy\n"))


def test_blanks_around_a_column_name_do_not_make_it_an_annotator(written: Writer) -> None:
    with suppress(UserError):  # to complain of them is as good as to read on
        found = read_csv(written("comment_id, labels, confidence\nx, joy, 3\n"))
        assert {one.annotator for one in found} == {"anna"}


def test_a_column_that_stands_twice_loses_nobodys_ratings(written: Writer) -> None:
    with pytest.raises(UserError, match=r"line 1.*ben"):
        read_csv(written("comment_id,ben,chris,ben\nx,joy,awe,worry\n"))


def test_a_rating_without_a_comment_is_refused(written: Writer) -> None:
    with pytest.raises(UserError, match="line 2"):
        read_csv(written("comment_id,labels\n ,joy\n"))


# Tables


def test_a_table_of_json_lines_names_its_columns(written: Writer) -> None:
    lines = '{"id": 0, "text": "哈", "label0": "joy", "label1": null}\n{"id": 1, "label0": "", "label1": "awe;joy"}\n'
    found = [
        Rating("0", "label0", ("joy",), None, "line 1"),
        Rating("1", "label1", ("awe", "joy"), None, "line 2"),
    ]
    assert table(written(lines, "dev.json")) == found
    assert table(written(lines, "dev.jsonl")) == found


def test_a_table_may_be_csv(written: Writer) -> None:
    assert table(written("\ufeffid,label1,label0\n7,awe,joy\n8,,joy\n")) == [
        Rating("7", "label0", ("joy",), None, "line 2"),
        Rating("7", "label1", ("awe",), None, "line 2"),
        Rating("8", "label0", ("joy",), None, "line 3"),
    ]


GOOD = '{"id": 0, "label0": "a", "label1": "b"}\n'


@pytest.mark.parametrize(
    ("content", "name", "complaint"),
    [
        ("", "dev.json", " is empty"),
        ("", "dev.csv", ", line 1: there is no column id"),
        ('{"id": 0, "label0": "a"}\n', "dev.json", ", line 1: there is no column label1; there are id, label0"),
        ("id,label0\n", "dev.csv", ", line 1: there is no column label1; there are id, label0"),
        (GOOD + "[1]\n", "dev.json", ", line 2: this is no JSON object; give one object a line"),
        (GOOD + "{\n", "dev.jsonl", ", line 2: this is no JSON object"),
        (GOOD.replace('"b"', '"哈哈"').encode("gb18030"), "dev.json", " is not in UTF-8"),
    ],
)
def test_a_mistake_in_a_table_is_named(written: Writer, content: str | bytes, name: str, complaint: str) -> None:
    file = written(content, name)
    with pytest.raises(UserError, match="^" + re.escape(f"{file}{complaint}")):
        table(file)


def test_a_byte_order_mark_before_json_lines_is_read(written: Writer) -> None:
    assert [one.labels for one in table(written("\ufeff" + GOOD, "dev.json"))] == [("a",), ("b",)]


def test_a_table_without_a_key_in_a_later_line_is_refused(written: Writer) -> None:
    with pytest.raises(UserError, match="line 2"):
        table(written(GOOD + '{"label0": "a", "label1": "b"}\n', "dev.json"))


# Batches


def test_a_batch_in_csv_shows_the_comment_among_its_neighbours_and_leaves_room_for_labels(tmp_path: Path) -> None:
    [file] = write_batch(ITEMS, TREE, TOOLS["csv"], tmp_path)
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
    [file] = write_batch([Item("dm1", text, (text,), (text, "x"), None, None)], TREE, TOOLS["csv"], tmp_path)
    [line] = lines(file)
    for column in ("before", "text", "after"):
        assert not line[column].startswith(("=", "+", "-", "@", "\t", "\r"))
        assert line[column].lstrip("'").startswith(text)  # and all of it is there to read
    # what only has such a sign in it stays as it is
    [file] = write_batch([Item("dm1", "1+1=2", ("a", text), (), None, None)], TREE, TOOLS["csv"], tmp_path / "other")
    assert lines(file)[0]["text"] == "1+1=2" and lines(file)[0]["before"] == f"a / {text}"


# What spreadsheets and pandas leave


def test_blank_rows_and_columns_are_passed_over(written: Writer) -> None:
    file = written("comment_id,labels,,confidence,,\nx,joy,,3,,\n,,,,,\n\n , ,,,,\ny,awe,,,\nz,awe,,2\n,,,,,\n")
    assert read_csv(file) == [
        Rating("x", "anna", ("joy",), 3, "line 2"),
        Rating("y", "anna", ("awe",), None, "line 6"),  # Excel leaves blanks out at the end of later lines
        Rating("z", "anna", ("awe",), 2, "line 7"),
    ]
    wide = written("comment_id,ben,chris,,\nx,joy,awe,,\n,,,,\ny,,awe,,\n")
    assert [(one.comment_id, one.annotator) for one in read_csv(wide)] == [("x", "ben"), ("x", "chris"), ("y", "chris")]


def test_blank_cells_behind_the_last_column_are_no_columns(written: Writer) -> None:
    assert len(read_csv(written("comment_id,labels\nx,joy,,,\ny,awe, \n"))) == 2


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "Unnamed: 0.1", "index", "level_0"])
def test_the_index_of_a_table_is_no_annotator(written: Writer, name: str) -> None:
    raters = {one.annotator for one in read_csv(written(f"{name},comment_id,ben,chris\n0,x,joy,awe\n1,y,joy,joy\n"))}
    assert raters == {"ben", "chris"}
    # nor the second of two, as with a single annotator beside it
    with pytest.raises(UserError, match="there is no column labels"):
        read_csv(written(f"{name},comment_id,ben\n0,x,joy\n"))


@pytest.mark.parametrize("name", ["", "Unnamed: 2"])
def test_ratings_without_an_annotators_name_are_not_passed_over(written: Writer, name: str) -> None:
    for leaves in ("worry", "joy"), ("0", "0"):  # the latter are leaves, too: an index has each number once
        file = written(f"comment_id,ben,{name},chris\nx,joy,{leaves[0]},awe\ny,awe,{leaves[1]},awe\n")
        with pytest.raises(UserError, match="line 1: column 3, without a name, holds something; name its annotator"):
            read_csv(file)
    # where labels has the labels, it is a remark
    assert len(read_csv(written(f"comment_id,labels,{name}\nx,joy,odd\n"))) == 1


def test_tabs_in_place_of_commas_are_named(written: Writer) -> None:
    with pytest.raises(UserError, match=r"there is no column comment_id; .* Save it with commas"):
        read_csv(written("comment_id\tlabels\nx\tjoy\n"))
