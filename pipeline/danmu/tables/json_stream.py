"""A JSON text of any length, decoded value by value as it is read."""

import re
from collections.abc import Iterable, Iterator
from json import JSONDecodeError
from typing import Any

from pipeline.danmu.readers.json_text import LONGEST_VALUE, TOLERANT, is_too_much

#: characters read at a time. A decoder's error counts the lines before it, so that a larger buffer makes
#: damaged files slow.
PIECE = 1 << 16
SHORT = 16  # characters before the buffer's end from which on an error may only mean that more is to come
BLANK = re.compile(r"[\s\ufeff]*")
SHORT_VALUE = 1 << 16  # characters of a value that may be looked at before it is read
#: the rest of a string, up to its quote; what stands between a value's brackets and strings; a number or a name
IN_STRING = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
OUTSIDE = re.compile(r'[^"\[\]{}]*+')
BARE = re.compile(r'[^\s,"\[\]{}]*+')


class Damaged(Exception):
    """No value can be read here, or none is left to read."""


class TooLong(Damaged):
    """The value here is longer than one that can be decoded at once."""


class JsonStream:
    """A JSON text, read from the place `at` of a buffer on; what stands before it goes when the buffer is refilled."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.pieces = pieces(texts)
        self.text, self.at = "", 0
        self.counted, self.before = 0, 0  # how far the buffer's lines are counted, and how many there were
        self.length, self.in_vain = 0, 0  # characters read; characters decoded before an error

    @property
    def line(self) -> int:
        """The line of the file in which the place is, from 1."""
        self.before += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.before + 1

    @property
    def passed(self) -> int:
        """How many characters stand before the place, from the text's beginning on."""
        return self.length - len(self.text) + self.at

    def more(self) -> bool:
        """Read on, as much again as is left in the buffer, up to LONGEST_VALUE; False at the end of the text."""
        self.before += self.text.count("\n", self.counted, self.at)
        rest = self.text[self.at :]
        fresh: list[str] = []
        size = 0
        while size < max(PIECE, min(len(rest), LONGEST_VALUE - len(rest))) and (piece := next(self.pieces, "")):
            fresh.append(piece)
            size += len(piece)
        self.text, self.at, self.counted = "".join([rest, *fresh]), 0, 0
        self.length += size
        return size > 0

    def peek(self) -> str:
        """The next character that is not blank, at which the place is then; none at the end."""
        while True:
            blank = BLANK.match(self.text, self.at)
            self.at = blank.end() if blank else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def after_bracket(self) -> str:
        """The first character that is not blank after the one at the place."""
        if len(self.text) - self.at < SHORT:
            self.more()
        blank = BLANK.match(self.text, self.at + 1)
        return self.text[blank.end() : blank.end() + 1] if blank else ""

    def value(self) -> Any:
        """The value at the place, which moves behind it.

        Raises:
            Damaged: there is none, or it is cut short; the place stays.
            TooLong: it is too long, or has too many parts; the place stays.
        """
        while True:
            try:
                value, end = TOLERANT.raw_decode(self.text, self.at)
            except JSONDecodeError as error:
                short = error.pos > len(self.text) - SHORT or error.msg.startswith("Unterminated")
                if short and self.go_on():
                    continue
                self.in_vain += error.pos - self.at
                raise Damaged from None
            except RecursionError:
                self.in_vain += PIECE
                raise Damaged from None
            if end == len(self.text) and self.text[-1] not in '}]"' and self.go_on():
                continue  # a number may go on
            self.at = end
            return value

    def short_value(self) -> tuple[Any, int]:
        """The value at the place and its length, if it is no longer than SHORT_VALUE; the place stays."""
        if len(self.text) - self.at < SHORT_VALUE:
            self.more()
        try:
            return TOLERANT.raw_decode(self.text[self.at : self.at + SHORT_VALUE])
        except (JSONDecodeError, RecursionError):
            return None, 0

    def go_on(self) -> bool:
        """Read more of the value at the place; False at the end of the text.

        Raises:
            TooLong: what there is of it is too much already.
        """
        if len(self.text) - self.at > LONGEST_VALUE:
            raise TooLong
        more = self.more()
        if more and is_too_much(self.text, self.at, LONGEST_VALUE + PIECE):
            raise TooLong
        return more

    def pass_over(self) -> None:
        """Move behind the value at the place without holding it, or to the end of the text where it has no end."""
        depth, string = 0, False
        while self.at < len(self.text) or self.more():
            first = self.text[self.at]
            if string:
                self.at = self.behind(IN_STRING)
                if self.at == len(self.text):
                    continue
                if self.text[self.at] == "\\" and (len(self.text) - self.at > 1 or self.more()):
                    continue  # the character behind it is there now
                string = False
            elif first == '"':
                string = True
            elif first in "{[":
                depth += 1
            elif first in "}]":
                depth -= 1
            else:
                self.at = self.behind(OUTSIDE if depth else BARE)
                if depth or self.at == len(self.text):
                    continue
                return
            self.at += 1
            if depth <= 0 and not string:
                return

    def behind(self, pattern: re.Pattern[str]) -> int:
        """Where what matches at the place ends."""
        match = pattern.match(self.text, self.at)
        return match.end() if match else self.at

    def skip(self, boundary: re.Pattern[str]) -> bool:
        """Move behind the next boundary; False if there is none, or if too much was decoded in vain already."""
        if self.in_vain > 4 * self.length + LONGEST_VALUE:
            return False
        self.at += 1
        while (match := boundary.search(self.text, self.at)) is None:
            self.at = max(self.at, len(self.text) - SHORT)
            if not self.more():
                return False
        self.at = match.end()
        return True


def pieces(texts: Iterable[str]) -> Iterator[str]:
    """The same text in pieces of about PIECE characters; none is empty."""
    held: list[str] = []
    size = 0
    for text in texts:
        for begin in range(0, len(text), PIECE):
            held.append(text[begin : begin + PIECE])
            size += len(held[-1])
            if size >= PIECE:
                yield "".join(held)
                held, size = [], 0
    if held:
        yield "".join(held)
