"""results/METHOD/KEY/ and costs/METHOD/KEY.json: what a cell of a method leaves behind."""

import json
from collections.abc import Mapping
from pathlib import Path

from pipeline.artifacts.artifact import Record
from pipeline.artifacts.costs import COSTS
from pipeline.files import damaged, read_json, write_text

RESULTS = Path("results")
FITTED = "fitted.json"


def result_folder(method: str, key: str) -> Path:
    """Where a cell writes: predictions.parquet, curve.csv, facts.json, and the fitted method."""
    return RESULTS / method / key


def cost_path(method: str, key: str) -> Path:
    """Where a cell's costs stand."""
    return COSTS / method / f"{key}.json"


def write_fitted(method: str, content: Mapping[str, object], folder: Path) -> None:
    """What a fitted method is beside its weights: whatever it needs to be loaded again, keys in the order given."""
    write_text(json.dumps({"method": method, **content}, ensure_ascii=False, indent=1) + "\n", folder / FITTED)


def read_fitted(folder: Path) -> dict[str, object]:
    """What `write_fitted` wrote.

    Raises:
        UserError: the file is missing or damaged.
    """
    content = read_json(folder / FITTED)
    if not isinstance(content, dict) or "method" not in content:
        raise damaged(folder / FITTED)
    return content


def facts_file(method: str, key: str) -> Record[dict[str, float]]:
    """The numbers that the report and MLflow show beside a cell's scores."""
    return Record(result_folder(method, key) / "facts.json", dict[str, int | float], method)
