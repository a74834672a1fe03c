"""JSON documents: an array of comments, alone or inside objects such as `{"code": 0, "data": {"elems": […]}}`.

A document is decoded comment by comment while it is read: memory does not grow with its length, and of a document that
is cut short every whole comment is read.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from pipeline.danmu.readers.encodings import BEGINNING
from pipeline.danmu.readers.form import Form
from pipeline.danmu.readers.json_text import LARGE, LONGEST_VALUE, error_page, rejected
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import EXCERPT, Comment, Rejected
from pipeline.danmu.tables.columns import columns_of
from pipeline.danmu.tables.json_records import DEPTH, Records
from pipeline.danmu.tables.json_stream import Damaged, JsonStream, TooLong
from pipeline.danmu.tables.json_table import TELLING, is_comment, is_of_a_site, is_page, kind, recognises_lines

LOOK = 100  # records that tell the form
#: names in an object that may be a comment; the size of one that is none, because it is too long
MOST_KEYS, ENDLESS = 1 << 16, 1 << 62
BARE = "a bare value among comments"
MOST_HELD = 1 << 12  # objects before an array's first comment, whose fault is kept
BOUNDARIES = {"{": re.compile(r"\}\s{0,8},\s{0,8}(?=\{)"), "[": re.compile(r"\]\s{0,8},\s{0,8}(?=\[)")}
#: what begins an object of a site's own kind that holds others; how far it is looked for
NESTING = re.compile(
    r'"(?:cmd"\s{0,8}:|(?:info|common|sender|user|chat|ping|thread|leaf|:?[$@]|:?@?_?attr(?:ibute)?s?|commands|userInfo'
    r'|v2_color|content_style|properti(?:e)?s|raw|payload)"\s{0,8}:\s{0,8}[{\[])'
)
NEAR = 300  # characters
POOL = "chatid"  # also where a converter made an object of it, it is no comment
KEY = re.compile(r'"([A-Za-z_]{1,20})"\s{0,8}:')


def recognises(beginning: bytes) -> bool:
    """Whether it begins as an array or an object, and holds a comment there, or is an answer without any."""
    text = beginning.decode("utf-8", "replace").lstrip("\ufeff\r\n\t ")
    if text[:1] not in ("{", "[") or recognises_lines(beginning):
        return False
    records = list(islice(Document("", JsonStream([text])).records(), LOOK))
    if any(isinstance(record, Comment) or TELLING.search(record.reason) for record in records):
        return True
    if len(beginning) < BEGINNING:
        return not records and ('"code"' in text or "".join(text.split()) == "[]")
    columns = columns_of(list(dict.fromkeys(KEY.findall(text))))  # the first comment may be a long one
    return columns.danmu and not columns.fault


def read(source: Source) -> Iterator[Comment | Rejected]:
    """Comments of a JSON document, or of several in a row."""
    yield from Document(source.name, JsonStream(source.text())).records()


class Document(Records):
    """The way through a JSON document to its comments."""

    def __init__(self, name: str, stream: JsonStream) -> None:
        super().__init__(name)
        self.stream = stream

    def records(self) -> Iterator[Comment | Rejected]:
        """Every comment and rejected record; where the JSON is damaged, one rejected record for all the rest."""
        try:
            while self.stream.peek():
                self.around.renew()
                yield from self.walk(0)
        except Damaged as error:
            line, rest = error.args or self.here()
            yield rejected(self.name, line, "the JSON is cut short or damaged from here on", rest)
            return
        if self.passed and not self.given:
            yield rejected(self.name, 1, "no comments in this JSON", self.stream.text[: 4 * EXCERPT])

    def here(self) -> tuple[int, str]:
        """The line of the place, and what stands there."""
        return self.stream.line, self.stream.text[self.stream.at : self.stream.at + 4 * EXCERPT]

    def walk(self, depth: int) -> Iterator[Comment | Rejected]:
        """The records in the value at the place."""
        first = self.stream.peek()
        if first == "{" and depth < DEPTH:
            line = self.stream.line
            whole = self.whole()
            if whole is not None:
                yield self.record(whole, line)
            else:
                yield from self.members(depth)
        elif first == "[" and depth < DEPTH:
            yield from self.items(depth)
        else:
            line, begin = self.here()
            try:
                self.stream.value()
            except TooLong:
                self.stream.pass_over()
                yield self.too_long(line, begin)

    def whole(self) -> dict[str, Any] | None:
        """The object at the place, if it is a site's record, which may hold others; the place is behind it then."""
        stream, at = self.stream, self.stream.at
        if not NESTING.search(stream.text, at, at + NEAR):
            return None
        row, end = stream.short_value()
        if not isinstance(row, dict) or not is_of_a_site(row):
            return None
        stream.at += end
        return row

    def members(self, depth: int) -> Iterator[Comment | Rejected]:
        """The records in an object's members; if there are none, the object itself as a record."""
        stream, before = self.stream, self.given
        line, begin = self.here()
        own: dict[str, Any] = {}
        size = 0  # characters of the names and values in `own`
        holds = False
        stream.at += 1
        while (first := stream.peek()) != "}":
            if first == ",":
                stream.at += 1
                continue
            size -= stream.passed
            try:
                key = stream.value()
                if not isinstance(key, str) or stream.peek() != ":":
                    raise Damaged
                stream.at += 1
                size += stream.passed
                own[key] = None
                if stream.peek() in ("{", "[") and key != POOL:
                    self.around.note(own)
                    yield from self.walk(depth + 1)
                    holds = True
                else:
                    size -= stream.passed
                    own[key] = stream.value()
                    size += stream.passed
            except TooLong:
                stream.pass_over()
                size = ENDLESS
                if stream.peek() == ":":  # it was a name
                    stream.at += 1
                    stream.pass_over()
            if size > LONGEST_VALUE or len(own) > MOST_KEYS:
                size = ENDLESS
                own.clear()
        stream.at += 1
        if size == ENDLESS:
            yield self.too_long(line, begin)
        if self.given > before:
            return
        if is_page(own) and depth == 0 and own["code"] not in ("0", "200"):
            self.given += 1
            yield rejected(self.name, line, error_page(own) or "", begin)
        elif is_comment(own):
            yield self.record(own, line)
        else:
            self.around.note(own)
            yield from self.quoted(own, line, depth)
            self.passed += self.given == before and depth == 0 and not holds and "code" not in own

    def items(self, depth: int) -> Iterator[Comment | Rejected]:
        """The records in an array. The first object tells whether it is one of comments: then all are."""
        stream, of_comments = self.stream, False
        held: list[Rejected] = []  # objects before the first comment
        stream.at += 1
        while (first := stream.peek()) != "]":
            if first == ",":
                stream.at += 1
            elif first == "[" and depth < DEPTH and stream.after_bracket() in ("{", "["):
                yield from self.items(depth + 1)
            else:
                line, begin = self.here()
                size = -stream.passed
                try:
                    row = stream.value()
                except TooLong:
                    yield from self.in_parts(first, line, begin, depth)
                    continue
                except Damaged:
                    if first not in BOUNDARIES or not stream.skip(BOUNDARIES[first]):
                        raise Damaged(line, begin) from None
                    self.given += 1
                    yield rejected(self.name, line, "damaged JSON", begin)
                    continue
                of_comments = (
                    of_comments or is_comment(row) or (isinstance(row, dict) and kind(tuple(row)).columns.danmu)
                )
                if of_comments and held:
                    self.given += len(held)
                    yield from held
                    held.clear()
                if of_comments and isinstance(row, (dict, list)):
                    yield self.record(row, line, begin if size + stream.passed > LARGE else None)
                elif of_comments:
                    self.given += 1
                    yield rejected(self.name, line, BARE, begin)
                else:
                    before = self.given
                    yield from self.within(row, line, depth + 1)
                    if self.given == before and len(held) < MOST_HELD and not isinstance(row, list):
                        bare = [rejected(self.name, line, BARE, begin)]
                        held += self.no_comment(row, line) if isinstance(row, dict) else bare
        stream.at += 1

    def in_parts(self, first: str, line: int, begin: str, depth: int) -> Iterator[Comment | Rejected]:
        """The records in a value that is too long to be decoded at once, each for itself; without any, it is one."""
        before = self.given
        if first in ("{", "[") and depth + 1 < DEPTH:
            yield from self.walk(depth + 1)
        else:
            self.stream.pass_over()
        if self.given == before:
            yield self.too_long(line, begin)


JSON_DOCUMENT = Form("JSON", recognises, read)
