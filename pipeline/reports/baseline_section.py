"""The comparison's section on paired differences from the baseline, and what is on record of those below it."""

from collections.abc import Iterator

from pipeline.artifacts.curves import CurvePoint
from pipeline.evaluation.comparison import BASELINE, MAJORITY, Comparison, Row
from pipeline.reports.markdown import literal, table

OVERFITTED = 0.5  # a training loss below this share of the validation loss is worth a word
MANY_TOKENS = 1.2  # for a character
LARGE_GAP = 0.05  # of macro-F1 between validation and test


def baseline_section(comparison: Comparison, header: str, where: str) -> str:
    """Paired differences, and for each method below the baseline, what its own record says.

    Args:
        header: what the intervals are, for the table's head.
        where: which comments the intervals speak of.
    """
    baseline = comparison.baseline
    if baseline.method != BASELINE:
        return "There is no embedding baseline in this run."
    compared = [(row, row.difference) for row in comparison.rows if row.difference is not None]
    lines = [
        [
            literal(row.name),
            f"{difference:+}",
            ("better" if (difference.low or 0) > 0 else "worse") if difference.excludes_zero else "not distinguishable",
        ]
        for row, difference in compared
    ]
    parts = [
        f"{literal(baseline.name)} is the logistic regression over the embeddings whose cell validation chose. "
        f"Differences are paired: the same resampled test {comparison.resampled} for both.",
        table([f"macro-F1 minus {literal(baseline.name)}", f"difference {header}", where], lines),
    ]
    below = [row for row, difference in compared if (difference.value or 0) < 0]
    below = [row for row in below if row.method not in (MAJORITY, BASELINE)]
    if below:
        parts.append(
            "Below the baseline in the point estimate (the interval above says whether that means anything), and what "
            "their own records say. None of it was tested as a cause:"
        )
        parts.append("\n".join(f"- **{literal(row.name)}**: {on_record(row)}." for row in below))
    return "\n\n".join(parts)


def on_record(row: Row) -> str:
    """What is conspicuous in the record of a method below the baseline; facts, since no cause was looked for."""
    facts = [*from_training(row), *from_answers(row)]
    return "; ".join(facts) or "nothing conspicuous; look at its row of the F1 picture"


def from_training(row: Row) -> Iterator[str]:
    """What its training curve shows."""
    scored = [(point.validation_macro_f1, point) for point in row.curve if point.validation_macro_f1 is not None]
    if scored:
        _, best = max(scored, key=lambda pair: pair[0])
        if best.step == 0:
            yield "no epoch improved on the head's start (the curve's step 0)"
        elif best is scored[-1][1]:
            yield f"its best epoch is the last that was run ({best.validation_macro_f1:.3f} macro-F1 on validation)"
    kept = kept_point(row)
    if kept is None or kept.train_loss is None or kept.validation_loss is None:
        return
    if kept.train_loss < OVERFITTED * kept.validation_loss:
        yield (
            f"its loss on the training set ({kept.train_loss:.2f}) is far below that on validation "
            f"({kept.validation_loss:.2f})"
        )


def kept_point(row: Row) -> CurvePoint | None:
    """The step of the curve whose model was kept: the best epoch, or the last boosting round."""
    step = row.facts.get("best_epoch", row.facts.get("rounds", len(row.curve)))
    return next((point for point in row.curve if point.step == step), row.curve[-1] if row.curve else None)


def from_answers(row: Row) -> Iterator[str]:
    """What its answers and its tokenizer show."""
    never, occurring = row.test.leaves.never_predicted, sum(entry.support > 0 for entry in row.per_leaf)
    if never > occurring / 5:
        yield f"it never predicts {never} of the {occurring} leaves that occur in test"
    tokens = row.facts.get("tokens_per_character", 0)
    if tokens > MANY_TOKENS:
        yield f"its tokenizer spends {tokens:.1f} tokens on a character"
    gap = row.validation.leaves.macro_f1 - row.test.leaves.macro_f1
    if gap > LARGE_GAP:
        yield f"its macro-F1 was {gap:.2f} higher on validation than on test"
