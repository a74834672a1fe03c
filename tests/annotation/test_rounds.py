import re
from pathlib import Path

import pytest

from pipeline.annotation.rounds import Annotation, read_adjudication, read_rounds
from pipeline.errors import UserError

LEAVES = ["joy", "awe", "worry"]


def annotate(folder: Path, content: str, name: str = "round-1/A.csv") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    return file


def test_rounds_are_read_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    annotate(tmp_path, "comment_id,labels,confidence\nx,awe,\n", "round-10/A.csv")
    annotate(tmp_path, "\ufeffcomment_id,labels\nx,joy\n", "round-2/B.csv")
    annotate(tmp_path, 'labels,comment_id,confidence\n joy ; awe,"x ",3\nworry,y,1\n', "round-2/A.csv")
    assert read_rounds(tmp_path, LEAVES) == [
        Annotation("x", "A", 2, ("joy", "awe"), 3),
        Annotation("y", "A", 2, ("worry",), 1),
        Annotation("x", "B", 2, ("joy",), None),
        Annotation("x", "A", 10, ("awe",), None),
    ]


def test_a_folder_that_is_nearly_a_round_is_not_passed_over(tmp_path: Path) -> None:
    annotate(tmp_path, "comment_id,labels\nx,joy\n", "round2/A.csv")
    with pytest.raises(UserError, match="round2 is no round"):
        read_rounds(tmp_path, LEAVES)


@pytest.mark.parametrize(
    ("content", "line", "complaint"),
    [
        ("comment_id,labels\nx,joy\ny,anger\n", 3, "'anger' is no leaf of the taxonomy"),
        ("comment_id,label\nx,joy\n", 1, "there is no column labels"),
        ("", 1, "there is no column comment_id"),
        ("comment_id,labels\nx,joy\ny,joy\nx,awe\n", 4, "x was labelled already"),
        ("comment_id,labels,confidence\nx,joy,4\n", 2, "confidence '4' is not 1, 2 or 3"),
        ("comment_id,labels,confidence\nx,joy,sure\n", 2, "confidence 'sure' is not 1, 2 or 3"),
        ("comment_id,labels\nx, ;\n", 2, "there is no label"),
        ("comment_id,labels\nx,joy;joy\n", 2, "joy;joy names a leaf twice"),
        ("comment_id,labels\nx\n", 2, "the line has too few columns"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(tmp_path: Path, content: str, line: int, complaint: str) -> None:
    file = annotate(tmp_path, content)
    with pytest.raises(UserError, match="^" + re.escape(f"{file}, line {line}: {complaint}")):
        read_rounds(tmp_path, LEAVES)


def test_a_folder_without_annotations_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=f"^{tmp_path} holds no annotations"):
        read_rounds(tmp_path, LEAVES)


def test_adjudication_is_optional_and_checked_like_a_round(tmp_path: Path) -> None:
    assert read_adjudication(tmp_path, LEAVES) == {}
    file = annotate(tmp_path, "comment_id,labels\nx ,awe;joy\n", "adjudication.csv")
    assert read_adjudication(tmp_path, LEAVES) == {"x": ("awe", "joy")}
    annotate(tmp_path, "comment_id,labels\nx,awe\nx,joy\n", "adjudication.csv")
    with pytest.raises(UserError, match=f"^{file}, line 3: x was settled already"):
        read_adjudication(tmp_path, LEAVES)
