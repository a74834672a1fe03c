"""The report's pictures: drawn once, the same bytes for the same numbers."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.evaluation.comparison import MAJORITY, Row, Truth, confusion

if TYPE_CHECKING:
    from matplotlib.figure import Figure

METHOD_COLORS = {
    "majority": "#8a8a8a",
    "logistic": "#4c78a8",
    "xgboost": "#54a24b",
    "bert": "#e45756",
    "llama": "#b279a2",
}
FURTHER_COLORS = ["#f58518", "#72b7b2", "#ff9da6", "#9d755d"]


def color(method: str) -> str:
    """A method's colour, the same in every picture."""
    return METHOD_COLORS.get(method, FURTHER_COLORS[sum(map(ord, method)) % len(FURTHER_COLORS)])


def shades(rows: list[Row]) -> dict[str, tuple[float, float, float]]:
    """A colour for each cell: its method's, lighter for every further cell of the method."""
    from matplotlib.colors import to_rgb

    seen: dict[str, int] = {}
    found = {}
    for row in rows:
        step = seen[row.method] = seen.get(row.method, -1) + 1
        fade = 1 - 0.62**step
        red, green, blue = (channel + (1 - channel) * fade for channel in to_rgb(color(row.method)))
        found[row.name] = (red, green, blue)
    return found


def figure(width: float, height: float, columns: int = 1) -> tuple["Figure", Any]:
    """A figure and its axes, without a display and without the global pyplot state."""
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(width, height), dpi=130, layout="constrained")
    return drawn, drawn.subplots(1, columns)


def save(drawn: "Figure", path: Path) -> None:
    """PNG without a date or a version in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn.savefig(path, metadata={"Software": None})


def draw_scores(rows: list[Row], path: Path) -> None:
    """Macro-F1 with its interval, and accuracy, of every cell on test."""
    drawn, (left, right) = figure(11, 1.2 + 0.42 * len(rows), 2)
    places = np.arange(len(rows))[::-1]
    for place, row in zip(places, rows, strict=True):
        assert row.macro_f1 is not None
        value = row.macro_f1
        left.errorbar(
            value.value,
            place,
            xerr=[[value.value - value.low], [value.high - value.value]],
            fmt="o",
            color=color(row.method),
            capsize=3,
        )
        right.plot(row.scores["test"]["accuracy"], place, "s", color=color(row.method))
        right.plot(row.scores["test"]["parents"]["accuracy"], place, "s", color=color(row.method), fillstyle="none")
    floor = next(row for row in rows if row.name == MAJORITY)
    for axis, value in ((left, floor.scores["test"]["macro_f1"]), (right, floor.scores["test"]["accuracy"])):
        axis.axvline(value, color="#8a8a8a", linestyle=":", linewidth=1)
        axis.set_xlim(left=0)
        axis.grid(axis="x", alpha=0.3)
    left.set_yticks(places, [row.name for row in rows])
    right.set_yticks(places, [])
    left.set_xlabel("macro-F1, test, with interval; dotted: majority")
    right.set_xlabel("accuracy, test: leaves (filled), parents (hollow)")
    save(drawn, path)


def draw_class_f1(rows: list[Row], truth: Truth, path: Path) -> None:
    """F1 of every leaf for every cell, as a map."""
    values = np.array([[entry["f1"] for entry in row.per_class] for row in rows])
    support = [entry["support"] for entry in rows[0].per_class]
    drawn, axis = figure(3.2 + 0.42 * len(truth.leaves), 2.4 + 0.36 * len(rows))
    image = axis.imshow(values, vmin=0, vmax=1, cmap="viridis", aspect="auto")
    labels = [f"{leaf} ({count})" for leaf, count in zip(truth.leaves, support, strict=True)]
    axis.set_xticks(range(len(labels)), labels, rotation=60, ha="right", fontsize=8)
    axis.set_yticks(range(len(rows)), [row.name for row in rows], fontsize=8)
    for y, x in np.ndindex(values.shape):
        if values[y, x] > 0:
            axis.text(x, y, f"{values[y, x]:.2f}"[1:] if values[y, x] < 1 else "1", ha="center", va="center",
                      fontsize=6.5, color="white" if values[y, x] < 0.6 else "black")  # fmt: skip
    drawn.colorbar(image, label="F1 on test (in brackets: test items)")
    save(drawn, path)


def draw_confusion(row: Row, truth: Truth, path: Path) -> None:
    """Actual against predicted leaf, each row's shares; parents are set apart by lines."""
    counts = confusion(row, truth)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    drawn, axis = figure(9.5, 8.5)
    axis.imshow(shares, vmin=0, vmax=1, cmap="Blues")
    for y, x in np.ndindex(counts.shape):
        if counts[y, x]:
            axis.text(x, y, counts[y, x], ha="center", va="center", fontsize=7,
                      color="white" if shares[y, x] > 0.6 else "black")  # fmt: skip
    for edge in np.flatnonzero(np.diff(truth.parent_of)) + 0.5:
        axis.axhline(edge, color="#777", linewidth=0.8)
        axis.axvline(edge, color="#777", linewidth=0.8)
    axis.set_xticks(range(len(truth.leaves)), truth.leaves, rotation=60, ha="right", fontsize=8)
    axis.set_yticks(range(len(truth.leaves)), truth.leaves, fontsize=8)
    axis.set_xlabel(f"predicted by {row.name} (numbers: test items; colour: share of the row)")
    axis.set_ylabel("gold")
    save(drawn, path)


