"""Members that differ by what they were shown."""

import numpy as np
import pytest

from pipeline.errors import UserError
from pipeline.statistics.committee import INVERSE_REGULARISATION, committee
from pipeline.statistics.regression import fit_probe

LEAVES = ["joy", "awe", "worry", "relieved"]
GENERATOR = np.random.default_rng(0)
TARGETS = np.arange(60) % 3
VECTORS = GENERATOR.normal(size=(60, 5)) + np.eye(5)[TARGETS] * 1.5
LABELS = [LEAVES[target] for target in TARGETS]
ASKED = GENERATOR.normal(size=(25, 5))


def test_a_member_a_row_a_leaf() -> None:
    found = committee(VECTORS, LABELS, LEAVES, ASKED, 7, 0)
    assert found.shape == (7, 25, 4)
    np.testing.assert_allclose(found.sum(2), 1)
    assert found[:, :, 3].max() < 0.5  # relieved is nobody's label
    assert committee(VECTORS, LABELS, LEAVES, ASKED[:0], 2, 0).shape == (2, 0, 4)


def test_the_first_member_learns_from_every_label() -> None:
    part = (VECTORS, TARGETS)
    probe = fit_probe(part, part, 4, "balanced", [INVERSE_REGULARISATION])
    for members, seed in ((1, 0), (3, 9)):
        found = committee(VECTORS, LABELS, LEAVES, ASKED, members, seed)
        np.testing.assert_array_equal(found[0], probe.probabilities(ASKED))


def test_the_others_learn_from_resamples_of_their_own() -> None:
    found = committee(VECTORS, LABELS, LEAVES, ASKED, 5, 0)
    for one in range(5):
        for other in range(one):
            assert np.abs(found[one] - found[other]).max() > 1e-3
    # where labels are clear, they agree all the same
    clear = committee(VECTORS + np.eye(5)[TARGETS] * 20, LABELS, LEAVES, np.eye(5)[:3] * 20, 5, 0)
    assert (clear.argmax(2) == [0, 1, 2]).all()


def test_the_seed_decides_and_more_members_leave_the_first_ones_alone() -> None:
    one, same, other = (committee(VECTORS, LABELS, LEAVES, ASKED, 4, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one[1:] - other[1:]).max() > 1e-3
    np.testing.assert_array_equal(committee(VECTORS, LABELS, LEAVES, ASKED, 6, 1)[:4], one)


@pytest.mark.parametrize("seed", range(8))
def test_a_few_labels_mostly_of_one_leaf_are_no_crash(seed: int) -> None:
    """A resample of five joys and an awe has no awe in one of three."""
    try:
        found = committee(VECTORS[:6], ["joy"] * 5 + ["awe"], LEAVES, ASKED, 7, seed)
    except UserError:
        return  # a sentence would do as well
    assert found.shape == (7, 25, 4)
