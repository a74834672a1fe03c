"""reports/annotation.md: whether the labels can be trusted, in words, tables and pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.annotation.tree.taxonomy import Taxonomy
from pipeline.files import replacing, write_text
from pipeline.reports.disputes_section import disputes_section
from pipeline.reports.doubts_section import doubts_section
from pipeline.reports.label_pictures import LEFT_OUT, draw_disputes, draw_model, draw_rounds, unnamed
from pipeline.reports.markdown import around, listed, number, table
from pipeline.reports.model_section import NONE, model_section, model_summary

Record = Mapping[str, Any]
NOBODY = "No comment has two ratings: there is nothing to compare."
HOW = {"majority": "by majority", "dawid_skene": "by Dawid and Skene's model", "adjudicated": "by adjudication"}


@dataclass(frozen=True)
class LabelBackground:
    """What the page says of the labels."""

    rounds: list[dict[str, Any]]  # agreement.json
    label: dict[str, Any]  # label.json
    excluded_rounds: list[int]
    train_only_rounds: list[int]
    minimum_alpha: float
    taxonomy: Taxonomy
    labels: pl.DataFrame  # LABELS
    texts: Mapping[str, str]  # comment_id → text
    splits: Mapping[str, int]  # split.json
    silver: dict[str, Any]  # silver.json
    silver_cost: dict[str, Any]  # costs/silver/silver.json; what it lacks was not measured
    issues: pl.DataFrame  # LABEL_ISSUES

    @property
    def compared(self) -> Record | None:
        """The last round with comments that have two ratings."""
        return next((entry for entry in self.rounds[::-1] if entry["paired_items"]), None)

    @property
    def several(self) -> bool:
        """Whether a comment may have several labels; then the gate looks at the label sets."""
        return self.taxonomy.kind == "multi-label"


def write_page(background: LabelBackground, folder: Path) -> None:
    """Write annotation.md, label_issues.csv (with the texts as they are), and agreement.png.

    disputes.png and silver.png come with it where a round has two ratings, and where a model was checked.
    """
    taxonomy, compared, quality = background.taxonomy, background.compared, background.silver.get("quality")
    people = {row["leaf"]: row["specific"] for row in compared["leaves"]} if compared else {}
    notes = dict.fromkeys(background.train_only_rounds, "trains only")
    notes |= dict.fromkeys(background.excluded_rounds, LEFT_OUT)
    gate = background.minimum_alpha, "label sets" if background.several else "leaves"
    draw_rounds(background.rounds, notes, gate, folder / "agreement.png")
    if compared:
        draw_disputes(compared, taxonomy, folder / "disputes.png")
    if quality and quality["agreement"]["total"]:
        draw_model(quality["per_leaf"], people, taxonomy, folder / "silver.png")
    with replacing(folder / "label_issues.csv") as part:
        background.issues.write_csv(part, include_bom=True)  # without it spreadsheets misread Chinese
    parts = [
        "# Can these labels be trusted?",
        summary(background),
        "## Agreement, round by round",
        "![Agreement of every round](agreement.png)",
        rounds_section(background),
        "## What was left out",
        left_out_section(background),
        "## Where annotators differ",
        disputes_section(compared, background.texts, "disputes.png") if compared else NOBODY,
        "## The model annotator",
        model_section(background.silver, background.silver_cost, people, "silver.png"),
        "## Labels that look doubtful",
        doubts_section(background.issues, background.labels, background.splits),
        "## How to read this",
        caveats(background),
    ]
    write_text("\n\n".join(parts) + "\n", folder / "annotation.md")


def summary(background: LabelBackground) -> str:
    """The answer in a few sentences."""
    labels, doubted = background.labels, len(background.issues)
    annotators = labels["votes"].explode().struct.field("annotator").n_unique()
    rounds = labels["round"].unique().sort().to_list()
    sentences = [
        f"{len(labels):,} comments have a gold label, from {counted(annotators, 'annotator')} in "
        f"{'round' if len(rounds) == 1 else 'rounds'} {listed(rounds)}.",
        gate_sentence(background),
        model_summary(background.silver),
        f"A regression over the embeddings doubts {doubted:,} of the gold labels ({doubted / len(labels):.0%}); that "
        "is no error rate, since a weak model doubts many.",
    ]
    return " ".join(sentences)


def counted(count: int, word: str) -> str:
    """`1 annotator`, `3 annotators`."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def gate_sentence(background: LabelBackground) -> str:
    """The alpha of the last round that counts against the gate."""
    counting = [entry for entry in background.rounds if entry["round"] not in background.excluded_rounds]
    last, minimum = (counting or background.rounds)[-1], background.minimum_alpha
    name = f"round {last['round']}"
    alpha = last["sets"] if background.several else last["levels"][-1]["alpha"]
    passed = minimum <= 0 or background.label["passed_gate"]
    if alpha["value"] is not None and not passed:  # rounded down: .7997 is below .8 and looks it
        alpha = {**alpha, "value": floor(alpha["value"] * 1000) / 1000}
    if alpha["value"] is None:
        measured = (
            f"The last one, {name}, has no Krippendorff's alpha: no comment has two ratings, or all have one label"
        )
    else:
        of = "label sets" if background.several else "leaves"
        measured = f"In the last one, {name}, Krippendorff's alpha of the {of} is {around(alpha)} (95% interval)"
    if minimum <= 0:
        verdict = "no gate is set (`label.minimum_alpha`)"
    elif not passed:
        verdict = f"**it does not pass the gate of {minimum:g}**, and `label.below_minimum` let it through"
    else:
        near = alpha["low"] is not None and alpha["low"] < minimum
        verdict = f"it passes the gate of {minimum:g}" + ", though the interval reaches below that" * near
    return f"{measured}; {verdict}."


