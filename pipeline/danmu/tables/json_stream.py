"""A JSON text of any length, decoded value by value as it is read."""

import re
from collections.abc import Iterable, Iterator
from json import JSONDecodeError
from typing import Any

from pipeline.danmu.readers.json_text import TOLERANT

#: characters read at a time. A decoder's error counts the lines before it, so that a larger buffer makes
#: damaged files slow.
PIECE = 1 << 16
#: characters that one comment may have; a value that goes on beyond is damaged
LONGEST_VALUE = 1 << 24
SHORT = 16  # characters before the buffer's end from which on an error may only mean that more is to come
BLANK = re.compile(r"[\s\ufeff]*")


class Damaged(Exception):
    """No value can be read here, or none is left to read."""


class JsonStream:
    """A JSON text, read from the place `at` of a buffer on; what stands before it goes when the buffer is refilled."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.pieces = pieces(lines)
        self.text, self.at = "", 0
        self.counted, self.before = 0, 0  # how far the buffer's lines are counted, and how many there were
        self.length, self.in_vain = 0, 0  # characters read; characters decoded before an error

    @property
    def line(self) -> int:
        """The line of the file in which the place is, from 1."""
        self.before += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.before + 1

    def more(self) -> bool:
        """Read on, at least as much again as is left in the buffer; False at the end of the text."""
        self.before += self.text.count("\n", self.counted, self.at)
        rest = self.text[self.at :]
        fresh: list[str] = []
        size = 0
        while size < max(PIECE, len(rest)) and (piece := next(self.pieces, "")):
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
        """
        while True:
            try:
                value, end = TOLERANT.raw_decode(self.text, self.at)
            except JSONDecodeError as error:
                short = error.pos > len(self.text) - SHORT or error.msg.startswith("Unterminated")
                if short and len(self.text) - self.at < LONGEST_VALUE and self.more():
                    continue
                self.in_vain += error.pos - self.at
                raise Damaged from None
            except RecursionError:
                self.in_vain += PIECE
                raise Damaged from None
            if end == len(self.text) and self.text[-1] not in '}]"' and self.more():
                continue  # a number may go on
            self.at = end
            return value

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


def pieces(lines: Iterable[str]) -> Iterator[str]:
    """The same text in pieces of about PIECE characters; none is empty."""
    held: list[str] = []
    size = 0
    for line in lines:
        for begin in range(0, len(line), PIECE):
            held.append(line[begin : begin + PIECE])
            size += len(held[-1])
            if size >= PIECE:
                yield "".join(held)
                held, size = [], 0
    if held:
        yield "".join(held)
