"""The taxonomy as Label Studio's labelling page: the comment, its neighbours, the tree, a key for every leaf."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from pipeline.annotation.tree.shortcuts import shortcuts

if TYPE_CHECKING:
    from pipeline.annotation.tree.node import Node
    from pipeline.annotation.tree.taxonomy import Taxonomy

#: all that is no sign of XML 1.0
ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
CONFIDENCES = {"3": "sure", "2": "fairly sure", "1": "a guess"}
HEARD = frozenset("u") | CONFIDENCES.keys()  # keys that Label Studio itself or the confidence listens to
STYLE = """
.danmu { max-width: 1240px; }
.danmu-context * { font-size: 15px; font-weight: 400; line-height: 1.5; opacity: 0.6; white-space: pre-line; }
.danmu-comment { margin: 8px 0; padding: 2px 14px; border-left: 4px solid #617ada; }
.danmu-comment * { font-size: 26px; line-height: 1.4; white-space: pre-wrap; }
.danmu-tree { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 4px 16px; }
.danmu-tree .danmu-tree { display: block; }
.danmu-tree .lsf-choice { line-height: 24px; }
.danmu-column .danmu-column { margin-left: 14px; }
.danmu-tree h4, .danmu-row h4 { font-size: 16px; }
.danmu-row { display: grid; grid-template-columns: 220px 1fr; align-items: center; }
.danmu sup { font-size: 11px; opacity: 0.7; }
[class^="tooltip--"] { max-width: 440px; white-space: pre-line; }
"""


def configuration(taxonomy: "Taxonomy") -> str:
    """The page as XML, for a project's labelling configuration.

    Single-label: `primary`, one leaf, and `further`, any number of others. Multi-label: `labels`, any number. Then
    `confidence`. Comments come in as `$text`, `$before` and `$after`, which Label Studio fills in once and shows as
    text, so that neither HTML nor another `$` within a comment is interpreted.
    """
    page = Element("View", {"className": "danmu"})
    SubElement(page, "Style").text = STYLE
    heading(view(page, "danmu-context"), "$before")
    comment = {"name": "comment", "value": "$text", "selectionEnabled": "false"}
    SubElement(view(page, "danmu-comment"), "Text", comment)
    heading(view(page, "danmu-context"), "$after")
    keys = shortcuts(taxonomy.leaves, HEARD)
    needed = {"required": "true", "requiredMessage": "Choose a leaf first."}
    if taxonomy.kind == "single-label":
        grow(choices(page, "primary", choice="single-radio", **needed), taxonomy.roots, keys)
        further = choices(row(page, "further leaves (shift + key)"), "further", choice="multiple", layout="select")
        for leaf in taxonomy.leaf_nodes:
            add_leaf(further, leaf, {name: f"shift+{key}" for name, key in keys.items()})
    else:
        grow(choices(page, "labels", choice="multiple", **needed), taxonomy.roots, keys)
    sureness = choices(row(page, "confidence"), "confidence", choice="single-radio", layout="inline")
    for number, words in CONFIDENCES.items():
        SubElement(sureness, "Choice", {"value": words, "alias": number, "hotkey": number})
    make_legal(page)
    indent(page)
    return tostring(page, encoding="unicode") + "\n"


def view(parent: Element, style: str) -> Element:
    """A block that STYLE knows by its class."""
    return SubElement(parent, "View", {"className": style})


def row(parent: Element, title: str) -> Element:
    """A block with its title on the left."""
    block = view(parent, "danmu-row")
    heading(block, title)
    return block


def heading(parent: Element, text: str) -> None:
    """A line of text, or a field of the task."""
    SubElement(parent, "Header", {"value": text, "size": "5", "style": "margin: 2px 0"})


def choices(parent: Element, name: str, **how: str) -> Element:
    """A question about the comment; the export has its answer under `name`."""
    return SubElement(parent, "Choices", {"name": name, "toName": "comment", **how})


def grow(parent: Element, nodes: "Iterable[Node]", keys: dict[str, str]) -> None:
    """Top-level categories side by side, what is in them one below the other; only leaves can be chosen."""
    tree = view(parent, "danmu-tree")
    for node in nodes:
        if node.children:
            column = view(tree, "danmu-column")
            heading(column, literal(node.name))
            grow(column, node.children, keys)
        else:
            add_leaf(tree, node, keys)


def add_leaf(parent: Element, leaf: "Node", keys: dict[str, str]) -> None:
    """A leaf with its key; definition, boundary and examples show under the mouse."""
    choice = SubElement(parent, "Choice", {"value": literal(leaf.name)})
    if choice.get("value") != leaf.name:
        choice.set("alias", leaf.name)  # what the export says
    if leaf.name in keys:
        choice.set("hotkey", keys[leaf.name])
    lines = [leaf.definition, leaf.boundary, *(f"· {example}" for example in leaf.examples)]
    if any(lines):
        choice.set("hint", "\n".join(line for line in lines if line))


def make_legal(page: Element) -> None:
    """Put a sign of its own in place of those that no XML file may hold, escaped or not: control characters mostly."""
    for element in page.iter():
        element.text = ILLEGAL.sub("\ufffd", element.text) if element.text else element.text
        for name, value in element.items():
            element.set(name, ILLEGAL.sub("\ufffd", value))


def literal(text: str) -> str:
    """A name with `$` would be taken for a field of the task; the full-width sign is not."""
    return text.replace("$", "＄")
