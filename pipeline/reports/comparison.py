"""reports/report.md: the comparison in words, tables and pictures."""

from dataclasses import dataclass

from pipeline.artifacts.agreement import Agreement
from pipeline.artifacts.comments import ParseSummary
from pipeline.artifacts.labels import LabelSummary
from pipeline.artifacts.splits import SplitSummary
from pipeline.evaluation.comparison import MAJORITY, Comparison, Row
from pipeline.evaluation.truth import Truth
from pipeline.reports.baseline_section import baseline_section
from pipeline.reports.left_out_section import why_left_out
from pipeline.reports.markdown import literal, number, table
from pipeline.reports.scores_section import calibration_section, cost_section, leaf_table, scores_section
from pipeline.reports.strata_section import strata_section, strata_sentence
from pipeline.statistics.intervals import LEAST_GROUPS


@dataclass(frozen=True)
class Background:
    """What the report says of the data before it compares."""

    parse: ParseSummary
    label: LabelSummary
    agreement: Agreement
    split: SplitSummary
    excluded_rounds: list[int]
    confidence: float  # of the intervals


def report(comparison: Comparison, background: Background) -> str:
    """The whole page."""
    rows = comparison.rows
    header = f"[{background.confidence:.0%}, resampled {comparison.resampled}]"
    parts = [
        "# Which method should categorise these comments?",
        summary(comparison, background),
        "## The data",
        data_section(comparison.truth, background),
        "## The comparison",
        scores_section(comparison, header),
        "## Seen texts and new ones",
        strata_section(comparison, header),
        "## Against the baseline",
        baseline_section(comparison, header, where(comparison, background.split)),
        "## Leaf by leaf",
        "![F1 of every leaf](class_f1.png)",
        leaf_table(comparison.best),
        "![Confusion matrix](confusion.png)",
        "## Training",
        "![Training curves](curves.png)",
        "## Can its confidence be believed?",
        calibration_section(rows),
        "## What it costs",
        cost_section(rows),
        "## How to read this",
        caveats(comparison, background.split),
    ]
    return "\n\n".join(parts) + "\n"


def where(comparison: Comparison, split: SplitSummary) -> str:
    """Which comments the intervals speak of."""
    if comparison.resampled == "videos":
        return "for videos like those of test"
    return "for comments of these test videos" if split.videos else "for comments like those of test"


def summary(comparison: Comparison, background: Background) -> str:
    """The answer in a few sentences."""
    rows, best = comparison.rows, comparison.best
    floor = next(row for row in rows if row.name == MAJORITY)
    sentences = [
        f"By macro-F1 on validation, **{literal(best.name)}** is the best of {len(rows) - 1} cells. On test it reaches "
        f"macro-F1 {best.macro_f1} ({background.confidence:.0%} interval) and accuracy "
        f"{best.test.leaves.accuracy:.3f}; always answering the majority leaf gives {floor.test.leaves.macro_f1:.3f} "
        f"and {floor.test.leaves.accuracy:.3f}.",
        strata_sentence(best, int(comparison.truth.mask("test").sum())),
    ]
    if best.difference is not None:
        sentences.append(
            f"Its macro-F1 differs from the embedding baseline's by {best.difference:+}, "
            + (
                f"which excludes zero {where(comparison, background.split)}."
                if best.difference.excludes_zero
                else "**which includes zero: this test set cannot tell them apart.**"
            )
        )
    beaten = [literal(row.name) for row in rows if row is not floor and not beats(row, floor)]
    if beaten:
        sentences.append(f"Not above the majority row in both accuracy and macro-F1: {', '.join(beaten)}.")
    else:
        sentences.append("Every method is above the majority row in both accuracy and macro-F1.")
    return " ".join(sentences)


def beats(row: Row, floor: Row) -> bool:
    """Better than the majority row in accuracy and in macro-F1."""
    own, least = row.test.leaves, floor.test.leaves
    return own.accuracy > least.accuracy and own.macro_f1 > least.macro_f1


