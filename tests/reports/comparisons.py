"""Made-up comparisons of any size, and what their pictures are like."""

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from pipeline.artifacts.curves import CurvePoint
from pipeline.evaluation.comparison import Candidate, Comparison, Row
from pipeline.evaluation.paired import Stratum
from pipeline.evaluation.truth import Truth
from pipeline.runtime import Cost
from pipeline.statistics.intervals import Interval
from pipeline.statistics.metrics import LeafScores, LevelScores, ReliabilityBin, Scores

NAMES = ["majority", "logistic/none", "logistic/balanced", "xgboost/a", "bert/a", "llama/a"]
LEAVES = ["赞赏", "好奇$", "a|b", "<x>", "$a_b$ \\alpha", "🧦 emoji"]


def scores(macro_f1: float) -> Scores:
    level = LevelScores(accuracy=macro_f1 / 2, macro_f1=macro_f1, never_predicted=0)
    return Scores(level, level, ece=0.1, brier=0.5)


def row(name: str, macro_f1: float, leaves: Sequence[str], probabilities: np.ndarray, curve: bool = True) -> Row:
    """A cell whose leaf number n is in test n times."""
    points = [CurvePoint(0, None, 2.0, 0.1, 0.1), CurvePoint(1, 1.0, 1.5, macro_f1, 0.2), CurvePoint(2, 0.5, 1.6)]
    method = name.split("/")[0]
    cell = Candidate(name, method, {}, probabilities, points if curve else [], {}, Cost(seconds=1 + len(name)))
    return Row(
        candidate=cell,
        validation=scores(macro_f1),
        test=scores(macro_f1),
        temperature=1.0,
        ece_tempered=0.1,
        brier_tempered=0.5,
        macro_f1=Interval(macro_f1, macro_f1 / 2, min(1.0, macro_f1 * 1.5)),
        difference=None,
        strata={name: Stratum(20, 4, Interval(0.4), Interval(0.2)) for name in ("seen", "new")},
        per_leaf=tuple(LeafScores(leaf, 0.5, 0.5, 0.5 * macro_f1, place) for place, leaf in enumerate(leaves)),
        reliability=(ReliabilityBin(3, 0.2, 0.3), ReliabilityBin(4, 0.7, macro_f1)),
    )


def comparison(names: Sequence[str] = NAMES, leaves: Sequence[str] = LEAVES) -> Comparison:
    """The cells in this order, the last one the best on validation and the first `logistic` the baseline.

    Test has the last 40 leaves once each, and the last of all 40 times more; all cells always answer the last.
    """
    rare = list(range(max(0, len(leaves) - 40), len(leaves)))
    targets = [*rare, *[len(leaves) - 1] * 40]
    items = {"comment_id": [f"dm{place}" for place in range(len(targets))], "split": ["test"] * len(targets)}
    truth = Truth(
        leaves=list(leaves),
        parents=["bright", "dark"],
        parent_of=np.array([0] * (len(leaves) // 2) + [1] * (len(leaves) - len(leaves) // 2)),
        items=pl.DataFrame(items | {"target": targets, "seen": [False] * len(targets)}),
        train_targets=np.array([0]),
        groups=["video 1"] * len(targets),
    )
    probabilities = np.zeros((len(targets), len(leaves)))
    probabilities[:, -1] = 1
    rows = tuple(
        row(name, (place + 1) / len(names), leaves, probabilities, name.split("/")[0] in ("xgboost", "bert", "llama"))
        for place, name in enumerate(names)
    )
    baseline = next(row for row in rows if row.method == "logistic")
    return Comparison(rows=rows, best=rows[-1], baseline=baseline, resampled="comments", truth=truth)


def many(cells: int) -> list[str]:
    """Names of so many cells: majority, and the others of five methods in turn."""
    methods = ["logistic", "xgboost", "bert", "llama", "fifth"]
    return ["majority", *(f"{methods[place % 5]}/{place}" for place in range(cells - 1))]


def size(path: Path) -> tuple[int, int]:
    """A PNG's width and height in pixels."""
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    return width, height
