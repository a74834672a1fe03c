"""The DAG as a whole: what it lists, what it re-runs, and that it gives the same bytes twice.

The DAG is real; only the models are small ones made here (the genuine classes, random weights), and
the corpus is a part of the sample, so that the whole takes a minute or two rather than ten.
"""

import ast
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from pipeline.dag.cells import method_cells
from pipeline.settings import Params
from tests.conftest import ROOT

STAGES: dict[str, Any] = YAML(typ="safe", pure=True).load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
COPIED = ["pipeline", "data", "dvc.yaml", "params.yaml", "requirements.lock", ".dvcignore"]


def imported(path: Path) -> set[str]:
    """Modules of this project that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "pipeline":
            base = (node.module or "").replace(".", "/")
            for candidate in (f"{base}.py", *(f"{base}/{alias.name}.py" for alias in node.names)):
                if (ROOT / candidate).is_file():
                    found.add(candidate)
    return found


def closure(module: str) -> set[str]:
    """A module and everything of this project that it pulls in."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting += imported(ROOT / current)
    return seen


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_lists_every_module_it_imports_and_no_other(stage: str) -> None:
    listed = {dep for dep in STAGES[stage]["deps"] if dep.startswith("pipeline/")}
    assert listed == closure(f"pipeline/stages/{stage}.py")


@pytest.mark.parametrize(
    "section", ["logistic", "xgboost", "bert", "llama", "compare", "embed", "split", "label", "silver", "quality"]
)
def test_every_parameter_is_a_dependency_of_some_stage(section: str) -> None:
    """A parameter that no stage lists could be changed without anything being run again."""
    used = {str(name) for stage in STAGES.values() for name in stage.get("params", [])}
    swept = {str(value)[2:-1] for stage in STAGES.values() for value in stage.get("matrix", {}).values()}
    for key in Params.model_fields[section].annotation.model_fields:  # type: ignore[union-attr]
        assert {section, f"{section}.{key}"} & (used | swept), f"{section}.{key}"


def test_every_room_stays_within_its_walls() -> None:
    """Rooms know nothing of each other beside schemas, taxonomy and text; nothing below knows a stage."""
    shared = {
        "pipeline/danmu/schema.py",
        "pipeline/danmu/context.py",
        "pipeline/danmu/cues.py",
        "pipeline/danmu/normalise.py",
    }
    shared |= {"pipeline/annotation/schema.py", "pipeline/annotation/taxonomy.py"}
    ground = {
        f"pipeline/{name}.py" for name in ("config", "engine", "errors", "files", "markdown", "runtime", "sections")
    }
    for path in ROOT.glob("pipeline/*/**/*.py"):
        room = path.relative_to(ROOT / "pipeline").parts[0]
        if room == "stages":
            continue
        for name in imported(path):
            assert name in ground | shared or name.startswith(f"pipeline/{room}/"), f"{path.name} imports {name}"


