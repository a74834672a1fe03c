"""The tree of categories: read once, checked, then fixed in order everywhere."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from pipeline.annotation.tree.node import Node, TreeNode, places, read_node, refuse_unknown
from pipeline.config import read_section, read_yaml
from pipeline.errors import UserError
from pipeline.settings import Data

Indices = np.ndarray[Any, np.dtype[np.intp]]
Kind = Literal["single-label", "multi-label"]
#: columns of predictions.parquet beside those of the nodes
RESERVED = ("comment_id", "split")
TREE_KEYS = ("version", "name", "kind", "formerly", "nodes")


class UnknownLabel(ValueError):
    """A label that is no leaf and that no earlier version of the tree explains; a sentence."""


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
    def nodes(self) -> list[TreeNode]:
        """All nodes, in the file's order: parents before their children."""
        return places(self.roots)

    @cached_property
    def leaf_nodes(self) -> list[Node]:
        """The leaves, in the file's order."""
        return [leaf for root in self.roots for leaf in root.leaves()]

    @cached_property
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
        return 1 + max(node.depth for node in self.nodes)

    def parent_of(self) -> Indices:
        """For each leaf, by index, the index of its top-level category; shape (leaves,)."""
        return np.array([index for index, root in enumerate(self.roots) for _ in root.leaves()])

    @cached_property
    def index_of_leaf(self) -> dict[str, int]:
        """Leaf name → index."""
        return {name: index for index, name in enumerate(self.leaves)}

    @cached_property
    def place_of_leaf(self) -> dict[str, int]:
        """Leaf name → its place in `nodes`."""
        return {node.name: place for place, node in enumerate(self.nodes) if node.is_leaf}

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
        if any(node.name == label for node in self.nodes):
            raise UnknownLabel(f"{label!r} is a category and no leaf of the taxonomy; name one of the leaves below it")
        raise UnknownLabel(f"{label!r} is no leaf of the taxonomy; correct it, add the leaf, or map it under formerly")

    def quarrel(self, leaves: tuple[str, ...]) -> str:
        """What a set of leaves does that the tree forbids, as half a sentence; empty where nothing."""
        sides: dict[int, set[int]] = defaultdict(set)  # node → its children that a leaf is below
        for leaf in leaves:
            place = self.place_of_leaf[leaf]
            while (parent := self.nodes[place].parent) is not None:
                sides[parent].add(place)
                place = parent
        for parent in sorted(sides):
            if self.nodes[parent].node.exclusive and len(sides[parent]) > 1:
                one, other = (self.nodes[place].name for place in sorted(sides[parent])[:2])
                return f"{one} and {other} exclude each other below {self.nodes[parent].name}"
        return ""


def read_taxonomy() -> Taxonomy:
    """The taxonomy that params.yaml names."""
    return load_taxonomy(Path(read_section("data", Data).taxonomy))


def load_taxonomy(path: Path) -> Taxonomy:
    """Read taxonomy.yaml.

    Raises:
        UserError: no such file, a node without a usable name, a leaf or a path that stands twice, a name that
            predictions.parquet needs for itself, fewer than two leaves, an unknown key or kind, a `formerly` that
            does not end in today's leaves.
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
    taxonomy = Taxonomy(version, tuple(read_node(node, path, "nodes") for node in content["nodes"]), kind)
    refuse_ambiguous(taxonomy, path)
    return replace(taxonomy, formerly=read_formerly(content.get("formerly"), version, taxonomy.leaves, path))


def refuse_ambiguous(taxonomy: Taxonomy, path: Path) -> None:
    """Raise UserError where a name or a path would mean two things, or where there is nothing to choose from."""
    leaves, parents = taxonomy.leaves, taxonomy.parents
    for names, what in ((leaves, "leaf"), (parents, "top-level category")):
        if taken := [column for column in RESERVED if column in names]:
            raise UserError(
                f"{path}: a {what} cannot be called {taken[0]}, a column of predictions.parquet; rename it."
            )
    for names, what in ((leaves, "leaf"), (parents, "category")):
        if twice := repeated(names):
            raise UserError(f"{path}: the {what} {twice[0]} stands twice; rename or remove one.")
    if twice := repeated(node.path for node in taxonomy.nodes):
        raise UserError(f"{path}: two nodes have the path {twice[0]}, their names joined by `/`; rename one of them.")
    if len(leaves) < 2:
        raise UserError(f"{path}: a choice needs at least two leaves, and there are {len(leaves)}.")


def repeated(names: Iterable[str]) -> list[str]:
    """The names that stand twice or more often, sorted."""
    return sorted(name for name, times in Counter(names).items() if times > 1)


def read_formerly(value: Any, version: int, leaves: list[str], path: Path) -> dict[str, str | None]:
    """`formerly: {1: {others: other}}` → what each label of an earlier version is called today."""
    if value is None:
        return {}
    successors: dict[str, str | None] = {}
    there = set(leaves)
    if not isinstance(value, dict) or not all(isinstance(labels, dict) for labels in value.values()):
        raise UserError(f"{path}: formerly is {value!r}; write the earlier version, below it `old label: leaf`.")
    for earlier, labels in value.items():
        if not isinstance(earlier, int) or isinstance(earlier, bool) or earlier >= version:
            raise UserError(
                f"{path}: formerly names version {earlier!r}, and the tree is version {version}; correct it."
            )
        for old, today in labels.items():
            if str(old) in there:
                raise UserError(f"{path}: formerly.{earlier} renames {old}, which is a leaf; remove one of the two.")
            if today is not None and not (isinstance(today, str) and today in there):
                raise UserError(
                    f"{path}: formerly.{earlier}.{old} is {today!r}, which is no leaf; name one of today's."
                )
            if successors.setdefault(str(old), today) != today:
                raise UserError(f"{path}: formerly has two answers for {old}; a label can only become one leaf.")
    return successors
