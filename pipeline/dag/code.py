"""What a stage's code is: a digest of every module that it imports, and the versions of the packages these import.

A digest is of the syntax tree without comments, docstrings and the words of errors: editing those re-runs nothing,
editing a line that is executed does. The stage `code` writes what `code_text` gives, one file per stage, and every
stage depends on its own file alone.
"""

import ast
import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "pipeline"
#: stand around a stage: they start it and stop it, and nothing that they do reaches its files
AROUND = {"pipeline/dag/code.py", "pipeline/dag/stage.py"}
#: decides where shards are worked on, not what comes out; a machine without it makes the same files
NO_MATTER = {"ray"}


def code_text(modules: Sequence[str], root: Path = ROOT) -> str:
    """The readable text: a line per module of ours, then Python and a line per package.

    Args:
        modules: dotted names where a stage begins, e.g. `pipeline.stages.split`.
        root: the folder that holds pipeline/.
    """
    files = import_closure(modules, root)
    lines = module_lines(files, root)
    lines.append(f"python {sys.version_info.major}.{sys.version_info.minor}")
    names = {name for file in files for name in read_module(file).others}
    lines += [f"{package} {version}" for package, version in sorted(package_versions(names).items())]
    return "\n".join(lines) + "\n"


def own_lines(modules: Sequence[str], root: Path = ROOT) -> list[str]:
    """Only the lines of our modules: what a stage compares before and after its work."""
    read_module.cache_clear()
    return module_lines(import_closure(modules, root), root)


def module_lines(files: Iterable[Path], root: Path) -> list[str]:
    """`pipeline/files.py 0123456789abcdef`, sorted by path."""
    names = {file.relative_to(root).as_posix(): file for file in sorted(files)}
    return [f"{name} {read_module(file).digest}" for name, file in names.items() if name not in AROUND]


def import_closure(modules: Sequence[str], root: Path = ROOT) -> set[Path]:
    """The files of these modules and of everything of ours that they import, wherever in them."""
    seen: set[Path] = set()
    waiting = [path for name in modules for path in files_of(name, root)]
    while waiting:
        file = waiting.pop()
        if file not in seen:
            seen.add(file)
            waiting += [path for name in read_module(file).ours for path in files_of(name, root)]
    return seen


def files_of(name: str, root: Path) -> list[Path]:
    """A module's file, and the __init__.py of the packages above it where these say anything."""
    path = root.joinpath(*name.split("."))
    packages = [folder / "__init__.py" for folder in (path, *path.parents) if root in folder.parents]
    wanted = [path.with_suffix(".py"), *packages]
    return [file for file in wanted if file.is_file() and file.stat().st_size]


@dataclass(frozen=True)
class Module:
    """What is to be known of a file."""

    ours: frozenset[str]  # dotted names of ours that it imports when it runs
    others: frozenset[str]  # of other packages
    digest: str  # sha256, shortened, of what it does


@cache
def read_module(file: Path) -> Module:
    """A file's imports and digest."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = set(imported_names(tree))
    ours = frozenset(name for name in names if name.split(".")[0] == PACKAGE)
    digest = hashlib.sha256(ast.dump(Executable().visit(tree)).encode()).hexdigest()[:16]
    return Module(ours, frozenset(names - ours), digest)


def imported_names(tree: ast.AST) -> Iterator[str]:
    """Dotted names that a module imports wherever in it; of `from a import b` both a and a.b, for b may be a module."""
    for node in executed(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def executed(tree: ast.AST) -> Iterable[ast.AST]:
    """All nodes but those that only a type checker sees."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        only_types = isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        waiting += node.orelse if only_types else list(ast.iter_child_nodes(node))  # type: ignore[attr-defined]


class Executable(ast.NodeTransformer):
    """Leaves out docstrings, and the words of errors."""

    def without_docstring(self, node: ast.AST) -> Any:
        """A module, class or function without its first string."""
        body = node.body  # type: ignore[attr-defined]
        if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
            body[:1] = [] if isinstance(body[0].value.value, str) else body[:1]
        return self.generic_visit(node)

    visit_Module = visit_ClassDef = visit_FunctionDef = visit_AsyncFunctionDef = without_docstring  # noqa: N815

    def visit_Raise(self, node: ast.Raise) -> Any:
        """A raise without its words."""
        return Wordless().visit(node)

    def visit_Call(self, node: ast.Call) -> Any:
        """The same where an error is made before it is raised."""
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        return Wordless().visit(node) if called.endswith(("Error", "Warning")) else self.generic_visit(node)


class Wordless(ast.NodeTransformer):
    """Empties every string."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        """A string becomes an empty one."""
        return ast.Constant("") if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        """An f-string too, with all that it shows."""
        return ast.Constant("")


def package_versions(names: Iterable[str]) -> dict[str, str]:
    """Package → installed version, of those that these dotted names belong to; what is not installed is left out.

    The part of a version behind `+` says for which device a build is (torch 2.13.0+cpu) and does not count.
    """
    top = {name.split(".")[0] for name in names} - sys.stdlib_module_names - NO_MATTER
    versions = {}
    for name in sorted(top):
        candidates = sorted(set(packages_of().get(name, ())))
        if len(candidates) > 1:  # a name that several packages share, as `google`
            wanted = [each.replace(".", "/") + "/" for each in names if each.startswith(f"{name}.")]
            candidates = [c for c in candidates if any(holds(c, path) for path in wanted)]
        for package in candidates:
            versions[package.lower()] = metadata.version(package).partition("+")[0]
    return versions


@cache
def packages_of() -> Mapping[str, Sequence[str]]:
    """Name to import → the packages that have it."""
    return metadata.packages_distributions()


def holds(package: str, folder: str) -> bool:
    """Whether a package has files in this folder."""
    return any(file.as_posix().startswith(folder) for file in metadata.files(package) or ())
