"""One fair table: every method's cells, and the majority row, on the same validation and test items."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from pipeline.artifacts.curves import CurvePoint
from pipeline.artifacts.splits import TEST, VALIDATION
from pipeline.evaluation.paired import Stratum, paired_intervals
from pipeline.evaluation.truth import Truth
from pipeline.runtime import Cost
from pipeline.settings import Count, Section, Seed, Share
from pipeline.statistics import metrics
from pipeline.statistics.calibration import fit_temperature, tempered
from pipeline.statistics.intervals import Interval, Unit, resampled
from pipeline.statistics.metrics import LeafScores, ReliabilityBin, Scores

Floats = np.ndarray[Any, Any]
MAJORITY = "majority"
BASELINE = "logistic"


class Compare(Section):
    """How cells are compared."""

    resamples: Annotated[int, Field(ge=100)]  # of the test items, for intervals and paired differences
    confidence: Share  # of the intervals
    calibration_bins: Count  # of the calibration error and the reliability picture
    seed: Seed  # of the resampling


@dataclass(frozen=True, eq=False)
class Candidate:
    """A cell before it is compared: its predictions, and what its method wrote down besides."""

    name: str  # method/key
    method: str
    parameters: dict[str, Any]
    probabilities: Floats  # (items, leaves), in Truth's order
    curve: list[CurvePoint] = field(default_factory=list)
    facts: dict[str, float] = field(default_factory=dict)
    cost: Cost | None = None


@dataclass(frozen=True, eq=False)
class Row:
    """A cell with everything that is said of it."""

    candidate: Candidate
    validation: Scores
    test: Scores
    temperature: float  # fitted on validation
    ece_tempered: float  # on test, as the next
    brier_tempered: float
    macro_f1: Interval  # on test
    difference: Interval | None  # macro-F1 on test minus the baseline's, paired; None for the baseline
    strata: dict[str, Stratum]  # on the test comments whose text was seen in training, and on the new ones
    per_leaf: tuple[LeafScores, ...]  # on test, in the taxonomy's order
    reliability: tuple[ReliabilityBin, ...]  # on test

    @property
    def name(self) -> str:
        """method/key."""
        return self.candidate.name

    @property
    def method(self) -> str:
        """The method's name."""
        return self.candidate.method

    @property
    def parameters(self) -> dict[str, Any]:
        """What distinguishes the cell from the method's others."""
        return self.candidate.parameters

    @property
    def curve(self) -> list[CurvePoint]:
        """Its training, step by step."""
        return self.candidate.curve

    @property
    def facts(self) -> dict[str, float]:
        """Further numbers that its method wrote down."""
        return self.candidate.facts

    @property
    def cost(self) -> Cost | None:
        """What the training took."""
        return self.candidate.cost

    def summary(self) -> dict[str, Any]:
        """What `dvc metrics show` and MLflow get."""
        tempered_scores = {"ece_tempered": self.ece_tempered, "brier_tempered": self.brier_tempered}
        content: dict[str, Any] = {"temperature": self.temperature, "macro_f1_interval": asdict(self.macro_f1)}
        for name, part in self.strata.items():
            scores = {"accuracy": part.accuracy.value, "macro_f1": part.macro_f1.value} if part.items else {}
            content[name] = {"items": part.items, **scores}
        content |= {VALIDATION: flat(self.validation), TEST: flat(self.test) | tempered_scores}
        return dict(metrics.rounded(content))

    def leaf_summary(self) -> dict[str, Any]:
        """Precision, recall, F1 and support by leaf; apart, since two dozen leaves drown a table."""
        by_leaf = {one.leaf: {k: v for k, v in asdict(one).items() if k != "leaf"} for one in self.per_leaf}
        return dict(metrics.rounded(by_leaf))


def flat(part: Scores) -> dict[str, Any]:
    """The scores with those on the leaves at the top."""
    record = asdict(part)
    leaves: dict[str, Any] = record.pop("leaves")
    return leaves | record


