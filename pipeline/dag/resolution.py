"""Whether DVC makes of dvc.yaml and params.yaml what it has to: every stage, its parameters, its places."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ruamel.yaml import YAML

from pipeline.config import PARAMS
from pipeline.dag.dvc_yaml import DVC_YAML
from pipeline.errors import UserError


def check_resolves(params: Mapping[str, Any], file: Path = PARAMS) -> None:
    """Let DVC resolve the DAG, as `dvc repro` does before it runs anything.

    Args:
        params: of params.yaml, or with a profile laid over it, for which DVC gets a params.yaml of its own.
        file: the one of the two that is named in the sentence.

    Raises:
        UserError: DVC refuses: a path below `data` is one that a stage writes, dvc.lock is damaged, …
    """
    if not Path(".dvc").is_dir():
        raise UserError("There is no folder .dvc here; change to the project's folder, or run `dvc init` in it.")
    if file == PARAMS:
        resolve(Path(), file)
        return
    with TemporaryDirectory() as folder:
        shutil.copy(DVC_YAML, folder)
        with Path(folder, PARAMS).open("w", encoding="utf-8") as laid_over:
            YAML(typ="safe", pure=True).dump(dict(params), laid_over)
        resolve(Path(folder), file)


def resolve(root: Path, file: Path) -> None:
    """Load every stage below `root`, hold them against each other, and look up their parameters."""
    from dvc.dependency.param import ParamsDependency
    from dvc.repo import Repo

    try:
        with Repo(str(root), uninitialized=True) as repo:
            index = repo.index
            index.check_graph()
            asked: dict[str, ParamsDependency] = {}  # of each file all at once: DVC reads it anew each time
            for dependency in (one for stage in index.stages for one in stage.deps):
                if isinstance(dependency, ParamsDependency):
                    first = asked.setdefault(dependency.fs_path, dependency)
                    first.params = list(dict.fromkeys([*first.params, *dependency.params]))
            for dependency in asked.values():
                dependency.get_hash()
    except Exception as error:  # DVC raises TypeError, ImportError, AssertionError too where a value does not suit it
        why = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        raise UserError(
            f"{file}: DVC does not take this DAG ({why}); mend what it names, most likely a path below data."
        ) from None
