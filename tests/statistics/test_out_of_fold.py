"""Nobody is judged by a model that saw his or her video, and nothing is left unjudged."""

import numpy as np
import pytest
from sklearn.model_selection import GroupKFold

from pipeline.errors import UserError
from pipeline.statistics import out_of_fold as module
from pipeline.statistics.out_of_fold import out_of_fold
from pipeline.statistics.regression import fit_probe


def judged(
    vectors: np.ndarray, targets: np.ndarray, groups: np.ndarray, classes: int = 2, folds: int = 5, seed: int = 0
) -> np.ndarray:
    return out_of_fold(vectors, targets, groups, classes, folds, "none", 30.0, seed)


def noise(items: int = 12, count: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Groups that lie far apart, all items of each with one label that was drawn at random."""
    generator = np.random.default_rng(0)
    groups = np.repeat(np.arange(count), items)
    centres, labels = generator.normal(size=(count, 60)) * 4, generator.permutation(np.arange(count) % 2)
    return centres[groups] + generator.normal(size=(len(groups), 60)), labels[groups], groups


def test_a_group_s_own_label_is_not_known_where_nothing_else_tells_it() -> None:
    vectors, targets, groups = noise()
    assert np.bincount(targets).tolist() == [240, 240]
    found = judged(vectors, targets, groups)
    known = (found.argmax(1) == targets).mean()
    # 40 groups are right or wrong by chance: 0.5 ± 0.08
    assert 0.25 < known < 0.75
    # a model that saw other items of the group knows all about it
    part = (vectors[::2], targets[::2])
    seen = fit_probe(part, part, 2, "none", [30.0]).probabilities(vectors[1::2])
    assert (seen.argmax(1) == targets[1::2]).mean() > 0.95


def test_each_item_is_judged_once_by_a_model_of_other_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, targets, groups = noise(3, 11)
    rows = {tuple(vector): row for row, vector in enumerate(vectors)}
    learnt: list[set[int]] = []
    asked: list[set[int]] = []

    class Recorded:
        def probabilities(self, given: np.ndarray) -> np.ndarray:
            asked.append({rows[tuple(vector)] for vector in given})
            return np.full((len(given), 2), [0.25, 0.75])

    def fit(train: tuple[np.ndarray, np.ndarray], *_: object) -> Recorded:
        learnt.append({rows[tuple(vector)] for vector in train[0]})
        return Recorded()

    monkeypatch.setattr(module, "fit_probe", fit)
    found = judged(vectors, targets, groups, folds=4)
    assert (found == [0.25, 0.75]).all()
    assert sorted(row for part in asked for row in part) == list(range(33)) and len(asked) == 4
    for seen, part in zip(learnt, asked, strict=True):
        assert seen | part == set(range(33)) and not {groups[row] for row in seen} & {groups[row] for row in part}


def test_labels_of_a_group_do_not_change_its_own_probabilities() -> None:
    generator = np.random.default_rng(1)
    vectors, groups = generator.normal(size=(60, 5)), np.arange(60) % 10
    targets = (vectors[:, 0] > 0).astype(int)
    plain = judged(vectors, targets, groups)
    turned = np.where(groups == 3, 1 - targets, targets)
    found = judged(vectors, turned, groups)
    np.testing.assert_array_equal(found[groups == 3], plain[groups == 3])
    assert np.abs(found - plain).max() > 1e-3  # while others learn from it


def test_rows_are_probabilities_of_all_classes_in_the_order_of_the_items() -> None:
    generator = np.random.default_rng(2)
    targets = np.arange(80) % 2
    vectors = generator.normal(size=(80, 4)) + np.where(targets[:, None] == 0, -2.0, 2.0)
    found = judged(vectors, np.where(targets == 0, 0, 2), generator.permutation(80) % 16, classes=4)
    assert found.shape == (80, 4)
    np.testing.assert_allclose(found.sum(1), 1)
    assert (found.argmax(1) == np.where(targets == 0, 0, 2)).mean() > 0.95
    assert found[:, [1, 3]].max() < 0.5 * found.max(1).min()  # classes that nobody has are likely for nobody


def test_it_is_the_loop_over_the_folds_written_out() -> None:
    generator = np.random.default_rng(4)
    # of six classes, 1 and 4 do not occur, and 5 occurs in a single group
    groups, targets = generator.permutation(np.arange(90) % 11), generator.choice([0, 2, 3], 90)
    targets[groups == 7] = 5
    vectors = (generator.normal(size=(90, 6)) + np.eye(6)[targets]).astype(np.float32)
    expected = np.zeros((90, 6))
    for learnt, held in GroupKFold(4, shuffle=True, random_state=3).split(vectors, targets, groups):
        part = (vectors[learnt], targets[learnt])
        probe = fit_probe(part, part, 6, "balanced", [3.0])
        expected[held] = probe.probabilities(vectors[held].astype(np.float64))
    np.testing.assert_array_equal(out_of_fold(vectors, targets, groups, 6, 4, "balanced", 3.0, 3), expected)


def test_the_seed_decides_who_is_judged_with_whom() -> None:
    vectors, targets, groups = noise(2, 12)
    one, same, other = (judged(vectors, targets, groups, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 1e-6


@pytest.mark.parametrize(("count", "folds"), [(4, 5), (1, 2)])
def test_fewer_groups_than_folds_are_an_error_that_names_the_key(count: int, folds: int) -> None:
    vectors, groups = np.eye(12), np.arange(12) % count
    with pytest.raises(UserError, match=rf"quality\.folds is {folds}, .* come from {count} videos; lower it"):
        judged(vectors, np.arange(12) % 2, groups, folds=folds)
    assert judged(np.eye(12), np.arange(12) % 2, np.arange(12) % 5, folds=5).shape == (12, 2)  # as many are enough


def test_a_class_that_one_group_alone_has_is_no_crash() -> None:
    """Where it is judged, the rest has one class left; a regression of one class can be said to be sure of it."""
    targets = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    vectors = np.random.default_rng(0).normal(size=(10, 4))
    try:
        found = judged(vectors, targets, np.repeat(np.arange(5), 2))
    except UserError:
        return  # a sentence would do as well
    assert (found[:2].argmax(1) == 0).all()
