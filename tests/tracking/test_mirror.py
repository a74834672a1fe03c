"""MLflow as a mirror of files: found again, updated, never duplicated, and never in the way."""

import shutil
from pathlib import Path

import pytest

from pipeline.artifacts.curves import CurvePoint
from pipeline.dag.cells import cells
from pipeline.dag.stage_key import stage_states
from pipeline.errors import UserError
from pipeline.tracking.mirror import CONTENT, KEY, PARENT, Mirror, Run, flat, stamp, stamped
from pipeline.tracking.store import tracking_uri


@pytest.fixture
def store(database: Path, tmp_path: Path) -> Mirror:
    shutil.copy(database, tmp_path)
    return Mirror(f"sqlite:///{tmp_path / 'mlflow.db'}")


def cell(key: str, content: str, **values: object) -> Run:
    return Run(f"bert/{key}", key, content, **values)  # type: ignore[arg-type]


def runs(store: Mirror) -> dict[str, object]:
    return {run.data.tags[KEY]: run for run in store.client.search_runs([store.experiment])}


def test_cells_hang_under_their_reproduction_with_curve_metrics_and_artifacts(store: Mirror, tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    file.write_text("{}")
    curve = [CurvePoint(0, validation_loss=2.0), CurvePoint(1, train_loss=1.0, validation_loss=1.5)]
    child = cell("a", "1", parameters={"seed": 0}, metrics={"test/macro_f1": 0.5}, curve=curve, artifacts=[file])
    store.mirror(Run("reproduction", "r", "1"), [child])
    parent, run = runs(store)["r"], runs(store)["a"]
    assert run.data.tags[PARENT] == parent.info.run_id and run.info.status == "FINISHED"
    assert run.data.params == {"seed": "0"} and run.data.metrics["test/macro_f1"] == 0.5
    history = store.client.get_metric_history(run.info.run_id, "curve/validation_loss")
    assert [(point.step, point.value) for point in history] == [(0, 2.0), (1, 1.5)]
    assert [item.path for item in store.client.list_artifacts(run.info.run_id)] == ["facts.json"]


def test_mirroring_again_changes_nothing_and_a_new_reproduction_moves_the_cell(store: Mirror) -> None:
    first = Run("reproduction", "r1", "1")
    assert not store.complete(first)
    store.mirror(first, [cell("a", "1")])
    assert store.complete(first)
    store.mirror(Run("reproduction", "r1", "1"), [cell("a", "1")])
    store.mirror(Run("reproduction", "r2", "1"), [cell("a", "1"), cell("b", "1")])
    found = runs(store)
    assert set(found) == {"r1", "r2", "a", "b"}
    assert found["a"].data.tags[PARENT] == found["b"].data.tags[PARENT] == found["r2"].info.run_id


def test_changed_content_updates_the_run_and_changed_parameters_do_not_raise(store: Mirror) -> None:
    store.mirror(Run("reproduction", "r", "1"), [cell("a", "1", metrics={"test/ece": 0.3}, parameters={"epochs": 1})])
    store.mirror(Run("reproduction", "r", "2"), [cell("a", "2", metrics={"test/ece": 0.1}, parameters={"epochs": 2})])
    run = runs(store)["a"]
    assert run.data.metrics["test/ece"] == 0.1 and run.data.tags[CONTENT] == "2"


def test_store_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("this is no database, and long enough to be none")
    with pytest.raises(UserError, match="MLFLOW_TRACKING_URI") as raised:
        Mirror(f"sqlite:///{tmp_path / 'mlflow.db'}")
    assert "\n" not in str(raised.value)


def test_uri_is_built_from_dvc_root_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    assert tracking_uri() == f"sqlite:///{tmp_path.resolve()}/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5999")
    assert tracking_uri() == "http://127.0.0.1:5999"


def test_flat_metrics_have_names_that_mlflow_takes() -> None:
    assert flat({"test": {"parents": {"accuracy": 1}}, "name": "x"}) == {"test/parents/accuracy": 1.0}


def test_stage_key_follows_what_made_it_and_content_what_came_out(tmp_path: Path) -> None:
    def states(md5_in: str, md5_out: str) -> tuple[str, str]:
        lock = tmp_path / "dvc.lock"
        entry = f"{{cmd: x, deps: [{{path: a, md5: {md5_in}}}], outs: [{{path: b, hash: md5, md5: {md5_out}}}]}}"
        lock.write_text(f"schema: '2.0'\nstages:\n  s: {entry}\n")
        state = stage_states(lock)["s"]
        return state.key, state.content

    base, other_out, other_in = states("aa", "bb"), states("aa", "cc"), states("dd", "bb")
    assert base[0] == other_out[0] != other_in[0]
    assert base[1] == other_in[1] != other_out[1]


def test_costs_say_nothing_of_what_made_a_result(tmp_path: Path) -> None:
    def key(costs: str) -> str:
        lock = tmp_path / "dvc.lock"
        deps = f"[{{path: results, md5: aa}}, {{path: costs, md5: {costs}}}]"
        lock.write_text(f"schema: '2.0'\nstages:\n  compare: {{cmd: x, deps: {deps}}}\n")
        return stage_states(lock)["compare"].key

    assert key("bb") == key("cc")


def test_cells_are_those_of_the_lists_in_params() -> None:
    made = cells("m", {"seed": [0, 1], "rate": [1.0e-5, 0.1], "flag": [True], "rest": 3}, ["seed", "rate", "flag"])
    assert [cell.stage for cell in made] == ["m@0-1e-05-true", "m@0-0.1-true", "m@1-1e-05-true", "m@1-0.1-true"]
    assert made[0].settings == {"seed": 0, "rate": 1e-5, "flag": True, "rest": 3}
    assert [cell.stage for cell in cells("m", {"rest": 3}, [])] == ["m"]


def test_two_cells_of_one_name_are_refused() -> None:
    with pytest.raises(UserError, match="both be called a-b-c"):
        cells("m", {"one": ["a", "a-b"], "other": ["b-c", "c"]}, ["one", "other"])


@pytest.mark.parametrize("content", [None, "", "{", "[]"])
def test_a_stamp_that_is_missing_or_damaged_sends_one_to_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("DANMU_CACHE", str(tmp_path))
    run = Run("reproduction", "key", "content")
    stamp(run)
    assert stamped(run)
    [file] = tmp_path.glob("mirrored.json")
    file.unlink() if content is None else file.write_text(content)
    assert not stamped(run)


NAMES = ["👍", "👎", "_", "__", "a/b", "a_b", "a:b", ":1F44D:", "赞赏", "domain_knowledge", "a b", "a-b.c", ".", "..",
         "$\\foo{$", "self", "❤️", "❤", "x" * 300, "x" * 299, "/", "a//b", "@"]  # fmt: skip


def test_no_two_leaves_share_a_metric_and_mlflow_takes_every_one(store: Mirror) -> None:
    metrics = flat({name: {"f1": place} for place, name in enumerate(NAMES)}, "leaf")
    assert len(metrics) == len(NAMES)
    store.mirror(Run("reproduction", "r", "1"), [cell("a", "1", metrics=metrics)])
    assert runs(store)["a"].data.metrics == metrics


def test_names_that_mlflow_takes_as_they_are_stay_so() -> None:
    for name in ("赞赏", "domain_knowledge", "a b", "a-b.c", "_", "level 1"):
        assert flat({name: 1}, "leaf") == {f"leaf/{name}": 1.0}
    assert flat({"👍": 1}, "leaf") == {"leaf/:1F44D:": 1.0}
