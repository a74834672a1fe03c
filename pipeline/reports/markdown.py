"""Tables, numbers and other people's texts in Markdown."""

import re
from collections.abc import Sequence
from unicodedata import category

from pipeline.statistics.intervals import Share
from pipeline.text.columns import turns

LONGEST = 60  # characters of a text in a table
#: what begins markup, in CommonMark and in what GitHub adds; an underscore before a letter ends nothing
MARKUP = re.compile(r"[\\`*\[\]<>|~$&@]|_(?![^\W_])|(?i:(?<=www))\.|:(?=//)")


def literal(text: str) -> str:
    """A text that Markdown shows as it is, in one line: no cell, link, tag or emphasis begins or ends in it."""
    # an entity is never structure; the comment behind @ keeps it from becoming an address
    return MARKUP.sub(lambda sign: f"&#{ord(sign[0])};" + "<!-- -->" * (sign[0] == "@"), one_line(text))


def one_line(text: str) -> str:
    """A text without line breaks, and without what is not to be seen but changes what is."""
    seen = (sign for sign in text if sign.isspace() or (category(sign) != "Cc" and not turns(sign)))
    return " ".join("".join(seen).split())


def quoted(text: str) -> str:
    """A text in quotation marks, cut where it is long."""
    line = one_line(text)
    return f"“{literal(line[:LONGEST])}{'…' if len(line) > LONGEST else ''}”"


def table(header: Sequence[str], rows: Sequence[Sequence[object]], words: int = 1) -> str:
    """A Markdown table; all columns but the first `words` are numbers and stand to the right."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * words + "---:|" * (len(header) - words)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def number(value: float | None) -> str:
    """Three digits, or a dash where there is none."""
    return "–" if value is None else f"{value:.3f}"


def hits(share: Share) -> str:
    """`13 of 120`."""
    return f"{share.hits:,} of {share.total:,}"


def counted(count: int, word: str) -> str:
    """`1 annotator`, `3 annotators`."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def in_rounds(rounds: Sequence[int]) -> str:
    """`round 2`, `rounds 2 and 3`."""
    return f"{'round' if len(rounds) == 1 else 'rounds'} {listed(rounds)}"


def listed(words: Sequence[object]) -> str:
    """`a, b and c`."""
    *most, last = map(str, words) if words else ("",)
    return f"{', '.join(most)} and {last}" if most else last
