"""XML of other sites, in which each value of a comment is an attribute of its element.

<chat thread="1" vpos="1250" date="1577836800" mail="184 ue red" user_id="a">text</chat>                Niconico
<Comment Time="12.5" Mode="1" Color="255" Timestamp="1577836800" Pool="0" UId="-1">text</Comment>       DanDanPlay
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pipeline.danmu.readers.attributes import DANDANPLAY
from pipeline.danmu.readers.element import ATTRIBUTES, NO_TEXT, REMARK, attributes_of, character_data, outside_tags
from pipeline.danmu.readers.fields import BadField, Blanks, colour, onset, sender_and_site
from pipeline.danmu.readers.form import Form
from pipeline.danmu.readers.json_text import rejected, storable
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Rejected
from pipeline.danmu.sites.niconico import read_chat
from pipeline.danmu.sites.site import Around


def niconico(attributes: dict[str, str], text: str | None) -> Comment:
    """A `<chat>`: as JSON has the same keys."""
    return read_chat({**attributes, "content": text}, Around())


def dandanplay(attributes: dict[str, str], text: str | None) -> Comment:
    """A `<Comment>` of the program's older versions. Its CId is no id: many have the second of sending there."""
    blanks, said = Blanks(), {name.lower(): value for name, value in attributes.items()}
    return Comment(
        text=text or "",
        site=DANDANPLAY,
        onset_s=blanks.read("onset", onset, said.get("time", "").strip() or "0"),
        mode=blanks.number("mode", said.get("mode", ""), 99),
        color=blanks.read("colour", colour, said.get("color", "")),
        sent_at=blanks.time(said.get("timestamp", "")),
        pool=blanks.number("pool", said.get("pool", ""), 99),
        sender=sender_and_site(said.get("uid", ""))[0],
        blanked=tuple(blanks),
    )


class Element(NamedTuple):
    """The element of a site's comments."""

    name: str
    told: re.Pattern[str]  # how one begins
    read: Callable[[dict[str, str], str | None], Comment]  # raises BadField where it is no comment

    @property
    def begin_or_remark(self) -> re.Pattern[str]:
        """Where one begins, in the first group, or a remark does."""
        return re.compile(rf"{REMARK}|(<{self.name}\s)")

    @property
    def whole(self) -> re.Pattern[str]:
        """One with its attributes and its text, which is None where the element ends at once."""
        name = self.name
        return re.compile(rf"<{name}{ATTRIBUTES}(?:/>|>((?:[^<]|<(?!/{name}>|{name}\s))*+)</{name}>)", re.ASCII)


ELEMENTS = (
    Element("chat", re.compile(r"<chat\s[^<>]*\bvpos\s*="), niconico),
    Element("Comment", re.compile(r"<Comment\s[^<>]*\bTime\s*="), dandanplay),
)


def element_of(beginning: bytes) -> Element | None:
    """The element that a file holds which begins so."""
    text = beginning.decode("utf-8", "replace")
    if not text.lstrip().startswith("<"):
        return None
    return next((element for element in ELEMENTS if element.told.search(text)), None)


def recognises(beginning: bytes) -> bool:
    """Whether it is XML with such elements."""
    return element_of(beginning) is not None


def read(source: Source) -> Iterator[Comment | Rejected]:
    """The comments of such a file; text outside of all elements is rejected."""
    element = element_of(source.beginning()) or ELEMENTS[0]
    line = 1
    for block in source.blocks(f"</{element.name}>".encode()):
        text = block.decode()
        at = 0
        for begin, record in split(text, element):
            line += text.count("\n", at, begin)
            at = begin
            if isinstance(record, Comment):
                yield record
            else:
                yield rejected(source.name, line, *record)
        line += text.count("\n", at)


def split(text: str, element: Element) -> Iterator[tuple[int, Comment | tuple[str, str]]]:
    """The comments of a text, each with its place, and the reason and the text of what is none."""
    begins, whole = element.begin_or_remark, element.whole
    at = 0
    while True:
        begin = next((match.start() for match in begins.finditer(text, at) if match[1]), len(text))
        if stray := outside_tags(NO_TEXT.sub("", text[at:begin])).strip():
            yield at, (f"no <{element.name}> element", stray)
        if begin == len(text):
            return
        match = whole.match(text, begin)
        if match is None:
            following = begins.search(text, begin + 1)
            at = following.start() if following and following[1] else len(text)
            yield begin, (f"unclosed <{element.name}> element", text[begin:at])
            continue
        at = match.end()
        attributes = {name: storable(character_data(value)) for name, value in attributes_of(match[1]).items()}
        try:
            said = None if match[2] is None else storable(character_data(match[2]))
            yield begin, element.read(attributes, said)
        except BadField as error:
            yield begin, (str(error), match[0])


SITE_XML = Form("XML of other sites", recognises, read)
