import re
from pathlib import Path

import pytest

from pipeline.annotation.tree.taxonomy import Taxonomy, UnknownLabel, load_taxonomy
from pipeline.errors import UserError
from tests.conftest import ROOT

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

DEEP = """
version: 4
name: a tree of four levels
kind: multi-label
formerly:
  1: {gladness: joy, dread: worry}
  2: {gladness: joy, mood: null}
nodes:
  - name: feelings
    exclusive: true
    children:
      - joy
      - name: dark
        children:
          - name: worry
            definition: Fears what may come.
            boundary: It is grief when it has come.
            examples: ['别啊', '完了完了']
            hypothesis: 这条弹幕在表达担心。
          - name: loss
            exclusive: true
            children: [grief, longing]
  - talk
"""


def taxonomy(folder: Path, content: str) -> Taxonomy:
    path = folder / "taxonomy.yaml"
    path.write_text(content, encoding="utf-8")
    return load_taxonomy(path)


def test_leaves_and_parents_follow_the_file_at_any_depth(tmp_path: Path) -> None:
    tree = taxonomy(tmp_path, TREE)
    assert (tree.version, tree.kind, tree.depth, tree.formerly) == (3, "single-label", 3, {})
    assert tree.leaves == ["joy", "worry", "no", "other"]  # `no` is a word
    assert tree.parents == ["feelings", "other"]
    assert tree.parent_of().tolist() == [0, 0, 0, 1]
    assert tree.index_of_leaf == {"joy": 0, "worry": 1, "no": 2, "other": 3}
    assert tree.roots[0].children[0].definition == "Delight."


def test_every_level_divides_all_leaves_and_a_leaf_that_ends_higher_stands_for_itself(tmp_path: Path) -> None:
    tree = taxonomy(tmp_path, DEEP)
    assert tree.leaves == ["joy", "worry", "grief", "longing", "talk"]
    assert tree.depth == 4
    levels = [(names, index.tolist()) for names, index in map(tree.level, range(5))]
    assert levels[:4] == [
        (["feelings", "talk"], [0, 0, 0, 0, 1]),
        (["joy", "dark", "talk"], [0, 1, 1, 1, 2]),
        (["joy", "worry", "loss", "talk"], [0, 1, 2, 2, 3]),
        (tree.leaves, [0, 1, 2, 3, 4]),
    ]
    assert levels[4] == levels[3]  # below the leaves there is nothing
    assert levels[0] == (tree.parents, tree.parent_of().tolist())


def test_every_node_has_its_path_its_parent_and_its_leaves(tmp_path: Path) -> None:
    nodes = taxonomy(tmp_path, DEEP).nodes
    assert [(node.path, node.depth, node.parent, node.leaves, node.is_leaf) for node in nodes] == [
        ("feelings", 0, None, (0, 1, 2, 3), False),
        ("feelings/joy", 1, 0, (0,), True),
        ("feelings/dark", 1, 0, (1, 2, 3), False),
        ("feelings/dark/worry", 2, 2, (1,), True),
        ("feelings/dark/loss", 2, 2, (2, 3), False),
        ("feelings/dark/loss/grief", 3, 4, (2,), True),
        ("feelings/dark/loss/longing", 3, 4, (3,), True),
        ("talk", 0, None, (4,), True),
    ]
    assert nodes[3].name == "worry" and nodes[3].node.definition == "Fears what may come."


@pytest.mark.parametrize("where", ["shipped", "written"])
def test_nodes_agree_with_leaves_and_levels(where: str, tmp_path: Path) -> None:
    tree = load_taxonomy(ROOT / "data" / "taxonomy.yaml") if where == "shipped" else taxonomy(tmp_path, DEEP)
    leaves = [node for node in tree.nodes if node.is_leaf]
    assert [leaf.name for leaf in leaves] == tree.leaves
    assert [leaf.leaves for leaf in leaves] == [(index,) for index in range(len(leaves))]
    for place, node in enumerate(tree.nodes):
        children = [other for other in tree.nodes if other.parent == place]
        assert [child.node for child in children] == list(node.node.children)
        if children:
            assert node.leaves == tuple(leaf for child in children for leaf in child.leaves)
            assert all(
                child.path == f"{node.path}/{child.name}" and child.depth == node.depth + 1 for child in children
            )
    assert [node.path for node in tree.nodes if node.parent is None] == tree.parents


def test_a_flat_list_is_a_tree_of_one_level(tmp_path: Path) -> None:
    tree = taxonomy(tmp_path, "nodes: [joy, awe]")
    assert (tree.version, tree.depth, tree.leaves, tree.parents) == (1, 1, ["joy", "awe"], ["joy", "awe"])
    assert tree.level(0)[0] == ["joy", "awe"]


