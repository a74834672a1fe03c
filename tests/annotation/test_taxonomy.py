import re
from pathlib import Path

import pytest

from pipeline.annotation.taxonomy import Taxonomy, load_taxonomy
from pipeline.errors import UserError

TREE = """
version: 3
nodes:
  - name: feelings
    children:
      - {name: joy, definition: Delight.}
      - name: dark
        children: [worry, no]
  - other
"""


def taxonomy(folder: Path, content: str) -> Taxonomy:
    path = folder / "taxonomy.yaml"
    path.write_text(content, encoding="utf-8")
    return load_taxonomy(path)


def test_leaves_and_parents_follow_the_file_at_any_depth(tmp_path: Path) -> None:
    tree = taxonomy(tmp_path, TREE)
    assert tree.version == 3
    assert tree.leaves == ["joy", "worry", "no", "other"]  # `no` is a word
    assert tree.parents == ["feelings", "other"]
    assert tree.parent_of().tolist() == [0, 0, 0, 1]
    assert tree.index() == {"joy": 0, "worry": 1, "no": 2, "other": 3}
    assert tree.roots[0].children[0].definition == "Delight."


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (TREE.replace("worry", "joy"), "the leaf joy stands twice"),
        (TREE.replace("other", "feelings"), "the category feelings stands twice"),
        (TREE.replace("name: joy, ", ""), "an entry of feelings.children has no name"),
        ("nodes: [1, joy]", "an entry of nodes has no name"),
        (TREE.replace("definition:", "defintion:"), "joy has an unknown key defintion"),
        ("nodes: [{name: joy, 1: b, z: c}, awe]", "joy has an unknown key 1"),
        ("nodes: [{name: joy, children: 5}, awe]", "joy.children is 5; write a list"),
        ("nodes: [{name: joy, children: bc}, awe]", "joy.children is 'bc'; write a list"),
        ("nodes: ['', joy]", "the name '' in nodes is blank"),
        ("nodes: ['joy;awe', joy]", "the name 'joy;awe' in nodes is blank, begins or ends so, or holds a `;`"),
        ("version: one\nnodes: [joy, awe]", "version is 'one'; give a whole number"),
        ("version: 1", "a taxonomy has a list called nodes"),
        ("nodes: joy", "a taxonomy has a list called nodes"),
        ("[joy, awe]", "a taxonomy has a list called nodes"),
        ("nodes: []", "a choice needs at least two leaves, and there are 0"),
        ("nodes: [joy]", "a choice needs at least two leaves, and there are 1"),
    ],
)
def test_a_mistake_in_the_tree_is_named_with_the_file(tmp_path: Path, content: str, complaint: str) -> None:
    with pytest.raises(UserError, match="^" + re.escape(f"{tmp_path / 'taxonomy.yaml'}: {complaint}")):
        taxonomy(tmp_path, content)


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=f"There is no {tmp_path / 'none.yaml'}"):
        load_taxonomy(tmp_path / "none.yaml")
    with pytest.raises(UserError, match=f"^{tmp_path / 'taxonomy.yaml'}, line 2: this is no YAML"):
        taxonomy(tmp_path, "nodes: [joy\n")
