"""All questions of one run of the model annotator: about gold comments, to check it on, then about those to label."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.annotation.model.check import Check
from pipeline.annotation.model.prompt import Asker, Gold
from pipeline.annotation.model.question import Question
from pipeline.annotation.model.retrieval import Near, nearest
from pipeline.annotation.model.settings import Silver
from pipeline.annotation.model.silver import drawn, may_be_labelled
from pipeline.annotation.rounds.batch import items
from pipeline.annotation.tree.taxonomy import Taxonomy
from pipeline.artifacts.comments import COMMENTS_FILE
from pipeline.artifacts.embeddings import Floats, stored_vectors
from pipeline.artifacts.labels import LABELS_FILE, check_leaves
from pipeline.artifacts.splits import SPLITS_FILE, TRAIN, VALIDATION
from pipeline.statistics.regression import student


@dataclass(frozen=True)
class Questionnaire:
    """The questions in the order in which they are asked, the check first, so that a budget cuts at the other end."""

    questions: tuple[Question, ...]
    check: Check  # whose gold holds the first so many questions' comments
    may_be_labelled: int  # comments, of which the questions are about all or some

    @property
    def checked(self) -> int:
        """How many of the questions, from the first on, are about gold comments."""
        return len(self.check.gold)


def read_questionnaire(taxonomy: Taxonomy, settings: Silver) -> Questionnaire:
    """The questions that follow from comments, labels, splits and embeddings as the stages before left them.

    Examples come from the training set's gold, the check from validation's; test is not looked at.

    Raises:
        UserError: one of these files is missing, of another version, or older than the taxonomy.
    """
    comments, splits = COMMENTS_FILE.read(), SPLITS_FILE.read()
    rows = comments.select("comment_id", "text").with_row_index("row")
    gold = LABELS_FILE.read().join(splits, on="comment_id").join(rows, on="comment_id")
    gold = gold.select("comment_id", "leaf", "split", "row", "text").sort("comment_id")
    check_leaves(gold, taxonomy.leaves, LABELS_FILE, "embed split")
    train, held_out = (gold.filter(pl.col("split") == split) for split in (TRAIN, VALIDATION))
    free = may_be_labelled(comments, splits)

    checked = drawn(held_out["comment_id"].to_list(), settings.check, settings.seed)
    check_gold = held_out.filter(pl.col("comment_id").is_in(checked))
    asked_ids = [*check_gold["comment_id"], *drawn(free["comment_id"].to_list(), settings.comments, settings.seed)]
    row_of = dict(rows.select("comment_id", "row").iter_rows())
    asked = [row_of[comment_id] for comment_id in asked_ids]

    train_vectors, held_vectors = (stored_vectors(part["text"].to_list()) for part in (train, held_out))
    vectors = stored_vectors(rows["text"].gather(asked).to_list())
    questions, near = ask_about(comments, asked, vectors, train, train_vectors, taxonomy, settings)
    second_opinion = student(
        (train_vectors, train["leaf"].to_list()), (held_vectors, held_out["leaf"].to_list()), taxonomy.leaves
    )
    check = Check(
        gold=dict(check_gold.select("comment_id", "leaf").iter_rows()),
        neighbours={comment_id: around.vote for comment_id, around in zip(asked_ids, near, strict=True)},
        candidates={comment_id: around.candidates for comment_id, around in zip(asked_ids, near, strict=True)},
        student=dict(zip(asked_ids, second_opinion(vectors), strict=True)),
        majority=train["leaf"].mode().sort()[0],
    )
    return Questionnaire(tuple(questions), check, len(free))


def ask_about(
    comments: pl.DataFrame,
    asked: Sequence[int],
    vectors: Floats,
    gold: pl.DataFrame,
    gold_vectors: Floats,
    taxonomy: Taxonomy,
    settings: Silver,
) -> tuple[list[Question], list[Near]]:
    """The question about each comment in `asked`, and the gold comments around it that it was made from.

    Args:
        comments: COMMENTS.
        asked: rows of `comments`.
        vectors: of the asked comments, (asked, width), unit length.
        gold: text and leaf of the training set's gold labels, which examples come from.
        gold_vectors: of these, (gold, width), unit length.
    """
    near = nearest(vectors, gold_vectors, gold["leaf"].to_list(), settings.neighbours, settings.candidates)
    examples = [Gold(text, leaf) for text, leaf in gold.select("text", "leaf").iter_rows()]
    asker = Asker(taxonomy, examples, settings.examples)
    question = asker.line if settings.annotator == "in-process" else asker.question
    shown = items(comments, asked, settings.context)
    return [question(item, around) for item, around in zip(shown, near, strict=True)], near
