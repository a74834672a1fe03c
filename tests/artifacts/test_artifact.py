"""A file between stages that is missing, damaged or another's is one sentence, whoever reads it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from pipeline.artifacts.agreement import AGREEMENT_FILE
from pipeline.artifacts.costs import SILVER_COST_FILE, cost_file
from pipeline.artifacts.curves import read_curve
from pipeline.artifacts.reports import COMPARED_FILE, metrics_path, scores_on_test
from pipeline.artifacts.results import facts_file, read_fitted, result_folder
from pipeline.errors import UserError
from pipeline.files import read_json, write_json
from pipeline.methods import load
from pipeline.networks.classifier import read_settings

CELL = ("logistic", "none-gold")
FOLDER = result_folder(*CELL)
#: what is read → its file, and how
READ: dict[str, tuple[Path, Callable[[], Any]]] = {
    "agreement": (AGREEMENT_FILE.path, AGREEMENT_FILE.read),
    "compared": (COMPARED_FILE.path, COMPARED_FILE.read),
    "silver's cost": (SILVER_COST_FILE.path, SILVER_COST_FILE.read),
    "a cell's cost": (cost_file(*CELL).path, cost_file(*CELL).read),
    "a cell's scores": (metrics_path("logistic/none-gold"), lambda: scores_on_test("logistic/none-gold")),
    "a cell's facts": (FOLDER / "facts.json", facts_file(*CELL).read),
    "a fitted method": (FOLDER / "fitted.json", lambda: read_fitted(FOLDER)),
    "a classifier": (FOLDER / "classifier.json", lambda: read_settings(FOLDER)),
    "anything": (Path("any.json"), lambda: read_json(Path("any.json"))),
}
DAMAGED = {
    "cut": b'{"test": {"accuracy": 0.',
    "empty": b"",
    "no UTF-8": b'{"a": "\xff"}',
    "a number of too many digits": b"1" * 5000,
    "nested without end": b"[" * 99_999,
    "a merge's leavings": b"<<<<<<< HEAD\n{}\n=======\n",
}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("what", READ)
def test_what_is_missing_is_named_with_what_makes_it(what: str) -> None:
    file, read = READ[what]
    with pytest.raises(UserError, match=f"^There is no {re.escape(str(file))}; run `dvc repro.*` to make it.$"):
        read()


@pytest.mark.parametrize("how", DAMAGED)
@pytest.mark.parametrize("what", READ)
def test_what_is_damaged_is_named_with_what_makes_it_anew(what: str, how: str) -> None:
    file, read = READ[what]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(DAMAGED[how])
    with pytest.raises(UserError, match=f"^{re.escape(str(file))} is damaged; remove it and run `dvc repro.*` to make"):
        read()


@pytest.mark.parametrize("content", [[], {"x": {}}, {"test": {"accuracy": "high"}}, 7])
@pytest.mark.parametrize("what", sorted(READ.keys() - {"anything"}))
def test_what_holds_something_else_is_named(what: str, content: Any) -> None:
    file, read = READ[what]
    write_json(content, file)
    if what in ("a cell's cost", "silver's cost") and isinstance(content, dict):
        return  # all that is measured may be missing
    with pytest.raises(UserError, match=f"^{re.escape(str(file))} (is damaged|has other fields than this version)"):
        read()


def test_a_fitted_method_that_lacks_a_file_or_a_field_is_no_traceback() -> None:
    write_json({"method": "logistic"}, FOLDER / "fitted.json")
    for missing in ("No such file or directory: .*", "'facts'"):
        with pytest.raises(UserError, match=rf"^{FOLDER} is not whole, or another version's \({missing}\); run `dvc"):
            load(FOLDER)
        save_file({"coefficients": np.zeros(1)}, FOLDER / "regression.safetensors")


@pytest.mark.parametrize(
    "content", ["step,train_loss\nx,1\n", "step,train_loss\n1,x\n", "train_loss\n1\n", "step,a\n1,2\n"]
)
def test_a_damaged_curve_is_named(content: str) -> None:
    Path("curve.csv").write_text(content)
    with pytest.raises(UserError, match=r"^curve.csv is damaged; remove it and run `dvc repro` to make it anew"):
        read_curve(Path("curve.csv"))
