"""Logistic regression over fixed features: the baselines, and how a head can start."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from pipeline.statistics.class_weight import class_weights
from pipeline.statistics.metrics import macro_f1

Floats = np.ndarray[Any, Any]
ChooseBy = Literal["macro_f1", "log_loss"]

#: nats by which a class that training never saw starts below the rarest one it saw
ABSENT = 1.0
#: the same where training saw a single class
ONE_CLASS = 5.0
#: what `student` chooses from
STUDENT_C = (0.3, 1.0, 3.0, 10.0)


@dataclass(frozen=True)
class Probe:
    """A softmax over an affine map: weight (classes, width), bias (classes,)."""

    weight: Floats
    bias: Floats
    inverse_regularisation: float
    validation_score: float

    @classmethod
    def of(cls, arrays: Mapping[str, Floats], inverse_regularisation: float) -> "Probe":
        """The probe of stored arrays; how well it did on validation is not known any more."""
        return cls(arrays["weight"], arrays["bias"], inverse_regularisation, float("nan"))

    @property
    def arrays(self) -> dict[str, Floats]:
        """What has to be stored of it."""
        return {"weight": self.weight, "bias": self.bias}

    def probabilities(self, features: Any) -> Floats:
        """(n, width), dense or sparse → (n, classes)."""
        from scipy.special import softmax

        return np.asarray(softmax(features @ self.weight.T + self.bias, axis=1))


def fit_probe(
    train: tuple[Any, Floats],
    validation: tuple[Any, Floats],
    classes: int,
    class_weight: str,
    inverse_regularisation: Sequence[float],
    choose_by: ChooseBy = "macro_f1",
    item_weights: Floats | None = None,
    standardise: bool = True,
) -> Probe:
    """Fit one regression per C and keep the best on validation (the first on a tie).

    Args:
        train, validation: features (n, width) and class indices (n,).
        classes: of the taxonomy; those absent from training start below the rarest.
        choose_by: macro-F1, where the regression is the method; log loss, where it is a head to be
            trained further: a saturated softmax has no gradient left.
        item_weights: of the training items (n,); all 1 where there are none.
        standardise: by the training set's mean and deviation, and divide by √width, so that one C means the same
            whatever the encoder. The weights are then converted, so that the probe takes features as they come.
            Sparse features, which have to be of one scale, are taken as they are.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    (features, targets), (held_out, judged) = train, validation
    if standardise:
        features, held_out = features.astype(np.float64), held_out.astype(np.float64)
        mean, deviation = features.mean(0), features.std(0) + 1e-6
        scale = deviation * np.sqrt(features.shape[1])
        features, held_out = (features - mean) / scale, (held_out - mean) / scale
    weights = class_weights(targets, classes, class_weight, item_weights)[targets]
    if item_weights is not None:
        weights = weights * item_weights
    if len(np.unique(targets)) == 1:  # there is nothing to tell apart
        bias = np.where(np.arange(classes) == targets[0], 0.0, -ONE_CLASS)
        return Probe(np.zeros((classes, features.shape[1])), bias, inverse_regularisation[0], 0.0)
    best: Probe | None = None
    for c in inverse_regularisation:
        model = LogisticRegression(C=c, max_iter=300, tol=1e-4)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(features, targets, sample_weight=weights)
        if len(model.classes_) == 2:
            model.coef_ = np.concatenate([-model.coef_ / 2, model.coef_ / 2])
            model.intercept_ = np.concatenate([-model.intercept_ / 2, model.intercept_ / 2])
        weight, bias = np.zeros((classes, features.shape[1])), np.full(classes, model.intercept_.min() - ABSENT)
        weight[model.classes_], bias[model.classes_] = model.coef_, model.intercept_
        probe = Probe(weight, bias, c, 0.0)
        score = validation_score(probe.probabilities(held_out), judged, choose_by)
        if best is None or score > best.validation_score:
            best = replace(probe, validation_score=score)
    assert best is not None
    if not standardise:
        return best
    weight = best.weight / scale
    return replace(best, weight=weight, bias=best.bias - weight @ mean)


def validation_score(probabilities: Floats, targets: Floats, choose_by: ChooseBy) -> float:
    """Macro-F1 over all classes, or the negative mean log loss; larger is better."""
    if choose_by == "log_loss":
        return float(np.log(probabilities[np.arange(len(targets)), targets] + 1e-12).mean())
    return macro_f1(targets, probabilities.argmax(1), probabilities.shape[1])


def student(
    train: tuple[Floats, Sequence[str]], validation: tuple[Floats, Sequence[str]], leaves: Sequence[str]
) -> Callable[[Floats], list[str]]:
    """A balanced regression that learns from gold alone, as a second opinion on silver labels.

    Args:
        train, validation: vectors (n, width) and leaves.

    Returns:
        vectors → the leaf of each.
    """
    index = {leaf: number for number, leaf in enumerate(leaves)}
    parts = [(vectors, np.array([index[leaf] for leaf in said])) for vectors, said in (train, validation)]
    probe = fit_probe(parts[0], parts[1], len(leaves), "balanced", STUDENT_C)
    return lambda vectors: [leaves[row] for row in probe.probabilities(vectors.astype(np.float64)).argmax(1)]
