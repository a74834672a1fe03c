from pathlib import Path

from pipeline.reports.points import write_points
from tests.reports.comparisons import comparison


def test_points_are_written_per_curve_bin_and_test_item(tmp_path: Path) -> None:
    write_points(comparison(["majority", "logistic/none", "bert/a"]), tmp_path)
    assert {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.csv")} == {
        "curves/bert-a.csv", "reliability.csv", "confusion.csv"
    }  # fmt: skip
    # steps at which the scores were not measured are left out; what else was not stays blank
    assert (tmp_path / "curves" / "bert-a.csv").read_text() == (
        "step,train_loss,validation_loss,validation_macro_f1,validation_accuracy\n0,,2.0,0.1,0.1\n1,1.0,1.5,1.0,0.2\n"
    )
    lines = (tmp_path / "reliability.csv").read_text().splitlines()
    assert lines[:2] == ["cell,items,confidence,accuracy", "majority,3,0.2,0.3"] and len(lines) == 7
    lines = (tmp_path / "confusion.csv").read_text(encoding="utf-8").splitlines()
    assert lines[:3] == ["gold,predicted", "赞赏,🧦 emoji", "好奇$,🧦 emoji"] and len(lines) == 47
