"""The tree of categories: read once, checked, then fixed in order everywhere."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from pipeline.config import read_yaml
from pipeline.errors import UserError

Indices = np.ndarray[Any, np.dtype[np.intp]]
Kind = Literal["single-label", "multi-label"]
TREE_KEYS = ("version", "name", "kind", "formerly", "nodes")
NODE_KEYS = ("name", "definition", "boundary", "examples", "hypothesis", "exclusive", "children")


class UnknownLabel(ValueError):
    """A label that is no leaf and that no earlier version of the tree explains; a sentence."""


@dataclass(frozen=True)
class Node:
    """A category with what people and models are told of it; a leaf has no children."""

    name: str
    definition: str
    children: tuple["Node", ...] = ()
    boundary: str = ""  # the nearest other category, and what decides between the two
    examples: tuple[str, ...] = ()
    hypothesis: str = ""  # a sentence in the texts' language that is true of such a text
    exclusive: bool = False  # no text has labels below two different children

    def leaves(self) -> list["Node"]:
        """The leaves below this node, in the file's order; a leaf is its own."""
        return [leaf for child in self.children for leaf in child.leaves()] if self.children else [self]

    def walk(self, depth: int = 0) -> Iterator[tuple[int, "Node"]]:
        """This node and all below it, each with its depth, in the file's order."""
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)


@dataclass(frozen=True)
class Taxonomy:
    """The label set: never the union of what happens to occur, always this.

    A column of probabilities, a row of a table, an index of a class: all follow `leaves`.
    """

    version: int
    roots: tuple[Node, ...]
    kind: Kind = "single-label"
    #: labels of earlier versions → today's leaf; None where a label was split and cannot be translated
    formerly: dict[str, str | None] = field(default_factory=dict)

    @cached_property
    def leaf_nodes(self) -> list[Node]:
        """The leaves, in the file's order."""
        return [leaf for root in self.roots for leaf in root.leaves()]

    @property
    def leaves(self) -> list[str]:
        """Names of the leaves, in the file's order."""
        return [leaf.name for leaf in self.leaf_nodes]

    @property
    def parents(self) -> list[str]:
        """Names of the top-level categories, in the file's order."""
        return [root.name for root in self.roots]

    @property
    def depth(self) -> int:
        """Levels of the tree; 1 where no leaf has a parent."""
        return 1 + max(depth for root in self.roots for depth, _ in root.walk())

    def parent_of(self) -> Indices:
        """For each leaf, by index, the index of its top-level category; shape (leaves,)."""
        return np.array([index for index, root in enumerate(self.roots) for _ in root.leaves()])

    def index(self) -> dict[str, int]:
        """Leaf name → index."""
        return {name: index for index, name in enumerate(self.leaves)}

    def level(self, depth: int) -> tuple[list[str], Indices]:
        """The categories `depth` steps below the top, and for each leaf the index of the one it is in.

        A leaf that ends higher up stands for itself, so that every level divides all texts.
        """
        names: list[str] = []
        index: list[int] = []

        def descend(node: Node, steps: int) -> None:
            if steps == 0 or not node.children:
                index.extend([len(names)] * len(node.leaves()))
                names.append(node.name)
                return
            for child in node.children:
                descend(child, steps - 1)

        for root in self.roots:
            descend(root, depth)
        return names, np.array(index)

    def leaf_of(self, label: str) -> str:
        """Today's leaf for a label of this version or an earlier one.

        Raises:
            UnknownLabel: it is no leaf, and `formerly` does not say what it became.
        """
        if label in self.index_of_leaf:
            return label
        if label in self.formerly:
            today = self.formerly[label]
            if today is None:
                raise UnknownLabel(f"{label!r} has no single successor in version {self.version} of the taxonomy")
            return today
        if any(node.name == label for root in self.roots for _, node in root.walk()):
            raise UnknownLabel(f"{label!r} is a category and no leaf of the taxonomy; name one of the leaves below it")
        raise UnknownLabel(f"{label!r} is no leaf of the taxonomy; correct it, add the leaf, or map it under formerly")

    def quarrel(self, leaves: tuple[str, ...]) -> str:
        """What a set of leaves does that the tree forbids, as half a sentence; empty where nothing."""
        for _, node in (found for root in self.roots for found in root.walk()):
            if node.exclusive:
                sides = [child.name for child in node.children if {leaf.name for leaf in child.leaves()} & set(leaves)]
                if len(sides) > 1:
                    return f"{sides[0]} and {sides[1]} exclude each other below {node.name}"
        return ""

    @cached_property
    def index_of_leaf(self) -> dict[str, int]:
        """`index`, kept."""
        return self.index()