def test_importing_a_light_stage_loads_no_torch() -> None:
    code = "import sys, pipeline.stages.parse, pipeline.stages.label, pipeline.stages.split, pipeline.cli; "
    code += (
        "print([name for name in ('torch', 'transformers', 'mlflow', 'sentence_transformers') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert answer.stdout.strip() == "[]"


class Copy:
    """A copy of the project in a folder of its own, with small models and part of the sample."""

    def __init__(self, folder: Path, bert: Path, llama: Path) -> None:
        self.folder = folder
        folder.mkdir()
        for name in COPIED:
            source = ROOT / name
            ignore = shutil.ignore_patterns("__pycache__", "derived")
            (
                shutil.copytree(source, folder / name, ignore=ignore)
                if source.is_dir()
                else shutil.copy(source, folder / name)
            )
        for name in ("3_danmu_day", "5_danmu_day"):
            (folder / "data" / "raw" / name).unlink()
        self.environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "DANMU_DEVICE": "cpu",
            "PYTHONDONTWRITEBYTECODE": "1",
            "DVC_NO_ANALYTICS": "1",
        }
        self.environment.pop("MLFLOW_TRACKING_URI", None)
        self.edit(
            {
                "models.tiny-bert": {"source": "path", "name": str(bert), "pooling": "mean"},
                "models.tiny-llama": {"source": "path", "name": str(llama), "pooling": "last"},
                "embed.model": "tiny-bert",
                "bert.model": ["tiny-bert"],
                "bert.context": [1],
                "bert.epochs": 1,
                "llama.model": ["tiny-llama"],
                "llama.epochs": 1,
                "llama.lora_targets": ["q_proj", "v_proj"],
                "silver.model": "tiny-llama",
                "silver.comments": 12,
                "silver.check": 12,
                "quality.folds": 3,
                "xgboost.rounds": 5,
                "xgboost.neighbours": [1],
                "compare.resamples": 100,
            }
        )
        for words in (["git", "init", "-q"], ["dvc", "init", "-q"]):
            subprocess.run(words, cwd=folder, env=self.environment, check=True)

    def edit(self, changes: dict[str, Any]) -> None:
        """Set keys of params.yaml."""
        yaml = YAML()
        path = self.folder / "params.yaml"
        content = yaml.load(path.read_text(encoding="utf-8"))
        for name, value in changes.items():
            *sections, key = name.split(".")
            place = content
            for section in sections:
                place = place[section]
            place[key] = value
        with path.open("w", encoding="utf-8") as file:
            yaml.dump(content, file)

    def repro(self, fails: bool = False) -> tuple[list[str], str]:
        """`dvc repro`: the stages that ran, and what was printed."""
        answer = subprocess.run(["dvc", "repro"], cwd=self.folder, env=self.environment, capture_output=True, text=True)
        output = answer.stdout + answer.stderr
        assert (answer.returncode != 0) == fails, output
        return [line.split("'")[1] for line in output.splitlines() if line.startswith("Running stage")], output

    def digests(self, *patterns: str) -> dict[str, str]:
        """Path → sha256 of the files that fit."""
        found = (file for pattern in patterns for file in self.folder.glob(pattern))
        files = sorted({file for file in found if file.is_file()})
        return {str(f.relative_to(self.folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}

    def cells(self) -> list[str]:
        """The cells that the comparison has."""
        return list(json.loads((self.folder / "reports" / "cells.json").read_text())["cells"])


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path, tiny_llama: Path) -> tuple[Copy, Copy]:
    folder = tmp_path_factory.mktemp("dag")
    made = Copy(folder / "one", tiny_bert, tiny_llama), Copy(folder / "two", tiny_bert, tiny_llama)
    for copy in made:
        ran, _ = copy.repro()
        assert len(ran) == len(STAGES) + 5  # logistic has six cells, everybody else one
    return made


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
    assert sum(name.endswith("predictions.parquet") for name in first) == 9
    assert sum(name.startswith("reports/metrics") for name in first) == 10
    assert {"data/derived/silver.parquet", "reports/label_issues.csv"} <= set(first)


def test_what_is_done_is_not_done_again_and_changes_re_run_what_they_touch(copies: tuple[Copy, Copy]) -> None:
    copy = copies[0]
    assert copy.repro()[0] == ["track"]
    copy.edit({"compare.confidence": 0.9})
    assert copy.repro()[0] == ["compare", "track"]

    before = copy.digests("results/xgboost/sqrt-1-gold-0/*")
    copy.edit({"xgboost.seed": [0, 1]})
    assert copy.repro()[0] == ["xgboost@sqrt-1-gold-1", "compare", "track"]
    assert copy.digests("results/xgboost/sqrt-1-gold-0/*") == before
    assert {"xgboost/sqrt-1-gold-0", "xgboost/sqrt-1-gold-1"} <= set(copy.cells())

    copy.edit({"xgboost.seed": [0]})  # the old file stays in the folder, and out of the comparison
    assert copy.repro()[0] == ["compare", "track"]
    assert (copy.folder / "results/xgboost/sqrt-1-gold-1").is_dir() and "xgboost/sqrt-1-gold-1" not in copy.cells()


def test_dvc_and_we_agree_on_the_cells(copies: tuple[Copy, Copy]) -> None:
    copy = copies[1]
    copy.edit({"bert.learning_rate": [1e-5, 0.0001], "bert.seed": [0, 1], "llama.class_weight": ["none", "balanced"]})
    answer = subprocess.run(
        ["dvc", "stage", "list", "--name-only"], cwd=copy.folder, env=copy.environment, capture_output=True, text=True
    )
    listed = {line for line in answer.stdout.split() if "@" in line}
    assert listed == {cell.stage for cell in method_cells(copy.folder / "dvc.yaml", copy.folder / "params.yaml")}


def test_mlflow_has_a_run_per_cell_under_each_reproduction(copies: tuple[Copy, Copy]) -> None:
    from pipeline.tracking.mirror import KEY, PARENT, Mirror

    mirror = Mirror(f"sqlite:///{copies[1].folder / 'mlflow.db'}")
    runs = mirror.client.search_runs([mirror.experiment])
    parents = [run for run in runs if run.data.tags["danmu.kind"] == "reproduction"]
    cells = [run for run in runs if run.data.tags["danmu.kind"] == "cell"]
    assert len(parents) == 1 and len(cells) == 9
    assert len({run.data.tags[KEY] for run in runs}) == len(runs)
    assert {run.data.tags[PARENT] for run in cells} == {parents[0].info.run_id}
    assert all("test/macro_f1" in run.data.metrics and "cost/seconds" in run.data.metrics for run in cells)


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


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bert.epoch": 3}, ["bert.epoch"]),
        ({"bert.seed": 0}, ["bert.seed", "list"]),
        ({"bert.learning_rate": ["fast"]}, ["bert.learning_rate", "fast"]),
        ({"embed.model": "no-such-model"}, ["embed.model", "no-such-model"]),
        ({"data.raw": "data/empty"}, ["data/empty"]),
    ],
)
def test_bad_parameters_stop_the_check_with_one_sentence(
    tmp_path: Path, tiny_bert: Path, tiny_llama: Path, change: dict[str, Any], words: list[str]
) -> None:
    copy = Copy(tmp_path / "copy", tiny_bert, tiny_llama)
    (copy.folder / "data" / "empty").mkdir()
    copy.edit(change)
    command = [sys.executable, "-m", "pipeline.cli", "check"]
    answer = subprocess.run(command, cwd=copy.folder, env=copy.environment, capture_output=True, text=True)
    assert answer.returncode == 2 and answer.stderr.count("\n") == 1
    assert all(word in answer.stderr for word in words), answer.stderr


def test_a_stage_that_fails_leaves_nothing_that_passes_for_a_result(
    tmp_path: Path, tiny_bert: Path, tiny_llama: Path
) -> None:
    copy = Copy(tmp_path / "copy", tiny_bert, tiny_llama)
    file = copy.folder / "data" / "annotations" / "round-2" / "annotator-a.csv"
    file.write_text(
        file.read_text(encoding="utf-8").replace("domain_knowledge", "domian_knowledge", 1), encoding="utf-8"
    )
    ran, output = copy.repro(fails=True)
    assert ran[-1] == "label" and "annotator-a.csv, line" in output and "domian_knowledge" in output
    assert not (copy.folder / "data/derived/labels.parquet").exists()
    assert "label" not in (copy.folder / "dvc.lock").read_text()
