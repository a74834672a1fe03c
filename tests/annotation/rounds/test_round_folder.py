"""What lies beside ratings and is not read is named: an annotator's labels would be missed otherwise, and by nobody."""

import re
from pathlib import Path

import pytest

from pipeline.annotation.rounds.reading import read_anything, read_rounds
from pipeline.errors import UserError


@pytest.fixture
def annotations(tmp_path: Path) -> Path:
    """A folder of rounds that can be read."""
    put(tmp_path, "round-1/anna.csv")
    return tmp_path


def put(folder: Path, name: str, content: str | bytes = "comment_id,labels\nx,joy\n") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


@pytest.mark.parametrize(
    "name",
    ["ben.xlsx", "ben.XLS", "ben.ods", "ben.tsv", "ben.tab", "export.zip", "ben.parquet", "ben.csv.bak", "ben/ben.csv",
     "new/deep/ben.jsonl", "ben.csv/part.csv", "ben.txt", "ben"],
)  # fmt: skip
def test_what_may_hold_ratings_and_is_not_read_is_named(annotations: Path, name: str) -> None:
    file = put(annotations, f"round-1/{name}", "comment_id\tlabels\nx\tjoy\n")
    with pytest.raises(UserError, match=f"^{re.escape(str(file))} is not read: a round is .csv, .json, .jsonl files; "):
        read_rounds(annotations, None)
    with pytest.raises(UserError, match=f"^{re.escape(str(file))} is not read"):
        read_anything(annotations / "round-1", None)


@pytest.mark.parametrize("name", ["ben.xlsx", "adjudication.xlsx", "ben/ben.csv", "ben/x.tsv", "export.zip", "ben"])
def test_nor_may_it_lie_beside_the_rounds(annotations: Path, name: str) -> None:
    file = put(annotations, name)
    with pytest.raises(UserError, match=f"^{re.escape(str(file))} is in no round, and is not read; "):
        read_rounds(annotations, None)


def test_a_table_that_a_spreadsheet_saved_as_unicode_text_is_named(annotations: Path) -> None:
    file = put(annotations, "round-1/ben.txt", "comment_id\tlabels\n".encode("utf-16"))
    with pytest.raises(UserError, match=f"^{file} is not read"):
        read_rounds(annotations, None)


def test_a_linked_folder_is_named_and_not_followed(annotations: Path) -> None:
    (annotations / "round-1" / "more").symlink_to(annotations, target_is_directory=True)
    with pytest.raises(UserError, match=r"round-1/more is not read"):
        read_rounds(annotations, None)


@pytest.mark.parametrize(
    "name",
    ["notes.txt", "README", "README.md", ".DS_Store", "._anna.csv", ".ipynb_checkpoints/anna.csv", "~$anna.xlsx",
     "anna.csv~", "Thumbs.db", "desktop.ini", "__MACOSX/anna.csv", "codebook.pdf", "empty/notes.md"],
)  # fmt: skip
def test_notes_and_what_systems_leave_do_no_harm(annotations: Path, name: str) -> None:
    put(annotations, f"round-1/{name}", "what we talked about\n")
    put(annotations, name, "what we talked about\n")
    assert len(read_rounds(annotations, None)) == 1


@pytest.mark.parametrize("name", ["raw/dump.csv", "raw/1.json", "codebook.docx", "old/plan.xlsx", "corpus.parquet"])
def test_what_else_a_project_keeps_beside_its_rounds_does_no_harm(annotations: Path, name: str) -> None:
    put(annotations, name, "comment_id,text\nx,y\n")
    assert len(read_rounds(annotations, None)) == 1


@pytest.mark.parametrize("name", ["adjudication.csv", "Adjudication.CSV", "adjudication.jsonl"])
def test_an_adjudication_in_a_round_is_to_be_called_by_whose_labels_it_holds(annotations: Path, name: str) -> None:
    """Moved beside the rounds, as one was once told to, one annotator's labels would override everybody's."""
    put(annotations, f"round-1/{name}")
    with pytest.raises(UserError, match=f"{name} is no annotator's; call it by the name of who labelled it. Only what"):
        read_rounds(annotations, None)
