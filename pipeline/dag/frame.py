"""What every stage has around its sentence: arguments, errors, and a watch on its own code."""

import argparse
import dataclasses
import hashlib
import logging
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.artifacts.paths import COSTS
from pipeline.config import read_yaml
from pipeline.errors import UserError
from pipeline.files import write_json
from pipeline.runtime import Cost


def run(stage: Callable[[], None]) -> None:
    """Run a stage: a UserError becomes its sentence and status 2, anything else keeps its traceback.

    DVC records a stage's code as it is after the command. Code that was edited meanwhile would be
    recorded as if it had run; therefore a stage fails where its code changed under it.
    """
    quiet()
    name, before = Path(sys.argv[0]).stem, code_digest()
    try:
        stage()
    except UserError as error:
        print(f"{name}: {error}", file=sys.stderr)
        sys.exit(2)
    if code_digest() != before:
        print(f"The code below pipeline/ changed while {name} ran; run it again.", file=sys.stderr)
        sys.exit(1)


def quiet() -> None:
    """Leave the terminal to progress bars and sentences; libraries' advice goes to nobody."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    warnings.filterwarnings("ignore", category=FutureWarning)
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)


def code_digest() -> str:
    """sha256 over the code that dvc.yaml lists for this stage; over all of pipeline/ outside of DVC."""
    package = Path(__file__).parents[1]
    files = sorted(package.rglob("*.py"))
    stage = os.environ.get("DVC_STAGE", "").split("@")[0]
    if stage:
        listed = set(read_yaml(Path("dvc.yaml"))["stages"][stage]["deps"])
        files = [file for file in files if file.relative_to(package.parent).as_posix() in listed]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def arguments(cell: type[Any]) -> tuple[str, Any]:
    """A matrix stage's command line: the cell's key, then `--name value` for each of its parameters.

    Args:
        cell: a dataclass whose fields are the swept parameters.

    Returns:
        the key, and the cell.
    """
    parser = argparse.ArgumentParser(description=f"One cell of a sweep: {cell.__doc__}")
    parser.add_argument("key", help="the cell's name, as DVC makes it")
    for field in dataclasses.fields(cell):
        parser.add_argument(f"--{field.name}", type=field.type if callable(field.type) else str, required=True)
    values = vars(parser.parse_args())
    return values.pop("key"), cell(**values)


def write_cost(cost: Cost, method: str, key: str) -> None:
    """Costs have a file of their own that no other stage depends on: they differ from run to run."""
    write_json(dataclasses.asdict(cost), COSTS / method / f"{key}.json")
