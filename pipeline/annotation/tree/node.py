"""A category with all below it, as taxonomy.yaml describes it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from unicodedata import category

from pipeline.errors import UserError, near
from pipeline.text.columns import turns

#: of Unicode's categories: control signs, halves of characters, separators of lines and paragraphs
UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
NODE_KEYS = ("name", "definition", "boundary", "examples", "hypothesis", "exclusive", "children")


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


@dataclass(frozen=True)
class TreeNode:
    """A category at its place in the tree."""

    node: Node
    path: str  # the names from the top down to its own, joined by `/`: information/joy
    depth: int  # 0 at the top
    parent: int | None  # its place in `Taxonomy.nodes`; None at the top
    leaves: tuple[int, ...]  # indices, in `Taxonomy.leaves`, of the leaves below it; a leaf has its own

    @property
    def name(self) -> str:
        """The category's own name."""
        return self.node.name

    @property
    def is_leaf(self) -> bool:
        """Whether nothing is below it."""
        return not self.node.children


def places(roots: Iterable[Node]) -> list[TreeNode]:
    """Every node of the tree in the file's order: a parent before its children, those before the next sibling."""
    placed: list[TreeNode] = []
    leaves_before = 0

    def place(node: Node, parent: int | None) -> None:
        nonlocal leaves_before
        above = None if parent is None else placed[parent]
        path = node.name if above is None else f"{above.path}/{node.name}"
        leaves = tuple(range(leaves_before, leaves_before + len(node.leaves())))
        placed.append(TreeNode(node, path, 0 if above is None else above.depth + 1, parent, leaves))
        own = len(placed) - 1
        for child in node.children:
            place(child, own)
        leaves_before += not node.children

    for root in roots:
        place(root, None)
    return placed


def read_node(node: Any, path: Path, where: str) -> Node:
    """A node and what is below it."""
    if not isinstance(node, dict):
        node = {"name": node}
    name = read_name(node.get("name"), path, where)
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
        definition=read_text(node, "definition", path),
        boundary=read_text(node, "boundary", path),
        examples=tuple(examples),
        hypothesis=read_text(node, "hypothesis", path),
        exclusive=exclusive,
        children=tuple(read_node(child, path, f"{name}.children") for child in children),
    )


def read_name(name: Any, path: Path, where: str) -> str:
    """A category's name, once it is sure that it can stand in a line, a cell and a file as it is."""
    if isinstance(name, int | float | date):  # to YAML `1`, `true` and `2024-01-01` are no words
        written = str(name).lower() if isinstance(name, bool) else str(name)
        raise UserError(f'{path}: the name {written} in {where} is no text to YAML; quote it, as `name: "{written}"`.')
    if not isinstance(name, str):
        raise UserError(f"{path}: an entry of {where} has no name; write `- name: …`.")
    if not name or name != name.strip() or ";" in name:  # annotators write `joy;awe`
        raise UserError(f"{path}: the name {name!r} in {where} is blank, begins or ends so, or holds a `;`; change it.")
    unseen = next((sign for sign in name if category(sign) in UNSEEN or turns(sign)), None)
    if unseen is not None:
        raise UserError(
            f"{path}: the name {name!r} in {where} holds U+{ord(unseen):04X}, a line break or another sign that is not "
            "seen; take it out."
        )
    return name


def read_text(node: dict[str, Any], key: str, path: Path) -> str:
    """What annotators or models are told under a key; blank where there is nothing."""
    value = node.get(key) or ""
    if isinstance(value, list | dict):
        raise UserError(f"{path}: {node['name']}.{key} is {value!r}; write a text, in quotes where need be.")
    return str(value)


def refuse_unknown(content: dict[Any, Any], known: tuple[str, ...], path: Path, where: str) -> None:
    """A misspelt key would silently mean nothing."""
    unknown = [key for key in content if key not in known]
    if unknown:
        hint = near(str(unknown[0]), known)
        raise UserError(f"{path}: {where} has an unknown key {unknown[0]}{hint}; remove it or correct its spelling.")