def rounds_section(background: LabelBackground) -> str:
    """Every round's statistics."""
    levels = [level["name"] for level in background.rounds[-1]["levels"]][::-1]
    header = ["round", "comments", "with two ratings", "annotators", "agreement", "Fleiss' kappa",
              *(f"alpha, {name} [95%]" for name in levels), "alpha, label sets [95%]"]  # fmt: skip
    rows = []
    for entry in background.rounds:
        *_, leaves = entry["levels"]
        rows.append([
            f"round-{entry['round']}" + " (left out)" * (entry["round"] in background.excluded_rounds)
            + " (trains only)" * (entry["round"] in background.train_only_rounds),
            f"{entry['items']:,}", f"{entry['paired_items']:,}", len(entry["annotators"]),
            number(leaves["percent"]["value"]), number(leaves["fleiss_kappa"]["value"]),
            *(around(level["alpha"]) for level in entry["levels"][::-1]), around(entry["sets"]),
        ])  # fmt: skip
    note = (
        "Alpha is Krippendorff's; label sets are compared by MASI. Agreement and Fleiss' kappa are of the primary "
        "leaves. Rounds hold different comments: a rise from one to the next is better agreement, or easier comments."
    )
    return f"{table(header, rows)}\n\n{note}"


def left_out_section(background: LabelBackground) -> str:
    """What did not become gold, and what gold does not do."""
    settled, splits, only = background.label["settled"], background.splits, background.train_only_rounds
    rows = [
        [f"round {entry['round']} (`label.exclude_rounds`)", f"{entry['items']:,}"]
        for entry in background.rounds
        if entry["round"] in background.excluded_rounds
    ]
    rows += [
        [words, f"{settled[key]:,}"]
        for key, words in (
            ("tied_left_out", "ties without adjudication"),
            ("too_few_annotators", "fewer annotators than `label.minimum_annotators`"),
            ("not_in_corpus", "not in the corpus"),
        )
    ]
    parts = [
        table(["did not count", "comments"], rows),
        "Gold was settled "
        + ", ".join(f"{words} {settled[key]:,} times" for key, words in HOW.items() if key in settled)
        + ".",
        ", ".join(f"{splits.get(name, 0):,} {name}" for name in ("train", "validation", "test"))
        + f"; {splits.get('left_out', 0):,} gold labels are kept out of training or validation, because the same "
        "normalised text stands in a later part.",
    ]
    if only:
        picked = len(background.labels.filter(pl.col("first_round").is_in(only)))
        parts.append(
            f"{picked:,} gold labels are of comments that came in with {'round' if len(only) == 1 else 'rounds'} "
            f"{listed(only)}. These only train (`split.train_only_rounds`): they were picked, and no score may rest on "
            "what was picked."
        )
    return "\n\n".join(parts)


def caveats(background: LabelBackground) -> str:
    """What the numbers do not say."""
    lines = [
        "Krippendorff's alpha is agreement beyond chance: 1 is perfect, 0 is what chance gives, below 0 annotators "
        "contradict each other. Krippendorff asks for 0.800, and for 0.667 where conclusions are tentative. With MASI, "
        "label sets that overlap agree in part.",
        "Agreement is not truth. Annotators who share a misreading, or a model, agree on it.",
        "The intervals resample comments (those of shares are Wilson's). They say what more comments of the same kind "
        "would change, not what other annotators would say.",
        "Rare leaves have a handful of comments: look at the intervals first. [1.000, 1.000] means that nobody "
        "differed on the few there are, not that nobody will.",
        "*Said by another too* is specific agreement: where one annotator says the leaf, how often another one does.",
    ]
    if background.silver["annotator"] != NONE:
        lines += [
            "Silver labels only ever train. No comment of validation or test is among them, none of their videos and "
            "none with one of their texts.",
            "The model annotator is checked on gold of validation; test is not looked at. The student's regularisation "
            "was chosen on validation too, so its share leans upwards.",
            "The model is held against settled labels, an annotator against one other annotator, which is harder.",
        ]
    if unnamed(background.taxonomy.leaves):
        lines.append("In the pictures a leaf whose name is not ASCII stands by its place in the taxonomy, from 1.")
    return "\n".join(f"- {line}" for line in lines)
