"""reports/annotation.md: whether the labels can be trusted, in words, tables and pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.annotation.rounds.gate import rounded_down
from pipeline.annotation.rounds.settings import GatedOf
from pipeline.annotation.tree.taxonomy import Taxonomy
from pipeline.artifacts.agreement import Agreement, RoundAgreement
from pipeline.artifacts.costs import SilverCost
from pipeline.artifacts.labels import LabelSummary
from pipeline.artifacts.silver import SilverSummary
from pipeline.artifacts.splits import SplitSummary
from pipeline.files import write_text
from pipeline.reports.disputes_section import disputes_section
from pipeline.reports.doubts_section import doubts_section
from pipeline.reports.label_pictures import LEFT_OUT, draw_disputes, draw_model, draw_rounds
from pipeline.reports.left_out_section import left_out_section
from pipeline.reports.markdown import counted, in_rounds, listed, number, table
from pipeline.reports.model_section import model_section, model_summary
from pipeline.spreadsheet import MARK, csv_text
from pipeline.statistics.intervals import LEAST_GROUPS, Interval

NOBODY = "No comment has two ratings: there is nothing to compare."


@dataclass(frozen=True)
class LabelPage:
    """What the page is made from."""

    agreement: Agreement
    label: LabelSummary
    splits: SplitSummary
    silver: SilverSummary
    silver_cost: SilverCost  # what is 0 was not measured
    taxonomy: Taxonomy
    labels: pl.DataFrame  # LABELS
    issues: pl.DataFrame  # LABEL_ISSUES
    texts: Mapping[str, str]  # comment_id → text
    excluded_rounds: Sequence[int]  # label.exclude_rounds
    train_only_rounds: Sequence[int]  # split.train_only_rounds
    minimum_alpha: float  # label.minimum_alpha
    minimum_alpha_of: GatedOf = "value"  # label.minimum_alpha_of

    @property
    def compared(self) -> RoundAgreement | None:
        """The last round with comments that have two ratings."""
        return next((entry for entry in self.agreement.rounds[::-1] if entry.paired_items), None)

    @property
    def gated(self) -> str:
        """What the gate looks at: the label sets where a comment may have several labels, else the primary leaves."""
        return "label sets" if self.taxonomy.kind == "multi-label" else "leaves"

    @property
    def people(self) -> dict[str, Interval]:
        """Leaf → the annotators' specific agreement in that round."""
        return {row.leaf: row.specific for row in self.compared.leaves} if self.compared else {}


def write_label_page(page: LabelPage, folder: Path) -> None:
    """Write annotation.md, label_issues.csv (with all the texts), and agreement.png.

    disputes.png and silver.png come with it where a round has two ratings, and where a model was checked.
    """
    draw_pictures(page, folder)
    write_text(MARK + csv_text(page.issues.columns, page.issues.iter_rows()), folder / "label_issues.csv")
    write_text(page_text(page), folder / "annotation.md")


def draw_pictures(page: LabelPage, folder: Path) -> None:
    """Those that the page shows."""
    compared, quality = page.compared, page.silver.quality
    notes = dict.fromkeys(page.train_only_rounds, "trains only") | dict.fromkeys(page.excluded_rounds, LEFT_OUT)
    draw_rounds(page.agreement.rounds, notes, (page.minimum_alpha, page.gated), folder / "agreement.png")
    if compared:
        draw_disputes(compared, page.taxonomy, folder / "disputes.png")
    if quality and quality.agreement.total:
        draw_model(quality.per_leaf, page.people, folder / "silver.png")


def page_text(page: LabelPage) -> str:
    """The whole page."""
    compared = page.compared
    parts = [
        "# Can these labels be trusted?",
        summary(page),
        "## Agreement, round by round",
        "![Agreement of every round](agreement.png)",
        rounds_section(page),
        "## What was left out",
        left_out_section(
            page.agreement, page.label, page.splits, page.labels, page.excluded_rounds, page.train_only_rounds
        ),
        "## Where annotators differ",
        disputes_section(compared, page.texts, "disputes.png") if compared else NOBODY,
        "## The model annotator",
        model_section(page.silver, page.silver_cost, page.people, "silver.png"),
        "## Labels that look doubtful",
        doubts_section(page.issues, page.labels, page.splits),
        "## How to read this",
        caveats(page),
    ]
    return "\n\n".join(parts) + "\n"


def summary(page: LabelPage) -> str:
    """The answer in a few sentences."""
    labels, doubted = page.labels, len(page.issues)
    annotators = labels["votes"].explode().struct.field("annotator").n_unique()
    sentences = [
        f"{len(labels):,} comments have a gold label, from {counted(annotators, 'annotator')} in "
        f"{in_rounds(labels['round'].unique().sort().to_list())}.",
        gate_sentence(page),
        model_summary(page.silver),
        f"A regression over the embeddings doubts {doubted:,} of the gold labels ({doubted / len(labels):.0%}); that "
        "is no error rate, since a weak model doubts many.",
    ]
    return " ".join(sentences)


