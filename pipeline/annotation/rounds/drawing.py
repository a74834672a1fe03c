"""The next batch of a corpus: comments that nobody has labelled yet, or those that a file names."""

from pathlib import Path

import polars as pl

from pipeline.annotation.exchange.tables import csv_lines
from pipeline.annotation.rounds.batch import Item, items
from pipeline.annotation.rounds.reading import read_rounds
from pipeline.annotation.rounds.sampling import Floats, Pool, Strategy
from pipeline.annotation.tree.taxonomy import Taxonomy
from pipeline.artifacts.comments import COMMENTS_FILE
from pipeline.artifacts.embeddings import EMBEDDINGS_PATH, stored_vectors
from pipeline.artifacts.labels import LABELS_FILE, check_leaves
from pipeline.artifacts.splits import HELD_OUT, SPLITS_FILE, TRAIN
from pipeline.errors import UserError
from pipeline.text.leaks import shares_video


def draw_batch(
    comments: pl.DataFrame,
    rounds: Path,
    taxonomy: Taxonomy,
    strategy: Strategy,
    by: str,
    size: int,
    context: int,
    seed: int,
) -> list[Item]:
    """A sample of the comments that no round holds.

    A random one takes comments as they occur, however often their text does. Of what is picked, one of each text is
    enough, and no comment of a video of validation or test: it could not train.

    Args:
        comments: COMMENTS.
        rounds: the folder of the rounds that there are; it may be missing.
        by: one of sampling.STRATA.
        size: comments at most.
        context: neighbours on either side that are shown.

    Raises:
        UserError: no comment is left; the strategy needs labels, splits or vectors that are not there.
    """
    seen = {vote.comment_id for vote in read_rounds(rounds, taxonomy)} if any(rounds.glob("round-*/*")) else set()
    pool = comments.with_row_index("row").filter(~pl.col("comment_id").is_in(list(seen)))
    pool = pool.sort("comment_id")
    if not strategy.like_corpus and not pool.is_empty():
        pool = may_train(pool, comments).unique("text", keep="first", maintain_order=True)
        if pool.is_empty():
            raise UserError(
                "All comments that are in no round are of videos of validation or test, where what is picked could not "
                "train; collect more, or sample at random."
            )
    if pool.is_empty():
        raise UserError(
            f"Every comment of {COMMENTS_FILE.path} is in a round already; collect more, or name some with --ids."
        )

    def expected(models: int) -> Floats:
        return expected_leaves(comments, taxonomy.leaves, pool["text"].to_list(), models, seed)

    places = strategy.draw(Pool(pool["video_id"].to_list(), expected), by, size, seed)
    return items(comments, pool["row"].gather(places).to_list(), context)


def may_train(pool: pl.DataFrame, comments: pl.DataFrame) -> pl.DataFrame:
    """Those of the pool whose video is not of validation or test, as far as there is a split yet."""
    if not SPLITS_FILE.path.is_file():
        return pool
    held_out = SPLITS_FILE.read().filter(pl.col("split").is_in(HELD_OUT)).join(comments, on="comment_id")
    return pool.filter(~shares_video(pool, held_out))


def expected_leaves(comments: pl.DataFrame, leaves: list[str], texts: list[str], models: int, seed: int) -> Floats:
    """What regressions over the embeddings expect of the texts, (models, texts, leaves).

    They learn from training labels alone: what is bought must not follow from what is scored or chosen by.

    Raises:
        UserError: gold labels, splits or embeddings are missing, or older than the taxonomy.
    """
    from pipeline.statistics.committee import committee

    for path in (LABELS_FILE.path, SPLITS_FILE.path, EMBEDDINGS_PATH):
        if not path.is_file():
            raise UserError(
                f"There is no {path}, which this sampling goes by; run `dvc repro embed split` first, or sample at "
                "random (the only way while nothing is labelled)."
            )
    gold = LABELS_FILE.read().join(SPLITS_FILE.read(), on="comment_id").filter(pl.col("split") == TRAIN)
    check_leaves(gold, leaves, LABELS_FILE, "embed split")
    gold = gold.join(comments, on="comment_id").sort("comment_id")
    learnt = stored_vectors(gold["text"].to_list())
    return committee(learnt, gold["leaf"].to_list(), leaves, stored_vectors(texts), models, seed)


def named_batch(comments: pl.DataFrame, file: Path, size: int, context: int) -> list[Item]:
    """The first `size` comments that a CSV names in its column comment_id, each once.

    Raises:
        UserError: no such file or column, or a comment that the corpus does not have.
    """
    if not file.is_file():
        raise UserError(f"There is no file {file}; correct its name (`dvc repro` makes reports/label_issues.csv).")
    lines = csv_lines(file)
    if "comment_id" not in next(lines)[1]:
        raise UserError(f"{file}, line 1: there is no column comment_id, which says which comments to take.")
    wanted = [row["comment_id"].strip() for _, row in lines]
    row_of = {comment_id: row for row, comment_id in enumerate(comments["comment_id"])}
    missing = [comment_id for comment_id in wanted if comment_id not in row_of]
    if missing or not wanted:
        raise UserError(
            f"{file} names no comment of {COMMENTS_FILE.path} as {missing[0] if missing else 'comment_id'}; correct it."
        )
    return items(comments, [row_of[comment_id] for comment_id in dict.fromkeys(wanted)][:size], context)
