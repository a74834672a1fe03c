"""What holds for every annotation tool, and that one more is one more entry in the list."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.annotation.exchange.filing import file_round, write_batch
from pipeline.annotation.exchange.plain_text import text_of
from pipeline.annotation.exchange.tool import Tool
from pipeline.annotation.exchange.tools import SUFFIXES, TOOLS
from pipeline.annotation.rounds.batch import Item
from pipeline.annotation.rounds.ratings import Annotation, Rating
from pipeline.annotation.rounds.reading import read_ratings, read_rounds
from pipeline.annotation.tree.taxonomy import Taxonomy
from pipeline.errors import UserError
from tests.annotation.exchange.filled import FILL, ITEMS, SAID, TREE, everything, filed, lines


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_says_what_it_writes_and_how_to_come_back(name: str) -> None:
    tool = TOOLS[name]
    assert tool.name == name and "danmu annotate import" in tool.next_step
    files = tool.batch(ITEMS, TREE)
    assert files and all(isinstance(content, str) and content for content in files.values())
    # every file that the sentence names is one that a batch has, or one that annotators send back
    assert all(file in tool.next_step for file in files if name != "csv")


def test_no_file_is_read_by_two_tools(tmp_path: Path) -> None:
    files = {
        "csv": ("a.csv", "comment_id,labels\ndm1,joy\n"),
        "label-studio": ("a.json", json.dumps([{"id": 1, "data": {"comment_id": "dm1"}, "annotations": []}])),
        "doccano": ("a.jsonl", json.dumps({"id": 1, "text": "x", "label": ["joy"], "comment_id": "dm1"})),
    }
    assert files.keys() == TOOLS.keys()
    for name, (file, content) in files.items():
        (tmp_path / file).write_text(content, encoding="utf-8")
        assert [tool.name for tool in TOOLS.values() if tool.recognises(tmp_path / file)] == [name]


def test_rounds_hold_the_files_of_every_tool() -> None:
    assert set(SUFFIXES) == {".csv", ".json", ".jsonl"}


def test_a_new_tool_is_read_filed_and_written_for_without_another_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines `id=leaf` below a first line that says `notebook`."""

    def read(file: Path, taxonomy: Taxonomy | None) -> list[Rating]:
        lines = text_of(file).splitlines()[1:]
        pairs = [line.partition("=") for line in lines]
        return [Rating(key, file.stem, (leaf,) if leaf else (), None, f"line of {key}") for key, _, leaf in pairs]

    notebook = Tool(
        name="notebook",
        export="a notebook",
        suffixes=(".json",),
        next_step="…",
        batch=lambda items, taxonomy: {"batch.txt": "notebook\n" + "".join(f"{item.comment_id}=\n" for item in items)},
        recognises=lambda file: text_of(file).startswith("notebook\n"),
        read=read,
        exports_unlabelled=True,
    )
    monkeypatch.setitem(TOOLS, "notebook", notebook)
    [batch] = write_batch(ITEMS[:1], TREE, notebook, tmp_path / "batch")
    (tmp_path / "anna.json").write_text(batch.read_text() + "dm2=joy\n")
    assert [rating.labels for rating in read_ratings(tmp_path / "anna.json", TREE, True)] == [(), ("joy",)]
    assert [rating.labels for rating in read_ratings(tmp_path / "anna.json", TREE)] == [("joy",)]
    filed = file_round([tmp_path / "anna.json"], tmp_path / "rounds", 1, TREE, lambda: {"dm1", "dm2"}, {}, False)
    assert (filed.new, filed.blank) == (1, 1)
    assert read_rounds(tmp_path / "rounds", TREE) == [Annotation("dm2", "anna", 1, ("joy",), None)]
    # what nobody recognises is named with every tool
    (tmp_path / "b.json").write_text("[]")
    with pytest.raises(UserError, match="nor a notebook; export it as one of these"):
        read_ratings(tmp_path / "b.json", TREE)


@pytest.mark.parametrize("tool", TOOLS)
def test_what_goes_out_comes_back_as_a_round(tool: str, tmp_path: Path) -> None:
    files = write_batch(ITEMS, TREE, TOOLS[tool], tmp_path / "batch")
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
def test_what_an_annotator_has_not_labelled_is_counted(tool: str, tmp_path: Path) -> None:
    write_batch(ITEMS, TREE, TOOLS[tool], tmp_path / "batch")
    done = filed(tmp_path, FILL[tool](tmp_path / "batch", tmp_path, "anna", SAID))
    assert done.blank == 1  # dm3


@pytest.mark.parametrize("tool", ["csv", "label-studio"])
def test_further_leaves_come_back_too(tool: str, tmp_path: Path) -> None:
    write_batch(ITEMS, TREE, TOOLS[tool], tmp_path / "batch")
    filed(tmp_path, FILL[tool](tmp_path / "batch", tmp_path, "anna", {"dm2": (["worry", "joy"], None)}))
    assert [found.leaves for found in read_rounds(tmp_path / "annotations", TREE)] == [("worry", "joy")]


@given(st.lists(st.text(), min_size=1, max_size=4), st.sampled_from(list(TOOLS)))
@example(["a\rb"], "csv")
@example(["a\r\nb", "\n", '"', "", "\x00", "\u2028\u0085\x1c", "'", ",;"], "csv")
@settings(max_examples=120, deadline=None)
def test_whatever_is_in_the_texts_every_comment_comes_back_as_itself(texts: list[str], tool: str) -> None:
    items = [Item(f"dm{at}", text, (text, text), (text,), None, None) for at, text in enumerate(texts)]
    said = {item.comment_id: (["joy"], None) for item in items}
    with TemporaryDirectory(prefix="siltest-") as name:
        folder = Path(name)
        write_batch(items, TREE, TOOLS[tool], folder / "batch")
        if tool == "csv":  # in the table, as a spreadsheet has it, each stands in its own cell
            table = lines(folder / "batch" / "batch.csv")
            assert [line["comment_id"] for line in table] == list(said)
            assert all(line["text"].endswith(item.text) for line, item in zip(table, items, strict=True))
        back = FILL[tool](folder / "batch", folder, "anna", said)
        file_round([back], folder / "annotations", 2, TREE, lambda: set(said), {}, False)
        found = read_rounds(folder / "annotations", TREE)
    assert sorted(annotation.comment_id for annotation in found) == sorted(said)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_batch_never_takes_the_place_of_another(tool: str, tmp_path: Path) -> None:
    files = write_batch(ITEMS, TREE, TOOLS[tool], tmp_path)
    before = everything(tmp_path)
    with pytest.raises(UserError, match="is there already; name another folder with -o, or move it away"):
        write_batch(ITEMS[:1], TREE, TOOLS[tool], tmp_path)
    files[0].unlink()  # the other file alone is reason enough, and nothing is written
    if len(files) > 1:
        with pytest.raises(UserError, match=f"{files[1].name} is there already"):
            write_batch(ITEMS[:1], TREE, TOOLS[tool], tmp_path)
        assert everything(tmp_path) == {name: content for name, content in before.items() if name != files[0].name}
