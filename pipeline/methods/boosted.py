"""Boosted trees over embeddings and cues, by XGBoost's native API.

The native API takes the number of classes as given: the taxonomy's, also where training lacks one.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline.runtime import threads
from pipeline.text.context import neighbours
from pipeline.text.cues import cues

Floats = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Table:
    """Features (n, width), with their names; targets and weights where they are known."""

    names: list[str]
    features: Floats


def features(comments: pl.DataFrame, vectors: Floats, count: int, rows: Floats) -> Table:
    """Embedding, cues, and the mean embedding of the neighbours, one row per wanted comment.

    Args:
        comments: COMMENTS.
        vectors: (comments, width), each comment's embedding.
        count: neighbours on each side; without any, the mean is missing (NaN).
        rows: indices of the wanted comments; the others serve as context.
    """
    width = vectors.shape[1]
    counted = cues(comments)
    around = np.concatenate(neighbours(comments, count), axis=1) if count else np.zeros((len(comments), 0), int)
    around = around[rows]
    present = (around >= 0)[..., None]
    total = np.where(present, vectors[around], 0).sum(1)
    with np.errstate(invalid="ignore"):
        mean = total / present.sum(1)
    names = [f"embedding_{i}" for i in range(width)] + counted.columns + [f"neighbours_{i}" for i in range(width)]
    cue_values = counted.to_numpy().astype(np.float32)[rows]
    return Table(names, np.concatenate([vectors[rows], cue_values, mean.astype(np.float32)], axis=1))


def fit(
    train: tuple[Floats, Floats],
    validation: tuple[Floats, Floats],
    names: list[str],
    weights: tuple[Floats, Floats],
    settings: dict[str, Any],
    rounds: int,
    early_stopping: int,
) -> tuple[Any, list[dict[str, float]]]:
    """Train until validation loss stops falling.

    Args:
        train, validation: features and class indices.
        weights: of the training items, and of the validation items.
        settings: XGBoost's own names, with num_class.

    Returns:
        the booster, cut to its best round, and one row per round: loss on both sets, macro-F1 and
        accuracy on validation are added by the caller's report, not here.
    """
    import xgboost

    def matrix(part: tuple[Floats, Floats], weight: Floats) -> Any:
        return xgboost.DMatrix(part[0], part[1], weight=weight, feature_names=names, nthread=threads())

    history: dict[str, dict[str, list[float]]] = {}
    booster = xgboost.train(
        {"objective": "multi:softprob", "eval_metric": "mlogloss", "tree_method": "hist", "nthread": threads()}
        | settings,
        matrix(train, weights[0]),
        num_boost_round=rounds,
        evals=[(matrix(train, weights[0]), "train"), (matrix(validation, weights[1]), "validation")],
        early_stopping_rounds=early_stopping,
        evals_result=history,
        verbose_eval=False,
    )
    booster = booster[: booster.best_iteration + 1]
    losses = zip(history["train"]["mlogloss"], history["validation"]["mlogloss"], strict=True)
    curve = [
        {"step": index, "train_loss": round(fit_loss, 6), "validation_loss": round(held_loss, 6)}
        for index, (fit_loss, held_loss) in enumerate(losses, start=1)
    ]
    return booster, curve


def predict(booster: Any, features: Floats, names: list[str]) -> Floats:
    """Probabilities, (n, classes)."""
    import xgboost

    matrix = xgboost.DMatrix(features, feature_names=names, nthread=threads())
    return np.asarray(booster.predict(matrix))


def save(booster: Any, path: Path) -> None:
    """XGBoost's own UBJSON; no pickle."""
    booster.save_model(path)
