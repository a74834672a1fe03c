"""The comparison's pictures. With many leaves or cells they show those that matter most, and say so."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.artifacts.splits import TEST
from pipeline.evaluation.comparison import MAJORITY, Comparison, Row, confusion
from pipeline.reports.drawing import (
    GREY,
    LINE,
    MOST_LEAVES,
    NAMES,
    TEXT,
    Numbers,
    draw_lines_between,
    largest,
    logarithmic,
    name_axes,
    picture,
    reach,
    short,
)
from pipeline.reports.fonts import label
from pipeline.reports.line_pictures import draw_curves, draw_reliability
from pipeline.reports.shown_cells import how_many, method_colors, shown

MOST_ROWS = 40  # cells below each other
MOST_COLUMNS = 20  # cells beside each other, in a matrix with numbers
MOST_NAMES = 20  # cells with a name beside their point; more push each other too far from their points
APART = 10.0  # points between the lines of such names
LEAST_SECONDS = 0.01  # as costs are written; a logarithmic axis has no 0


def draw_all(comparison: Comparison, folder: Path) -> None:
    """scores, class_f1, confusion, curves, reliability and cost, each a PNG."""
    draw_scores(comparison, folder / "scores.png")
    draw_class_f1(comparison, folder / "class_f1.png")
    draw_confusion(comparison, folder / "confusion.png")
    draw_curves(comparison, folder / "curves.png")
    draw_reliability(comparison, folder / "reliability.png")
    draw_cost(comparison, folder / "cost.png")


def draw_scores(comparison: Comparison, path: Path) -> None:
    """Macro-F1 with its interval, and accuracy, of every cell on test."""
    rows, color = shown(comparison, comparison.rows, MOST_ROWS), method_colors(comparison)
    with picture(path, 11, 1.2 + 0.42 * len(rows), ncols=2) as (_, (left, right)):
        places = range(len(rows))[::-1]
        for place, row in zip(places, rows, strict=True):
            paint, accuracy = color[row.method], row.test.leaves.accuracy
            left.errorbar(row.macro_f1.value, place, xerr=reach(row.macro_f1), fmt="o", color=paint, capsize=3)
            right.plot(accuracy, place, "s", color=paint)
            right.plot(row.test.parents.accuracy, place, "s", color=paint, fillstyle="none")
        floor = next((row.test.leaves for row in rows if row.name == MAJORITY), None)
        for axis, value in ((left, floor and floor.macro_f1), (right, floor and floor.accuracy)):
            if value is not None:
                axis.axvline(value, color=GREY, linestyle=":", linewidth=1)
            axis.set_xlim(left=0)
            axis.set_ylim(-0.6, len(rows) - 0.4)
            axis.grid(axis="x", alpha=0.3)
        left.set_yticks(places, [label(row.name) for row in rows])
        right.set_yticks(places, [])
        left.set_xlabel("macro-F1, test, with interval; dotted: majority" + how_many(rows, comparison.rows))
        right.set_xlabel("accuracy, test: leaves (filled), parents (hollow)")


def draw_class_f1(comparison: Comparison, path: Path) -> None:
    """F1 of the leaves (rows) for the cells (columns), as a map; leaves without a row of their own by their mean."""
    cells = shown(comparison, comparison.rows, MOST_COLUMNS)
    f1 = np.array([[leaf.f1 for leaf in row.per_leaf] for row in cells]).T
    support = np.array([leaf.support for leaf in comparison.best.per_leaf])
    leaves = largest(support, MOST_LEAVES)
    others = np.setdiff1d(np.arange(len(support)), leaves)
    values = np.vstack([f1[leaves], f1[others].mean(0, keepdims=True)]) if len(others) else f1
    names = [f"{label(comparison.truth.leaves[leaf])} ({support[leaf]:,})" for leaf in leaves]
    if len(others):
        names.append(f"mean of {len(others):,} others ({support[others].sum():,})")
    with picture(path, 5.5 + 0.42 * len(cells), 3.4 + 0.27 * len(names)) as (figure, axis):
        image = axis.imshow(values, vmin=0, vmax=1, cmap="viridis", aspect="auto")
        name_axes(axis, names, [label(row.name) for row in cells])
        for y, x in np.argwhere(values):
            axis.text(x, y, short(values[y, x]), ha="center", va="center", fontsize=TEXT,
                      color="white" if values[y, x] < 0.6 else "black")  # fmt: skip
        draw_lines_between(axis, parents_of(comparison.truth.parent_of, leaves, others), across=False)
        axis.set_xlabel(how_many(cells, comparison.rows).strip())
        figure.colorbar(image, label="F1 on test (in brackets: test items)")


def draw_confusion(comparison: Comparison, path: Path) -> None:
    """Actual (rows) against predicted leaf of the best cell, by shares of each row."""
    truth, best = comparison.truth, comparison.best
    leaves = largest(np.bincount(truth.targets(TEST), minlength=len(truth.leaves)), MOST_LEAVES)
    others = np.setdiff1d(np.arange(len(truth.leaves)), leaves)
    counts = confusion(best, truth, leaves)
    names = [label(truth.leaves[leaf]) for leaf in leaves] + [f"{len(others):,} others"] * bool(len(others))
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    size = max(5.0, 2.8 + 0.27 * len(names))
    with picture(path, size, size) as (_, axis):
        axis.imshow(shares, vmin=0, vmax=1, cmap="Blues")
        for y, x in np.argwhere(counts):
            axis.text(x, y, counts[y, x], ha="center", va="center", fontsize=TEXT,
                      color="white" if shares[y, x] > 0.6 else "black")  # fmt: skip
        draw_lines_between(axis, parents_of(truth.parent_of, leaves, others))
        name_axes(axis, names, names)
        axis.set_xlabel(f"predicted by {label(best.name)}\n(numbers: test items; colour: share of the row)"
                        + "\n(others: the leaves with the fewest test items)" * bool(len(others)))  # fmt: skip
        axis.set_ylabel("gold")


def parents_of(parent_of: Numbers, leaves: Sequence[int], others: Numbers) -> list[int]:
    """Each row's parent; the others together are like a parent of their own."""
    return [*(int(parent_of[leaf]) for leaf in leaves), *([-1] if len(others) else [])]


