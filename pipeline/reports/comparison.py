"""reports/report.md: the comparison in words, tables and pictures."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.evaluation.comparison import BASELINE, MAJORITY, Row, Truth, seed_groups, why_below
from pipeline.reports.markdown import number, table
from pipeline.statistics.significance import Interval


@dataclass(frozen=True)
class Background:
    """What the report says of the data before it compares."""

    parse: dict[str, int]
    label: dict[str, Any]
    agreement: list[dict[str, Any]]  # one record per round
    split: dict[str, int]
    excluded_rounds: list[int]
    confidence: float


def between(interval: Interval | None, sign: str = "") -> str:
    """`.312 [.280, .345]`."""
    if interval is None:
        return "–"
    return f"{interval.value:{sign}.3f} [{interval.low:{sign}.3f}, {interval.high:{sign}.3f}]"


def report(rows: list[Row], best: Row, truth: Truth, background: Background) -> str:
    """The whole page."""
    parts = [
        "# Which method should categorise these comments?",
        summary(rows, best, background),
        "## The data",
        data_section(truth, background),
        "## The comparison",
        comparison_section(rows, best, background),
        "## Against the baseline",
        baseline_section(rows, background),
        "## Leaf by leaf",
        "![F1 of every leaf](class_f1.png)",
        class_table(best),
        "![Confusion matrix](confusion.png)",
        "## Training",
        "![Training curves](curves.png)",
        "## Can its confidence be believed?",
        calibration_section(rows),
        "## What it costs",
        cost_section(rows),
        "## How to read this",
        caveats(truth),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def summary(rows: list[Row], best: Row, background: Background) -> str:
    """The answer in three sentences."""
    floor = next(row for row in rows if row.name == MAJORITY)
    share = f"{background.confidence:.0%}"
    sentences = [
        f"By macro-F1 on validation, **{best.name}** is the best of {len(rows) - 1} cells. On test it reaches "
        f"macro-F1 {between(best.macro_f1)} ({share} interval) and accuracy {best.scores['test']['accuracy']:.3f}; always "
        f"answering the majority leaf gives {floor.scores['test']['macro_f1']:.3f} and "
        f"{floor.scores['test']['accuracy']:.3f}."
    ]
    if best.difference is not None:
        sure = best.difference.low > 0 or best.difference.high < 0
        sentences.append(
            f"Its macro-F1 differs from the embedding baseline's by {between(best.difference, '+')}, "
            + (
                "which excludes zero for comments of these test videos."
                if sure
                else "**which includes zero: this test set cannot tell them apart.**"
            )
        )
    beaten = [row.name for row in rows if row.name != MAJORITY and not beats(row, floor)]
    if beaten:
        sentences.append(f"Not above the majority row in both accuracy and macro-F1: {', '.join(beaten)}.")
    else:
        sentences.append("Every method is above the majority row in both accuracy and macro-F1.")
    return " ".join(sentences)


def beats(row: Row, floor: Row) -> bool:
    """Better than the majority row in accuracy and in macro-F1."""
    return all(row.scores["test"][name] > floor.scores["test"][name] for name in ("accuracy", "macro_f1"))


def data_section(truth: Truth, background: Background) -> str:
    """Counts, agreement and splits."""
    counts, settled = background.parse, background.label["settled"]
    how, number_settled = (
        ("majority", settled["majority"])
        if "majority" in settled
        else ("Dawid and Skene's model", settled["dawid_skene"])
    )
    lines = [
        f"{counts['records']:,} input records hold {counts['comments']:,} comments; {counts['duplicates']:,} records were "
        f"further snapshots of one of them and {counts['rejected']:,} were rejected, each with its reason on record.",
        f"{background.label['labelled']:,} comments have a gold label: {number_settled:,} by {how}, "
        f"{settled['adjudicated']:,} by adjudication; {settled['tied_left_out']:,} ties without adjudication and "
        f"{settled['too_few_annotators']:,} comments with too few annotators were left out.",
    ]
    rounds = [
        [
            f"round-{entry['round']}" + (" (left out)" if entry["round"] in background.excluded_rounds else ""),
            entry["items"],
            number(entry["levels"][-1]["percent"]["value"]),
            number(entry["levels"][-1]["alpha"]["value"]),
        ]
        for entry in background.agreement
    ]
    left_out = background.split.get("left_out", 0)
    unit = f"videos ({background.split['videos']} in test)" if background.split.get("videos") else "texts"
    split_line = ", ".join(f"{background.split.get(name, 0):,} {name}" for name in ("train", "validation", "test"))
    targets = truth.targets("test")
    occurring = len(set(targets.tolist()))
    return "\n\n".join(
        [
            *lines,
            table(["round", "items", "agreement", "Krippendorff's alpha"], rounds),
            "More on the labels, with intervals and examples: [annotation.md](annotation.md).",
            f"Split by whole {unit}: {split_line}. {left_out:,} labelled comments were left out of training or validation, "
            "because the same normalised text stands in a later part. "
            f"{occurring} of the {len(truth.leaves)} leaves occur in test.",
        ]
    )


def comparison_section(rows: list[Row], best: Row, background: Background) -> str:
    """The table and its picture; seeds are summed up where there are several."""
    header = ["cell", "accuracy", f"macro-F1 [{background.confidence:.0%}]", "micro-F1", "parents accuracy",
              "parents macro-F1", "validation macro-F1", "never predicted", "ECE", "seconds", "peak MiB"]  # fmt: skip
    lines = []
    for row in rows:
        test = row.scores["test"]
        name = f"**{row.name}**" if row is best else row.name
        lines.append([
            name, number(test["accuracy"]), between(row.macro_f1), number(test["micro_f1"]),
            number(test["parents"]["accuracy"]), number(test["parents"]["macro_f1"]),
            number(row.scores["validation"]["macro_f1"]), test["never_predicted"], number(test["ece"]),
            row.cost.get("seconds", "–"), row.cost.get("peak_memory_mib", "–"),
        ])  # fmt: skip
    parts = ["![Scores](scores.png)", table(header, lines)]
    parts.append(
        "Scores are on test, which no choice was made on; bold is the cell that validation chose. *Never predicted* counts "
        "leaves that occur in test and are never the answer. A parent's probability is the sum of its leaves'."
    )
    groups = seed_groups(rows)
    if groups:
        summed = [
            [name, len(members), *(spread(members, key) for key in ("macro_f1", "accuracy"))]
            for name, members in groups.items()
        ]
        parts.append(table(["cells that differ in their seed", "seeds", "macro-F1", "accuracy"], summed))
    return "\n\n".join(parts)


def spread(rows: list[Row], key: str) -> str:
    """Mean ± standard deviation over the seeds."""
    values = [row.scores["test"][key] for row in rows]
    return f"{np.mean(values):.3f} ± {np.std(values, ddof=1):.3f}"


def baseline_section(rows: list[Row], background: Background) -> str:
    """Paired differences, and for whoever stays below, why."""
    compared = [row for row in rows if row.difference is not None]
    baseline = next((row for row in rows if row.difference is None), None)
    if baseline is None or baseline.method != BASELINE:
        return "There is no embedding baseline in this run."
    header = [f"macro-F1 minus {baseline.name}", f"difference [{background.confidence:.0%}]", "on these test videos"]
    lines = []
    for row in compared:
        assert row.difference is not None
        verdict = "better" if row.difference.low > 0 else "worse" if row.difference.high < 0 else "not distinguishable"
        lines.append([row.name, between(row.difference, "+"), verdict])
    parts = [
        f"{baseline.name} is the logistic regression over the embeddings whose cell validation chose. "
        "Differences are paired: the same resampled test items for both.",
        table(header, lines),
    ]
    below = [row for row in compared if row.difference and row.difference.value < 0]
    below = [row for row in below if row.method not in (MAJORITY, BASELINE)]
    if below:
        parts.append(
            "Below the baseline in the point estimate (the interval above says whether that means anything), and what their own "
            "records say about why:"
        )
        parts.append("\n".join(f"- **{row.name}**: {why_below(row)}." for row in below))
    return "\n\n".join(parts)


def class_table(best: Row) -> str:
    """Precision, recall, F1 and support of the chosen cell."""
    lines = [
        [entry["leaf"], number(entry["precision"]), number(entry["recall"]), number(entry["f1"]), entry["support"]]
        for entry in best.per_class
    ]
    return f"{best.name}, test:\n\n" + table(["leaf", "precision", "recall", "F1", "support"], lines)


def calibration_section(rows: list[Row]) -> str:
    """ECE and Brier before and after temperature scaling."""
    lines = [
        [row.name, number(row.scores["test"]["brier"]), number(row.scores["test"]["ece"]),
         f"{row.scores['temperature']:.2f}", number(row.scores["test"]["brier_tempered"]),
         number(row.scores["test"]["ece_tempered"])]
        for row in rows
    ]  # fmt: skip
    header = ["cell", "Brier", "ECE", "temperature", "Brier after", "ECE after"]
    note = "The temperature was fitted on validation; it changes how sure a method says it is, never its answer."
    return "\n\n".join(["![Reliability](reliability.png)", table(header, lines), note])


def cost_section(rows: list[Row]) -> str:
    """Seconds and memory, and on what."""
    devices = sorted({row.cost["device"] for row in rows if row.cost})
    return "\n\n".join(
        [
            "![Cost](cost.png)",
            f"Measured on: {', '.join(devices) or 'nothing'}. The seconds are those of the run that trained the cell; a cell "
            "that came from the cache keeps them. The logistic regression and the trees need the embeddings besides (costs/embed/), which the picture leaves out.",
        ]
    )


def caveats(truth: Truth) -> str:
    """What the numbers do not say."""
    items = int(truth.mask("test").sum())
    return "\n".join(
        [
            f"- Test has {items} items. Rare leaves have a handful each, and one answer more or less moves their F1 by a "
            "tenth. Look at the intervals first.",
            "- The intervals resample the comments of these test videos. They say how sure a score is for more comments of the same "
            "videos; for other videos the uncertainty is larger, since comments of one video resemble each other. A resample that misses a rare leaf counts it 0, so the intervals of macro-F1 "
            "lean downwards.",
            f"- Macro-F1 is the mean over all {len(truth.leaves)} leaves of the taxonomy, those absent from test included "
            "(they count 0 for everybody).",
            "- One split, and as many comparisons as there are rows, without a correction for their number: sweep `split.seed` and the "
            "methods' seeds before believing a small difference.",
            "- Several cells were tried and the best was chosen on validation; its test score is unbiased by that choice, "
            "but with many cells the choice itself is a gamble on the validation set.",
        ]
    )
