"""Wrong labels among two clear clusters are found, and stand where they are looked for."""

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from pipeline.annotation.rounds.batch import Item
from pipeline.annotation.rounds.label_issues import issue_table, likely_errors
from pipeline.artifacts.label_issues import LABEL_ISSUES
from pipeline.artifacts.labels import VOTE

Flipped = tuple[np.ndarray, np.ndarray, np.ndarray]


def clusters(seed: int, count: int = 200, share: float = 0.05) -> Flipped:
    """Labels of two clusters, some of them flipped; out-of-fold probabilities; which were flipped."""
    generator = np.random.default_rng(seed)
    truth = np.arange(count) % 2
    vectors = generator.normal(size=(count, 2)) + np.where(truth[:, None] == 0, -3.0, 3.0)
    flipped = generator.permutation(count)[: round(count * share)]
    labels = truth.copy()
    labels[flipped] = 1 - labels[flipped]
    found = cross_val_predict(LogisticRegression(), vectors, labels, cv=5, method="predict_proba")
    return labels, found, flipped


@pytest.mark.parametrize("seed", range(5))
def test_flipped_labels_come_first(seed: int) -> None:
    labels, probabilities, flipped = clusters(seed)
    worst, scores = likely_errors(labels, probabilities)
    # of as many as were flipped, by quality; and of those suspected, which are those that the model is surer of than
    # it is of the average item
    for first in (np.argsort(scores)[: len(flipped)], worst[: len(flipped)]):
        assert len(set(first) & set(flipped)) >= 0.8 * len(first)
    assert 0.6 * len(flipped) <= len(worst) <= 1.2 * len(flipped)
    # the worst first, and a quality is the probability of the given label
    np.testing.assert_allclose(scores, probabilities[np.arange(len(labels)), labels])
    assert (np.diff(scores[worst]) >= 0).all() and scores[worst].max() < 0.5


def test_without_wrong_labels_hardly_any_is_suspected() -> None:
    labels, probabilities, _ = clusters(0, share=0.0)
    assert len(likely_errors(labels, probabilities)[0]) <= 2


def test_classes_that_nobody_was_given_change_nothing() -> None:
    labels, probabilities, _ = clusters(1)
    plain, scores = likely_errors(labels, probabilities)
    # classes 0 and 1 become 1 and 3 of five; the others take nothing
    wide = np.zeros((len(labels), 5))
    wide[:, [1, 3]] = probabilities
    found, same = likely_errors(np.where(labels == 0, 1, 3), wide)
    assert found.tolist() == plain.tolist()
    np.testing.assert_allclose(same, scores)
    # nor where they take a share of each: what is left is shared out anew
    wide[:, [1, 3]] = probabilities * 0.8
    wide[:, [0, 2, 4]] = 0.2 / 3
    found, same = likely_errors(np.where(labels == 0, 1, 3), wide)
    assert found.tolist() == plain.tolist()
    np.testing.assert_allclose(same, scores)


@pytest.mark.filterwarnings("ignore:A single label was found")
def test_one_class_alone_has_no_wrong_labels() -> None:
    worst, _ = likely_errors(np.zeros(10, dtype=int), np.tile([0.6, 0.4], (10, 1)))
    assert len(worst) == 0


def labelled(labels: np.ndarray, names: list[str]) -> tuple[pl.DataFrame, list[Item]]:
    said = {"anna": ["joy", "awe"], "ben": ["awe"]}
    votes = [{"annotator": name, "round": 2, "leaves": leaves} for name, leaves in said.items()]
    frame = pl.DataFrame(
        {
            "comment_id": [f"dm{row:03}" for row in range(len(labels))],
            "leaf": [names[label] for label in labels],
            "split": ["train" if row % 2 else "test" for row in range(len(labels))],
            "agreement": [0.5] * len(labels),
            "votes": pl.Series([votes] * len(labels), dtype=pl.List(VOTE)),
        }
    )
    items = [
        Item(key, f"第{row}条", (f"前{row}", "前"), (f"后{row}",), "v1", 1.0)
        for row, key in enumerate(frame["comment_id"])
    ]
    return frame, items


def test_the_table_says_what_is_doubted_and_what_to_think_instead() -> None:
    leaves = ["joy", "awe", "nobody's"]
    labels, probabilities, _ = clusters(2)
    wide = np.concatenate([probabilities * 0.9, np.full((len(labels), 1), 0.1)], axis=1)
    frame, items = labelled(labels, leaves)
    table = issue_table(frame, items, leaves, wide)
    worst, scores = likely_errors(labels, wide)
    assert dict(table.schema) == LABEL_ISSUES
    assert table["rank"].to_list() == list(range(1, len(worst) + 1)) and len(table) > 5
    assert table["comment_id"].to_list() == [f"dm{row:03}" for row in worst]
    for row, line in zip(worst.tolist(), table.iter_rows(named=True), strict=True):
        other = 1 - labels[row]
        assert (line["before"], line["text"], line["after"]) == (f"前{row} / 前", f"第{row}条", f"后{row}")
        assert (line["leaf"], line["suggested"]) == (leaves[labels[row]], leaves[other])
        assert line["quality"] == pytest.approx(scores[row], abs=1e-6)
        assert line["probability_of_suggested"] == pytest.approx(wide[row, other], abs=1e-6)
        assert line["split"] == ("train" if row % 2 else "test") and line["agreement"] == 0.5
        assert line["votes"] == "anna:joy;awe ben:awe"


def test_a_leaf_that_nobody_was_given_may_be_suggested() -> None:
    labels, probabilities, flipped = clusters(3)
    wide = np.concatenate([probabilities, np.zeros((len(labels), 1))], axis=1)
    first = int(likely_errors(labels, wide)[0][0])
    assert first in flipped
    wide[first] = [0.1, 0.1, 0.8]
    wide[first, labels[first]] = 0.01
    frame, items = labelled(labels, ["joy", "awe", "worry"])
    table = issue_table(frame, items, ["joy", "awe", "worry"], wide / wide.sum(1, keepdims=True))
    assert table.filter(pl.col("comment_id") == f"dm{first:03}")["suggested"].to_list() == ["worry"]


def test_where_nothing_is_doubted_the_table_is_empty_and_has_its_columns() -> None:
    frame, items = labelled(np.array([0, 1] * 10), ["joy", "awe"])
    sure = np.where(np.array([0, 1] * 10)[:, None] == np.arange(2), 0.95, 0.05)
    table = issue_table(frame, items, ["joy", "awe"], sure)
    assert table.is_empty() and dict(table.schema) == LABEL_ISSUES
