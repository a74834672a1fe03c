"""The comparison's sections of tables: scores, leaves, calibration, costs."""

from collections.abc import Sequence

import numpy as np

from pipeline.evaluation.comparison import Comparison, Row, seed_groups
from pipeline.reports.markdown import literal, number, table


def scores_section(comparison: Comparison, header: str) -> str:
    """The table and its picture; seeds are summed up where there are several.

    Args:
        header: what the intervals are, for the table's head.
    """
    columns = ["cell", "accuracy", f"macro-F1 {header}", "parents accuracy", "parents macro-F1",
               "validation macro-F1", "never predicted", "ECE", "seconds", "peak MiB"]  # fmt: skip
    lines: list[list[object]] = []
    for row in comparison.rows:
        leaves, parents = row.test.leaves, row.test.parents
        lines.append([
            f"**{literal(row.name)}**" if row is comparison.best else literal(row.name),
            number(leaves.accuracy), row.macro_f1,
            number(parents.accuracy), number(parents.macro_f1),
            number(row.validation.leaves.macro_f1), leaves.never_predicted, number(row.test.ece),
            "–" if row.cost is None else row.cost.seconds, "–" if row.cost is None else row.cost.peak_memory_mib,
        ])  # fmt: skip
    parts = [
        "![Scores](scores.png)",
        table(columns, lines),
        "Scores are on test, which no choice was made on; bold is the cell that validation chose. *Never predicted* "
        "counts leaves that occur in test and are never the answer. A parent's probability is the sum of its leaves'.",
    ]
    groups = seed_groups(comparison.rows)
    if groups:
        summed = [
            [
                literal(name),
                len(members),
                spread([row.test.leaves.macro_f1 for row in members]),
                spread([row.test.leaves.accuracy for row in members]),
            ]
            for name, members in groups.items()
        ]
        parts.append(table(["cells that differ in their seed", "seeds", "macro-F1", "accuracy"], summed))
    return "\n\n".join(parts)


def spread(values: Sequence[float]) -> str:
    """Mean ± standard deviation, over the seeds."""
    return f"{np.mean(values):.3f} ± {np.std(values, ddof=1):.3f}"


def leaf_table(best: Row) -> str:
    """Precision, recall, F1 and support of the chosen cell."""
    lines = [
        [literal(entry.leaf), number(entry.precision), number(entry.recall), number(entry.f1), entry.support]
        for entry in best.per_leaf
    ]
    return f"{literal(best.name)}, test:\n\n" + table(["leaf", "precision", "recall", "F1", "support"], lines)


def calibration_section(rows: Sequence[Row]) -> str:
    """ECE and Brier before and after temperature scaling."""
    lines = [
        [literal(row.name), number(row.test.brier), number(row.test.ece), f"{row.temperature:.2f}",
         number(row.brier_tempered), number(row.ece_tempered)]
        for row in rows
    ]  # fmt: skip
    header = ["cell", "Brier", "ECE", "temperature", "Brier after", "ECE after"]
    note = "The temperature was fitted on validation; it changes how sure a method says it is, never its answer."
    return "\n\n".join(["![Reliability](reliability.png)", table(header, lines), note])


def cost_section(rows: Sequence[Row]) -> str:
    """What was measured, and on which device."""
    devices = sorted({literal(row.cost.device) for row in rows if row.cost is not None})
    return "\n\n".join(
        [
            "![Cost](cost.png)",
            f"Measured on: {', '.join(devices) or 'nothing'}. The seconds are those of the run that trained the cell; "
            "a cell that came from the cache keeps them. The logistic regression and the trees need the embeddings "
            "besides (costs/embed/), which the picture leaves out.",
        ]
    )
