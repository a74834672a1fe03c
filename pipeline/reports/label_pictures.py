"""The pictures of the page on the labels: drawn once, the same bytes for the same numbers."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.annotation.tree.taxonomy import Taxonomy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Record = Mapping[str, Any]
LEAVES, SETS, GREY = "#4c78a8", "#f58518", "#8a8a8a"
UPPER = ["#54a24b", "#b279a2", "#9d755d", "#72b7b2"]  # levels of the tree above the leaves
LEFT_OUT = "left out"  # a round's note that draws it hollow
MODEL = {"marker": "o", "color": "#e45756", "markersize": 5}
PEOPLE = {"marker": "s", "color": LEAVES, "markersize": 4}
ROOM = 0.05  # beyond the outermost point


def figure(width: float, height: float, **grid: Any) -> tuple["Figure", Any]:
    """A figure and its axes, without a display and without the global pyplot state."""
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(width, height), dpi=130, layout="constrained")
    return drawn, drawn.subplots(**grid)


def save(drawn: "Figure", path: Path) -> None:
    """PNG without a date or a version in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn.savefig(path, metadata={"Software": None})


def name_of(leaf: str, taxonomy: Taxonomy) -> str:
    """A leaf's name, or its place in the taxonomy where the font may lack the name's signs."""
    return leaf.replace("$", r"\$") if leaf.isascii() else f"leaf {taxonomy.index_of_leaf[leaf] + 1}"


def reach(estimate: Record) -> list[list[float]]:
    """How far the interval reaches below and above the value; not at all where there is none."""
    value, low, high = (estimate[name] for name in ("value", "low", "high"))
    # resamples need not lie around the estimate
    return [[0.0], [0.0]] if low is None else [[max(0.0, value - low)], [max(0.0, high - value)]]


def draw_rounds(rounds: Sequence[Record], notes: Mapping[int, str], gate: tuple[float, str], path: Path) -> None:
    """Krippendorff's alpha of every level and of the label sets, round by round, above the number of items.

    Args:
        rounds: as in agreement.json.
        notes: round → what its tick says besides; a round left out is drawn hollow.
        gate: the least alpha that is asked for, 0 is none; and the series that it is asked of.
    """
    (minimum, gated), levels = gate, rounds[-1]["levels"]
    colors = [*(UPPER[place % len(UPPER)] for place in range(len(levels) - 1)), LEAVES, SETS]
    series = {level["name"]: [entry["levels"][at]["alpha"] for entry in rounds] for at, level in enumerate(levels)}
    series["label sets (MASI)"] = [entry["sets"] for entry in rounds]
    drawn, (above, below) = figure(
        max(7.5, 2.5 + 0.9 * len(rounds)), 5.2, nrows=2, sharex=True, gridspec_kw={"height_ratios": [3, 1]}
    )
    ends = [minimum] if minimum > 0 else []
    for step, (color, (name, values)) in enumerate(zip(colors, series.items(), strict=True)):
        aside = 0.1 * (step - (len(series) - 1) / 2)
        there = [place for place, estimate in enumerate(values) if estimate["value"] is not None]
        above.plot([place + aside for place in there], [values[place]["value"] for place in there],
                   color=color, alpha=0.35, linewidth=1)  # fmt: skip
        for place in there:
            value, around = values[place]["value"], reach(values[place])
            face = "white" if notes.get(rounds[place]["round"]) == LEFT_OUT else color
            above.errorbar(place + aside, value, yerr=around, capsize=3, fmt="o", color=color, markerfacecolor=face)
            ends.append(value - around[0][0])
        above.plot([], [], "o", color=color, label=name)
    if minimum > 0:
        above.axhline(minimum, color=GREY, linestyle=":", linewidth=1.2, label=f"gate {minimum:g} ({gated})")
    above.set_ylim(min([0.9, *ends]) - ROOM, 1 + ROOM / 2)
    above.set_ylabel("Krippendorff's alpha, 95% interval")
    above.grid(axis="y", alpha=0.3)
    drawn.legend(loc="outside upper center", ncols=4, fontsize=8, frameon=False)
    items, paired = ([entry[key] for entry in rounds] for key in ("items", "paired_items"))
    below.bar(range(len(rounds)), items, width=0.5, fill=False, edgecolor=GREY)
    below.bar(range(len(rounds)), paired, width=0.5, color=GREY)
    for place, total in enumerate(items):
        below.text(place, total, f"{total:,}", ha="center", va="bottom", fontsize=8)
    below.set_ylim(0, 1.3 * max(items))
    below.set_xlim(-0.6, len(rounds) - 0.4)
    below.set_ylabel("comments\n(filled: two ratings)", fontsize=8)
    names = [f"round {entry['round']}\n{notes.get(entry['round'], '')}" for entry in rounds]
    below.set_xticks(range(len(rounds)), [name.rstrip() for name in names])
    save(drawn, path)


