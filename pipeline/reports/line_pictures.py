"""The comparison's pictures that have a line for every cell: training curves and reliability."""

import math
from pathlib import Path

from pipeline.artifacts.curves import CurvePoint
from pipeline.evaluation.comparison import MAJORITY, Comparison, Row
from pipeline.reports.drawing import GREY, TEXT, picture
from pipeline.reports.fonts import label
from pipeline.reports.shown_cells import how_many, looks, shown

MOST_CURVES = 18  # six lines of three names; more lines cannot be told from each other
MOST_LINES = 6  # of one method's reliability
MOST_METHODS = 12  # panels


def draw_curves(comparison: Comparison, path: Path) -> None:
    """Loss and validation macro-F1 along training, for the methods that train in steps."""
    trained = [row for row in comparison.rows if row.curve]
    rows = shown(comparison, trained, MOST_CURVES)
    look = looks(comparison, rows)
    with picture(path, 11, 4.3 + 0.17 * math.ceil(len(rows) / 3), ncols=2) as (figure, (left, right)):
        for row in rows:
            color = look[row.name].color
            for measure, style in (("train_loss", ":"), ("validation_loss", "-")):
                if points := curve(row, measure):
                    left.plot(*zip(*points, strict=True), style, color=color, linewidth=1.2)
            if points := curve(row, "validation_macro_f1"):
                right.plot(*zip(*points, strict=True), "-", markersize=3, **look[row.name].line())
                right.plot(*max(points, key=lambda point: point[1]), "*", color=color, markersize=12)
            left.plot([], [], "-", color=color, label=label(row.name), linewidth=1.2)
        for axis, measure in (
            (left, "loss on validation (line), on training (dots)"),
            (right, "validation macro-F1; star: kept"),
        ):
            axis.set_xlabel("share of the training done")
            axis.set_ylabel(measure)
            axis.grid(alpha=0.3)
        left.set_ylim(bottom=0)
        if rows:
            left.set_xlabel("share of the training done" + how_many(rows, trained))
            figure.legend(loc="outside upper center", ncols=3, fontsize=TEXT)
        else:
            left.set_title("no cell was trained in steps")


def curve(row: Row, measure: str) -> list[tuple[float, float]]:
    """The share of the training done and the value, where the measure was taken."""
    last = max(1, row.curve[-1].step)

    def value(point: CurvePoint) -> float | None:
        taken: float | None = getattr(point, measure)
        return taken

    return [(point.step / last, taken) for point in row.curve if (taken := value(point)) is not None]


def draw_reliability(comparison: Comparison, path: Path) -> None:
    """How often a cell is right when it is this sure, one panel for each method."""
    rows = [row for row in comparison.rows if row.name != MAJORITY and row.reliability]
    methods = list(dict.fromkeys(row.method for row in rows))
    panels = methods[:MOST_METHODS]
    across = 1 if len(panels) < 2 else 2 if len(panels) < 5 else 3
    down = max(1, math.ceil(len(panels) / across))
    grid = {"ncols": across, "nrows": down, "sharex": True, "sharey": True, "squeeze": False}
    with picture(path, 4.2 * across, 0.4 + 3.9 * down, **grid) as (figure, axes):
        for axis in axes.flat[len(panels) :]:
            axis.set_visible(False)
        for axis, method in zip(axes.flat, panels):
            cells = [row for row in rows if row.method == method]
            some = shown(comparison, cells, MOST_LINES)
            look = looks(comparison, some)
            axis.plot([0, 1], [0, 1], ":", color=GREY)
            for row in some:
                points = [(one.confidence, one.accuracy) for one in row.reliability]
                axis.plot(*zip(*points, strict=True), label=label(row.name), markersize=4, linewidth=1.2,
                          **look[row.name].line())  # fmt: skip
            axis.set_title(label(method) + how_many(some, cells), fontsize=9)
            axis.set_xlim(-0.03, 1.03)
            axis.set_ylim(-0.03, 1.03)
            axis.grid(alpha=0.3)
            axis.legend(fontsize=TEXT - 1, loc="upper left", framealpha=0.6)
        figure.supxlabel("mean confidence of the bin", fontsize=10)
        figure.supylabel("accuracy of the bin, test", fontsize=10)
        if len(methods) > len(panels):
            figure.suptitle(f"the first {len(panels)} of {len(methods)} methods", fontsize=10)
