"""Which cells a picture shows where there are more than it has room for, and how each looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.evaluation.comparison import MAJORITY, Comparison, Row
from pipeline.reports.drawing import colors, largest, lighter

MARKERS = "os^vD*PX"
SHADES = (0.0, 0.35, 0.6)  # white in a method's first cells; lighter ones are lost on white


@dataclass(frozen=True)
class Look:
    """How a cell's line is drawn."""

    color: tuple[float, float, float]
    marker: str

    def line(self) -> dict[str, Any]:
        """As matplotlib's `plot` takes it."""
        return {"color": self.color, "marker": self.marker}


def method_colors(comparison: Comparison) -> dict[str, str]:
    """A colour for each method, the same in every picture of the comparison."""
    return colors(row.method for row in comparison.rows)


def looks(comparison: Comparison, rows: Sequence[Row]) -> dict[str, Look]:
    """Cell → its method's colour, lighter for the method's further cells and with another sign after a few."""
    by_method, seen, given = method_colors(comparison), dict[str, int](), dict[str, Look]()
    for row in rows:
        place = seen.get(row.method, 0)
        seen[row.method] = place + 1
        color = lighter(by_method[row.method], SHADES[place % len(SHADES)])
        given[row.name] = Look(color, MARKERS[place // len(SHADES) % len(MARKERS)])
    return given


def shown(comparison: Comparison, rows: Sequence[Row], most: int) -> list[Row]:
    """At most so many of the rows, in their order: majority, the baseline, the best, then the best on validation."""
    always = {MAJORITY, comparison.baseline.name, comparison.best.name}
    weights = [2.0 if row.name in always else row.validation.leaves.macro_f1 for row in rows]
    return [rows[place] for place in largest(weights, most)]


def how_many(some: Sequence[Row], rows: Sequence[Row], what: str = "shown") -> str:
    """A line on the rows that a picture does not show (or whatever it does not do with them); none if it shows all."""
    return "" if len(some) == len(rows) else f"\n({what}: {len(some)} of {len(rows):,} cells, chosen on validation)"
