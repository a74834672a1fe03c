"""From the folder of rounds to gold labels: read, measured, held to the gate, settled."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.annotation.rounds.consensus import settle
from pipeline.annotation.rounds.gate import judge
from pipeline.annotation.rounds.ratings import check_named
from pipeline.annotation.rounds.reading import read_adjudication, read_rounds
from pipeline.annotation.rounds.round_agreement import agreement_by_round
from pipeline.annotation.rounds.round_folder import ADJUDICATION
from pipeline.annotation.rounds.settings import Label
from pipeline.annotation.tree.taxonomy import Taxonomy
from pipeline.artifacts.agreement import Agreement
from pipeline.artifacts.labels import LabelSummary
from pipeline.errors import UserError


@dataclass(frozen=True)
class Gold:
    """What the stage `label` writes."""

    labels: pl.DataFrame  # LABELS
    agreement: Agreement
    summary: LabelSummary
    message: str  # whether the last round passes, and what to discuss where it does not


def settle_rounds(folder: Path, comments: pl.DataFrame, taxonomy: Taxonomy, settings: Label) -> Gold:
    """Every comment's gold label, as far as the annotators settle on one.

    Args:
        folder: holds round-1, round-2, … and perhaps adjudication.csv.
        comments: comment_id, video_id and text of the corpus.

    Raises:
        UserError: a mistake in the files; the last round that counts is below the gate; no label comes out, or none
            of a comment in the corpus.
    """
    annotations = read_rounds(folder, taxonomy)
    check_named(settings.exclude_rounds, (vote.round for vote in annotations), "label.exclude_rounds")
    counted = [vote for vote in annotations if vote.round not in settings.exclude_rounds]
    if not counted:
        raise UserError(f"Every round of {folder} is in label.exclude_rounds (params.yaml); label the next one.")
    videos = dict(comments.select("comment_id", "video_id").iter_rows())
    rounds = agreement_by_round(annotations, taxonomy, settings.resamples, settings.seed, videos)
    judged = [each for each in rounds if each.round not in settings.exclude_rounds]
    texts = dict(comments.select("comment_id", "text").iter_rows())
    verdict = judge(
        judged, settings.minimum_alpha, taxonomy.kind, texts, "label.minimum_alpha", settings.minimum_alpha_of
    )
    if not verdict.passed and settings.below_minimum == "stop":
        raise UserError(f"{verdict.message}\nOr set label.below_minimum to warn, and go on all the same.")
    adjudicated = read_adjudication(folder, taxonomy)
    strange = sorted(set(adjudicated) - {vote.comment_id for vote in annotations})
    if strange:
        raise UserError(f"{folder / ADJUDICATION} settles {strange[0]}, which nobody labelled; correct the id.")
    labels, counts = settle(counted, adjudicated, settings.minimum_annotators, taxonomy, settings.consensus)
    known = labels.filter(pl.col("comment_id").is_in(comments["comment_id"].implode()))
    check_known(labels, known, counts, comments, settings, folder)
    counts["not_in_corpus"] = len(labels) - len(known)
    summary = LabelSummary(len(known), verdict.passed, counts)
    return Gold(known, Agreement(tuple(rounds)), summary, verdict.message)


def check_known(
    labels: pl.DataFrame,
    known: pl.DataFrame,
    counts: dict[str, int],
    comments: pl.DataFrame,
    settings: Label,
    folder: Path,
) -> None:
    """Raise UserError where no label came out, or none of a comment in the corpus."""
    if labels.is_empty():
        raise UserError(
            f"No comment of {folder} has a label that counts: {counts['too_few_annotators']} have fewer than "
            f"{settings.minimum_annotators} annotators, {counts['tied_left_out']} are tied; add annotators, or "
            "lower label.minimum_annotators (params.yaml)."
        )
    if known.is_empty():
        raise UserError(
            f"No labelled comment of {folder} is among the comments of data.raw, which has ids like "
            f"{comments['comment_id'][0]}; label this corpus, or change data in params.yaml."
        )