def data_section(truth: Truth, background: Background) -> str:
    """Counts, agreement and splits."""
    counts, label, split = background.parse, background.label, background.split
    how, settled = (
        ("majority", label.settled["majority"])
        if "majority" in label.settled
        else ("Dawid and Skene's model", label.settled["dawid_skene"])
    )
    rounds = [
        [
            f"round-{one.round}" + (" (left out)" if one.round in background.excluded_rounds else ""),
            one.items,
            number(one.levels[-1].percent.value),
            number(one.levels[-1].alpha.value),
        ]
        for one in background.agreement.rounds
    ]
    occurring = len(set(truth.targets("test").tolist()))
    return "\n\n".join(
        [
            f"{counts.records:,} input records hold {counts.comments:,} comments; {counts.duplicates:,} records were "
            f"further snapshots of one of them and {counts.rejected:,} were rejected, each with its reason on record.",
            f"{label.labelled:,} comments have a gold label: {settled:,} by {how}, {label.settled['adjudicated']:,} by "
            f"adjudication; {label.settled['tied_left_out']:,} ties without adjudication and "
            f"{label.settled['too_few_annotators']:,} comments with too few annotators were left out.",
            table(["round", "items", "agreement", "Krippendorff's alpha"], rounds),
            "More on the labels, with intervals and examples: [annotation.md](annotation.md).",
            f"{how_split(split)}: {split.train:,} train, {split.validation:,} validation, {split.test:,} test. "
            f"{left_out(split)} {occurring} of the {len(truth.leaves)} leaves occur in test.",
        ]
    )


def how_split(split: SplitSummary) -> str:
    """What decided on which side a comment is."""
    if not split.given:
        return "Split by whole " + (f"videos ({split.videos} in test)" if split.videos else "texts")
    shared = f"; **{split.shared_videos:,} videos are on two sides, so that scores lean upwards**"
    return f"Split as {literal(split.given)} says" + shared * bool(split.shared_videos)


def left_out(split: SplitSummary) -> str:
    """How many labelled comments are in no part, and why."""
    if not split.left_out:
        return "No labelled comment was left out."
    return f"{split.left_out:,} labelled comments were left out of training, because {why_left_out(split)}."


def caveats(comparison: Comparison, split: SplitSummary) -> str:
    """What the numbers do not say."""
    truth = comparison.truth
    return "\n".join(
        [
            f"- Test has {int(truth.mask('test').sum())} items. Rare leaves have a handful each, and one answer more "
            "or less moves their F1 by a tenth. Look at the intervals first.",
            f"- {resampling(comparison, split)} A resample that misses a rare leaf counts it 0, so that resamples of "
            "macro-F1 lean downwards; the intervals are BCa, which corrects for that.",
            f"- Macro-F1 is the mean over all {len(truth.leaves)} leaves of the taxonomy, those absent from test "
            "included (they count 0 for everybody).",
            "- One split, and as many comparisons as there are rows, without a correction for their number: sweep "
            "`split.seed` and the methods' seeds before believing a small difference.",
            "- Several cells were tried and the best was chosen on validation; its test score is unbiased by that "
            "choice, but with many cells the choice itself is a gamble on the validation set.",
        ]
    )


def resampling(comparison: Comparison, split: SplitSummary) -> str:
    """What the intervals' bootstrap drew, and what the intervals therefore say."""
    if comparison.resampled == "videos":
        return (
            f"The intervals resample whole videos, since test has at least {LEAST_GROUPS} ({split.videos}) and "
            "comments of one video resemble each other. They say how sure a score is for other videos like these."
        )
    if not split.videos:
        return "The intervals resample comments, whose videos are not known."
    return (
        f"The intervals resample the comments of these test videos, since test has fewer than {LEAST_GROUPS} videos "
        f"({split.videos}). They say how sure a score is for more comments of the same videos; for other videos the "
        "uncertainty is larger, since comments of one video resemble each other."
    )
