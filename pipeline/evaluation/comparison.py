"""One fair table: every method's cells, and the majority row, on the same validation and test items."""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import polars as pl

from pipeline.statistics.calibration import fit_temperature, tempered
from pipeline.statistics.metrics import brier, count, expected_calibration_error, reliability, rounded, scores
from pipeline.statistics.significance import Interval, macro_f1_draws, percentile_interval, resamples

Floats = np.ndarray[Any, Any]
MAJORITY = "majority"
BASELINE = "logistic"


@dataclass(frozen=True)
class Truth:
    """The items that every method predicts, in one order, and the taxonomy."""

    leaves: list[str]
    parents: list[str]
    parent_of: Floats  # (leaves,)
    items: pl.DataFrame  # comment_id, split, target; sorted by comment_id
    train_targets: Floats

    def mask(self, split: str) -> Floats:
        """Which items are of this split."""
        return (self.items["split"] == split).to_numpy()

    def targets(self, split: str) -> Floats:
        """Class indices of this split's items."""
        return self.items["target"].to_numpy()[self.mask(split)]


@dataclass
class Row:
    """A cell with everything that is said of it."""

    name: str  # method/key
    method: str
    parameters: dict[str, Any]
    probabilities: Floats  # (items, leaves), in Truth's order
    scores: dict[str, Any] = field(default_factory=dict)
    macro_f1: Interval | None = None  # on test
    difference: Interval | None = None  # macro-F1 on test, minus the baseline's
    per_class: list[dict[str, Any]] = field(default_factory=list)
    reliability: list[dict[str, float]] = field(default_factory=list)
    curve: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    cost: dict[str, Any] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """What `dvc metrics show` and MLflow get."""
        interval = {} if self.macro_f1 is None else asdict(self.macro_f1)
        content: dict[str, Any] = rounded({**self.scores, "macro_f1_interval": interval})
        return content

    def leaf_summary(self) -> dict[str, Any]:
        """Precision, recall, F1 and support by leaf; apart, since two dozen leaves drown a table."""
        names = ("precision", "recall", "f1", "support")
        content: dict[str, Any] = rounded({row["leaf"]: {name: row[name] for name in names} for row in self.per_class})
        return content


def majority_row(truth: Truth) -> Row:
    """Predict the training set's class frequencies for everything: the floor of any method."""
    frequencies = np.bincount(truth.train_targets, minlength=len(truth.leaves)) / len(truth.train_targets)
    return Row(MAJORITY, MAJORITY, {}, np.tile(frequencies, (len(truth.items), 1)))


def compare(rows: list[Row], truth: Truth, times: int, confidence: float, bins: int, seed: int) -> Row:
    """Fill in every row's scores, and return the row that is best by validation macro-F1.

    The choice of the best, of the baseline's cell, and every temperature are made on validation;
    test is scored once. All rows share their resamples, so that differences are paired.
    """
    test, classes = truth.targets("test"), len(truth.leaves)
    draws = resamples(len(test), times, seed)
    drawn: dict[str, Floats] = {}
    for row in rows:
        parts = {split: row.probabilities[truth.mask(split)] for split in ("validation", "test")}
        row.scores = {split: scores(part, truth.targets(split), truth.parent_of, bins) for split, part in parts.items()}
        temperature = fit_temperature(parts["validation"], truth.targets("validation"))
        cooled = tempered(parts["test"], temperature)
        row.scores["temperature"] = temperature
        row.scores["test"]["ece_tempered"] = expected_calibration_error(cooled, test, bins)
        row.scores["test"]["brier_tempered"] = brier(cooled, test)
        predicted = parts["test"].argmax(1)
        drawn[row.name] = macro_f1_draws(test, predicted, classes, draws)
        row.macro_f1 = percentile_interval(row.scores["test"]["macro_f1"], drawn[row.name], confidence)
        row.per_class = per_class(truth, test, predicted)
        row.reliability = reliability(parts["test"], test, bins)
    baseline = best_by_validation([row for row in rows if is_baseline(row)] or rows)
    for row in rows:
        if row is not baseline:
            gap = row.scores["test"]["macro_f1"] - baseline.scores["test"]["macro_f1"]
            row.difference = percentile_interval(gap, drawn[row.name] - drawn[baseline.name], confidence)
    return best_by_validation(rows)


