"""One meaning of class_weight for every method."""

from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]


def class_weights(targets: np.ndarray[Any, Any], classes: int, how: str, item_weights: Floats | None = None) -> Floats:
    """Weight of each class, shape (classes,); a class that does not occur in training weighs 1.

    Args:
        targets: class indices of the training set.
        how: `none`; `balanced` = n / (classes that occur × count), as in scikit-learn; `sqrt` = its
            square root. Scaled so that the mean weight over the training set is 1, which leaves the
            meaning of a learning rate alone.
        item_weights: of the training set's items, where they do not all count 1; a leaf that silver
            labels made frequent at weight 0.3 has 0.3 of that frequency.
    """
    weights = np.ones(classes)
    counts = np.bincount(targets, weights=item_weights, minlength=classes)
    total = counts.sum()
    occurs = counts > 0
    if how == "none":
        return weights
    weights[occurs] = total / (occurs.sum() * counts[occurs])
    if how == "sqrt":
        weights = np.sqrt(weights)
    weights[occurs] *= total / (weights[occurs] * counts[occurs]).sum()
    return weights
