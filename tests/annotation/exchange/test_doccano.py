"""Doccano's exports here are cut from what version 1.8.4 wrote; older forms are from its own history."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.annotation.exchange.doccano import COLOURS, is_doccano, labels, lines, read_export
from pipeline.annotation.rounds.batch import Item
from pipeline.annotation.rounds.ratings import Rating
from pipeline.annotation.tree.node import Node
from pipeline.annotation.tree.taxonomy import Taxonomy, load_taxonomy
from pipeline.errors import UserError
from tests.conftest import ROOT

EXPORT = """\
{"id":1,"text":"· 前\\n\\n▶ 哈<\\/b>\\n\\n· 后","comment_id":"dm1","label":["joy"],"Comments":[]}
{"id":2,"text":"▶ ?","comment_id":"0042","label":[],"Comments":[]}
{"id":3,"text":"▶ !","comment_id":"17","label":["awe"],"Comments":["not sure"]}
"""


def written(folder: Path, content: str, name: str = "anna.jsonl") -> Path:
    file = folder / name
    file.write_text(content, encoding="utf-8")
    return file


def test_the_comment_stands_between_its_neighbours_whatever_they_look_like() -> None:
    [line] = lines([Item("dm1", "哈\n· 哈", ("前一", "▶ 前二\n\n"), ("<b>$x</b>",), "BV1", 3.5)])
    assert line == {
        "text": "· 前一\n· ▶ 前二\n· \n\n▶ 哈\n▶ · 哈\n\n· <b>$x</b>",
        "label": [],
        "comment_id": "dm1",
    }


def test_a_comment_alone_is_its_own_text_and_never_empty() -> None:
    """Doccano refuses empty texts, and cannot store a gap in a column: all lines have the same keys, none is null."""
    found = lines([Item("a", "", (), (), None, None), Item("b", "哈", (), (), "BV1", 0.0)])
    assert [line["text"] for line in found] == ["▶ ", "▶ 哈"]
    assert all(line.keys() == {"text", "label", "comment_id"} and None not in line.values() for line in found)


def test_labels_have_a_key_each_and_their_category_s_colour() -> None:
    taxonomy = load_taxonomy(ROOT / "data" / "taxonomy.yaml")
    found = labels(taxonomy)
    assert [label["text"] for label in found] == taxonomy.leaves
    keys = [label["suffixKey"] for label in found]
    assert len(set(keys)) == len(keys) and all(re.fullmatch("[a-z0-9]", str(key)) for key in keys)
    assert [label["backgroundColor"] for label in found] == [COLOURS[parent] for parent in taxonomy.parent_of()]


def test_where_keys_and_colours_run_out_the_labels_remain() -> None:
    found = labels(Taxonomy(1, tuple(Node(f"leaf-{number}", "") for number in range(40))))
    assert len(found) == 40 and [label["suffixKey"] for label in found][-4:] == [None] * 4
    assert {label["backgroundColor"] for label in found} == set(COLOURS)


def test_an_annotator_is_the_file_and_lines_without_labels_are_not_annotated(tmp_path: Path) -> None:
    assert is_doccano(json.loads(EXPORT.splitlines()[0]))
    assert read_export(written(tmp_path, EXPORT)) == [
        Rating("dm1", "anna", ("joy",), None, "line 1"),
        Rating("", "anna", (), None, "line 2"),
        Rating("17", "anna", ("awe",), None, "line 3"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        {"id": 1, "data": "哈", "label": ["joy"], "comment_id": "dm1"},
        {"id": 1, "text": "哈", "meta": {"comment_id": "dm1"}, "labels": ["joy"]},
        {"id": 1, "text": "哈", "metadata": {"comment_id": "dm1"}, "label": ["joy"]},
        {"id": 1, "data": "哈", "label": ["joy"], "Metadata": {"comment_id": "dm1"}},
        {"id": 1, "text": "哈", "label": ["joy"], "comment_id": "dm1", "meta": None},
    ],
)
def test_earlier_versions_are_read_too(tmp_path: Path, line: Any) -> None:
    assert is_doccano(line)
    file = written(tmp_path, f"\ufeff{json.dumps(line)}\r\n\r\n")
    assert read_export(file) == [Rating("dm1", "anna", ("joy",), None, "line 1")]


def test_a_line_that_names_its_user_is_that_user_s(tmp_path: Path) -> None:
    line = {"doc_id": 1, "text": "哈", "labels": ["joy"], "username": "root", "meta": {"comment_id": 7}}
    assert is_doccano(line)
    assert read_export(written(tmp_path, json.dumps(line), "all.jsonl")) == [
        Rating("7", "root", ("joy",), None, "line 1")
    ]


def test_several_labels_are_refused_unless_the_taxonomy_is_multi_label(tmp_path: Path) -> None:
    """Doccano sorts them: of joy, then awe, its export says ["awe", "joy"]."""
    file = written(tmp_path, EXPORT.replace('["joy"]', '["awe","joy"]'))
    with pytest.raises(UserError, match=re.escape(f"{file}, line 1: there are several labels (awe, joy), and Doccano")):
        read_export(file)
    assert read_export(file, single_label=False)[0].labels == ("awe", "joy")


@pytest.mark.parametrize(
    "text", ["哈", "<script>alert(1)</script>", "a\u2028b\u0085c\x0bd", "\ud83d\ude00😭", '"\\n\t$x{{y}}']
)
def test_what_goes_out_comes_back(tmp_path: Path, text: str) -> None:
    """Whatever is in a text, one comment is one line."""
    sent = lines([Item(f"{number:03}", text, (text,), (text,), None, None) for number in range(3)])
    for ascii_only in (True, False):
        if not ascii_only and "\ud83d" in text:
            continue  # half a character has no UTF-8
        content = "".join(
            json.dumps({"id": index, **line, "label": ["joy"]}, ensure_ascii=ascii_only) + "\n"
            for index, line in enumerate(sent)
        )
        back = read_export(written(tmp_path, content))
        assert [(rating.comment_id, rating.place) for rating in back] == [
            ("000", "line 1"),
            ("001", "line 2"),
            ("002", "line 3"),
        ]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("nothing", "this is no JSON object"),
        ("[1]", "this is no JSON object"),
        ('{"id":1,"text":"a","label":["joy"]}', "there is no comment_id; import what `danmu annotate export` writes"),
        ('{"id":1,"text":"a","label":["joy"],"comment_id":""}', "there is no comment_id"),
        (
            '{"id":1,"text":"a","label":[[0,2,"joy"]],"comment_id":"a"}',
            "the label [0, 2, 'joy'] marks a part of the text",
        ),
        (
            '{"id":1,"text":"a","annotations":[{"label":3,"user":1}],"comment_id":"a"}',
            "the label {'label': 3, 'user': 1}",
        ),
        ('{"id":1,"text":"a","label":[3],"comment_id":"a"}', "the label 3 is no name"),
        ('{"id":1,"text":"a","label":"joy","comment_id":"a"}', "the labels are 'joy' and no list"),
        ('{"id":1,"text":"a","comment_id":"a"}', "the labels are None and no list"),
    ],
)
def test_a_fault_is_named_with_file_and_line(tmp_path: Path, line: str, complaint: str) -> None:
    file = written(tmp_path, f"{EXPORT}\n{line}\n")
    with pytest.raises(UserError, match="^" + re.escape(f"{file}, line 5: {complaint}")):
        read_export(file)


@pytest.mark.parametrize("value", [None, [], {}, {"text": "a", "label0": "joy"}, {"id": 1, "label": ["joy"]}])
def test_other_json_lines_are_told_apart(value: Any) -> None:
    assert not is_doccano(value)
