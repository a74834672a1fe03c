"""Which run a stage's result belongs to: a hash of what made it, taken from dvc.lock."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.config import read_yaml

LOCK = Path("dvc.lock")


@dataclass(frozen=True)
class StageState:
    """A stage as DVC last recorded it."""

    name: str  # method@key
    key: str  # sha256 of command, dependencies and parameters
    content: str  # sha256 of the outputs


def stage_states(lock: Path = LOCK) -> dict[str, StageState]:
    """Every stage in dvc.lock, by name."""
    stages = read_yaml(lock)["stages"] if lock.is_file() else {}
    return {name: state(name, entry) for name, entry in stages.items()}


def state(name: str, entry: dict[str, Any]) -> StageState:
    """Key and content of one entry of dvc.lock."""
    made_by = {"cmd": entry["cmd"], "params": entry.get("params", {}), "deps": digests(entry.get("deps", []))}
    return StageState(name, hashed(made_by), hashed(digests(entry.get("outs", []))))


def digests(entries: list[dict[str, Any]]) -> dict[str, str]:
    """path → digest of dependencies or outputs."""
    return {entry["path"]: str(entry.get(entry.get("hash", "md5"))) for entry in entries}


def hashed(content: Any) -> str:
    """sha256 of JSON with sorted keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
