"""XML that a converter made JSON of: `{"@p": "…", "#text": "…"}` and the other spellings of attributes and texts."""

from collections.abc import Mapping
from typing import Any

from pipeline.danmu.readers.fields import BadField
from pipeline.danmu.readers.json_text import as_text
from pipeline.danmu.record import Comment
from pipeline.danmu.sites.niconico import read_chat
from pipeline.danmu.sites.site import ELEMENT_TEXTS, Around, Keys, Site, value_at
from pipeline.danmu.sites.values import Object
from pipeline.danmu.tables.attributes import of_attributes

#: what is put before an attribute's name, longest first
PREFIXES = (
    "_attributes.",
    "@attributes.",
    "attributes.",
    "attrs.",
    "attr.",
    "@_",
    "@",
    "$.",
    "$",
    "-",
    "_",
    "attr_",
    "+",
)
#: the key of an object of attributes
HOLDERS = ("$", "_attributes", "attributes", "@attributes", "_attr", "attr", "attrs", "@", ":@")
TOLD = ("p", "vpos")  # an attribute that only comments have


def spelled(name: str) -> frozenset[str]:
    """An attribute's name with each of the prefixes."""
    return frozenset(prefix + name for prefix in PREFIXES)


#: keys of a text that tell a plain `p` beside them for an element's; `text` and the like stand in other tables too
CONVERTED = frozenset(key for key in ELEMENT_TEXTS if not key.isalpha()) - {"$"}
ELEMENT_PATHS = tuple((key,) for key in ELEMENT_TEXTS)
SPELLED = frozenset().union(*map(spelled, TOLD))


def attributes_of(row: Object) -> dict[str, Any] | None:
    """An element's attributes under their own names; None where it has none of a comment's."""
    for holder in HOLDERS:
        held = row.get(holder)
        if isinstance(held, Mapping) and not held.keys().isdisjoint(TOLD):
            return dict(held)
    if row.keys().isdisjoint(SPELLED) and not is_converted(frozenset(row)):
        return None
    return {bare(key): value for key, value in row.items()}


def is_converted(keys: Keys) -> bool:
    """Whether a converter left the attributes' names as they are, and marked the text alone."""
    return "p" in keys and not CONVERTED.isdisjoint(keys)


def bare(key: str) -> str:
    """An attribute's name without what a converter put before it."""
    return key.removeprefix(next((prefix for prefix in PREFIXES if key.startswith(prefix)), ""))


def text_of(row: Object) -> str:
    """An element's text; an element that closes itself has an empty one."""
    for key in ELEMENT_TEXTS:
        value = row.get(key)
        if isinstance(value, list):
            value = "".join(value_at(one, ELEMENT_PATHS) or "" if isinstance(one, Mapping) else as_text(one) or ""
                            for one in value)  # fmt: skip
        text = as_text(value)
        if text is not None:
            return text
    return ""


def read(row: Object, around: Around) -> Comment:
    """The comment of a `<d>` of Bilibili's, or of a `<chat>` of Niconico's."""
    attributes = attributes_of(row)
    if attributes is None:
        raise BadField("no attributes")
    if "p" not in attributes:
        return read_chat({**attributes, "content": text_of(row)}, around)
    return of_attributes(as_text(attributes["p"]) or "", text_of(row), around.chat_id)


def has(keys: Keys) -> bool:
    """Whether such keys may be those of an element with attributes."""
    return bool(keys & SPELLED) or is_converted(keys) or (bool(keys & frozenset(HOLDERS)) and len(keys) <= 4)


XML_AS_JSON = Site("XML as JSON", has, read, lambda row: attributes_of(row) is not None)
