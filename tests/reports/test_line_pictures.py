from dataclasses import replace

from pipeline.artifacts.curves import CurvePoint
from pipeline.reports.line_pictures import curve
from tests.reports.comparisons import comparison


def test_a_curve_runs_over_the_share_of_the_training_done_where_something_was_measured() -> None:
    points = [CurvePoint(0, None, 2.0, 0.1), CurvePoint(2, 1.0, 1.5, None), CurvePoint(4, 0.5, 1.6, 0.3)]
    row = comparison().rows[-1]
    row = replace(row, candidate=replace(row.candidate, curve=points))
    assert curve(row, "train_loss") == [(0.5, 1.0), (1.0, 0.5)]
    assert curve(row, "validation_macro_f1") == [(0.0, 0.1), (1.0, 0.3)]
    assert curve(row, "validation_accuracy") == []
