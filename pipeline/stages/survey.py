"""What the model annotator is asked: gold comments to check it on, then the comments that it is to label."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.annotation.model.question import Question
from pipeline.annotation.model.silver import Check, drawn, may_be_labelled
from pipeline.annotation.model.survey import survey
from pipeline.annotation.tree.taxonomy import load_taxonomy
from pipeline.artifacts.comments import COMMENTS
from pipeline.artifacts.labelled import comment_vectors
from pipeline.artifacts.labels import LABELS
from pipeline.artifacts.paths import COMMENTS_FILE, LABELS_FILE, SPLITS_FILE
from pipeline.artifacts.splits import SPLITS
from pipeline.files import read_parquet
from pipeline.settings import Params
from pipeline.statistics.probe import student


@dataclass(frozen=True)
class Asked:
    """The questions of one run, those to check first, so that a budget cuts at the other end."""

    questions: list[Question]
    leaves: list[str]
    check: Check  # whose gold holds the first so many questions' comments
    may_be_labelled: int


def read_survey(params: Params) -> Asked:
    """Examples come from the training set's gold, the check from validation's; test is not looked at."""
    how, taxonomy = params.silver, load_taxonomy(Path(params.data.taxonomy))
    comments, splits = read_parquet(COMMENTS_FILE, COMMENTS), read_parquet(SPLITS_FILE, SPLITS)
    rows = comments.select("comment_id").with_row_index("row")
    gold = read_parquet(LABELS_FILE, LABELS).join(splits, on="comment_id").join(rows, on="comment_id")
    gold = gold.select("comment_id", "leaf", "split", "row").sort("comment_id")
    train, held = (gold.filter(pl.col("split") == split) for split in ("train", "validation"))
    free = may_be_labelled(comments, splits)

    checked = held.filter(pl.col("comment_id").is_in(drawn(held["comment_id"].to_list(), how.check, how.seed)))
    keys = [*checked["comment_id"], *drawn(free["comment_id"].to_list(), how.comments, how.seed)]
    place = dict(rows.select("comment_id", "row").iter_rows())
    asked, vectors = [place[key] for key in keys], comment_vectors(comments)
    questions, near = survey(comments, vectors, asked, train, taxonomy, how)
    parts = [(vectors[part["row"]], part["leaf"].to_list()) for part in (train, held)]
    second_opinion = student(parts[0], parts[1], taxonomy.leaves)
    check = Check(
        gold=dict(checked.select("comment_id", "leaf").iter_rows()),
        neighbours={key: around.vote for key, around in zip(keys, near, strict=True)},
        candidates={key: around.candidates for key, around in zip(keys, near, strict=True)},
        student=dict(zip(keys, second_opinion(vectors[asked]), strict=True)),
        majority=train["leaf"].mode().sort()[0],
    )
    return Asked(questions, taxonomy.leaves, check, len(free))
