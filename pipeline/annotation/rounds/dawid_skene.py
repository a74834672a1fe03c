"""Dawid and Skene's model of annotators (1979): the truth and everybody's confusion matrix, estimated together.

"Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm", Applied Statistics 28(1), and one
thing more: pseudo-votes that say that an annotator who gives a label means it. Without them, rare labels swallow
items: an annotator who used a label twice has a confusion matrix made of two votes.

Written out here because crowd-kit 1.4.2 stops after a few steps (its bound counts the prior once per vote, and then
falls where it should rise); with its test for the end switched off and no pseudo-votes the two agree (a test).
"""

from collections.abc import Iterable

import numpy as np

STEPS = 1000
CLOSE = 1e-8  # the largest change of a posterior that ends the estimation
LEAST = 1e-10  # a probability; its logarithm is taken


def dawid_skene(votes: Iterable[tuple[str, str, str]], pseudo_votes: float = 1.0) -> dict[str, dict[str, float]]:
    """Item → label → posterior probability.

    Args:
        votes: (item, annotator, label); an annotator may have several for an item.
        pseudo_votes: added to each annotator's count of every label given where it is true; 0 is the paper's model.
    """
    ordered = sorted(votes)
    items, annotators, labels = (sorted({vote[place] for vote in ordered}) for place in range(3))
    if not ordered:
        return {}
    who, item, said = (
        np.searchsorted(names, [vote[place] for vote in ordered])
        for place, names in ((1, annotators), (0, items), (2, labels))
    )
    truth = np.zeros((len(items), len(labels)))
    np.add.at(truth, (item, said), 1)
    truth /= truth.sum(1, keepdims=True)  # the majority's shares to begin with
    for _ in range(STEPS):
        meant = np.tile(np.eye(len(labels)) * pseudo_votes, (len(annotators), 1, 1))  # annotator, said, true
        np.add.at(meant, (who, said), truth[item])
        errors = np.maximum(meant / np.maximum(meant.sum(1, keepdims=True), LEAST), LEAST)
        likely = np.tile(np.log(np.maximum(truth.mean(0), LEAST)), (len(items), 1))
        np.add.at(likely, item, np.log(errors[who, said]))
        before, truth = truth, np.exp(likely - likely.max(1, keepdims=True))
        truth /= truth.sum(1, keepdims=True)
        if np.abs(truth - before).max() < CLOSE:
            break
    return {
        name: {label: float(share) for label, share in zip(labels, row, strict=True)}
        for name, row in zip(items, truth, strict=True)
    }
