"""label: annotation rounds → one gold label per comment, with the agreement it rests on."""

from pathlib import Path

import polars as pl

from pipeline.annotation.consensus import agreement_by_round, settle
from pipeline.annotation.rounds import read_adjudication, read_rounds
from pipeline.annotation.schema import LABELS
from pipeline.annotation.taxonomy import load_taxonomy
from pipeline.config import load_params
from pipeline.danmu.schema import COMMENTS
from pipeline.errors import UserError
from pipeline.files import read_parquet, write_json, write_parquet
from pipeline.stages.frame import run
from pipeline.stages.paths import COMMENTS_FILE, DERIVED, LABELS_FILE


def label() -> None:
    params = load_params()
    leaves = load_taxonomy(Path(params.data.taxonomy)).leaves
    folder = Path(params.data.annotations)
    annotations = read_rounds(folder, leaves)
    counted = [vote for vote in annotations if vote.round not in params.label.exclude_rounds]
    if not counted:
        raise UserError(f"Every round of {folder} is in label.exclude_rounds (params.yaml); leave one to count.")
    labels, counts = settle(counted, read_adjudication(folder, leaves), params.label.minimum_annotators)
    if labels.is_empty():
        raise UserError(
            f"No comment of {folder} has a label that counts: {counts['too_few_annotators']} have fewer than "
            f"{params.label.minimum_annotators} annotators, {counts['tied_left_out']} are tied; add annotators, or "
            "lower label.minimum_annotators (params.yaml)."
        )
    comments = read_parquet(COMMENTS_FILE, COMMENTS)
    known = labels.filter(pl.col("comment_id").is_in(comments["comment_id"].implode()))
    if known.is_empty():
        raise UserError(
            f"No labelled comment of {folder} is among the comments of {params.data.raw}, "
            f"which has ids like {comments['comment_id'][0]}; label this corpus, or change data in params.yaml."
        )
    counts["not_in_corpus"] = len(labels) - len(known)
    write_parquet(known, LABELS_FILE, LABELS)
    summary = {"labelled": len(known), "settled": counts, "agreement": agreement_by_round(annotations)}
    write_json(summary, DERIVED / "label.json")
    print(f"{len(known):,} gold labels; {counts}")


if __name__ == "__main__":
    run(label)
