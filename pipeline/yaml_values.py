"""YAML 1.2 as plain Python values, exactly as ruamel reads it, and DVC with it: `1e-5` is a number, `no` is a word.

ruamel takes a quarter of a minute for a tree of 30,000 categories. What is plain, which is nearly everything that
people write, is therefore cut into words by libyaml's parser in C; what a word means is ruamel's decision all the same.
Where libyaml finds a fault or anything unusual, ruamel reads the whole text, and the sentence is its own.
"""

import re
from collections.abc import Iterable
from typing import Any

import yaml
from ruamel.yaml import YAML, ScalarNode

#: where libyaml, which speaks YAML 1.1, was found to read otherwise than ruamel
UNUSUAL = re.compile(
    "[\x85\u2028\u2029\ufeff\t\x7f]"  # signs that ended a line; a byte order mark; tabs
    r"|^%|^\.\.\."  # a directive, a document's end
    r"|^ +\r?$"  # a line of blanks
    r"|(?:^|[\s\[{,])\?"  # what may be a key's mark
    r"|[\"'\]}]:\S",  # a colon in brackets that nothing parts from its value
    re.MULTILINE,
)
#: in brackets and braces the two versions part words differently at these
PARTING = frozenset(":?,[]{}#")
DEEPEST = 100


class Unusual(Exception):
    """What the quick way leaves to ruamel."""


def yaml_values(text: str) -> Any:
    """The values of a document.

    Raises:
        YAMLError, ValueError, RecursionError: ruamel's own, where the text is no YAML.
    """
    loader = getattr(yaml, "CSafeLoader", None)  # PyYAML may be built without libyaml
    if loader is not None and not UNUSUAL.search(text):
        try:
            return built(yaml.parse(text, Loader=loader), Words())
        except (Unusual, yaml.YAMLError, ValueError):
            pass
    return YAML(typ="safe", pure=True).load(text)


class Words:
    """What ruamel makes of words without quotes; each is asked for once."""

    def __init__(self) -> None:
        self.ruamel = YAML(typ="safe", pure=True)
        self.known: dict[str, Any] = {}

    def __getitem__(self, word: str) -> Any:
        if word not in self.known:
            tag = str(self.ruamel.resolver.resolve(ScalarNode, word, (True, False)))
            if tag.rpartition(":")[2] not in ("str", "int", "float", "bool", "null"):
                raise Unusual  # a date, `<<`, `=`
            node = ScalarNode(tag, word)
            self.known[word] = word if tag.endswith(":str") else self.ruamel.constructor.construct_object(node)
        return self.known[word]


def built(events: Iterable[Any], words: Words) -> Any:
    """The values that a parser's events describe.

    Raises:
        Unusual: the text has an anchor, a tag, a key that stands twice or is no word, a second document, great depth.
    """
    open_ones: list[tuple[list[Any], bool, bool]] = [([], False, False)]  # what is in it, a mapping, in brackets
    documents = 0
    for event in events:
        if isinstance(event, yaml.ScalarEvent):
            if event.anchor is not None or event.tag is not None:
                raise Unusual
            content, _, bracketed = open_ones[-1]
            if not event.implicit[0]:  # in quotes, or a block
                content.append(event.value)
            elif bracketed and not PARTING.isdisjoint(event.value):
                raise Unusual
            else:
                content.append(words[event.value])
        elif isinstance(event, yaml.CollectionStartEvent):
            if event.anchor is not None or event.tag is not None or len(open_ones) > DEEPEST:
                raise Unusual
            open_ones.append(([], isinstance(event, yaml.MappingStartEvent), open_ones[-1][2] or event.flow_style))
        elif isinstance(event, yaml.CollectionEndEvent):
            content, is_mapping, _ = open_ones.pop()
            open_ones[-1][0].append(mapping(content) if is_mapping else content)
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        elif isinstance(event, yaml.AliasEvent):
            raise Unusual
    (values, _, _) = open_ones[0]
    if documents != 1 or not isinstance(values[0], list | dict):
        raise Unusual
    return values[0]


def mapping(content: list[Any]) -> dict[Any, Any]:
    """Keys and values in turn, as a mapping."""
    keys = content[::2]
    if any(isinstance(key, list | dict) for key in keys):
        raise Unusual
    made = dict(zip(keys, content[1::2], strict=True))
    if len(made) < len(keys):
        raise Unusual
    return made
