"""What a module imports and what it does, read from its syntax tree."""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGE = "pipeline"


@dataclass(frozen=True)
class Module:
    """What is to be known of a file."""

    ours: list[str]  # dotted names of ours that it imports when it runs
    others: list[str]  # of other packages
    digest: str  # sha256, shortened, of what it does


def read_module(file: Path) -> Module:
    """A file's imports and digest; one that Python cannot read imports nothing and fails whoever imports it."""
    text = file.read_text(encoding="utf-8")
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return Module([], [], hashlib.sha256(text.encode()).hexdigest()[:16])
    names = set(imported_names(tree))
    ours = {name for name in names if name.split(".")[0] == PACKAGE}
    digest = hashlib.sha256(ast.dump(Executable().visit(tree)).encode()).hexdigest()[:16]
    return Module(sorted(ours), sorted(names - ours), digest)


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