def test_what_people_and_models_are_told_is_read(tmp_path: Path) -> None:
    tree = taxonomy(tmp_path, DEEP)
    assert tree.kind == "multi-label"
    worry, grief = tree.leaf_nodes[1], tree.leaf_nodes[2]
    assert (worry.definition, worry.boundary) == ("Fears what may come.", "It is grief when it has come.")
    assert (worry.examples, worry.hypothesis) == (("别啊", "完了完了"), "这条弹幕在表达担心。")
    assert (grief.definition, grief.boundary, grief.examples, grief.hypothesis) == ("", "", (), "")


def test_labels_of_earlier_versions_become_todays(tmp_path: Path) -> None:
    tree = taxonomy(tmp_path, DEEP)
    assert [tree.leaf_of(label) for label in ("joy", "gladness", "dread")] == ["joy", "joy", "worry"]
    for label, complaint in (
        ("mood", "'mood' has no single successor in version 4 of the taxonomy"),
        ("dark", "'dark' is a category and no leaf of the taxonomy; name one of the leaves below it"),
        ("anger", "'anger' is no leaf of the taxonomy; correct it, add the leaf, or map it under formerly"),
    ):
        with pytest.raises(UnknownLabel, match=f"^{complaint}$"):
            tree.leaf_of(label)


def test_a_lower_category_may_be_called_as_another_one_or_as_a_column_elsewhere(tmp_path: Path) -> None:
    inner = "{name: split, children: [%s]}"
    content = f"nodes: [{{name: a, children: [{inner % 'joy'}]}}, {{name: b, children: [{inner % 'awe'}]}}]"
    assert [node.path for node in taxonomy(tmp_path, content).nodes if node.name == "split"] == [
        "a/split",
        "b/split",
    ]


def test_a_name_that_is_a_category_and_a_leaf_is_the_leaf(tmp_path: Path) -> None:
    tree = taxonomy(tmp_path, "nodes: [joy, {name: other, children: [other]}]")
    assert tree.leaf_of("other") == "other" and tree.level(0)[0] == ["joy", "other"]


@pytest.mark.parametrize(
    ("leaves", "quarrel"),
    [
        (("joy",), ""),
        (("joy", "talk"), ""),  # the roots exclude nothing
        (("worry", "grief"), ""),  # dark is not exclusive
        (("joy", "worry"), "joy and dark exclude each other below feelings"),
        (("longing", "joy"), "joy and dark exclude each other below feelings"),  # however deep
        (("longing", "worry", "grief"), "grief and longing exclude each other below loss"),
    ],
)
def test_children_of_an_exclusive_node_exclude_each_other(
    tmp_path: Path, leaves: tuple[str, ...], quarrel: str
) -> None:
    assert taxonomy(tmp_path, DEEP).quarrel(leaves) == quarrel


