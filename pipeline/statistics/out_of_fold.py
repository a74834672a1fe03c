"""Probabilities for every labelled item from a model that saw neither it nor its video."""

from typing import Any

import numpy as np

from pipeline.errors import UserError
from pipeline.statistics.regression import fit_probe

Floats = np.ndarray[Any, Any]


def out_of_fold(
    vectors: Floats,
    targets: Floats,
    groups: Floats,
    classes: int,
    folds: int,
    class_weight: str,
    inverse_regularisation: float,
    seed: int,
) -> Floats:
    """Logistic regression over the vectors, cross-validated by whole groups; (items, classes).

    Args:
        vectors: (items, width). targets: class indices. groups: of the items, videos mostly.
        classes: of the taxonomy, those that do not occur included.

    Raises:
        UserError: there are fewer groups than folds.
    """
    from sklearn.base import BaseEstimator
    from sklearn.model_selection import GroupKFold, cross_val_predict

    class ProbeEstimator(BaseEstimator):
        """A probe with one C, as scikit-learn's cross-validation takes it.

        The probabilities are what `predict` gives. For `predict_proba`, cross-validation would number the classes that
        occur anew, and the classes of the taxonomy that do not occur would have no column.
        """

        def __init__(self, classes: int, class_weight: str, inverse_regularisation: float) -> None:
            self.classes = classes
            self.class_weight = class_weight
            self.inverse_regularisation = inverse_regularisation

        def fit(self, vectors: Floats, targets: Floats) -> "ProbeEstimator":
            """Learn from vectors (items, width) and class indices (items,)."""
            part = (vectors, targets)
            self.probe_ = fit_probe(part, part, self.classes, self.class_weight, [self.inverse_regularisation])
            return self

        def predict(self, vectors: Floats) -> Floats:
            """Probabilities, (items, classes)."""
            return self.probe_.probabilities(vectors.astype(np.float64))

    if len(set(groups.tolist())) < folds:
        raise UserError(
            f"quality.folds is {folds}, and the labelled comments come from {len(set(groups.tolist()))} videos; "
            "lower it (params.yaml)."
        )
    splitter = GroupKFold(folds, shuffle=True, random_state=seed)
    estimator = ProbeEstimator(classes, class_weight, inverse_regularisation)
    return np.asarray(cross_val_predict(estimator, vectors, targets, groups=groups, cv=splitter))
