"""What labels, splits, silver and comments have to do with each other: joined here, and nowhere else.

A method gets `Training` to learn from and `Comments` to be asked about. Of a large corpus only the videos of those
comments are read, and only the vectors that a method asks for.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl

from pipeline.artifacts.artifact import collected
from pipeline.artifacts.comments import COMMENTS_FILE
from pipeline.artifacts.embeddings import EMBEDDING_FILE, EMBEDDINGS_PATH, Embedding, stored_vectors
from pipeline.artifacts.labels import LABELS_FILE, check_leaves
from pipeline.artifacts.silver import ADDED_FILES
from pipeline.artifacts.splits import HELD_OUT, SPLITS_FILE, TRAIN, VALIDATION
from pipeline.errors import UserError
from pipeline.settings import ModelSource

Floats = np.ndarray[Any, Any]
Indices = np.ndarray[Any, np.dtype[np.intp]]

LABELLED_FILES = [COMMENTS_FILE, LABELS_FILE, SPLITS_FILE]  # what is joined here
VECTOR_FILES = [EMBEDDINGS_PATH, EMBEDDING_FILE.path]  # and what `StoredVectors` reads


class Vectors(Protocol):
    """Where the vectors of texts come from: the file that `embed` wrote, or the encoder itself."""

    @property
    def embedding(self) -> Embedding:
        """Which encoder's they are."""
        ...

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, (texts, width) float32."""
        ...


@dataclass(frozen=True)
class StoredVectors:
    """The vectors that `embed` wrote."""

    path: Path = EMBEDDINGS_PATH

    @property
    def embedding(self) -> Embedding:
        """As `embed` recorded it."""
        return EMBEDDING_FILE.read()

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Those of these texts."""
        return stored_vectors(texts, self.path)


@dataclass(frozen=True)
class Comments:
    """Comments that a method is asked about, in a table that holds what stands around them too."""

    table: pl.DataFrame  # COMMENTS, whole videos
    rows: Indices  # the comments that are meant, in this order, as rows of the table
    vectors: Vectors = field(default_factory=StoredVectors)

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> list[Any]:
        """A column of the comments that are meant."""
        return self.table[name].gather(self.rows).to_list()

    def vectors_at(self, rows: Indices) -> Floats:
        """The vectors of rows of the table, (rows, width) float32; each text is looked up once."""
        texts = self.table["text"].gather(rows)
        distinct = texts.unique().sort()
        place = {text: index for index, text in enumerate(distinct)}
        return self.vectors(distinct.to_list())[[place[text] for text in texts]]


@dataclass(frozen=True)
class Examples:
    """Labelled comments."""

    comments: Comments
    targets: Indices  # class index of each
    weights: Floats  # what each counts in training: gold 1, silver as params.yaml says

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True)
class Training:
    """What a method learns from."""

    leaves: list[str]  # the classes, in the taxonomy's order
    train: Examples
    validation: Examples  # for its choices
    models: Mapping[str, ModelSource]  # what a key of params.yaml's models section stands for


@dataclass(frozen=True)
class Labelled:
    """Every comment that trains a method, or that it has to predict."""

    leaves: list[str]
    comments: pl.DataFrame  # COMMENTS, all comments of the videos of these
    items: pl.DataFrame  # comment_id, split, group, target (class index), row (in comments), weight; sorted by id

    def examples(self, split: str) -> Examples:
        """The items of one part."""
        part = self.items.filter(pl.col("split") == split)
        return Examples(self.asked([split]), part["target"].to_numpy(), part["weight"].to_numpy())

    def training(self, models: Mapping[str, ModelSource]) -> Training:
        """What a method is fitted on."""
        return Training(self.leaves, self.examples(TRAIN), self.examples(VALIDATION), models)

    def held_out(self) -> pl.DataFrame:
        """The items that every method predicts, validation and test."""
        return self.items.filter(pl.col("split").is_in(HELD_OUT))

    def asked(self, splits: Collection[str] = HELD_OUT) -> Comments:
        """The comments of these parts."""
        rows = self.items.filter(pl.col("split").is_in(splits))["row"]
        return Comments(self.comments, rows.to_numpy().astype(np.intp))


def read_labelled(leaves: list[str], labels: str = "gold", silver_weight: float = 1.0) -> Labelled:
    """Join comments, labels and splits, and add silver labels to the training set where they are asked for.

    Args:
        leaves: of the taxonomy, in its order.
        labels: gold; silver = gold and the language model's labels; agreed = gold and those of the language
            model's labels that a student confirms.
        silver_weight: what a silver label counts in training; a gold one counts 1.
    """
    gold = (
        LABELS_FILE.read()
        .join(SPLITS_FILE.read(), on="comment_id")
        .select("comment_id", "split", "group", "leaf", pl.lit(1.0).alias("weight"))
    )
    added = ADDED_FILES[labels].read().select(
        "comment_id", pl.lit(TRAIN).alias("split"), pl.lit("").alias("group"), "leaf",
        pl.lit(silver_weight).alias("weight"),
    )  # fmt: skip
    check_leaves(gold, leaves, LABELS_FILE, "split")
    check_leaves(added, leaves, ADDED_FILES[labels], "silver")
    items = pl.concat([gold, added])
    if items["comment_id"].is_duplicated().any():
        raise UserError("The silver labels hold comments that have a gold label; run `dvc repro silver`.")
    comments = comments_around(items["comment_id"])
    index = {leaf: number for number, leaf in enumerate(leaves)}
    rows = comments.select("comment_id").with_row_index("row")
    items = items.join(rows, on="comment_id").sort("comment_id")
    target = pl.col("leaf").replace_strict(index, return_dtype=pl.Int64)
    return Labelled(leaves, comments, items.with_columns(target=target))


@dataclass(frozen=True)
class Gold:
    """The labelled comments of the corpus."""

    comments: pl.DataFrame  # COMMENTS, all comments of their videos
    table: pl.DataFrame  # LABELS and SPLITS, and row (in comments); one row per labelled comment, sorted by id

    def asked(self) -> Comments:
        """The labelled comments."""
        return Comments(self.comments, self.table["row"].to_numpy().astype(np.intp))

    def targets(self, leaves: Sequence[str]) -> Indices:
        """Class index of each."""
        check_leaves(self.table, leaves, LABELS_FILE, "split")
        index = {leaf: number for number, leaf in enumerate(leaves)}
        return np.array([index[leaf] for leaf in self.table["leaf"]], dtype=np.intp)


def read_gold() -> Gold:
    """Labels, splits and comments, joined."""
    gold = LABELS_FILE.read().join(SPLITS_FILE.read(), on="comment_id")
    comments = comments_around(gold["comment_id"])
    rows = comments.select("comment_id").with_row_index("row")
    return Gold(comments, gold.join(rows, on="comment_id").sort("comment_id"))


def comments_around(comment_ids: pl.Series) -> pl.DataFrame:
    """COMMENTS: these comments and all others of their videos, in the file's order."""
    wanted = pl.LazyFrame({"comment_id": comment_ids})
    everything = COMMENTS_FILE.scan()
    own = everything.join(wanted, on="comment_id", how="semi")
    videos = collected(own.select("video_id").unique(), COMMENTS_FILE.path, COMMENTS_FILE.stage)["video_id"]
    around = pl.col("video_id").is_in(videos.drop_nulls().implode()) | pl.col("comment_id").is_in(comment_ids.implode())
    return collected(everything.filter(around), COMMENTS_FILE.path, COMMENTS_FILE.stage)
