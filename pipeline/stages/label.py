"""label: annotation rounds → one gold label per comment, with the agreement it rests on."""

import sys
from pathlib import Path

import polars as pl

from pipeline.annotation.rounds.consensus import settle
from pipeline.annotation.rounds.gate import judge
from pipeline.annotation.rounds.ratings import check_named
from pipeline.annotation.rounds.reading import ADJUDICATION, read_adjudication, read_rounds
from pipeline.annotation.rounds.round_agreement import agreement_by_round
from pipeline.annotation.tree.taxonomy import load_taxonomy
from pipeline.artifacts.comments import COMMENTS
from pipeline.artifacts.labels import LABELS
from pipeline.artifacts.paths import AGREEMENT_FILE, COMMENTS_FILE, DERIVED, LABELS_FILE
from pipeline.config import load_params
from pipeline.dag.frame import run
from pipeline.errors import UserError
from pipeline.files import read_parquet, write_json, write_parquet


def label() -> None:
    params = load_params()
    settings, taxonomy = params.label, load_taxonomy(Path(params.data.taxonomy))
    folder = Path(params.data.annotations)
    annotations = read_rounds(folder, taxonomy)
    check_named(settings.exclude_rounds, (vote.round for vote in annotations), "label.exclude_rounds")
    counted = [vote for vote in annotations if vote.round not in settings.exclude_rounds]
    if not counted:
        raise UserError(f"Every round of {folder} is in label.exclude_rounds (params.yaml); label the next one.")
    comments = read_parquet(COMMENTS_FILE, COMMENTS)
    rounds = agreement_by_round(annotations, taxonomy, settings.resamples, settings.seed)
    texts = dict(comments.select("comment_id", "text").iter_rows())
    judged = [found for found in rounds if found.round not in settings.exclude_rounds]
    verdict = judge(judged, settings.minimum_alpha, taxonomy.kind, texts, "label.minimum_alpha")
    if not verdict.passed and settings.below_minimum == "stop":
        raise UserError(f"{verdict.message}\nOr set label.below_minimum to warn, and own it.")
    print(verdict.message, file=sys.stdout if verdict.passed else sys.stderr)
    adjudicated = read_adjudication(folder, taxonomy)
    strange = sorted(set(adjudicated) - {vote.comment_id for vote in annotations})
    if strange:
        raise UserError(f"{folder / ADJUDICATION} settles {strange[0]}, which nobody labelled; correct the id.")
    labels, counts = settle(counted, adjudicated, settings.minimum_annotators, taxonomy, settings.consensus)
    if labels.is_empty():
        raise UserError(
            f"No comment of {folder} has a label that counts: {counts['too_few_annotators']} have fewer than "
            f"{settings.minimum_annotators} annotators, {counts['tied_left_out']} are tied; add annotators, or "
            "lower label.minimum_annotators (params.yaml)."
        )
    known = labels.filter(pl.col("comment_id").is_in(comments["comment_id"].implode()))
    if known.is_empty():
        raise UserError(
            f"No labelled comment of {folder} is among the comments of {params.data.raw}, "
            f"which has ids like {comments['comment_id'][0]}; label this corpus, or change data in params.yaml."
        )
    counts["not_in_corpus"] = len(labels) - len(known)
    write_parquet(known, LABELS_FILE, LABELS)
    write_json({"rounds": [found.record() for found in rounds]}, AGREEMENT_FILE)
    write_json({"labelled": len(known), "passed_gate": verdict.passed, "settled": counts}, DERIVED / "label.json")
    print(f"{len(known):,} gold labels; {counts}")


if __name__ == "__main__":
    run(label)
