"""Mirror the DAG's files into MLflow: the files are the truth, the runs a view of them.

A cached stage runs nothing, so it could log nothing. Therefore stages write plain files, and this
module brings MLflow up to date with them: one run per stage cell, found again by a tag that holds
the hash of what made it; updated, never duplicated; and one parent run per reproduction, under
which the cells of the newest reproduction hang.
"""

import hashlib
import os
import re
import subprocess
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipeline.addresses import masked
from pipeline.artifacts.curves import CurvePoint
from pipeline.errors import UserError
from pipeline.files import read_json, write_json
from pipeline.runtime import cache_folder
from pipeline.tracking.store import EXPERIMENT, artifacts_beside, database_of, follow, knock, store_at, tracking_uri

KEY, CONTENT, PARENT = "danmu.key", "danmu.content", "mlflow.parentRunId"
LONGEST_PARAMETER = 6000
LONGEST_PART = 200  # characters of a key in a metric's name, which may have 250


@dataclass
class Run:
    """What MLflow is to know of one cell, or of the whole reproduction."""

    name: str
    key: str
    content: str
    parameters: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    curve: list[CurvePoint] = field(default_factory=list)
    artifacts: list[Path] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)


def git_state() -> dict[str, str]:
    """Commit and cleanliness of the work tree; empty outside git."""

    def ask(*words: str) -> str:
        return subprocess.run(["git", *words], capture_output=True, text=True, check=True).stdout.strip()

    try:
        return {
            "mlflow.source.git.commit": ask("rev-parse", "HEAD"),
            "git.branch": ask("rev-parse", "--abbrev-ref", "HEAD"),
            "git.dirty": str(bool(ask("status", "--porcelain"))).lower(),
        }
    except (OSError, subprocess.CalledProcessError):
        return {}


def flat(content: Any, prefix: str = "") -> dict[str, float]:
    """Nested numbers as MLflow metrics: keys joined by `/`, anything that is no number left out.

    What a key holds besides letters, digits and `_-. ` is written in these and colons (`named`).
    """
    if isinstance(content, dict):
        parts = (flat(value, f"{prefix}/{named(key)}" if prefix else named(key)) for key, value in content.items())
        return {name: value for part in parts for name, value in part.items()}
    return {prefix: float(content)} if isinstance(content, (int, float)) and not isinstance(content, bool) else {}


def stamp(reproduction: Run) -> None:
    """Note beside the cache that the store has this reproduction; spares the next check MLflow's import."""
    write_json(stamp_of(reproduction), cache_folder() / "mirrored.json")


def stamped(reproduction: Run) -> bool:
    """Whether the store at this address was brought up to date with this reproduction, and is still there."""
    database, file = database_of(tracking_uri()), cache_folder() / "mirrored.json"
    there = database is None or database.is_file()
    try:
        return there and read_json(file) == stamp_of(reproduction)
    except UserError:  # it was never written, or is damaged: then the store is asked
        return False


def stamp_of(reproduction: Run) -> dict[str, str]:
    """What a stamp says; a password in the store's address is kept in no file."""
    database = database_of(tracking_uri())
    place = "" if database is None else artifacts_beside(database)
    return {"uri": masked(tracking_uri()), "artifacts": place, "key": reproduction.key, "content": reproduction.content}


def named(key: object) -> str:
    """A key as a part of a metric's name: no two keys become one name.

    A sign that MLflow refuses, and `:` itself, becomes its code point between colons: 👍 is `:1F44D:`.
    """
    plain = re.sub(r"[^\w\-. ]", coded, str(key))
    if plain in (".", ".."):  # steps in a path
        plain = plain.replace(".", ":2E:")
    if len(plain) <= LONGEST_PART:
        return plain
    return f"{plain[: LONGEST_PART - 18]}:{hashlib.sha256(str(key).encode()).hexdigest()[:16].upper()}:"