def draw_cost(comparison: Comparison, path: Path) -> None:
    """What macro-F1 costs in seconds; with many cells only some have their names beside them."""
    color, measured = method_colors(comparison), [row for row in comparison.rows if row.cost]
    named = shown(comparison, measured, MOST_NAMES)
    top = 1.1 * max([row.test.leaves.macro_f1 for row in measured], default=1.0) or 1.0
    width, height = 8.5, 4.8
    with picture(path, width, height) as (_, axis):
        for row in measured:
            axis.plot(seconds(row), row.test.leaves.macro_f1, "o", color=color[row.method])
        middle = math.exp(np.log([seconds(row) for row in measured]).mean()) if measured else 1.0
        scale = 72 * 0.85 * height / top  # points per unit of macro-F1
        wanted = [row.test.leaves.macro_f1 * scale for row in named]
        for row, at, aside in zip(named, wanted, kept_apart(wanted, APART), strict=True):
            names_left = seconds(row) > middle
            axis.annotate(
                label(row.name), (seconds(row), row.test.leaves.macro_f1),
                (-7 if names_left else 7, aside - at), textcoords="offset points",
                ha="right" if names_left else "left", va="center", fontsize=TEXT,
                arrowprops={"arrowstyle": "-", "color": LINE, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 3},
            )  # fmt: skip
        logarithmic(axis)
        axis.set_xlabel("seconds to train and to predict validation and test (log)"
                        + how_many(named, measured, "named"))  # fmt: skip
        axis.set_ylabel("macro-F1 on test", fontsize=NAMES + 2)
        axis.margins(x=0.15)
        axis.set_ylim(0, top)
        axis.grid(alpha=0.3)


def seconds(row: Row) -> float:
    """What training and prediction took, as far as it can stand on a logarithmic axis."""
    return max(row.cost.seconds if row.cost else 0.0, LEAST_SECONDS)


def kept_apart(places: Sequence[float], least: float) -> list[float]:
    """Places near the given ones, in the same order along the line, with at least so much between any two.

    Neighbours that are too close form a group around the middle of the places that its members want.
    """
    groups: list[list[int]] = []
    middles: list[float] = []
    for index in sorted(range(len(places)), key=lambda index: places[index]):
        groups.append([index])
        middles.append(places[index])
        while len(groups) > 1 and middles[-1] - middles[-2] < least * (len(groups[-1]) + len(groups[-2])) / 2:
            groups[-2:] = [groups[-2] + groups[-1]]
            middles[-2:] = [sum(places[member] for member in groups[-1]) / len(groups[-1])]
    apart = [0.0] * len(places)
    for group, middle in zip(groups, middles, strict=True):
        for step, member in enumerate(group):
            apart[member] = middle + least * (step - (len(group) - 1) / 2)
    return apart
