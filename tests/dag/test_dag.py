"""The DAG as a whole: the same bytes twice, what re-runs, what is left of what is no more, and MLflow's view of it."""

import shutil
import sys
from pathlib import Path

from pipeline.dag.methods import all_cells
from pipeline.dag.stage_key import stage_states
from pipeline.tracking.describe import reproduction_of
from tests.dag.copies import Copy


def test_two_runs_from_nothing_give_the_same_bytes(copies: tuple[Copy, Copy]) -> None:
    patterns = (
        "data/derived/**/*",
        "reports/label_issues.csv",
        "results/**/*.*",
        "reports/metrics/**/*.json",
        "reports/plots/*",
        "reports/cells.json",
    )
    first, second = (copy.digests(*patterns) for copy in copies)
    assert first == second
    assert sum(name.endswith("predictions.parquet") for name in first) == 10
    assert sum(name.startswith("reports/metrics") for name in first) == 11
    assert {"data/derived/silver.parquet", "reports/label_issues.csv"} <= set(first)


def test_every_cell_loads_elsewhere_and_says_what_it_wrote(copies: tuple[Copy, Copy], tmp_path: Path) -> None:
    """Each fitted method, moved to another folder, without its training data, in another process."""
    copy = copies[1]
    shutil.copytree(copy.folder / "results", tmp_path / "moved")
    for file in (tmp_path / "moved").rglob("predictions.parquet"):
        file.unlink()
    program = """
import sys
from pathlib import Path
from pipeline.annotation.tree.taxonomy import read_taxonomy
from pipeline.artifacts.predictions import write_predictions
from pipeline.artifacts.training import read_labelled
from pipeline.methods import load
taxonomy = read_taxonomy()
data = read_labelled(taxonomy.leaves)
for file in sorted(Path(sys.argv[1]).rglob("fitted.json")):
    write_predictions(data.held_out(), load(file.parent).probabilities(data.asked()), taxonomy.nodes, file.parent)
"""
    copy.run([sys.executable, "-c", program, str(tmp_path / "moved")])
    written = copy.digests("results/**/predictions.parquet")
    again = {f"results/{file.relative_to(tmp_path / 'moved')}": file for file in
             (tmp_path / "moved").rglob("predictions.parquet")}  # fmt: skip
    assert len(written) == 10 and set(again) == set(written)
    for name, file in again.items():
        assert file.read_bytes() == (copy.folder / name).read_bytes(), name


def test_what_is_done_is_not_done_again_and_changes_re_run_what_they_touch(copies: tuple[Copy, Copy]) -> None:
    copy = copies[0]
    assert copy.repro()[0] == ["track"]
    lock, key = copy.lock(), key_of(copy)
    copy.edit({"compare.confidence": 0.9})
    assert copy.repro()[0] == ["compare", "track"]
    copy.edit({"compare.confidence": 0.95})
    copy.repro()

    before = copy.digests("results/xgboost/sqrt-1-gold-0/*")
    copy.edit({"xgboost.seed": [0, 1]})
    assert copy.repro()[0] == ["xgboost@sqrt-1-gold-1", "compare", "track"]
    assert copy.digests("results/xgboost/sqrt-1-gold-0/*") == before
    assert {"xgboost/sqrt-1-gold-0", "xgboost/sqrt-1-gold-1"} <= set(copy.cells())

    # what is no more is gone everywhere: the same parameters with another history are the same experiment
    copy.edit({"xgboost.seed": [0]})
    assert set(copy.repro()[0]) <= {"compare", "track"}
    assert not (copy.folder / "results/xgboost/sqrt-1-gold-1").exists()
    assert not (copy.folder / "costs/xgboost/sqrt-1-gold-1.json").exists()
    assert "xgboost/sqrt-1-gold-1" not in copy.cells()
    assert copy.lock() == lock and key_of(copy) == key

    # and nothing was lost: the cell comes back from the cache
    copy.edit({"xgboost.seed": [0, 1]})
    _, output = copy.repro()
    assert "Stage 'xgboost@sqrt-1-gold-1' is cached" in output
    assert "xgboost/sqrt-1-gold-1" in copy.cells()
    copy.edit({"xgboost.seed": [0]})
    copy.repro()


