"""A method joins as one file; and what re-runs is what changed, nothing more and nothing less."""

import shutil
import sys
from pathlib import Path

import pytest

from pipeline.config import read_params
from pipeline.dag.code import Modules
from pipeline.dag.declared import code_of_stages
from pipeline.dag.methods import method_names
from tests.conftest import ROOT
from tests.dag.copies import Copy

TOY = '''"""prior: the training set's leaves as often as they occur, sharpened; a method of one file."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.artifacts.curves import CurvePoint
from pipeline.artifacts.results import read_fitted, write_fitted
from pipeline.artifacts.training import Comments, Training
from pipeline.settings import MethodSettings, Positive, Swept, TrainingLabels

NEEDS_VECTORS = False


class Settings(MethodSettings):
    """One cell."""

    power: Swept[Positive]
    labels: Swept[TrainingLabels]
    silver_weight: Positive


@dataclass(frozen=True)
class Prior:
    """Shares of the leaves."""

    leaves: list[str]
    shares: list[float]
    facts: dict[str, float] = field(default_factory=dict)
    curve: list[CurvePoint] = field(default_factory=list)

    def probabilities(self, comments: Comments) -> Any:
        """The same for everybody."""
        return np.tile(np.array(self.shares), (len(comments), 1))

    def save(self, folder: Path) -> None:
        """Leaves and shares."""
        write_fitted("prior", {"leaves": self.leaves, "shares": self.shares, "facts": self.facts}, folder)


def fit(training: Training, settings: Settings) -> Prior:
    """Count."""
    counts = np.bincount(training.train.targets, training.train.weights, len(training.leaves)) ** settings.power
    return Prior(training.leaves, (counts / counts.sum()).tolist(), {"power": settings.power})


def load(folder: Path) -> Prior:
    """What `save` wrote."""
    content: Any = read_fitted(folder)
    return Prior(content["leaves"], content["shares"], content["facts"])
'''