def coded(sign: re.Match[str]) -> str:
    """A sign's code point between colons."""
    return f":{ord(sign[0]):X}:"


class Mirror:
    """A tracking store, and the experiment in it."""

    def __init__(self, uri: str, experiment: str = EXPERIMENT) -> None:
        """Connect; the first connection creates a SQLite store, before anybody else can race for it.

        Raises:
            UserError: the store cannot be reached.
        """
        knock(uri)
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")  # a server that is away: seconds, not minutes
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
        import logging

        logging.getLogger("mlflow").setLevel(logging.WARNING)
        logging.getLogger("alembic").setLevel(logging.WARNING)
        from mlflow.tracking import MlflowClient

        self.uri = uri
        with store_at(uri):
            follow(uri, experiment)
            self.client = MlflowClient(uri)
            known = self.client.get_experiment_by_name(experiment)
            self.experiment = known.experiment_id if known else self.create(experiment)

    def create(self, experiment: str) -> str:
        """Make the experiment; with SQLite its artifacts go beside the database."""
        database = database_of(self.uri)
        place = None if database is None else artifacts_beside(database)
        return str(self.client.create_experiment(experiment, artifact_location=place))

    def find(self, key: str) -> Any:
        """The run with this key, or None."""
        runs = self.client.search_runs([self.experiment], f"tags.`{KEY}` = '{key}'", max_results=1)
        return runs[0] if runs else None

    def complete(self, reproduction: Run) -> bool:
        """Whether this very reproduction is mirrored already, and nothing is to be done."""
        run = self.find(reproduction.key)
        return run is not None and run.data.tags.get(CONTENT) == reproduction.content

    def mirror(self, reproduction: Run, cells: Iterable[Run]) -> None:
        """Bring the parent run and its cells up to date, where they are not; the parent's content is marked last."""
        if self.complete(reproduction):
            return
        parent = self.write(reproduction, {"danmu.kind": "reproduction"})
        for cell in cells:
            self.write(cell, {"danmu.kind": "cell", PARENT: parent}, mark=True)
        self.client.set_tag(parent, CONTENT, reproduction.content)

    def write(self, cell: Run, tags: dict[str, str], mark: bool = False) -> str:
        """Create or update one run, and return its id.

        Parameters belong to the key and never change; metrics, curves and artifacts are written
        again only where the content changed.
        """
        run = self.find(cell.key)
        if run is None:
            run = self.client.create_run(self.experiment, tags={KEY: cell.key}, run_name=cell.name)
        run_id: str = run.info.run_id
        for name, value in (cell.tags | tags).items():
            if run.data.tags.get(name) != value:
                self.client.set_tag(run_id, name, value)
        if run.data.tags.get(CONTENT) != cell.content:
            self.log(run_id, cell)
            self.client.set_terminated(run_id)
            if mark:
                self.client.set_tag(run_id, CONTENT, cell.content)
        return run_id

    def log(self, run_id: str, cell: Run) -> None:
        """Parameters, metrics, curve and artifacts of one run."""
        from mlflow.entities import Metric, Param

        now = int(time.time() * 1000)  # of two values MLflow shows the later one
        parameters = [Param(name, str(value)[:LONGEST_PARAMETER]) for name, value in cell.parameters.items()]
        known = self.client.get_run(run_id).data.params
        metrics = [Metric(name, value, now, 0) for name, value in cell.metrics.items()]
        metrics += [
            Metric(f"curve/{name}", float(value), now, point.step)
            for point in cell.curve
            for name, value in asdict(point).items()
            if name != "step" and value is not None
        ]
        self.client.log_batch(run_id, params=[p for p in parameters if known.get(p.key) is None][:100])
        for start in range(0, len(metrics), 900):
            self.client.log_batch(run_id, metrics=metrics[start : start + 900])
        for path in cell.artifacts:
            if path.is_dir():
                self.client.log_artifacts(run_id, str(path), path.name)
            elif path.is_file():
                self.client.log_artifact(run_id, str(path))