def gate_sentence(page: LabelPage) -> str:
    """The alpha of the last round that counts against the gate."""
    rounds, minimum = page.agreement.rounds, page.minimum_alpha
    last = ([entry for entry in rounds if entry.round not in page.excluded_rounds] or rounds)[-1]
    name, alpha = f"round {last.round}", last.gated(page.taxonomy.kind)
    passed = minimum <= 0 or page.label.passed_gate
    if alpha.value is None:
        measured = (
            f"The last one, {name}, has no Krippendorff's alpha: no comment has two ratings, or all have one label"
        )
    else:
        alpha = alpha if passed else rounded_down(alpha)
        measured = f"In the last one, {name}, Krippendorff's alpha of the {page.gated} is {alpha} (95% interval)"
    if page.minimum_alpha_of == "lower":
        measured += ", whose lower end counts (`label.minimum_alpha_of`)"
    if minimum <= 0:
        verdict = "no gate is set (`label.minimum_alpha`)"
    elif not passed:
        verdict = f"**it does not pass the gate of {minimum:g}**, and `label.below_minimum` let it through"
    else:
        near = alpha.low is not None and alpha.low < minimum
        verdict = f"it passes the gate of {minimum:g}" + ", though the interval reaches below that" * near
    return f"{measured}; {verdict}."


def rounds_section(page: LabelPage) -> str:
    """Every round's statistics."""
    rounds = page.agreement.rounds
    levels = [level.name for level in rounds[-1].levels][::-1]
    header = ["round", "comments", "with two ratings", "annotators", "agreement", "Fleiss' kappa",
              *(f"alpha, {name} [95%]" for name in levels), "alpha, label sets [95%]"]  # fmt: skip
    rows = []
    for entry in rounds:
        leaves = entry.levels[-1]
        rows.append([
            f"round-{entry.round}" + " (left out)" * (entry.round in page.excluded_rounds)
            + " (trains only)" * (entry.round in page.train_only_rounds),
            f"{entry.items:,}", f"{entry.paired_items:,}", len(entry.annotators),
            number(leaves.percent.value), number(leaves.fleiss_kappa.value),
            *(level.alpha for level in entry.levels[::-1]), entry.sets,
        ])  # fmt: skip
    note = (
        "Alpha is Krippendorff's; label sets are compared by MASI. Agreement and Fleiss' kappa are of the primary "
        "leaves. Rounds hold different comments: a rise from one to the next is better agreement, or easier comments."
    )
    return "\n\n".join([table(header, rows), note, *resampling(rounds)])


def resampling(rounds: Sequence[RoundAgreement]) -> list[str]:
    """What the intervals' bootstrap drew in which round."""
    compared = [entry for entry in rounds if entry.paired_items]
    videos = [entry.round for entry in compared if entry.resampled == "videos"]
    comments = [entry.round for entry in compared if entry.resampled == "comments"]
    drawn = [f"whole videos in {in_rounds(videos)}"] if videos else []
    if comments:
        which = "which has" if len(comments) == 1 else "each of which has"
        drawn.append(f"single comments in {in_rounds(comments)}, {which} comments of fewer than {LEAST_GROUPS} videos")
    return [f"The bootstrap behind the intervals draws {listed(drawn)}."] if drawn else []


def caveats(page: LabelPage) -> str:
    """What the numbers do not say."""
    lines = [
        "Krippendorff's alpha is agreement beyond chance: 1 is perfect, 0 is what chance gives, below 0 annotators "
        "contradict each other. Krippendorff asks for 0.800, and for 0.667 where conclusions are tentative. With MASI, "
        "label sets that overlap agree in part.",
        "Agreement is not truth. Annotators who share a misreading, or a model, agree on it.",
        "An interval that draws whole videos says what other videos of the same kind would change; one that draws "
        "single comments only what more comments of the same videos would. Neither says what other annotators would "
        "say. The intervals of shares are Wilson's, over single comments.",
        "Rare leaves have a handful of comments: look at the intervals first. [1.000, 1.000] means that nobody "
        "differed on the few there are, not that nobody will.",
        "*Said by another too* is specific agreement: where one annotator says the leaf, how often another one does.",
    ]
    if page.silver.quality is not None:
        lines += [
            "Silver labels only ever train. No comment of validation or test is among them, none of their videos and "
            "none with one of their texts.",
            "The model annotator is checked on gold of validation; test is not looked at. The student's regularisation "
            "was chosen on validation too, so its share leans upwards.",
            "The model is held against settled labels, an annotator against one other annotator, which is harder.",
        ]
    return "\n".join(f"- {line}" for line in lines)
