"""What all pictures have in common: a figure that is written without a clock, colours, intervals, matrices."""

import colorsys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.files import replacing
from pipeline.reports.fonts import our_fonts
from pipeline.statistics.intervals import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Numbers = np.ndarray[Any, Any]
DPI = 130
LARGEST = 4000  # pixels on a side; beyond that browsers and viewers show a picture slowly, or not at all
#: leaves that a picture shows one by one: a matrix of 30 still has numbers that can be read at a page's width
MOST_LEAVES = 30
GREY, LINE, TEXT, NAMES = "#8a8a8a", "#777", 7, 8  # of what is in the background; sizes of numbers and of names
BLUE, GREEN, RED, PURPLE, ORANGE, BROWN, TEAL, PINK = (
    "#4c78a8", "#54a24b", "#e45756", "#b279a2", "#f58518", "#9d755d", "#72b7b2", "#ff9da6",
)  # fmt: skip
PALETTE = (GREY, BLUE, GREEN, RED, PURPLE, ORANGE, TEAL, PINK, BROWN)  # in the order in which it is given out


@contextmanager
def picture(path: Path, width: float, height: float, **grid: Any) -> Iterator[tuple["Figure", Any]]:
    """A figure of width × height inches with its axes; the block draws, then it is written as a PNG.

    The same drawing gives the same bytes: no date, no version, none of the machine's settings and fonts is used.
    No side becomes longer than `LARGEST`. Every text is drawn as it is: a dollar begins no formula.

    Args:
        grid: as `Figure.subplots` takes it.
    """
    from matplotlib import style
    from matplotlib.figure import Figure

    longest = LARGEST / DPI
    with our_fonts() as names, style.context(["default", {"font.family": names, "text.parse_math": False}]):
        figure = Figure(figsize=(min(width, longest), min(height, longest)), dpi=DPI, layout="constrained")
        yield figure, figure.subplots(**grid)
        with replacing(path) as part:
            figure.savefig(part, format="png", metadata={"Software": None})


def colors(names: Iterable[str]) -> dict[str, str]:
    """A colour for each name, in the order in which the names first stand there; no two are alike."""
    from matplotlib.colors import to_hex

    given: dict[str, str] = {}
    for name in names:
        if name not in given:
            place = len(given)
            # past the palette, hues a golden section apart, which never meet
            further = to_hex(colorsys.hsv_to_rgb(place * 0.618 % 1, 0.5, 0.55 + 0.3 * (place % 2)))
            given[name] = PALETTE[place] if place < len(PALETTE) else further
    return given


def lighter(color: str, share: float) -> tuple[float, float, float]:
    """The colour with so much white in it."""
    from matplotlib.colors import to_rgb

    red, green, blue = (channel + (1 - channel) * share for channel in to_rgb(color))
    return red, green, blue


def largest(weights: Sequence[float] | Numbers, most: int) -> list[int]:
    """The places of the `most` largest weights, in ascending order; of equal ones the first are taken."""
    return sorted(sorted(range(len(weights)), key=lambda place: -weights[place])[:most])


def reach(interval: Interval) -> list[list[float]]:
    """How far the interval reaches below and above its value, as matplotlib's error bars take it."""
    value, low, high = interval.value, interval.low, interval.high
    if value is None or low is None or high is None:
        return [[0.0], [0.0]]
    return [[max(0.0, value - low)], [max(0.0, high - value)]]  # an interval of resamples need not hold the value


def logarithmic(axis: "Axes") -> None:
    """Give the axes logarithmic values from left to right, with plain numbers: matplotlib's own are formulas."""
    from matplotlib.ticker import LogFormatter

    class Plain(LogFormatter):
        def __call__(self, x: float, pos: int | None = None) -> str:
            return f"{x:,g}" if super().__call__(x, pos) else ""  # blank where the labels would be too many

    axis.set_xscale("log")
    axis.xaxis.set_major_formatter(Plain())
    axis.xaxis.set_minor_formatter(Plain(labelOnlyBase=False))


def name_axes(axis: "Axes", rows: Sequence[str], columns: Sequence[str]) -> None:
    """The names beside a matrix's rows and below its columns."""
    axis.set_xticks(range(len(columns)), columns, rotation=60, ha="right", rotation_mode="anchor", fontsize=NAMES)
    axis.set_yticks(range(len(rows)), rows, fontsize=NAMES)


def draw_lines_between(axis: "Axes", parents: Sequence[int] | Numbers, across: bool = True) -> None:
    """Set the parents apart in a matrix.

    Args:
        parents: of each row.
        across: whether the columns are the same as the rows.
    """
    for edge in np.flatnonzero(np.diff(parents)) + 0.5:
        axis.axhline(edge, color=LINE, linewidth=0.8)
        if across:
            axis.axvline(edge, color=LINE, linewidth=0.8)


def short(share: float) -> str:
    """`.94`, or `1`; what is below 1 is never rounded up to it."""
    return f"{min(share, 0.99):.2f}".removeprefix("0") if share < 1 else "1"
