"""Probabilities for every labelled item from a model that saw neither it nor its video."""

from typing import Any

import numpy as np
from sklearn.model_selection import GroupKFold

from pipeline.errors import UserError
from pipeline.statistics.probe import fit_probe

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

    Raises:
        UserError: there are fewer groups than folds.
    """
    if len(set(groups.tolist())) < folds:
        raise UserError(
            f"quality.folds is {folds}, and the labelled comments come from {len(set(groups.tolist()))} videos; "
            "lower it (params.yaml)."
        )
    found = np.zeros((len(targets), classes))
    for learnt, judged in GroupKFold(folds, shuffle=True, random_state=seed).split(vectors, targets, groups):
        part = (vectors[learnt], targets[learnt])
        probe = fit_probe(part, part, classes, class_weight, [inverse_regularisation])
        found[judged] = probe.probabilities(vectors[judged].astype(np.float64))
    return found
