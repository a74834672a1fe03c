"""Which run a stage's result belongs to: a hash of what made it, taken from dvc.lock."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

LOCK = Path("dvc.lock")
#: differ from run to run, so they say nothing of what made a result
MEASURED = "costs"


@dataclass(frozen=True)
class StageState:
    """A stage as DVC last recorded it."""

    name: str  # method@key
    key: str  # sha256 of command, dependencies and parameters
    content: str  # sha256 of the outputs


def read_lock(path: Path = LOCK) -> dict[str, Any]:
    """dvc.lock's stages; none where there is no such file. DVC writes it, so the fast reader of YAML will do."""
    if not path.is_file():
        return {}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load(path.read_text(encoding="utf-8"), loader)  # a safe one
    return dict((content or {}).get("stages") or {})


def stage_states(lock: Path = LOCK) -> dict[str, StageState]:
    """Every stage in dvc.lock, by name."""
    return {name: state(name, entry) for name, entry in read_lock(lock).items()}


def state(name: str, entry: dict[str, Any]) -> StageState:
    """Key and content of one entry of dvc.lock."""
    needs = {path: digest for path, digest in digests(entry.get("deps", [])).items() if path != MEASURED}
    made_by = {"cmd": entry["cmd"], "params": entry.get("params", {}), "deps": needs}
    return StageState(name, hashed(made_by), hashed(digests(entry.get("outs", []))))


def digests(entries: list[dict[str, Any]]) -> dict[str, str]:
    """path → digest of dependencies or outputs."""
    return {entry["path"]: str(entry.get(entry.get("hash", "md5"))) for entry in entries}


def hashed(content: Any) -> str:
    """sha256 of JSON with sorted keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
