"""The pictures of the page on the labels. With many leaves or rounds they show some, and say so."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from pipeline.annotation.tree.taxonomy import Taxonomy
from pipeline.artifacts.agreement import RoundAgreement
from pipeline.artifacts.silver import LeafQuality
from pipeline.reports.drawing import (
    BLUE,
    BROWN,
    GREEN,
    GREY,
    MOST_LEAVES,
    NAMES,
    ORANGE,
    PURPLE,
    RED,
    TEAL,
    TEXT,
    draw_lines_between,
    largest,
    name_axes,
    picture,
    reach,
    short,
)
from pipeline.reports.fonts import label
from pipeline.statistics.intervals import Interval

UPPER = [GREEN, PURPLE, BROWN, TEAL]  # levels of the tree above the leaves
LEFT_OUT = "left out"  # a round's note that draws it hollow
MODEL = {"marker": "o", "color": RED, "markersize": 5}
PEOPLE = {"marker": "s", "color": BLUE, "markersize": 4}
ROOM = 0.05  # beyond the outermost point
MOST_ROUNDS = 20  # beside each other


def draw_rounds(
    rounds: Sequence[RoundAgreement], notes: Mapping[int, str], gate: tuple[float, str], path: Path
) -> None:
    """Krippendorff's alpha of every level and of the label sets, round by round, above the number of items.

    Args:
        rounds: in their order; of many the last are shown.
        notes: round → what its tick says besides; a round left out is drawn hollow.
        gate: the least alpha that is asked for, 0 is none; and the series that it is asked of.
    """
    (minimum, gated), every, rounds = gate, len(rounds), rounds[-MOST_ROUNDS:]
    levels = rounds[-1].levels
    series = {level.name: [entry.levels[at].alpha for entry in rounds] for at, level in enumerate(levels)}
    series["label sets (MASI)"] = [entry.sets for entry in rounds]
    paints = [*(UPPER[place % len(UPPER)] for place in range(len(levels) - 1)), BLUE, ORANGE]
    width, grid = max(7.5, 2.5 + 0.9 * len(rounds)), {"nrows": 2, "sharex": True, "height_ratios": [3, 1]}
    with picture(path, width, 5.2, **grid) as (figure, (above, below)):
        ends = [minimum] if minimum > 0 else []
        for step, (color, (name, alphas)) in enumerate(zip(paints, series.items(), strict=True)):
            aside = 0.1 * (step - (len(series) - 1) / 2)
            there = [place for place, alpha in enumerate(alphas) if alpha.value is not None]
            above.plot([place + aside for place in there], [alphas[place].value for place in there],
                       color=color, alpha=0.35, linewidth=1)  # fmt: skip
            for place in there:
                value, around = alphas[place].value, reach(alphas[place])
                face = "white" if notes.get(rounds[place].round) == LEFT_OUT else color
                above.errorbar(place + aside, value, yerr=around, capsize=3, fmt="o", color=color, mfc=face)
                ends.append((value or 0.0) - around[0][0])
            above.plot([], [], "o", color=color, label=name)
        if minimum > 0:
            above.axhline(minimum, color=GREY, linestyle=":", linewidth=1.2, label=f"gate {minimum:g} ({gated})")
        above.set_ylim(min([0.9, *ends]) - ROOM, 1 + ROOM / 2)
        above.set_ylabel("Krippendorff's alpha,\n95% interval")
        above.grid(axis="y", alpha=0.3)
        figure.legend(loc="outside upper center", ncols=4, fontsize=NAMES, frameon=False)
        items = [entry.items for entry in rounds]
        below.bar(range(len(rounds)), items, width=0.5, fill=False, edgecolor=GREY)
        below.bar(range(len(rounds)), [entry.paired_items for entry in rounds], width=0.5, color=GREY)
        for place, total in enumerate(items):
            below.text(place, total, f"{total:,}", ha="center", va="bottom", fontsize=NAMES)
        below.set_ylim(0, 1.3 * max(items))
        below.set_xlim(-0.6, len(rounds) - 0.4)
        below.set_ylabel("comments\n(filled: two ratings)", fontsize=NAMES)
        names = [f"round {entry.round}\n{notes.get(entry.round, '')}" for entry in rounds]
        below.set_xticks(range(len(rounds)), [name.rstrip() for name in names])
        if every > len(rounds):
            below.set_xlabel(f"the last {len(rounds)} of {every:,} rounds", fontsize=NAMES)


def draw_disputes(entry: RoundAgreement, taxonomy: Taxonomy, path: Path) -> None:
    """What others said where an annotator said the row's leaf; parents are set apart by lines.

    A row's shares sum to 1 with its diagonal, the specific agreement: of n pairs of ratings with the leaf in them
    a share of 1 - agreement differs, and how many differ is the sum of the row's disputes. Of many leaves those with
    the most ratings have a row; what the others are said for stands together in the last column.
    """
    every = [row.leaf for row in entry.leaves]
    place = {leaf: index for index, leaf in enumerate(every)}
    disputed = np.zeros((len(every), len(every)), dtype=int)
    for dispute in entry.confusions:
        one, other = place[dispute.first], place[dispute.second]
        disputed[one, other] = disputed[other, one] = dispute.pairs
    leaves = largest([row.ratings for row in entry.leaves], MOST_LEAVES)
    rows, others = [entry.leaves[index] for index in leaves], np.setdiff1d(np.arange(len(every)), leaves)
    pairs = disputed[leaves][:, leaves]
    if len(others):
        pairs = np.column_stack([pairs, disputed[leaves][:, others].sum(1)])
    agreed = np.array([row.specific.value for row in rows], dtype=float)
    shares = pairs * ((1 - agreed) / np.maximum(pairs.sum(1), 1))[:, None]
    names = [label(row.leaf) for row in rows]
    size = max(5.0, 2.6 + 0.29 * len(leaves))
    with picture(path, size + 1.2, size) as (figure, axis):
        image = axis.imshow(np.ma.masked_equal(shares, 0), vmin=0, vmax=shares.max() or 1, cmap="Blues")
        for y, x in np.argwhere(pairs):
            axis.text(x, y, pairs[y, x], ha="center", va="center", fontsize=TEXT,
                      color="white" if shares[y, x] > 0.6 * shares.max() else "black")  # fmt: skip
        for spot, value in enumerate(agreed):
            axis.text(spot, spot, short(value), ha="center", va="center", fontsize=TEXT, color="#555",
                      bbox={"boxstyle": "square,pad=0.35", "facecolor": "#eee", "edgecolor": "none"})  # fmt: skip
        draw_lines_between(axis, taxonomy.parent_of()[[taxonomy.index_of_leaf[row.leaf] for row in rows]])
        if len(others):
            axis.axvline(len(leaves) - 0.5, color=GREY, linewidth=0.8)
        columns = [*names, f"{len(others):,} others"] if len(others) else names
        name_axes(axis, [f"{name} ({row.ratings:,})" for name, row in zip(names, rows, strict=True)], columns)
        axis.set_ylabel("one annotator said (in brackets: ratings)", fontsize=NAMES + 1)
        axis.set_xlabel(f"another said of the same comment, round {entry.round}\n"
                        "(numbers: pairs of ratings that differ; grey: share of pairs that agree)"
                        + "\n(others: the leaves with the fewest ratings)" * bool(len(others)),
                        fontsize=NAMES + 1)  # fmt: skip
        figure.colorbar(image, label="share of the row's pairs", shrink=0.6)


def draw_model(per_leaf: Sequence[LeafQuality], people: Mapping[str, Interval], path: Path) -> None:
    """The model's recall of every leaf that the check holds, beside what annotators reach among themselves.

    Args:
        per_leaf: in the taxonomy's order; of many those with the most comments in the check are shown.
        people: leaf → specific agreement.
    """
    held = [row for row in per_leaf if row.recall.total]
    rows = [held[index] for index in largest([row.recall.total for row in held], MOST_LEAVES)]
    with picture(path, 8.5, 1.6 + 0.29 * len(rows)) as (figure, axis):
        for place, row in enumerate(rows):
            for aside, share, how in ((-0.14, row.recall, MODEL), (0.14, people.get(row.leaf), PEOPLE)):
                if share is not None and share.value is not None:
                    axis.errorbar(share.value, place + aside, xerr=reach(share), capsize=3, linestyle="none", **how)
        axis.plot([], [], linestyle="none", label="recall of the model annotator", **MODEL)
        axis.plot([], [], linestyle="none", label="annotators: said by another too", **PEOPLE)
        names = [f"{label(row.leaf)} ({row.recall.total:,})" for row in rows]
        axis.set_yticks(range(len(rows)), names, fontsize=NAMES)
        axis.set_ylim(len(rows) - 0.4, -0.6)
        axis.set_xlim(-0.02, 1.02)
        left = f"\n({len(held) - len(rows):,} leaves with fewer are not shown)" * (len(held) > len(rows))
        axis.set_xlabel("share, 95% interval (in brackets: gold comments of the check)" + left)
        axis.grid(axis="x", alpha=0.3)
        figure.legend(loc="outside upper center", ncols=2, fontsize=NAMES, frameon=False)