FORMERLY = "version: 3\nnodes: [joy, awe]\nformerly: "


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (TREE.replace("worry", "joy"), "the leaf joy stands twice"),
        (TREE.replace("other", "feelings"), "the category feelings stands twice"),
        (TREE.replace("name: joy, ", ""), "an entry of feelings.children has no name"),
        ("nodes: [[], joy]", "an entry of nodes has no name"),
        ("nodes: [1, joy]", 'the name 1 in nodes is no text to YAML; quote it, as `name: "1"`.'),
        ("nodes: [{name: true}, joy]", 'the name true in nodes is no text to YAML; quote it, as `name: "true"`.'),
        ("nodes: [{name: 1.5}, joy]", "the name 1.5 in nodes is no text to YAML"),
        ("nodes: [{name: a, children: [2024-05-01]}]", "the name 2024-05-01 in a.children is no text to YAML"),
        ('nodes: ["two\\nlines", joy]', "the name 'two\\nlines' in nodes holds U+000A, a line break or another sign"),
        ('nodes: ["a\\u2028b", joy]', "the name 'a\\u2028b' in nodes holds U+2028"),
        ('nodes: ["a\\eb", joy]', "the name 'a\\x1bb' in nodes holds U+001B"),
        ('nodes: ["a\\u202Eb", joy]', "the name 'a\\u202eb' in nodes holds U+202E"),
        ("nodes: [{name: joy, definition: [a, b]}, awe]", "joy.definition is ['a', 'b']; write a text"),
        (FORMERLY + "{1: {glee: [joy]}}", "formerly.1.glee is ['joy'], which is no leaf"),
        (
            TREE.replace("definition:", "defintion:"),
            "joy has an unknown key defintion (did you mean definition?); remove it",
        ),
        ("nodes: [{name: joy, 1: b, z: c}, awe]", "joy has an unknown key 1"),
        ("nodes: [joy, awe]\nkinds: single-label", "the taxonomy has an unknown key kinds (did you mean kind?); "),
        ("nodes: [{name: joy, children: 5}, awe]", "joy.children is 5; write a list"),
        ("nodes: [{name: joy, children: bc}, awe]", "joy.children is 'bc'; write a list"),
        ("nodes: [{name: joy, examples: 哈哈}, awe]", "joy.examples is '哈哈'; write a list of texts"),
        ("nodes: [{name: joy, examples: [666]}, awe]", "joy.examples is [666]; write a list of texts, in quotes"),
        ("nodes: [{name: joy, exclusive: 'yes'}, awe]", "joy.exclusive is 'yes'; write true or false"),
        ("nodes: ['', joy]", "the name '' in nodes is blank"),
        ("nodes: ['joy;awe', joy]", "the name 'joy;awe' in nodes is blank, begins or ends so, or holds a `;`"),
        ("nodes: [joy, comment_id]", "a leaf cannot be called comment_id"),
        ("nodes: [{name: a, children: [joy, split]}]", "a leaf cannot be called split, a column of"),
        ("nodes: [joy, {name: split, children: [awe]}]", "a top-level category cannot be called split, a column of"),
        ("nodes: [{name: comment_id, children: [joy, awe]}]", "a top-level category cannot be called comment_id"),
        (
            "nodes: [{name: a, children: [{name: b, children: [joy]}, {name: b, children: [awe]}]}]",
            "two nodes have the path a/b, their names joined by `/`; rename one of them.",
        ),
        ("nodes: [{name: a, children: [b]}, a/b]", "two nodes have the path a/b"),
        ("version: one\nnodes: [joy, awe]", "version is 'one'; give a whole number"),
        ("version: true\nnodes: [joy, awe]", "version is True; give a whole number"),
        ("kind: several\nnodes: [joy, awe]", "kind is 'several'; write single-label or multi-label"),
        ("version: 1", "a taxonomy has a list called nodes"),
        ("nodes: joy", "a taxonomy has a list called nodes"),
        ("[joy, awe]", "a taxonomy has a list called nodes"),
        ("nodes: []", "a choice needs at least two leaves, and there are 0"),
        ("nodes: [joy]", "a choice needs at least two leaves, and there are 1"),
        (FORMERLY + "[glee]", "formerly is ['glee']; write the earlier version, below it `old label: leaf`"),
        (FORMERLY + "{1: glee}", "formerly is {1: 'glee'}; write the earlier version"),
        (FORMERLY + "{glee: joy}", "formerly is {'glee': 'joy'}; write the earlier version"),
        (FORMERLY + "{3: {glee: joy}}", "formerly names version 3, and the tree is version 3"),
        (FORMERLY + "{v1: {glee: joy}}", "formerly names version 'v1', and the tree is version 3"),
        (FORMERLY + "{1: {joy: awe}}", "formerly.1 renames joy, which is a leaf"),
        (FORMERLY + "{1: {mirth: glee}, 2: {glee: joy}}", "formerly.1.mirth is 'glee', which is no leaf"),  # a chain
        (FORMERLY + "{1: {glee: joy}, 2: {glee: awe}}", "formerly has two answers for glee"),
        (FORMERLY + "{1: {glee: null}, 2: {glee: awe}}", "formerly has two answers for glee"),
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
    with pytest.raises(UserError, match=f"^{tmp_path / 'taxonomy.yaml'}, line 1: this is no YAML"):
        taxonomy(tmp_path, "{nodes: [joy, awe], nodes: [joy, awe]}\n")


# The tree that ships


def test_every_leaf_that_ships_is_explained_to_people_and_to_models() -> None:
    tree = load_taxonomy(ROOT / "data" / "taxonomy.yaml")
    assert (tree.kind, tree.depth, len(tree.parents)) == ("single-label", 2, 5)
    for leaf in tree.leaf_nodes:
        assert leaf.definition and leaf.hypothesis.startswith("这条弹幕") and len(leaf.examples) == 4, leaf.name
        # the boundary begins with the nearest other leaf
        nearest = re.match(r"It is (\w+) ", leaf.boundary)
        assert nearest and nearest[1] in tree.leaves and nearest[1] != leaf.name, leaf.name
    assert all(root.definition and root.hypothesis for root in tree.roots)


def test_no_example_and_no_hypothesis_that_ships_stands_for_two_leaves() -> None:
    leaves = load_taxonomy(ROOT / "data" / "taxonomy.yaml").leaf_nodes
    examples = [example for leaf in leaves for example in leaf.examples]
    assert len(set(examples)) == len(examples) == 4 * len(leaves)
    assert len({leaf.hypothesis for leaf in leaves}) == len(leaves)
