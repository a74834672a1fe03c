"""The page's section on what was left out: what did not become gold, and what gold does not do."""

from collections.abc import Collection, Sequence

import polars as pl

from pipeline.artifacts.agreement import Agreement
from pipeline.artifacts.labels import LabelSummary
from pipeline.artifacts.splits import SplitSummary
from pipeline.reports.markdown import in_rounds, literal, table

HOW = {"majority": "by majority", "dawid_skene": "by Dawid and Skene's model", "adjudicated": "by adjudication"}
DID_NOT_COUNT = {
    "tied_left_out": "ties without adjudication",
    "too_few_annotators": "fewer annotators than `label.minimum_annotators`",
    "not_in_corpus": "not in the corpus",
}


def left_out_section(
    agreement: Agreement,
    label: LabelSummary,
    splits: SplitSummary,
    labels: pl.DataFrame,
    excluded_rounds: Collection[int],
    train_only_rounds: Sequence[int],
) -> str:
    """Everything that was left out, and why.

    Args:
        labels: LABELS.
        excluded_rounds: label.exclude_rounds.
        train_only_rounds: split.train_only_rounds.
    """
    settled = label.settled
    rows = [
        [f"round {entry.round} (`label.exclude_rounds`)", f"{entry.items:,}"]
        for entry in agreement.rounds
        if entry.round in excluded_rounds
    ]
    rows += [[words, f"{settled[key]:,}"] for key, words in DID_NOT_COUNT.items()]
    how = ", ".join(f"{words} {settled[key]:,} times" for key, words in HOW.items() if key in settled)
    parts = [table(["did not count", "comments"], rows), f"Gold was settled {how}.", split_sentence(splits)]
    if train_only_rounds:
        picked = len(labels.filter(pl.col("first_round").is_in(train_only_rounds)))
        parts.append(
            f"{picked:,} gold labels are of comments that came in with {in_rounds(train_only_rounds)}. These only "
            "train (`split.train_only_rounds`): they were picked, and no score may rest on what was picked."
        )
    return "\n\n".join(parts)


def split_sentence(splits: SplitSummary) -> str:
    """How many gold labels each part has, and why some are in none."""
    parts = f"{splits.train:,} train, {splits.validation:,} validation, {splits.test:,} test"
    why = f", because {why_left_out(splits)}" if splits.left_out else ""
    return f"{parts}; {splits.left_out:,} gold labels are kept out of training{why}."


def why_left_out(splits: SplitSummary) -> str:
    """Why gold labels are in no part."""
    if splits.given:
        return f"{literal(splits.given)} (`split.given`) leaves them out or does not have them"
    return "they may only train and their video is in validation or test"
