"""The comparison's section on texts that stand in training too, and on new ones."""

from pipeline.artifacts.splits import TEST
from pipeline.evaluation.comparison import Comparison, Row
from pipeline.evaluation.truth import NEW, SEEN, STRATA
from pipeline.reports.markdown import literal, number, table


def strata_section(comparison: Comparison, header: str) -> str:
    """Every cell's scores on seen and on new texts.

    Args:
        header: what the intervals are, for the table's head.
    """
    columns = ["cell", *(f"{name}: {score} {header}" for name in STRATA for score in ("accuracy", "macro-F1"))]
    lines = []
    for row in comparison.rows:
        scores = [(part.accuracy, part.macro_f1) for part in (row.strata[name] for name in STRATA)]
        lines.append([literal(row.name), *(score for pair in scores for score in pair)])
    counts = {name: comparison.best.strata[name] for name in STRATA}
    held = "; ".join(f"{name}: {part.items:,} test comments of {part.leaves} leaves" for name, part in counts.items())
    return "\n\n".join(
        [
            f"*{SEEN.capitalize()}* are the test comments whose normalised text stands in a training comment too (of "
            f"another video: no video is on two sides), *{NEW}* all others. {held}.",
            table(columns, lines),
            "The seen ones are what many people write; a method may have learnt their label by heart. The new ones say "
            "what it makes of a text that it has not met. Macro-F1 counts leaves that do not occur in a part as 0 for "
            "everybody, so compare it down a column, not across.",
        ]
    )


def strata_sentence(best: Row, whole: int) -> str:
    """The chosen cell on both, for the headline."""
    parts = [
        f"on the {part.items:,} whose text was {word} in training accuracy {number(part.accuracy.value)} and macro-F1 "
        f"{number(part.macro_f1.value)}"
        for name, word in ((SEEN, "seen"), (NEW, "not seen"))
        if (part := best.strata[name]).items
    ]
    return f"That is over all {whole:,} {TEST} comments; {', '.join(parts)}."
