"""What a stage's code is: a digest of every module that it imports, and the versions of the packages these import.

A digest is of the syntax tree without comments, docstrings and the words of errors: editing those re-runs nothing,
editing a line that is executed does. The stage `versions` writes a file per stage, and every stage depends on its own.
"""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from pipeline.dag import syntax
from pipeline.dag.packages import Table, installed, package_versions
from pipeline.remembered import remembered
from pipeline.runtime import cache_folder

ROOT = Path(__file__).resolve().parents[2]
#: stand around a stage: they start it, stop it and print, and nothing that they do reaches its files
AROUND = {
    "pipeline/remembered.py",
    "pipeline/terminal.py",
    *(f"pipeline/dag/{name}.py" for name in ("code", "packages", "stage", "syntax")),
}


class Modules:
    """Our modules as they are on the disk now; what is unchanged since an earlier process is not parsed again."""

    def __init__(self, root: Path = ROOT) -> None:
        reader = sha256(Path(syntax.__file__).read_bytes() + sys.version.encode()).hexdigest()[:8]
        files = [file for file in (root / syntax.PACKAGE).rglob("*.py") if file.stat().st_size]
        store = cache_folder() / f"code-{reader}.json"
        entries = remembered(files, lambda file: asdict(syntax.read_module(file)), store)
        self.modules = {file.relative_to(root).as_posix(): syntax.Module(**found) for file, found in entries.items()}

    def text(self, modules: Sequence[str]) -> str:
        """A stage's file: a line per module of ours, then Python and a line per package.

        Args:
            modules: dotted names where the stage begins, e.g. `pipeline.stages.split`.
        """
        return "\n".join([*self.lines(modules), *self.packages(modules)]) + "\n"

    def lines(self, modules: Sequence[str]) -> list[str]:
        """`pipeline/files.py 0123456789abcdef` of each in the closure, sorted by path; what a stage compares before
        and after its work.
        """
        return [f"{name} {self.modules[name].digest}" for name in sorted(self.closure(modules))]

    def closure(self, modules: Sequence[str]) -> set[str]:
        """The paths of these modules and of everything of ours that they import, wherever in them; not of what stands
        around a stage, nor of what that imports.
        """
        seen: set[str] = set()
        waiting = [path for name in modules for path in self.paths(name)]
        while waiting:
            path = waiting.pop()
            if path not in seen | AROUND:
                seen.add(path)
                waiting += [other for name in self.modules[path].ours for other in self.paths(name)]
        return seen

    def paths(self, name: str) -> list[str]:
        """A module's path, and the __init__.py of the packages above it where these say anything."""
        parts = name.split(".")
        packages = ["/".join([*parts[:depth], "__init__.py"]) for depth in range(1, len(parts) + 1)]
        return [path for path in (f"{'/'.join(parts)}.py", *packages) if path in self.modules]

    @cached_property
    def installed(self) -> list[Table]:
        """The packages that are installed now."""
        return installed()

    def packages(self, modules: Sequence[str]) -> list[str]:
        """Python and the packages that the closure imports, a line each."""
        names = {other for path in self.closure(modules) for other in self.modules[path].others}
        python = f"python {sys.version_info.major}.{sys.version_info.minor}"
        versions = package_versions(names, self.installed)
        return [python, *(f"{package} {version}" for package, version in sorted(versions.items()))]
