"""The records in JSON values that are decoded already, and what their file says around them."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from pipeline.danmu.readers.fields import BadField
from pipeline.danmu.readers.json_text import TOLERANT, TOO_LONG, is_too_much, rejected
from pipeline.danmu.record import EXCERPT, Comment, Rejected
from pipeline.danmu.sites.site import Around
from pipeline.danmu.tables.json_table import comment, is_comment

DEPTH = 8  # how deep arrays of comments are looked for
QUOTED = re.compile(r'\s*(?:\{\s*"|\[\s*[{\[])')


class Records:
    """The records of a file, as they are found."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.given = 0  # comments and rejected records so far
        self.passed = 0  # objects without arrays that were neither
        self.around = Around(name)

    def record(self, row: Any, line: int, long: str | None = None) -> Comment | Rejected:
        """A comment, or why it is none; `long` is how a long one begins."""
        self.given += 1
        try:
            return comment(row, self.around)
        except BadField as error:
            return rejected(self.name, line, str(error), long or str(row)[: 4 * EXCERPT])

    def too_long(self, line: int, begin: str) -> Rejected:
        """What is said of a value that is too long to be decoded."""
        self.given += 1
        return rejected(self.name, line, TOO_LONG, begin)

    def no_comment(self, row: dict[str, Any], line: int) -> list[Rejected]:
        """Why an object is no comment, if the array it stands in turns out to be one of comments."""
        try:
            comment(row, Around())
        except BadField as error:
            return [rejected(self.name, line, str(error), str(row)[: 4 * EXCERPT])]
        return []

    def within(self, value: Any, line: int, depth: int) -> Iterator[Comment | Rejected]:
        """The records in a value that is decoded already."""
        if is_comment(value):
            yield self.record(value, line)
        elif isinstance(value, (dict, list)) and depth < DEPTH:
            if isinstance(value, dict):
                self.passed += 1
                self.around.note(value)
            for inner in value.values() if isinstance(value, dict) else value:
                yield from self.within(inner, line, depth + 1)

    def quoted(self, own: dict[str, Any], line: int, depth: int) -> Iterator[Comment | Rejected]:
        """The records in members that are JSON written as a text, as some services answer."""
        for value in own.values():
            if isinstance(value, str) and QUOTED.match(value) and not is_too_much(value):
                with suppress(ValueError, RecursionError):
                    yield from self.within(TOLERANT.decode(value), line, depth + 1)
