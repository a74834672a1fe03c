"""xgboost: embedding, cues and neighbours → boosted trees, stopped early on validation loss.

XGBoost's native API takes the number of classes as given: the taxonomy's, also where training lacks one.
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from pipeline.artifacts.curves import CurvePoint
from pipeline.artifacts.embeddings import Embedding
from pipeline.artifacts.results import read_fitted, write_fitted
from pipeline.artifacts.training import Comments, Training
from pipeline.networks.encoder import check_vectors
from pipeline.runtime import threads
from pipeline.settings import ClassWeight, Count, MethodSettings, NotNegative, Positive, Seed, Swept, TrainingLabels
from pipeline.statistics.class_weight import class_weights
from pipeline.text.context import neighbours
from pipeline.text.cues import cues

Floats = np.ndarray[Any, Any]
NEEDS_VECTORS = True
MODEL = "model.ubj"
FractionOrAll = Annotated[float, Field(gt=0, le=1)]


class Settings(MethodSettings):
    """One cell."""

    class_weight: Swept[ClassWeight]
    neighbours: Swept[NotNegative]  # comments before and after whose mean embedding is a feature
    labels: Swept[TrainingLabels]
    silver_weight: Positive
    seed: Swept[Seed]
    learning_rate: Positive
    max_depth: Count
    min_child_weight: Annotated[float, Field(ge=0)]
    l2_regularisation: Annotated[float, Field(ge=0)]
    subsample: FractionOrAll
    column_sample: FractionOrAll
    rounds: Count
    early_stopping: Count


@dataclass(frozen=True)
class Trees:
    """Boosted trees over the vectors of one encoder, cues and neighbours."""

    leaves: list[str]
    embedding: Embedding
    neighbours: int
    booster: Any
    facts: dict[str, float] = field(default_factory=dict)
    curve: list[CurvePoint] = field(default_factory=list)

    def probabilities(self, comments: Comments) -> Floats:
        """(comments, leaves), float32."""
        check_vectors(comments, self.embedding)
        if not len(comments):
            return np.zeros((0, len(self.leaves)), dtype=np.float32)
        names, values = features(comments, self.neighbours)
        return np.asarray(self.booster.predict(matrix(values, names)))

    def save(self, folder: Path) -> None:
        """The trees in XGBoost's own UBJSON, and what they read."""
        self.booster.save_model(folder / MODEL)
        content = {"leaves": self.leaves, "embedding": asdict(self.embedding), "neighbours": self.neighbours}
        write_fitted("xgboost", {**content, "facts": self.facts}, folder)


def fit(training: Training, settings: Settings) -> Trees:
    """Boost until validation loss stops falling, and keep the best round."""
    import xgboost

    train, validation = training.train, training.validation
    by_class = class_weights(train.targets, len(training.leaves), settings.class_weight, train.weights)
    names, values = features(train.comments, settings.neighbours)
    _, held_out = features(validation.comments, settings.neighbours)
    learnt = matrix(values, names, train.targets, by_class[train.targets] * train.weights)
    judged = matrix(held_out, names, validation.targets, by_class[validation.targets])
    history: dict[str, dict[str, list[float]]] = {}
    booster = xgboost.train(
        {
            "objective": "multi:softprob",
            "eval_metric": "mlogloss",
            "tree_method": "hist",
            "nthread": threads(),
            "num_class": len(training.leaves),
            "seed": settings.seed,
            "learning_rate": settings.learning_rate,
            "max_depth": settings.max_depth,
            "min_child_weight": settings.min_child_weight,
            "lambda": settings.l2_regularisation,
            "subsample": settings.subsample,
            "colsample_bytree": settings.column_sample,
        },
        learnt,
        num_boost_round=settings.rounds,
        evals=[(learnt, "train"), (judged, "validation")],
        early_stopping_rounds=settings.early_stopping,
        evals_result=history,
        verbose_eval=False,
    )
    booster = booster[: booster.best_iteration + 1]
    losses = zip(history["train"]["mlogloss"], history["validation"]["mlogloss"], strict=True)
    curve = [CurvePoint(step, round(own, 6), round(other, 6)) for step, (own, other) in enumerate(losses, start=1)]
    facts: dict[str, float] = {"rounds": booster.num_boosted_rounds(), "features": len(names)}
    embedding = train.comments.vectors.embedding
    return Trees(training.leaves, embedding, settings.neighbours, booster, facts, curve)


def load(folder: Path) -> Trees:
    """What `save` wrote."""
    import xgboost

    content: Any = read_fitted(folder)
    booster = xgboost.Booster(model_file=folder / MODEL)
    embedding = Embedding(**content["embedding"])
    return Trees(content["leaves"], embedding, content["neighbours"], booster, content["facts"])


def features(comments: Comments, count: int) -> tuple[list[str], Floats]:
    """Names and values, (comments, width): embedding, cues, and the mean embedding of the neighbours.

    Args:
        count: neighbours on each side; without any, the mean is missing (NaN).
    """
    rows = comments.rows
    vectors = comments.vectors_at(rows)
    width = vectors.shape[1]
    counted = cues(comments.table)
    around = np.concatenate(neighbours(comments.table, count), axis=1)[rows] if count else np.zeros((len(rows), 0), int)
    present = (around >= 0)[..., None]
    near = np.zeros((*around.shape, width), dtype=np.float32)
    near[around >= 0] = comments.vectors_at(around[around >= 0])
    with np.errstate(invalid="ignore"):
        mean = near.sum(1) / present.sum(1)
    names = [f"embedding_{i}" for i in range(width)] + counted.columns + [f"neighbours_{i}" for i in range(width)]
    cue_values = counted[rows].to_numpy().astype(np.float32)
    return names, np.concatenate([vectors, cue_values, mean.astype(np.float32)], axis=1)


def matrix(values: Floats, names: list[str], targets: Floats | None = None, weights: Floats | None = None) -> Any:
    """XGBoost's own table."""
    import xgboost

    return xgboost.DMatrix(values, targets, weight=weights, feature_names=names, nthread=threads())