def draw_disputes(entry: Record, taxonomy: Taxonomy, path: Path) -> None:
    """What others said where an annotator said the row's leaf; parents are set apart by lines.

    A row's shares sum to 1 with its diagonal, the specific agreement: of n pairs of ratings with the leaf in them
    a share of 1 - agreement differs, and how many differ is the sum of the row's disputes.
    """
    leaves = [row["leaf"] for row in entry["leaves"]]
    place = {leaf: index for index, leaf in enumerate(leaves)}
    pairs = np.zeros((len(leaves), len(leaves)), dtype=int)
    for found in entry["confusions"]:
        one, other = place[found["first"]], place[found["second"]]
        pairs[one, other] = pairs[other, one] = found["pairs"]
    agreed = np.array([row["specific"]["value"] for row in entry["leaves"]], dtype=float)
    shares = pairs * ((1 - agreed) / np.maximum(pairs.sum(1), 1))[:, None]
    size = max(5.0, 2.6 + 0.31 * len(leaves))
    drawn, axis = figure(size + 1.2, size)
    image = axis.imshow(np.ma.masked_equal(shares, 0), vmin=0, vmax=shares.max() or 1, cmap="Blues")
    for y, x in np.argwhere(pairs):
        axis.text(x, y, pairs[y, x], ha="center", va="center", fontsize=7,
                  color="white" if shares[y, x] > 0.6 * shares.max() else "black")  # fmt: skip
    for spot, value in enumerate(agreed):
        axis.text(spot, spot, short(value), ha="center", va="center", fontsize=6.5, color="#555",
                  bbox={"boxstyle": "square,pad=0.35", "facecolor": "#eee", "edgecolor": "none"})  # fmt: skip
    parents = taxonomy.parent_of()[[taxonomy.index_of_leaf[leaf] for leaf in leaves]]
    for edge in np.flatnonzero(np.diff(parents)) + 0.5:
        axis.axhline(edge, color="#777", linewidth=0.8)
        axis.axvline(edge, color="#777", linewidth=0.8)
    names = [name_of(leaf, taxonomy) for leaf in leaves]
    labels = [f"{name} ({row['ratings']})" for name, row in zip(names, entry["leaves"], strict=True)]
    axis.set_xticks(range(len(leaves)), names, rotation=60, ha="right", fontsize=8)
    axis.set_yticks(range(len(leaves)), labels, fontsize=8)
    axis.set_ylabel("one annotator said (in brackets: ratings)", fontsize=9)
    axis.set_xlabel(f"another said of the same comment, round {entry['round']}\n"
                    "(numbers: pairs of ratings that differ; grey: share of pairs that agree)", fontsize=9)  # fmt: skip
    drawn.colorbar(image, label="share of the row's pairs", shrink=0.6)
    save(drawn, path)


def short(share: float) -> str:
    """`.94`, or `1`."""
    return f"{share:.2f}".removeprefix("0") if share < 1 else "1"


def draw_model(per_leaf: Sequence[Record], people: Mapping[str, Record], taxonomy: Taxonomy, path: Path) -> None:
    """The model's recall of every leaf that the check holds, beside what annotators reach among themselves.

    Args:
        per_leaf: as in silver.json, in the taxonomy's order.
        people: leaf → specific agreement.
    """
    held = [row for row in per_leaf if row["recall"]["total"]]
    drawn, axis = figure(8.5, 1.6 + 0.29 * len(held))
    for place, row in enumerate(held):
        for aside, found, how in ((-0.14, row["recall"], MODEL), (0.14, people.get(row["leaf"]), PEOPLE)):
            if found:
                axis.errorbar(found["value"], place + aside, xerr=reach(found), capsize=3, linestyle="none", **how)
    axis.plot([], [], linestyle="none", label="recall of the model annotator", **MODEL)
    axis.plot([], [], linestyle="none", label="annotators: said by another too", **PEOPLE)
    labels = [f"{name_of(row['leaf'], taxonomy)} ({row['recall']['total']})" for row in held]
    axis.set_yticks(range(len(held)), labels, fontsize=8)
    axis.set_ylim(len(held) - 0.4, -0.6)
    axis.set_xlim(-0.02, 1.02)
    axis.set_xlabel("share, 95% interval (in brackets: gold comments of the check)")
    axis.grid(axis="x", alpha=0.3)
    drawn.legend(loc="outside upper center", ncols=2, fontsize=8, frameon=False)
    save(drawn, path)


def unnamed(leaves: Collection[str]) -> bool:
    """Whether some leaf stands in the pictures by its place."""
    return not all(leaf.isascii() for leaf in leaves)