def draw_curves(rows: list[Row], path: Path) -> None:
    """Loss and validation macro-F1 along training, for the methods that train in steps."""
    trained = [row for row in rows if row.curve]
    shade = shades(trained)
    drawn, (left, right) = figure(11, 4.6, 2)
    for row in trained:
        share = 1 / max(1, row.curve[-1]["step"])
        for name, style in (("train_loss", ":"), ("validation_loss", "-")):
            points = [(entry["step"] * share, entry[name]) for entry in row.curve if entry.get(name) is not None]
            label = row.name if style == "-" else None
            left.plot(*zip(*points, strict=True), style, color=shade[row.name], label=label, linewidth=1.2)
        points = [
            (entry["step"] * share, entry["validation_macro_f1"])
            for entry in row.curve
            if entry.get("validation_macro_f1") is not None
        ]
        if points:
            right.plot(*zip(*points, strict=True), "o-", color=shade[row.name], markersize=3)
            best = max(points, key=lambda point: point[1])
            right.plot(*best, "*", color=shade[row.name], markersize=12)
    for axis, name in (
        (left, "loss on validation (line), on training (dots)"),
        (right, "validation macro-F1; star: kept"),
    ):
        axis.set_xlabel("share of the training done")
        axis.set_ylabel(name)
        axis.grid(alpha=0.3)
    left.set_ylim(bottom=0)
    drawn.legend(loc="outside upper center", ncols=3, fontsize=7)
    save(drawn, path)


def draw_reliability(rows: list[Row], path: Path) -> None:
    """How often a method is right when it is this sure."""
    drawn, axis = figure(5.6, 5)
    axis.plot([0, 1], [0, 1], ":", color="#8a8a8a")
    shade = shades(rows)
    for row in rows:
        if row.name != MAJORITY:
            points = [(entry["confidence"], entry["accuracy"]) for entry in row.reliability]
            axis.plot(
                *zip(*points, strict=True), "o-", color=shade[row.name], label=row.name, markersize=3, linewidth=1
            )
    axis.set_xlabel("mean confidence of the bin")
    axis.set_ylabel("accuracy of the bin, test")
    axis.legend(fontsize=7)
    save(drawn, path)


def draw_cost(rows: list[Row], path: Path) -> None:
    """What a point of macro-F1 costs in seconds."""
    drawn, axis = figure(7.5, 4.4)
    measured = [row for row in rows if row.cost]
    middle = np.sqrt(np.prod([max(row.cost["seconds"], 0.01) for row in measured]) ** (2 / max(1, len(measured))))
    for row in measured:
        at = (max(row.cost["seconds"], 0.01), row.scores["test"]["macro_f1"])
        side, text = ("right", f"{row.name}  ") if at[0] > middle else ("left", f"  {row.name}")
        axis.plot(*at, "o", color=color(row.method))
        axis.annotate(text, at, fontsize=7, ha=side, va="center")
    axis.set_xscale("log")
    axis.set_xlabel("seconds to train and to predict validation and test (log)")
    axis.set_ylabel("macro-F1 on test")
    axis.margins(x=0.15)
    axis.set_ylim(bottom=0)
    axis.grid(alpha=0.3)
    save(drawn, path)


def draw_all(rows: list[Row], best: Row, truth: Truth, folder: Path) -> None:
    """Every picture that the report shows."""
    draw_scores(rows, folder / "scores.png")
    draw_class_f1(rows, truth, folder / "class_f1.png")
    draw_confusion(best, truth, folder / "confusion.png")
    draw_curves(rows, folder / "curves.png")
    draw_reliability(rows, folder / "reliability.png")
    draw_cost(rows, folder / "cost.png")