@dataclass(frozen=True, eq=False)
class Comparison:
    """All cells, the one that validation chose, and the one that the others are held against."""

    rows: tuple[Row, ...]
    best: Row
    baseline: Row  # the best regression over the embeddings that learns from gold alone; without any, the best row
    resampled: Unit  # what the bootstrap drew
    truth: Truth


def majority(truth: Truth) -> Candidate:
    """Predict the training set's class frequencies for everything: what any method has to beat."""
    frequencies = np.bincount(truth.train_targets, minlength=len(truth.leaves)) / len(truth.train_targets)
    return Candidate(MAJORITY, MAJORITY, {}, np.tile(frequencies, (len(truth.items), 1)))


def compare(candidates: Sequence[Candidate], truth: Truth, settings: Compare) -> Comparison:
    """Score every candidate, and choose the best by validation macro-F1.

    The choice of the best, of the baseline's cell, and every temperature are made on validation;
    test is scored once. All rows share their resamples, so that differences are paired.
    """
    unsure = [scored(candidate, truth, settings.calibration_bins) for candidate in candidates]
    baseline = best_by_validation([row for row in unsure if is_baseline(row)] or unsure)
    answers = [row.candidate.probabilities[truth.mask(TEST)].argmax(1) for row in unsure]
    found = paired_intervals(
        answers, unsure.index(baseline), truth, settings.resamples, settings.seed, settings.confidence
    )
    rows = tuple(
        replace(row, macro_f1=one.macro_f1, difference=None if row is baseline else one.difference, strata=one.strata)
        for row, one in zip(unsure, found, strict=True)
    )
    return Comparison(
        rows=rows,
        best=best_by_validation(rows),
        baseline=rows[unsure.index(baseline)],
        resampled=resampled(truth.test_groups()),
        truth=truth,
    )


def scored(candidate: Candidate, truth: Truth, bins: int) -> Row:
    """The candidate's row, without intervals."""
    validation, test = (candidate.probabilities[truth.mask(split)] for split in (VALIDATION, TEST))
    targets = truth.targets(TEST)
    temperature = fit_temperature(validation, truth.targets(VALIDATION))
    after = tempered(test, temperature)
    test_scores = metrics.scores(test, targets, truth.parent_of, bins)
    return Row(
        candidate=candidate,
        validation=metrics.scores(validation, truth.targets(VALIDATION), truth.parent_of, bins),
        test=test_scores,
        temperature=temperature,
        ece_tempered=metrics.expected_calibration_error(after, targets, bins),
        brier_tempered=metrics.brier(after, targets),
        macro_f1=Interval(test_scores.leaves.macro_f1),
        difference=None,
        strata={},
        per_leaf=metrics.leaf_scores(targets, test.argmax(1), truth.leaves),
        reliability=metrics.reliability(test, targets, bins),
    )


def is_baseline(row: Row) -> bool:
    """A regression over the embeddings that learns from gold alone."""
    return row.method == BASELINE and row.parameters.get("labels", "gold") == "gold"


def best_by_validation(rows: Iterable[Row]) -> Row:
    """Highest validation macro-F1; the first on a tie."""
    return max(rows, key=lambda row: row.validation.leaves.macro_f1)


def confusion(row: Row, truth: Truth, leaves: Sequence[int]) -> Floats:
    """Test items by actual (rows) and predicted leaf (columns).

    Args:
        leaves: have a row and a column each; all others together have the last ones, where there are any.
    """
    place = np.full(len(truth.leaves), len(leaves))
    place[list(leaves)] = range(len(leaves))
    counts = np.zeros((place.max() + 1, place.max() + 1), dtype=np.int64)
    predicted = row.candidate.probabilities[truth.mask(TEST)].argmax(1)
    np.add.at(counts, (place[truth.targets(TEST)], place[predicted]), 1)
    return counts


def seed_groups(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Cells that differ in nothing but their seed, where there is more than one."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if "seed" in row.parameters:
            rest = " ".join(f"{name}={value}" for name, value in row.parameters.items() if name != "seed")
            groups.setdefault(f"{row.method} {rest}", []).append(row)
    return {name: members for name, members in groups.items() if len(members) > 1}