def test_a_method_is_one_new_file_and_its_section(copies: tuple[Copy, Copy]) -> None:
    copy = copies[1]
    (copy.folder / "pipeline" / "methods" / "prior.py").write_text(TOY, encoding="utf-8")
    copy.edit({"prior": {"power": [1.0, 2.0], "labels": ["gold"], "silver_weight": 0.3}})
    assert "run `danmu dag`" in copy.repro(fails=True)[1]
    copy.danmu("dag")
    assert copy.repro()[0] == ["prior@1.0-gold", "prior@2.0-gold", "compare", "track"]
    assert {"prior/1.0-gold", "prior/2.0-gold"} <= set(copy.cells())
    assert "prior/2.0-gold" in (copy.folder / "reports" / "report.md").read_text(encoding="utf-8")

    from pipeline.tracking.mirror import Mirror

    mirror = Mirror(f"sqlite:///{copy.folder / 'mlflow.db'}")
    runs = mirror.client.search_runs([mirror.experiment], "tags.method = 'prior'")
    assert {run.data.params["power"] for run in runs} == {"1.0", "2.0"}
    program = "import sys; from pathlib import Path; from pipeline.methods import load; "
    program += "print(load(Path('results/prior/2.0-gold')).facts)"
    assert "{'power': 2.0}" in copy.run([sys.executable, "-c", program])

    # its section taken out, it is out of the DAG; its file may stay
    params = copy.folder / "params.yaml"
    text = params.read_text(encoding="utf-8")
    params.write_text(text[: text.index("prior:")], encoding="utf-8")
    copy.danmu("dag")
    assert copy.repro()[0][-1] == "track" and not [name for name in copy.cells() if name.startswith("prior")]
    assert not (copy.folder / "results" / "prior").exists()
    (copy.folder / "pipeline" / "methods" / "prior.py").unlink()


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our modules in a folder of their own, to edit."""
    folder = tmp_path_factory.mktemp("sources")
    shutil.copytree(ROOT / "pipeline", folder / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def changed_by(sources: Path, file: str, old: str, new: str) -> set[str]:
    """The stages and methods whose code is another one after an edit."""
    params = read_params(ROOT / "params.yaml")
    path = sources / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    before = code_of_stages(params, Modules(sources))
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    after = code_of_stages(params, Modules(sources))
    path.write_text(text, encoding="utf-8")
    return {name for name in after if after[name] != before[name]}


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("pipeline/methods/bert.py", "NEEDS_VECTORS", "# a comment\nNEEDS_VECTORS"),
        ("pipeline/networks/batching.py", '"""Batches of tokens', '"""Bundles of tokens'),
        ("pipeline/artifacts/training.py", "have a gold label; run", "have a label of gold; run"),
        ("pipeline/dag/stage.py", "if after != before:", "if before != after:"),
        ("pipeline/cli/summary.py", "← best on validation", "← best by validation"),
    ],
    ids=["a comment", "a docstring", "an error's words", "the frame around a stage", "a command"],
)
def test_what_changes_no_result_changes_no_stage(sources: Path, file: str, old: str, new: str) -> None:
    assert not changed_by(sources, file, old, new)


@pytest.mark.parametrize(
    ("file", "old", "new", "changed"),
    [
        ("pipeline/methods/xgboost.py", '"tree_method": "hist"', '"tree_method": "approx"', {"xgboost"}),
        ("pipeline/methods/llama.py", "    lora_alpha: Count\n", "    lora_alpha: int\n", {"llama"}),
        ("pipeline/text/cues.py", "BURST_S = 5.0", "BURST_S = 6.0", {"xgboost"}),
        ("pipeline/networks/pooling.py", "clamp(min=1)", "clamp(min=1.0)", {"bert", "llama"}),
        ("pipeline/statistics/calibration.py", "np.log(20)", "np.log(21)", {"compare"}),
    ],
    ids=[
        "a line of a method",
        "another method's settings",
        "what one method reads",
        "what two share",
        "the comparison",
    ],
)
def test_an_executed_line_changes_who_imports_it(
    sources: Path, file: str, old: str, new: str, changed: set[str]
) -> None:
    assert changed_by(sources, file, old, new) == changed


def test_dvc_runs_what_changed_and_nothing_else(
    copies: tuple[Copy, Copy], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A comment, an executed line, and another version of a package (xgboost's metadata say so, nothing else of it)."""
    copy = copies[1]
    file, line = "pipeline/methods/xgboost.py", '"tree_method": "hist"'
    copy.rewrite(file, line, line + "  # a comment\n")
    assert not copy.changed()
    copy.rewrite(file, line + "  # a comment\n", '"tree_method": "approx"')
    assert copy.changed() == {"xgboost"}
    copy.rewrite(file, '"tree_method": "approx"', line)
    fake = tmp_path / "xgboost-99.0.dist-info"
    fake.mkdir()
    (fake / "METADATA").write_text("Metadata-Version: 2.1\nName: xgboost\nVersion: 99.0\n", encoding="utf-8")
    (fake / "RECORD").write_text("xgboost/__init__.py,,\n", encoding="utf-8")
    monkeypatch.setitem(copy.environment, "PYTHONPATH", str(tmp_path))
    assert copy.changed() == {"xgboost"}


def test_code_that_changes_while_a_stage_runs_fails_it(copy: Copy) -> None:
    """The stage's own file is changed by the stage: what DVC would record would not be what ran."""
    copy.rewrite("pipeline/stages/parse.py", "    data = read_section", "    Path(__file__).write_text(CHANGED)\n"
                 "    data = read_section")  # fmt: skip
    copy.rewrite("pipeline/stages/parse.py", "STAGE = ", "CHANGED = Path(__file__).read_text() + 'x = 1\\n'\nSTAGE = ")
    copy.danmu("dag")
    _, output = copy.repro("parse", fails=True)
    assert "The code of parse changed while it ran; run it again." in output


def test_all_methods_of_the_folder_are_in_the_dag(copies: tuple[Copy, Copy]) -> None:
    named = {name.partition("/")[0] for name in copies[1].cells()} - {"majority"}
    assert named == set(method_names())
