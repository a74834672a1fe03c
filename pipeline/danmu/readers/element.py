"""The element `<d p="…">text</d>` of Bilibili XML and of day files. Every sound one is read; the rest is a flaw.

This is the careful reader, which defines what an element means. Nearly all are read by the compiled reader
(documents.py, day_file_blocks.py), which leaves the irregular ones to this one.
"""

import re
from collections.abc import Iterator
from html import unescape
from itertools import chain, pairwise

from pipeline.danmu.record import Flaw

#: what begins an element, whether or not the one before it is closed. `<d` alone may be part of a text.
BEGIN = re.compile(r"<d[ \t-\r]+[A-Za-z]+[ \t-\r]*=[ \t-\r]*[\"']")
ELEMENT = re.compile(
    r"<d((?:\s+[A-Za-z_:][\w.:-]*\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))++)\s*>((?:[^<]|<(?!/d>))*+)</d>", re.ASCII
)
ATTRIBUTE = re.compile(r"\sp\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.ASCII)
CHARACTER_DATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
#: a character reference by a number of so many digits names no character, and int() refuses thousands of them
LONG_NUMBER = re.compile(r"&#[0-9]{20,}")
MOST_ATTRIBUTES = 1 << 16  # of an element, that are counted
ANY_CHAT_ID = re.compile(rb"<chatid>[^<]*</chatid>")
CHAT_ID = re.compile(r"<chatid>\s*([0-9]+)\s*</chatid>")
#: declarations, remarks, elements of another name (with what they hold), and single tags. None goes on beyond the
#: beginning of the next of its kind: else thousands that never end would each be sought to the end of the text
OTHER = re.compile(
    r"<\?(?:(?!<\?).)*?\?>|<!--(?:(?!<!--).)*?-->|<!DOCTYPE(?:(?!<!DOCTYPE)[^>])*>"
    r"|<(?!d\s)([A-Za-z_]\w*)(?:\s[^<>]*)?>[^<]*</\1>|</?(?!d\b)\w[^<>]*>",
    re.DOTALL,
)


def split_elements(text: str) -> Iterator[list[str] | Flaw]:
    """The fields of each element (attributes, text), and the parts that are none."""
    begins = chain((match.start() for match in BEGIN.finditer(text)), [len(text)])
    first = next(begins)
    yield from between(text[:first])
    for begin, end in pairwise(chain([first], begins)):
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
        ended = element[2].rfind("]]>") + len("]]>")
        said = CHARACTER_DATA.sub(lambda match: match[1].replace("&", "&amp;"), element[2][:ended]) + element[2][ended:]
        said = said.replace("\r\n", "\n").replace("\r", "\n")
        said = unescape(LONG_NUMBER.sub("&#1114112", said))
        yield [*(attribute[1] if attribute[1] is not None else attribute[2]).split(",", MOST_ATTRIBUTES), said]
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


def last_chat_id_in(buffer: bytearray, begin: int, end: int) -> str | None:
    """The same of a stretch of UTF-8."""
    last = None
    if buffer.find(b"<chatid>", begin, end) >= 0:
        for match in ANY_CHAT_ID.finditer(buffer, begin, end):
            last = last_chat_id(match[0].decode()) or last
    return last
