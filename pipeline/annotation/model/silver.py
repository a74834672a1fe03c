"""Which comments a language model may label for training, and how good it is where gold knows better."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from pipeline.annotation.model.question import Answer
from pipeline.artifacts.silver import SILVER, SILVER_LABELS
from pipeline.text.normalisation import normalised

CONFIDENCE = 0.95
THRESHOLDS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95)
HELD_OUT = ("validation", "test")


def may_be_labelled(comments: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """The comments that may become silver, sorted by id: with these nothing of validation or test is learnt.

    Left out are comments with a gold label, all comments of a video with comments in validation or test, and all
    comments whose normalised text stands in validation or test.

    Args:
        comments: COMMENTS.
        splits: SPLITS.
    """
    text = pl.col("text").map_elements(normalised, return_dtype=pl.String)
    held = splits.filter(pl.col("split").is_in(HELD_OUT)).join(comments, on="comment_id")
    texts = set(held.select(text.alias("text"))["text"])
    videos = held["video_id"].drop_nulls().unique()
    free = comments.filter(
        ~pl.col("comment_id").is_in(splits["comment_id"].implode())
        & ~pl.col("video_id").is_in(videos.implode()).fill_null(value=False)
    )
    return free.filter(~free.select(text.is_in(list(texts))).to_series()).sort("comment_id")


def drawn(comment_ids: Sequence[str], count: int, seed: int) -> list[str]:
    """`count` of the ids in a random order; all of them where count is 0."""
    order = np.random.default_rng(seed).permutation(len(comment_ids))
    return [comment_ids[place] for place in order[: count or None]]


@dataclass(frozen=True)
class Share:
    """hits of total, with Wilson's interval."""

    hits: int
    total: int
    value: float | None
    low: float | None
    high: float | None


def share(hits: int, total: int) -> Share:
    """A proportion with Wilson's score interval (1927), which holds for few items too."""
    if not total:
        return Share(0, 0, None, None, None)
    from scipy.stats import binomtest

    around = binomtest(hits, total).proportion_ci(CONFIDENCE, method="wilson")
    return Share(hits, total, hits / total, float(around.low), float(around.high))


def silver_labels(answers: Sequence[Answer], student: Mapping[str, str], minimum_confidence: float) -> pl.DataFrame:
    """The answers as labels.

    Args:
        student: comment_id → what a model trained on gold alone says.
        minimum_confidence: what an answer must reach to be kept; one without any does where this is 0.

    Returns:
        SILVER_LABELS, sorted by id; unanswered comments are not in it.
    """
    rows = [
        {
            "comment_id": answer.comment_id,
            "leaf": answer.leaf,
            "leaves": list(answer.leaves),
            "source": SILVER,
            "confidence": answer.confidence,
            "student_leaf": student[answer.comment_id],
            "agreed": answer.leaf == student[answer.comment_id],
            "kept": minimum_confidence == 0 or (answer.confidence or 0.0) >= minimum_confidence,
            "answer": answer.raw,
        }
        for answer in answers
        if answer.leaf is not None
    ]
    return pl.DataFrame(rows, schema=SILVER_LABELS).sort("comment_id")


def training_additions(labels: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """What each kind of training set has beside gold: nothing, the kept labels, those of them a student confirms."""
    kept = labels.filter("kept")
    frames = {"gold": kept.clear(), "silver": kept, "agreed": kept.filter("agreed")}
    return {name: frame.select("comment_id", "leaf") for name, frame in frames.items()}


@dataclass(frozen=True)
class Check:
    """What the model annotator is held against: gold comments that no example and no choice came from."""

    gold: dict[str, str]  # comment_id → leaf
    neighbours: dict[str, str]  # what the nearest examples alone would say: the floor of this annotator
    candidates: dict[str, Sequence[str]]  # leaves that the question was about
    student: dict[str, str]  # what a model trained on gold says
    majority: str  # the most frequent leaf of the training set


def quality(check: Check, answers: Sequence[Answer], leaves: Sequence[str]) -> dict[str, Any]:
    """The model annotator against gold.

    Args:
        answers: to the check's comments; fewer than these where a budget ended before.

    Returns:
        shares of agreement: overall, of what stands beside it, per leaf, and by least confidence.
    """
    gold = {answer.comment_id: check.gold[answer.comment_id] for answer in answers}
    votes, candidates = check.neighbours, check.candidates
    said = {answer.comment_id: answer for answer in answers if answer.leaf is not None}
    right = {key for key, answer in said.items() if answer.leaf == gold[key]}
    per_leaf = []
    for leaf in leaves:
        actual = [key for key in gold if gold[key] == leaf]
        predicted = [key for key, answer in said.items() if answer.leaf == leaf]
        if actual or predicted:
            hits = len(right & set(actual))
            missed = Counter(a.leaf for key in actual if (a := said.get(key)) and key not in right)
            per_leaf.append(
                {
                    "leaf": leaf,
                    "recall": asdict(share(hits, len(actual))),
                    "precision": asdict(share(hits, len(predicted))),
                    "mostly_mistaken_for": missed.most_common(1)[0][0] if missed else None,
                }
            )
    sure = []
    for threshold in THRESHOLDS:
        kept = [key for key, answer in said.items() if (answer.confidence or 0.0) >= threshold]
        sure.append({"at_least": threshold, "agreement": asdict(share(len(right & set(kept)), len(kept)))})
    asked = len(gold)
    agreeing = [key for key, answer in said.items() if answer.leaf == check.student[key]]
    return {
        "checked": asked,
        "unanswered": asked - len(said),
        "agreement": asdict(share(len(right), asked)),
        "macro_f1": macro_f1(gold, said, leaves),
        "neighbours_alone": asdict(share(sum(votes[key] == leaf for key, leaf in gold.items()), asked)),
        "student_alone": asdict(share(sum(check.student[key] == leaf for key, leaf in gold.items()), asked)),
        "where_the_student_agrees": asdict(share(len(right & set(agreeing)), len(agreeing))),
        "majority_leaf": asdict(share(sum(leaf == check.majority for leaf in gold.values()), asked)),
        "asked_about_the_right_leaf": asdict(share(sum(leaf in candidates[k] for k, leaf in gold.items()), asked)),
        "per_leaf": per_leaf,
        "by_confidence": sure,
    }


def macro_f1(gold: Mapping[str, str], said: Mapping[str, Answer], leaves: Sequence[str]) -> float:
    """Mean F1 over the leaves of the taxonomy; an unanswered comment is a miss."""
    predicted = {key: said[key].leaf if key in said else None for key in gold}
    scores = []
    for leaf in leaves:
        hits = sum(predicted[key] == leaf == gold[key] for key in gold)
        either = sum(value == leaf for value in predicted.values()) + sum(value == leaf for value in gold.values())
        scores.append(2 * hits / either if either else 0.0)
    return float(np.mean(scores))