def load_taxonomy(path: Path) -> Taxonomy:
    """Read taxonomy.yaml.

    Raises:
        UserError: no such file, a node without a usable name, a leaf that stands twice, fewer than two leaves,
            an unknown key or kind, a `formerly` that does not end in today's leaves.
    """
    content = read_yaml(path)
    if not isinstance(content, dict) or not isinstance(content.get("nodes"), list):
        raise UserError(f"{path}: a taxonomy has a list called nodes; see docs/data.md for an example.")
    refuse_unknown(content, TREE_KEYS, path, "the taxonomy")
    version, kind = content.get("version", 1), content.get("kind", "single-label")
    if not isinstance(version, int) or isinstance(version, bool):
        raise UserError(f"{path}: version is {version!r}; give a whole number.")
    if kind not in get_args(Kind):
        raise UserError(f"{path}: kind is {kind!r}; write single-label or multi-label.")
    roots = tuple(read_node(node, path, "nodes") for node in content["nodes"])
    leaves = [leaf.name for root in roots for leaf in root.leaves()]
    for reserved in ("comment_id", "split"):
        if reserved in leaves:
            raise UserError(f"{path}: a leaf cannot be called {reserved}, a column of predictions.parquet; rename it.")
    for names, what in ((leaves, "leaf"), ([root.name for root in roots], "category")):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise UserError(f"{path}: the {what} {twice[0]} stands twice; rename or remove one.")
    if len(leaves) < 2:
        raise UserError(f"{path}: a choice needs at least two leaves, and there are {len(leaves)}.")
    return Taxonomy(version, roots, kind, read_formerly(content.get("formerly"), version, leaves, path))


def read_formerly(value: Any, version: int, leaves: list[str], path: Path) -> dict[str, str | None]:
    """`formerly: {1: {others: other}}` → what each label of an earlier version is called today."""
    if value is None:
        return {}
    found: dict[str, str | None] = {}
    if not isinstance(value, dict) or not all(isinstance(labels, dict) for labels in value.values()):
        raise UserError(f"{path}: formerly is {value!r}; write the earlier version, below it `old label: leaf`.")
    for earlier, labels in value.items():
        if not isinstance(earlier, int) or isinstance(earlier, bool) or earlier >= version:
            raise UserError(
                f"{path}: formerly names version {earlier!r}, and the tree is version {version}; correct it."
            )
        for old, today in labels.items():
            if old in leaves:
                raise UserError(f"{path}: formerly.{earlier} renames {old}, which is a leaf; remove one of the two.")
            if today is not None and today not in leaves:
                raise UserError(
                    f"{path}: formerly.{earlier}.{old} is {today!r}, which is no leaf; name one of today's."
                )
            if found.setdefault(str(old), today) != today:
                raise UserError(f"{path}: formerly has two answers for {old}; a label can only become one leaf.")
    return found


def read_node(node: Any, path: Path, where: str) -> Node:
    """A node and what is below it."""
    if isinstance(node, str):
        node = {"name": node}
    if not isinstance(node, dict) or not isinstance(node.get("name"), str):
        raise UserError(f"{path}: an entry of {where} has no name; write `- name: …`.")
    name = node["name"]
    if not name or name != name.strip() or ";" in name:  # annotators write `joy;awe`
        raise UserError(f"{path}: the name {name!r} in {where} is blank, begins or ends so, or holds a `;`; change it.")
    refuse_unknown(node, NODE_KEYS, path, name)
    children, examples = node.get("children") or [], node.get("examples") or []
    if not isinstance(children, list):
        raise UserError(f"{path}: {name}.children is {children!r}; write a list, one `- name: …` per child.")
    if not isinstance(examples, list) or not all(isinstance(example, str) for example in examples):
        raise UserError(f"{path}: {name}.examples is {examples!r}; write a list of texts, in quotes where need be.")
    exclusive = node.get("exclusive", False)
    if not isinstance(exclusive, bool):
        raise UserError(f"{path}: {name}.exclusive is {exclusive!r}; write true or false.")
    if exclusive and not children:
        raise UserError(f"{path}: {name} is a leaf, without children that could exclude each other; remove exclusive.")
    return Node(
        name=name,
        definition=str(node.get("definition") or ""),
        boundary=str(node.get("boundary") or ""),
        examples=tuple(examples),
        hypothesis=str(node.get("hypothesis") or ""),
        exclusive=exclusive,
        children=tuple(read_node(child, path, f"{name}.children") for child in children),
    )


def refuse_unknown(content: dict[Any, Any], known: tuple[str, ...], path: Path, where: str) -> None:
    """A misspelt key would silently mean nothing."""
    unknown = [key for key in content if key not in known]
    if unknown:
        raise UserError(f"{path}: {where} has an unknown key {unknown[0]}; remove it or correct its spelling.")
