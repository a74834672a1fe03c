"""A copy of the project in a folder of its own, with small models and part of the sample: the whole DAG in a minute."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.conftest import ROOT

COPIED = ["pipeline", "profiles", "data", "dvc.yaml", "params.yaml", ".dvcignore", ".gitignore"]


@cache
def compile_readers() -> None:
    """Compile the readers in the project itself, once: a copy that compiles its own takes half a minute."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["-m", "pipeline.cli", "parse", str(ROOT / "data" / "raw"), "-o", folder]
        subprocess.run([sys.executable, *words], cwd=ROOT, check=True, capture_output=True)


class Copy:
    """A copy in `folder`, which is made; `bert` and `llama` are folders of small models."""

    def __init__(self, folder: Path, bert: Path, llama: Path) -> None:
        self.folder = folder
        folder.mkdir()
        compile_readers()
        ignore = shutil.ignore_patterns("*.pyc", "derived")  # what numba compiled goes along
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=ignore)
            else:
                shutil.copy(source, folder / name)
        for name in ("3_danmu_day", "5_danmu_day"):
            (folder / "data" / "raw" / name).unlink()
        self.environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "DANMU_DEVICE": "cpu",
            "PYTHONDONTWRITEBYTECODE": "1",
            "DVC_NO_ANALYTICS": "1",
            "DANMU_CACHE": str(folder / ".danmu"),
        }
        for name in ("MLFLOW_TRACKING_URI", "DVC_STAGE", "DVC_ROOT"):
            self.environment.pop(name, None)
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
            self.run(words)

    def twin(self, folder: Path) -> "Copy":
        """The same copy in another folder, with all that has run in it; a tenth of the time that a new one takes."""
        shutil.copytree(self.folder, folder, symlinks=True)
        other = copy(self)
        other.folder = folder
        other.environment = self.environment | {"DANMU_CACHE": str(folder / ".danmu")}
        return other

    def edit(self, changes: dict[str, Any]) -> None:
        """Set keys of params.yaml; a section that is not there yet is made."""
        yaml = YAML()
        path = self.folder / "params.yaml"
        content = yaml.load(path.read_text(encoding="utf-8"))
        for name, value in changes.items():
            *sections, key = name.split(".")
            place = content
            for section in sections:
                place = place.setdefault(section, {})
            place[key] = value
        with path.open("w", encoding="utf-8") as file:
            yaml.dump(content, file)

    def rewrite(self, file: str, old: str, new: str) -> None:
        """Change a file's text, which has to hold `old`."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} does not hold {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def run(self, words: list[str], fails: bool = False) -> str:
        """Run a command here; what it printed."""
        answer = subprocess.run(words, cwd=self.folder, env=self.environment, capture_output=True, text=True)
        assert (answer.returncode != 0) == fails, answer.stdout + answer.stderr
        return answer.stdout + answer.stderr

    def danmu(self, *words: str, fails: bool = False) -> str:
        """`danmu …` of this copy's code."""
        return self.run([sys.executable, "-m", "pipeline.cli", *words], fails)

    def repro(self, *targets: str, fails: bool = False) -> tuple[list[str], str]:
        """`dvc repro`: the stages that ran beside the one that always begins it, and what was printed."""
        output = self.run(["dvc", "repro", *targets], fails)
        ran = [line.split("'")[1] for line in output.splitlines() if line.startswith("Running stage")]
        assert fails or targets or ran[0] == "versions"
        return [stage for stage in ran if stage != "versions"], output

    def changed(self) -> set[str]:
        """The stages whose own code, parameters or files are others than when they ran; none of them is run."""
        self.repro("versions")
        answer = json.loads(self.run(["dvc", "status", "--json"]))
        return {name.partition("@")[0] for name, why in answer.items() if why != ["always changed"]}

    def digests(self, *patterns: str) -> dict[str, str]:
        """Path → sha256 of the files that fit."""
        files = sorted({file for pattern in patterns for file in self.folder.glob(pattern) if file.is_file()})
        return {str(f.relative_to(self.folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}

    def cells(self) -> list[str]:
        """The cells that the comparison has."""
        return list(json.loads((self.folder / "reports" / "cells.json").read_text())["cells"])

    def lock(self) -> dict[str, Any]:
        """dvc.lock's stages."""
        content: dict[str, Any] = YAML(typ="safe", pure=True).load((self.folder / "dvc.lock").read_text())["stages"]
        return content
