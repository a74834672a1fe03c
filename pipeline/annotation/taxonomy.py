"""The tree of categories: read once, checked, then fixed in order everywhere."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.config import read_yaml
from pipeline.errors import UserError


@dataclass(frozen=True)
class Node:
    """A category with its definition; a leaf has no children."""

    name: str
    definition: str
    children: tuple["Node", ...] = ()

    def leaves(self) -> list["Node"]:
        """The leaves below this node, in the file's order; a leaf is its own."""
        return [leaf for child in self.children for leaf in child.leaves()] if self.children else [self]


@dataclass(frozen=True)
class Taxonomy:
    """The label set: never the union of what happens to occur, always this.

    A column of probabilities, a row of a table, an index of a class: all follow `leaves`.
    """

    version: int
    roots: tuple[Node, ...]

    @property
    def leaves(self) -> list[str]:
        """Names of the leaves, in the file's order."""
        return [leaf.name for root in self.roots for leaf in root.leaves()]

    @property
    def parents(self) -> list[str]:
        """Names of the top-level categories, in the file's order."""
        return [root.name for root in self.roots]

    def parent_of(self) -> np.ndarray[Any, np.dtype[np.intp]]:
        """For each leaf, by index, the index of its top-level category; shape (leaves,)."""
        return np.array([index for index, root in enumerate(self.roots) for _ in root.leaves()])

    def index(self) -> dict[str, int]:
        """Leaf name → index."""
        return {name: index for index, name in enumerate(self.leaves)}


def load_taxonomy(path: Path) -> Taxonomy:
    """Read taxonomy.yaml.

    Raises:
        UserError: no such file, a node without a usable name, a leaf that stands twice, fewer than two leaves.
    """
    content = read_yaml(path)
    if not isinstance(content, dict) or not isinstance(content.get("nodes"), list):
        raise UserError(f"{path}: a taxonomy has a list called nodes; see docs/data.md for an example.")
    version = content.get("version", 1)
    if not isinstance(version, int):
        raise UserError(f"{path}: version is {version!r}; give a whole number.")
    taxonomy = Taxonomy(
        version=version,
        roots=tuple(read_node(node, path, "nodes") for node in content["nodes"]),
    )
    leaves = taxonomy.leaves
    for reserved in ("comment_id", "split"):
        if reserved in leaves:
            raise UserError(f"{path}: a leaf cannot be called {reserved}, a column of predictions.parquet; rename it.")
    for names, kind in ((leaves, "leaf"), (taxonomy.parents, "category")):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise UserError(f"{path}: the {kind} {twice[0]} stands twice; rename or remove one.")
    if len(leaves) < 2:
        raise UserError(f"{path}: a choice needs at least two leaves, and there are {len(leaves)}.")
    return taxonomy


def read_node(node: Any, path: Path, where: str) -> Node:
    """A node and what is below it."""
    if isinstance(node, str):
        node = {"name": node}
    if not isinstance(node, dict) or not isinstance(node.get("name"), str):
        raise UserError(f"{path}: an entry of {where} has no name; write `- name: …`.")
    name = node["name"]
    if not name or name != name.strip() or ";" in name:  # annotators write `joy;awe`
        raise UserError(f"{path}: the name {name!r} in {where} is blank, begins or ends so, or holds a `;`; change it.")
    unknown = [key for key in node if key not in ("name", "definition", "children", "examples", "hypothesis")]
    if unknown:
        raise UserError(f"{path}: {name} has an unknown key {unknown[0]}; remove it or correct its spelling.")
    children = node.get("children") or []
    if not isinstance(children, list):
        raise UserError(f"{path}: {name}.children is {children!r}; write a list, one `- name: …` per child.")
    return Node(
        name=name,
        definition=str(node.get("definition", "")),
        children=tuple(read_node(child, path, f"{name}.children") for child in children),
    )