def is_baseline(row: Row) -> bool:
    """A regression over the embeddings that learns from gold alone."""
    return row.method == BASELINE and row.parameters.get("labels", "gold") == "gold"


def best_by_validation(rows: list[Row]) -> Row:
    """Highest validation macro-F1; the first on a tie."""
    return max(rows, key=lambda row: row.scores["validation"]["macro_f1"])


def per_class(truth: Truth, targets: Floats, predicted: Floats) -> list[dict[str, Any]]:
    """Precision, recall, F1 and support of each leaf, in taxonomy order."""
    counts = count(targets, predicted, len(truth.leaves))
    columns = zip(truth.leaves, counts.precision(), counts.recall(), counts.f1(), counts.actual, strict=True)
    return [
        {"leaf": leaf, "precision": float(p), "recall": float(r), "f1": float(f), "support": int(n)}
        for leaf, p, r, f, n in columns
    ]


def confusion(row: Row, truth: Truth) -> Floats:
    """Test items by actual (rows) and predicted leaf (columns), (leaves, leaves)."""
    classes = len(truth.leaves)
    predicted = row.probabilities[truth.mask("test")].argmax(1)
    return np.bincount(truth.targets("test") * classes + predicted, minlength=classes**2).reshape(classes, classes)


def seed_groups(rows: list[Row]) -> dict[str, list[Row]]:
    """Cells that differ in nothing but their seed, where there is more than one."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if "seed" in row.parameters:
            rest = " ".join(f"{name}={value}" for name, value in row.parameters.items() if name != "seed")
            groups.setdefault(f"{row.method} {rest}", []).append(row)
    return {name: members for name, members in groups.items() if len(members) > 1}


def why_below(row: Row) -> str:
    """What a method's own record says about why it stays below the baseline."""
    reasons = []
    curve = [entry for entry in row.curve if entry.get("validation_macro_f1") is not None]
    if curve:
        best = max(curve, key=lambda entry: entry["validation_macro_f1"])
        if best["step"] == 0:
            reasons.append("no epoch improved on the head's start (the curve's step 0)")
        elif best is curve[-1]:
            reasons.append("its best epoch is the last one, so it was still learning: raise epochs")
    kept = row.facts.get("best_epoch", row.facts.get("rounds", len(row.curve)))
    at = next((entry for entry in row.curve if entry["step"] == kept), row.curve[-1] if row.curve else {})
    if at.get("train_loss") is not None and at["train_loss"] < 0.5 * at["validation_loss"]:
        reasons.append(
            f"its loss on the training set ({at['train_loss']:.2f}) is far below that on validation "
            f"({at['validation_loss']:.2f}): too few labels for what it can learn"
        )
    never, occurring = row.scores["test"]["never_predicted"], sum(entry["support"] > 0 for entry in row.per_class)
    if never > occurring / 5:
        reasons.append(f"it never predicts {never} of the {occurring} leaves that occur in test")
    tokens = row.facts.get("tokens_per_character", 0)
    if tokens > 1.2:
        reasons.append(f"its tokenizer spends {tokens:.1f} tokens on a character: it hardly knows the language")
    gap = row.scores["validation"]["macro_f1"] - row.scores["test"]["macro_f1"]
    if gap > 0.05:
        reasons.append(
            f"its macro-F1 was {gap:.2f} higher on validation, so part of what chose it was luck or other videos"
        )
    return "; ".join(reasons) or "its record shows no single cause; look at its row of the F1 picture"
