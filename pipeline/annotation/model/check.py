"""How good the model annotator is, where gold knows better."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.annotation.model.question import Answer
from pipeline.artifacts.silver import AtLeast, LeafQuality, SilverQuality
from pipeline.statistics import metrics
from pipeline.statistics.intervals import share

THRESHOLDS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95)


@dataclass(frozen=True)
class Check:
    """What the model annotator is compared with: gold comments that no example and no choice came from."""

    gold: dict[str, str]  # comment_id → leaf
    neighbours: dict[str, str]  # what the nearest examples alone would say: the floor of this annotator
    candidates: dict[str, Sequence[str]]  # leaves that the question was about
    student: dict[str, str]  # what a model trained on gold says
    majority: str  # the most frequent leaf of the training set


def quality(check: Check, answers: Sequence[Answer], leaves: Sequence[str]) -> SilverQuality:
    """The model annotator against gold; an unanswered comment is a miss.

    Args:
        answers: to the check's comments; fewer than these where a budget ended before.
        leaves: of the taxonomy.
    """
    gold = {answer.comment_id: check.gold[answer.comment_id] for answer in answers}
    said = {answer.comment_id: answer.leaf for answer in answers if answer.leaf is not None}
    right = {comment_id for comment_id, leaf in said.items() if leaf == gold[comment_id]}
    agreeing = [comment_id for comment_id, leaf in said.items() if leaf == check.student[comment_id]]
    by_confidence = []
    for threshold in THRESHOLDS:
        sure = [one.comment_id for one in answers if one.leaf is not None and (one.confidence or 0.0) >= threshold]
        by_confidence.append(AtLeast(threshold, share(len(right & set(sure)), len(sure))))
    asked = len(gold)
    return SilverQuality(
        checked=asked,
        unanswered=asked - len(said),
        agreement=share(len(right), asked),
        macro_f1=macro_f1(gold, said, leaves),
        neighbours_alone=share(sum(check.neighbours[key] == leaf for key, leaf in gold.items()), asked),
        student_alone=share(sum(check.student[key] == leaf for key, leaf in gold.items()), asked),
        where_the_student_agrees=share(len(right & set(agreeing)), len(agreeing)),
        majority_leaf=share(sum(leaf == check.majority for leaf in gold.values()), asked),
        asked_about_the_right_leaf=share(sum(leaf in check.candidates[key] for key, leaf in gold.items()), asked),
        per_leaf=tuple(
            leaf_quality(leaf, gold, said) for leaf in leaves if leaf in gold.values() or leaf in said.values()
        ),
        by_confidence=tuple(by_confidence),
    )


def leaf_quality(leaf: str, gold: Mapping[str, str], said: Mapping[str, str]) -> LeafQuality:
    """The model annotator on one leaf; `gold` and `said` are comment_id → leaf, `said` of the answered ones."""
    actual = [comment_id for comment_id in gold if gold[comment_id] == leaf]
    predicted = [comment_id for comment_id in said if said[comment_id] == leaf]
    hits = len(set(actual) & set(predicted))
    mistakes = Counter(said[comment_id] for comment_id in actual if said.get(comment_id, leaf) != leaf)
    return LeafQuality(
        leaf=leaf,
        recall=share(hits, len(actual)),
        precision=share(hits, len(predicted)),
        mostly_mistaken_for=mistakes.most_common(1)[0][0] if mistakes else None,
    )


def macro_f1(gold: Mapping[str, str], said: Mapping[str, str], leaves: Sequence[str]) -> float:
    """Mean F1 over the leaves of the taxonomy, those that never occur included (0); an unanswered comment is a miss.

    Args:
        gold, said: comment_id → leaf; `said` of the answered comments.
    """
    if not gold:
        return 0.0
    index = {leaf: number for number, leaf in enumerate(leaves)}
    targets = np.array([index.get(leaf, -1) for leaf in gold.values()])
    # no leaf is called "": -1 is a miss
    predicted = np.array([index.get(said.get(comment_id, ""), -1) for comment_id in gold])
    return metrics.macro_f1(targets, predicted, len(leaves))
