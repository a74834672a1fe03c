"""What is imported is declared, pinned, and has its line in docs/dependencies.md."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

from pipeline.dag.code import Modules
from tests.conftest import ROOT


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    """The packages that pyproject.toml asks for, the optional ones among them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(line for lines in project["optional-dependencies"].values() for line in lines)]
    return {normal(re.split(r"[^\w.-]", line)[0]) for line in lines}


def test_every_package_that_is_imported_is_declared() -> None:
    names = {name.split(".")[0] for module in Modules().modules.values() for name in module.others}
    packages = packages_distributions()  # of some names there are several, e.g. mlflow and mlflow-skinny
    brings = {name: set(map(normal, packages[name])) for name in names - set(sys.stdlib_module_names)}
    assert not [name for name, behind in brings.items() if not behind & declared()]


def test_every_package_that_is_declared_is_pinned_and_explained() -> None:
    locks = "".join((ROOT / f"requirements{name}.lock").read_text(encoding="utf-8") for name in ("", "-extras"))
    pinned = {normal(line.split("==")[0]) for line in locks.splitlines()} | {"bitsandbytes"}  # CUDA's alone
    assert declared() <= pinned
    page = normal((ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8"))
    assert not [name for name in declared() if not re.search(rf"[| ,]{name}[ ,]", page)]


def test_a_socks_proxy_can_be_spoken_to() -> None:
    """all_proxy=socks5://… is how everybody behind Clash is set up; httpx2 raises where this is missing."""
    import socksio  # noqa: F401
