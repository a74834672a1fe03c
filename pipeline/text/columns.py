"""Texts in columns of type, and the signs that would break out of one."""

from collections.abc import Sequence
from unicodedata import bidirectional, east_asian_width

from pipeline.terminal import in_line

#: Unicode's classes of signs that turn the direction of all that follows
TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def turns(sign: str) -> bool:
    """Whether a sign turns the direction of all that follows, beyond its own text."""
    return bidirectional(sign) in TURNING


def display_width(text: str) -> int:
    """How wide a text is: a Chinese or full-width sign takes two columns, a Latin one takes one."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def aligned(rows: Sequence[Sequence[object]], words: int = 1) -> list[str]:
    """Rows as lines for a terminal: the first `words` columns to the left, those behind, which are numbers, to the
    right.
    """
    lines = [[in_line(cell) for cell in row] for row in rows]
    widths = [max(map(display_width, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(
            cell + pad if place < words else pad + cell
            for place, (cell, width) in enumerate(zip(line, widths))
            for pad in [" " * (width - display_width(cell))]
        ).rstrip()
        for line in lines
    ]
