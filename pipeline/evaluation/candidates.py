"""What is compared: the gold labels of validation and test, and every cell's predictions of these comments."""

from collections.abc import Sequence

import polars as pl

from pipeline.annotation.tree.taxonomy import Taxonomy
from pipeline.artifacts.costs import cost_file
from pipeline.artifacts.curves import read_curve
from pipeline.artifacts.predictions import read_leaf_probabilities
from pipeline.artifacts.results import cost_path, facts_file, result_folder
from pipeline.artifacts.splits import TRAIN
from pipeline.artifacts.training import read_labelled
from pipeline.dag.cells import Cell
from pipeline.errors import UserError
from pipeline.evaluation.comparison import Candidate
from pipeline.evaluation.truth import Truth
from pipeline.text.leaks import shares_text


def read_truth(taxonomy: Taxonomy) -> Truth:
    """Gold of the comments that every method predicts.

    A comment is seen where its normalised text is that of a gold training comment. Silver labels have no text of a
    held-out comment (text/leaks.py), so that this is the same for every cell.
    """
    data = read_labelled(taxonomy.leaves)
    held_out, texts = data.held_out(), data.comments.select("text")
    train = data.items.filter(pl.col("split") == TRAIN)
    seen = shares_text(texts[held_out["row"]], texts[train["row"]])
    return Truth(
        leaves=taxonomy.leaves,
        parents=taxonomy.parents,
        parent_of=taxonomy.parent_of(),
        items=held_out.select("comment_id", "split", "target", seen=seen),
        train_targets=data.examples(TRAIN).targets,
        groups=held_out["group"].to_list(),
    )


def read_candidates(cells: Sequence[Cell], truth: Truth, taxonomy: Taxonomy) -> list[Candidate]:
    """Every cell's predictions in Truth's order, with its curve, facts and costs."""
    return [read_candidate(cell, truth, taxonomy) for cell in cells]


def read_candidate(cell: Cell, truth: Truth, taxonomy: Taxonomy) -> Candidate:
    """One cell.

    Raises:
        UserError: it predicts other comments than the split has.
    """
    folder = result_folder(cell.method, cell.key)
    ids, probabilities = read_leaf_probabilities(folder, taxonomy.nodes)
    if ids != truth.items["comment_id"].to_list():
        raise UserError(f"{folder}/predictions.parquet predicts other comments than the split has; run `dvc repro`.")
    measured = cost_path(cell.method, cell.key).is_file()
    return Candidate(
        name=cell.name,
        method=cell.method,
        parameters=cell.swept,
        probabilities=probabilities,
        curve=read_curve(folder / "curve.csv"),
        facts=facts_file(cell.method, cell.key).read(),
        cost=cost_file(cell.method, cell.key).read() if measured else None,
    )
