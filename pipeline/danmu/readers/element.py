"""The element `<d p="…">text</d>` of Bilibili XML and of day files. Every sound one is read; the rest is a flaw.

This is the careful reader, which defines what an element means. Nearly all are read by the compiled reader
(documents.py, day_file_blocks.py), which leaves the irregular ones to this one.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from pipeline.danmu.readers.attributes import in_order
from pipeline.danmu.record import Flaw

#: what begins an element, whether or not the one before it is closed. `<d` alone may be part of a text.
BEGIN = re.compile(r"<d[ \t-\r]+[A-Za-z]+[ \t-\r]*=[ \t-\r]*[\"']")
#: a remark ends before the next one begins: else thousands that never end would each be sought to the end of the text
REMARK = r"<!--(?:[^<-]|-(?!->)|<(?!!--))*+-->"
BEGIN_OR_REMARK = re.compile(f"{REMARK}|({BEGIN.pattern})")
ATTRIBUTES = r"((?:\s+[A-Za-z_:][\w.:-]*\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))++)\s*"
ELEMENT = re.compile(rf"<d{ATTRIBUTES}(?:/>|>((?:[^<]|<(?!/d>))*+)</d>)", re.ASCII)
SUPER_CHAT = re.compile(rf"<sc{ATTRIBUTES}>((?:[^<]|<(?!/sc>|sc\s))*+)</sc>", re.ASCII)
ATTRIBUTE = re.compile(r"\s([\w.:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.ASCII)
CHARACTER_DATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
#: a character reference by a number of so many digits names no character, and int() refuses thousands of them
LONG_NUMBER = re.compile(r"&#[0-9]{20,}")
#: an emoji as UTF-16 has it: two references of which neither names a character
HALVES = re.compile(r"&#(?:x(D[89AB][0-9A-F]{2})|(5[56][0-9]{3}));&#(?:x(D[C-F][0-9A-F]{2})|(5[67][0-9]{3}));", re.I)
MOST_ATTRIBUTES = 1 << 16  # of an element, that are counted
#: declarations, remarks, and tags of other names. None goes on beyond the beginning of the next of its kind
NO_TEXT = re.compile(rf"<\?(?:(?!<\?).)*?\?>|{REMARK}|<!DOCTYPE(?:(?!<!DOCTYPE)[^>])*>", re.DOTALL)
TAG = re.compile(
    r"<(/?)(?!d\b)([A-Za-z_]\w*(?:[:.-]\w+)*)(?:\"[^\"<]*\"|'[^'<]*'|[^<>\"'])*?(/?)>|<(/?)(?!d\b)\w[^<>]*>"
)

ROOT = "i"  # the element around all, in which no text belongs


class SuperChat(NamedTuple):
    """A comment that was paid for, as recorders of live rooms write it."""

    attributes: dict[str, str]
    text: str
    before: str  # what stands before it, back to the last element


#: what a list or document is split into
Split = list[str] | SuperChat | Flaw


def next_element(text: str, at: int) -> int:
    """Where the next element begins, outside of remarks; the text's end if there is none."""
    return next((match.start() for match in BEGIN_OR_REMARK.finditer(text, at) if match[1]), len(text))


def split_elements(text: str) -> Iterator[Split]:
    """The fields of each element (attributes, text), and the parts that are none."""
    at = next_element(text, 0)
    yield from between(text[:at])
    while at < len(text):
        following = BEGIN.search(text, at + 1)
        end = following.start() if following else len(text)
        element = ELEMENT.match(text, at, end)
        if element is None:
            piece = text[at:end]
            yield Flaw("unclosed <d> element" if "</d>" not in piece else "no > behind the attributes of <d>", piece)
            at = end
            continue
        at = next_element(text, element.end())
        values = attributes_of(element[1])
        if "p" in values:
            yield [*in_order(values["p"].split(",", MOST_ATTRIBUTES)), character_data(element[2] or "")]
        else:
            yield Flaw("<d> element without p", text[element.start() : at])
        yield from between(text[element.end() : at])


def attributes_of(spelled: str) -> dict[str, str]:
    """The attributes of an element, by name, as they are written."""
    return {match[1]: match[2] if match[2] is not None else match[3] for match in ATTRIBUTE.finditer(spelled)}


def character_data(spelled: str) -> str:
    """The text that an element holds: references and CDATA become what they stand for."""
    ended = spelled.rfind("]]>") + len("]]>")
    said = CHARACTER_DATA.sub(lambda match: match[1].replace("&", "&amp;"), spelled[:ended]) + spelled[ended:]
    said = said.replace("\r\n", "\n").replace("\r", "\n")
    return unescape(HALVES.sub(whole_character, LONG_NUMBER.sub("&#1114112", said)))


def whole_character(halves: re.Match[str]) -> str:
    """The character of two references, if they are the halves of one."""
    first = int(halves[1], 16) if halves[1] else int(halves[2])
    second = int(halves[3], 16) if halves[3] else int(halves[4])
    if 0xD800 <= first < 0xDC00 <= second < 0xE000:
        return chr(0x10000 + ((first - 0xD800) << 10) + second - 0xDC00)
    return halves[0]


def between(text: str) -> Iterator[SuperChat | Flaw]:
    """What stands outside of all <d> elements: super chats, and text that is in no other element."""
    rest, at = [], 0
    for match in SUPER_CHAT.finditer(text) if "<sc" in text else ():
        rest.append(text[at : match.start()])
        yield SuperChat(attributes_of(match[1]), character_data(match[2]), text[: match.start()])
        at = match.end()
    stray = outside_tags(NO_TEXT.sub("", "".join([*rest, text[at:]]))).strip()
    if stray:
        yield Flaw("no <d> element", stray)


def outside_tags(text: str) -> str:
    """The text without its tags, and without what stands between the two tags of an element."""
    opened: list[tuple[str, int]] = []  # names, and how many parts were kept before them
    places: dict[str, list[int]] = {}  # where in `opened` each name stands
    kept, at = [], 0
    for tag in TAG.finditer(text):
        kept.append(text[at : tag.start()])
        at = tag.end()
        name = tag[2]
        if name is None or name == ROOT or tag[3]:
            continue
        if not tag[1]:
            places.setdefault(name, []).append(len(opened))
            opened.append((name, len(kept)))
        elif places.get(name):
            begin = places[name][-1]
            del kept[opened[begin][1] :]
            for other, _ in opened[begin:]:
                places[other].pop()
            del opened[begin:]
    return "".join([*kept, text[at:]])
