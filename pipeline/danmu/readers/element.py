"""The element `<d p="…">text</d>` of Bilibili XML and of day files. Every sound one is read; the rest is a flaw.

This is the careful reader, which defines what an element means. Nearly all are read by the compiled reader
(documents.py, day_file_blocks.py), which leaves the irregular ones to this one.
"""

import re
from collections.abc import Iterator
from html import unescape

from pipeline.danmu.record import Flaw

#: what begins an element, whether or not the one before it is closed. `<d` alone may be part of a text.
BEGIN = re.compile(r"<d[ \t-\r]+[A-Za-z]+[ \t-\r]*=[ \t-\r]*[\"']")
ELEMENT = re.compile(
    r"<d((?:\s+[A-Za-z_:][\w.:-]*\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))+)\s*>((?:[^<]|<(?!/d>))*+)</d>", re.ASCII
)
ATTRIBUTE = re.compile(r"\sp\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.ASCII)
CHARACTER_DATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
CHAT_ID = re.compile(r"<chatid>\s*([0-9]+)\s*</chatid>")
#: declarations, remarks, elements of another name (with what they hold), and single tags
OTHER = re.compile(
    r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>]*>"
    r"|<(?!d\s)([A-Za-z_]\w*)(?:\s[^<>]*)?>[^<]*</\1>|</?(?!d\b)\w[^<>]*>",
    re.DOTALL,
)


def split_elements(text: str) -> Iterator[list[str] | Flaw]:
    """The fields of each element (attributes, text), and the parts that are none."""
    begins = [match.start() for match in BEGIN.finditer(text)]
    yield from between(text[: begins[0]] if begins else text)
    for begin, end in zip(begins, [*begins[1:], len(text)]):
        yield from split_element(text[begin:end])


def split_element(piece: str) -> Iterator[list[str] | Flaw]:
    """The fields of an element that begins here, and whatever follows it."""
    element = ELEMENT.match(piece)
    if element is None:
        yield Flaw("unclosed <d> element" if "</d>" not in piece else "no > behind the attributes of <d>", piece)
        return
    attribute = ATTRIBUTE.search(element[1])
    if attribute is None:
        yield Flaw("<d> element without p", piece)
    else:
        said = CHARACTER_DATA.sub(lambda match: match[1].replace("&", "&amp;"), element[2])
        said = unescape(said.replace("\r\n", "\n").replace("\r", "\n"))
        yield [*(attribute[1] if attribute[1] is not None else attribute[2]).split(","), said]
    yield from between(piece[element.end() :])


def between(text: str) -> Iterator[Flaw]:
    """The text outside of all <d> elements, without the document's other elements; nothing if that is blank."""
    rest = OTHER.sub("", text).strip()
    if rest:
        yield Flaw("no <d> element", rest)


def last_chat_id(text: str) -> str | None:
    """The pool that a document, or a part of one, names last."""
    chat_ids = CHAT_ID.findall(text)
    return chat_ids[-1] if chat_ids else None
