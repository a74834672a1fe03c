"""split: gold labels → train, validation and test, with no video and no text on two sides."""

import polars as pl

from pipeline.annotation.rounds.ratings import check_named
from pipeline.artifacts.comments import COMMENTS
from pipeline.artifacts.labels import LABELS
from pipeline.artifacts.paths import COMMENTS_FILE, DERIVED, LABELS_FILE, SPLITS_FILE
from pipeline.artifacts.splits import SPLITS
from pipeline.config import load_params
from pipeline.dag.frame import run
from pipeline.errors import UserError
from pipeline.evaluation import splitting
from pipeline.files import read_parquet, write_json, write_parquet


def split() -> None:
    params = load_params().split
    labels = read_parquet(LABELS_FILE, LABELS)
    comments = read_parquet(COMMENTS_FILE, COMMENTS).select("comment_id", "video_id", "text")
    labelled = labels.select("comment_id", "leaf", "first_round").join(comments, on="comment_id")
    check_named(params.train_only_rounds, labels["first_round"], "split.train_only_rounds")
    if set(labels["first_round"]) <= set(params.train_only_rounds):
        raise UserError(
            "Every round is in split.train_only_rounds (params.yaml); leave one drawn at random to score by."
        )
    picked = pl.col("first_round").is_in(params.train_only_rounds)
    splits = splitting.split(labelled.filter(~picked), params.validation, params.test, params.seed)
    splits = splitting.with_train_only(splits, labelled, labelled.filter(picked))
    write_parquet(splits, SPLITS_FILE, SPLITS)
    counts = dict(sorted(splits["split"].value_counts().iter_rows()))
    test_videos = labelled.join(splits.filter(pl.col("split") == "test"), on="comment_id")["video_id"]
    write_json(counts | {"videos": test_videos.drop_nulls().n_unique()}, DERIVED / "split.json")
    print(", ".join(f"{count:,} {name}" for name, count in counts.items()))


if __name__ == "__main__":
    run(split)
