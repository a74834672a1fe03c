"""What a method is: one file in this folder, and a section of params.yaml that has its name.

The file has, beside a first line that says what it is:

    Settings                              of one cell; fields marked `Swept` are lists in params.yaml and make cells
    fit(training, settings) -> Fitted     learns from train, makes its choices on validation
    load(folder) -> Fitted                what `save` wrote, without the training data, wherever the folder lies now
    NEEDS_VECTORS                         whether it asks for the vectors of `embed`
    demand(settings) -> Demand            only where it uses a pretrained model: what `danmu check` sees to before hours

`danmu dag` finds it here and writes its stage; the comparison, MLflow and whoever loads it know only this.
"""

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from pipeline.artifacts.curves import CurvePoint, write_curve
from pipeline.artifacts.results import FITTED, read_fitted
from pipeline.artifacts.training import Comments, Training
from pipeline.errors import UserError
from pipeline.files import write_json, writing
from pipeline.settings import MethodSettings

Floats = np.ndarray[Any, Any]


class Fitted(Protocol):
    """A method that has learnt, or was loaded."""

    @property
    def leaves(self) -> list[str]:
        """What its probabilities are of, in their order."""
        ...

    @property
    def curve(self) -> list[CurvePoint]:
        """How its training went, a point per step; none where it does not train in steps, or was loaded."""
        ...

    @property
    def facts(self) -> dict[str, float]:
        """Numbers that the report and MLflow show beside its scores."""
        ...

    def probabilities(self, comments: Comments) -> Floats:
        """(comments, leaves), rows that sum to 1; neither their order nor who is asked along makes a difference."""
        ...

    def save(self, folder: Path) -> None:
        """Write all that `load` needs into a folder that exists; no pickle."""
        ...


class Method(Protocol):
    """A method's module."""

    Settings: type[MethodSettings]
    NEEDS_VECTORS: bool

    def fit(self, training: Training, settings: Any) -> Fitted:
        """Learn."""
        ...

    def load(self, folder: Path) -> Fitted:
        """Read again."""
        ...


def save(fitted: Fitted, folder: Path) -> None:
    """Write curve.csv, facts.json, and all that `load` needs."""
    folder.mkdir(parents=True, exist_ok=True)
    write_curve(fitted.curve, folder / "curve.csv")
    write_json(fitted.facts, folder / "facts.json")
    with writing(folder):  # each method writes its weights in its own way
        fitted.save(folder)


def load(folder: Path) -> Fitted:
    """The fitted method in a folder, whichever it is.

    Raises:
        UserError: there is none, or one that was damaged or written by another version.
    """
    from pipeline.dag.methods import method_module

    if not (folder / FITTED).is_file():
        raise UserError(f"{folder} holds no fitted method (no {FITTED}); run `dvc repro`, or name another folder.")
    method = method_module(str(read_fitted(folder)["method"]))
    try:
        fitted: Fitted = method.load(folder)
    except (KeyError, FileNotFoundError) as error:
        raise UserError(f"{folder} is not whole, or another version's ({error}); run `dvc repro` to make it.") from None
    return fitted
