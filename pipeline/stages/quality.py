"""quality: out-of-fold probabilities → the gold labels that look wrong, worst first."""

from pathlib import Path

import numpy as np

from pipeline.annotation.rounds.batch import items
from pipeline.annotation.rounds.label_issues import issue_table
from pipeline.annotation.tree.taxonomy import load_taxonomy
from pipeline.artifacts.comments import COMMENTS
from pipeline.artifacts.label_issues import LABEL_ISSUES
from pipeline.artifacts.labelled import comment_vectors
from pipeline.artifacts.labels import LABELS
from pipeline.artifacts.paths import COMMENTS_FILE, ISSUES_FILE, LABELS_FILE, SPLITS_FILE
from pipeline.artifacts.splits import SPLITS
from pipeline.config import load_params
from pipeline.dag.frame import run
from pipeline.files import read_parquet, write_parquet
from pipeline.statistics.out_of_fold import out_of_fold

CONTEXT = 2  # comments before and after that are shown


def quality() -> None:
    params = load_params()
    how, leaves = params.quality, load_taxonomy(Path(params.data.taxonomy)).leaves
    comments = read_parquet(COMMENTS_FILE, COMMENTS)
    labels = read_parquet(LABELS_FILE, LABELS).join(read_parquet(SPLITS_FILE, SPLITS), on="comment_id")
    labels = labels.join(comments.select("comment_id").with_row_index("row"), on="comment_id").sort("comment_id")
    index = {leaf: number for number, leaf in enumerate(leaves)}
    probabilities = out_of_fold(
        comment_vectors(comments)[labels["row"]],
        np.array([index[leaf] for leaf in labels["leaf"]]),
        labels["group"].to_numpy(),
        len(leaves),
        how.folds,
        how.class_weight,
        how.inverse_regularisation,
        how.seed,
    )
    issues = issue_table(labels, items(comments, labels["row"].to_list(), CONTEXT), leaves, probabilities)
    write_parquet(issues, ISSUES_FILE, LABEL_ISSUES)
    print(f"{len(issues):,} of {len(labels):,} gold labels look doubtful")


if __name__ == "__main__":
    run(quality)