def key_of(copy: Copy) -> str:
    """The reproduction's key in MLflow."""
    from pipeline.config import read_params

    cells = all_cells(read_params(copy.folder / "params.yaml"))
    return reproduction_of(stage_states(copy.folder / "dvc.lock"), cells).key


def test_mlflow_has_a_run_per_cell_under_each_reproduction(copies: tuple[Copy, Copy]) -> None:
    from pipeline.tracking.mirror import KEY, PARENT, Mirror

    mirror = Mirror(f"sqlite:///{copies[1].folder / 'mlflow.db'}")
    runs = mirror.client.search_runs([mirror.experiment])
    parents = [run for run in runs if run.data.tags["danmu.kind"] == "reproduction"]
    cells = [run for run in runs if run.data.tags["danmu.kind"] == "cell"]
    assert len(parents) == 1 and len(cells) == 10
    assert len({run.data.tags[KEY] for run in runs}) == len(runs)
    assert {run.data.tags[PARENT] for run in cells} == {parents[0].info.run_id}
    assert all("test/macro_f1" in run.data.metrics and "cost/seconds" in run.data.metrics for run in cells)


def test_a_defect_in_describing_a_run_fails_and_a_store_that_is_away_does_not(copies: tuple[Copy, Copy]) -> None:
    copy = copies[1]
    (copy.folder / ".danmu" / "mirrored.json").unlink()
    track = [sys.executable, "-m", "pipeline.stages.track"]
    (copy.folder / ".danmu" / "no.db").write_text("this is no database, and long enough to be none", encoding="utf-8")
    copy.environment["MLFLOW_TRACKING_URI"] = f"sqlite:///{copy.folder}/.danmu/no.db"
    assert "MLflow was not brought up to date" in copy.run(track)
    del copy.environment["MLFLOW_TRACKING_URI"]
    file, line = "pipeline/tracking/describe.py", 'params["label"]["exclude_rounds"]'
    copy.rewrite(file, line, line.replace("exclude", "include"))
    try:
        assert "KeyError: 'include_rounds'" in copy.run(track, fails=True)
    finally:
        copy.rewrite(file, line.replace("exclude", "include"), line)
        copy.run(track)


def test_silver_labels_concern_none_who_learn_from_gold(copies: tuple[Copy, Copy]) -> None:
    copy = copies[0]
    copy.edit({"silver.comments": 6})
    ran = copy.repro()[0]
    added = {f"logistic@{weight}-{labels}" for weight in ("none", "balanced") for labels in ("silver", "agreed")}
    assert "silver" in ran and set(ran) <= added | {"silver", "compare", "track"}
    assert "logistic@none-silver" in ran


def test_the_gate_stops_or_warns(copies: tuple[Copy, Copy]) -> None:
    copy = copies[0]
    copy.edit({"label.minimum_alpha": 0.99})
    ran, output = copy.repro(fails=True)
    assert ran == ["label"] and "below label.minimum_alpha = 0.99" in output
    assert "pairs of ratings" in output and "“" in output  # what to discuss, with texts
    copy.edit({"label.below_minimum": "warn"})
    ran, output = copy.repro()
    assert ran == ["label", "compare", "track"] and "pairs of ratings" in output
    page = (copy.folder / "reports" / "annotation.md").read_text(encoding="utf-8")
    assert "0.99" in page


def test_a_stage_that_fails_leaves_nothing_that_passes_for_a_result(copy: Copy) -> None:
    copy.rewrite("data/annotations/round-2/annotator-a.csv", "domain_knowledge", "domian_knowledge")
    ran, output = copy.repro(fails=True)
    assert ran[-1] == "label" and "annotator-a.csv, line" in output and "domian_knowledge" in output
    assert not (copy.folder / "data/derived/labels.parquet").exists()
    assert "label" not in copy.lock()
