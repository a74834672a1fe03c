"""What a stage says of itself, and what stands around it when it runs.

dvc.yaml is written from these declarations (`danmu dag`), and nowhere else is said what a stage needs.
"""

import logging
import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pipeline.dag.code import Modules
from pipeline.errors import UserError
from pipeline.settings import Section
from pipeline.terminal import ending_in_a_sentence, printable
from pipeline.terminal import say as say  # stages print with it too

CODE_FOLDER = Path("data/derived/code")
WEIGHTS_FOLDER = Path("data/derived/weights")


class Artifact(Protocol):
    """A file between stages: anything with a path."""

    @property
    def path(self) -> Path:
        """Where it lies."""
        ...


#: artifacts, or paths as dvc.yaml has them, e.g. `${data.raw}`; one that a section other than `data` names may be empty
Places = Sequence[Artifact | Path | str]


@dataclass(frozen=True)
class Stage:
    """A stage of the DAG, as its module declares it; the module's first line is its sentence."""

    needs: Places = ()
    makes: Places = ()
    settings: type[Section] | None = None  # its own section of params.yaml, which has the stage's name
    params: Sequence[str] = ()  # further keys of params.yaml
    always: bool = False  # runs at every `dvc repro`; whatever is behind it runs only where its files changed
    #: whether it uses the model that its section names, with the section's other settings
    uses_model: Callable[[Mapping[str, Any]], bool] = lambda section: True

    def needed(self) -> list[str]:
        """Paths of what it reads."""
        return [place_of(place) for place in self.needs]

    def made(self) -> list[str]:
        """Paths of what it writes."""
        return [place_of(place) for place in self.makes]


def place_of(place: Artifact | Path | str) -> str:
    """A place as dvc.yaml has it."""
    if isinstance(place, str):
        return place
    return (place if isinstance(place, Path) else place.path).as_posix()


def code_file(stage: str) -> Path:
    """Where the stage `versions` says what another stage's code is."""
    return CODE_FOLDER / f"{stage}.txt"


def weights_file(stage: str) -> Path:
    """Where the stage `versions` says what stands behind the model that a stage's section names."""
    return WEIGHTS_FOLDER / f"{stage}.txt"


def cell_weights_file(model: str) -> Path:
    """The same of a model that a method's cells name."""
    return WEIGHTS_FOLDER / "models" / f"{model}.txt"


def run(stage: Callable[[], None], *modules: str) -> None:
    """Run a stage: a UserError or a full disk becomes a sentence and status 2, anything else keeps its traceback.

    DVC records dependencies as they are after the command. Code that was edited since the stage `versions` looked at it
    would be recorded as if it had not run; therefore a stage fails where its code is another one before or after.

    Args:
        modules: further modules that run with it, beside the one that `stage` stands in.
    """
    quiet()
    printable()
    main = sys.modules[stage.__module__]
    name = getattr(main, "__spec__", None)
    roots = [name.name if name else stage.__module__, *modules]
    label = roots[0].rpartition(".")[2]
    with ending_in_a_sentence(label):
        before = Modules().lines(roots)
        check_code(before)
        stage()
        after = Modules().lines(roots)
    if after != before:
        say(f"The code of {label} changed while it ran; run it again.", error=True)
        sys.exit(1)


def check_code(lines: Sequence[str]) -> None:
    """Raise UserError where this stage's code, in DVC, is not what the stage `versions` saw."""
    stage = os.environ.get("DVC_STAGE", "").split("@")[0]
    file = code_file(stage)
    if not stage or not file.is_file():
        return
    recorded = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("pipeline/")]
    if recorded != list(lines):
        raise UserError(f"The code changed since `dvc repro` began (see {file}); run it again.")


def quiet() -> None:
    """Leave the terminal to progress bars and sentences: libraries' advice is not printed."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    warnings.filterwarnings("ignore", category=FutureWarning)
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
