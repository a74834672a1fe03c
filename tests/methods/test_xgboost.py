"""Boosted trees: features, and what a silver label counts."""

import numpy as np

from pipeline.artifacts.training import Comments, Examples, Training
from pipeline.methods import xgboost
from tests.methods.samples import LEAVES, WIDTH, OwnVectors, settings_of, table, training

NOTHING = 1e-6  # a weight that counts as good as nothing


def test_features_are_the_embedding_cues_and_the_neighbours_mean_embedding() -> None:
    comments = Comments(table(), np.array([12, 7, 0]), OwnVectors())
    names, values = xgboost.features(comments, 1)
    assert values.shape == (3, len(names)) and values.dtype == np.float32
    np.testing.assert_array_equal(values[:, :WIDTH], comments.vectors_at(comments.rows))
    # six videos take turns: the neighbours of 12 are 6 and 18, and 0 has only 6
    around = comments.vectors_at(np.array([6, 18]))
    np.testing.assert_allclose(values[0, -WIDTH:], around.mean(0), atol=1e-7)
    np.testing.assert_allclose(values[2, -WIDTH:], around[0], atol=1e-7)
    _, without = xgboost.features(comments, 0)
    assert np.isnan(without[:, -WIDTH:]).all()


def fitted(weights: np.ndarray, twice: bool) -> np.ndarray:
    """What trees say that saw every training comment, or every one twice: then with a wrong label too."""
    data = training()
    rows, targets = data.train.comments.rows, data.train.targets
    if twice:
        rows, targets = np.concatenate([rows, rows]), np.concatenate([targets, (targets + 1) % 3])
    comments = Comments(data.train.comments.table, rows, OwnVectors())
    learnt = Training(LEAVES, Examples(comments, targets, weights), data.validation, {})
    strong = {"learning_rate": 0.5, "l2_regularisation": 1.0, "subsample": 1.0, "column_sample": 1.0}
    settings = settings_of("xgboost", rounds=10, class_weight="none", min_child_weight=1.0, neighbours=0, **strong)
    return xgboost.fit(learnt, settings).probabilities(data.validation.comments)


def test_trees_learn_nothing_from_labels_that_weigh_nothing() -> None:
    alone = fitted(np.ones(40), twice=False)
    beside = fitted(np.concatenate([np.ones(40), np.full(40, NOTHING)]), twice=True)
    heeded = fitted(np.ones(80), twice=True)
    assert np.abs(beside - alone).mean() < 0.02 < 0.05 < np.abs(heeded - alone).mean()
