"""The page's section on labels that look doubtful: how many, how far to believe it, and how to go on."""

import math

import polars as pl

from pipeline.artifacts.splits import LEFT_OUT, TEST, TRAIN, VALIDATION, SplitSummary
from pipeline.reports.markdown import hits, literal, number, quoted, table
from pipeline.statistics.intervals import share

SHOWN = 15
TOP = 0.1  # share of the doubted labels that their order is checked on
AGAIN = "danmu annotate export -o batches/again --ids reports/label_issues.csv --size 50"


def doubts_section(issues: pl.DataFrame, labels: pl.DataFrame, splits: SplitSummary) -> str:
    """Everything about the labels in doubt.

    Args:
        issues: LABEL_ISSUES.
        labels: LABELS.
    """
    if issues.is_empty():
        return "The model of the stage `quality` doubts no gold label."
    rows = [
        [row["rank"], quoted(row["text"]), literal(row["leaf"]), literal(row["suggested"]), row["split"],
         number(row["quality"]), number(row["probability_of_suggested"]), f"{row['agreement']:.0%}"]
        for row in issues.head(SHOWN).iter_rows(named=True)
    ]  # fmt: skip
    header = ["rank", "comment", "gold", "suggested", "split", "p of gold", "p of suggested", "annotators for gold"]
    return "\n\n".join(
        [
            "A regression over the embeddings judged every gold label, from comments of other videos alone. It doubts "
            f"{len(issues):,} of {len(labels):,} ({len(issues) / len(labels):.0%}). That is no error rate: the weaker "
            "the model that judges, the more labels it doubts. Read from the top.",
            by_split(issues, splits),
            worth(issues, labels),
            f"The {len(rows)} most doubtful, with the regression's probabilities. All are in "
            "[label_issues.csv](label_issues.csv), with the comments around them and every annotator's leaves.",
            table(header, rows, words=5),
            f"To have the first 50 labelled again:\n\n```bash\n{AGAIN}\n```",
            "The batch shows neither gold nor suggestion; whoever labels it should not have read this table. People "
            "change a label, never the model.",
        ]
    )


def by_split(issues: pl.DataFrame, splits: SplitSummary) -> str:
    """How many labels of each split are in doubt."""
    doubted = dict(issues["split"].value_counts().iter_rows())
    totals = {
        TRAIN: ("train", splits.train),
        VALIDATION: ("validation", splits.validation),
        TEST: ("test", splits.test),
        LEFT_OUT: ("kept out", splits.left_out),
    }
    rows = [
        [name, f"{total:,}", f"{doubted.get(key, 0):,}", f"{doubted.get(key, 0) / total:.0%}"]
        for key, (name, total) in totals.items()
        if total
    ]
    note = "Where a text stands in other videos too, the regression can have learnt there what it is labelled."
    return "\n\n".join([table(["split", "gold labels", "doubted", "share"], rows), note])


def worth(issues: pl.DataFrame, labels: pl.DataFrame) -> str:
    """Whether the order finds what annotators differed on, which the model was not told."""
    top = issues.head(math.ceil(TOP * len(issues)))
    rest = labels.filter(~pl.col("comment_id").is_in(issues["comment_id"].implode()))
    first, doubted, others, gold = (
        share(int((part["agreement"] < 1).sum()), len(part)) for part in (top, issues, rest, labels)
    )
    rows = [
        (f"first {len(top):,} doubted", first),
        ("all doubted", doubted),
        ("not doubted", others),
        ("all gold", gold),
    ]
    if (first.value or 0.0) <= (gold.value or 0.0):
        verdict = "The first have no more of them than gold at large: do not expect this order to find mistakes."
    elif (first.low or 0.0) <= (gold.value or 0.0):
        verdict = (
            "The first have more of them than gold at large, but their interval includes gold's share: this does not "
            "show that the order is better than chance."
        )
    else:
        verdict = "The first have more of them than gold at large, beyond their interval: the order is worth something."
    return "\n\n".join(
        [
            "One check of the order: on how many comments did annotators differ, which the model was not told?",
            table(["gold labels", "annotators differed", "share [95%]"],
                  [[name, hits(part), part] for name, part in rows]),
            f"{verdict} A comment on which annotators differ is hard; its label need not be wrong.",
        ]
    )  # fmt: skip
