"""Which installed packages stand behind the names that a module imports, and in which versions."""

import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from pipeline.remembered import remembered
from pipeline.runtime import cache_folder

#: decides where shards are worked on, not what comes out; a machine without it makes the same files
NO_MATTER = {"ray"}
#: name to import → version by package
Table = dict[str, dict[str, str]]


def installed() -> list[Table]:
    """What each folder of `sys.path` holds, first come first served; a folder is read again when it changed."""
    folders = [folder for folder in dict.fromkeys(map(Path, sys.path)) if folder.is_dir()]
    return list(remembered(folders, packages_in, cache_folder() / "packages.json").values())


def packages_in(folder: Path) -> Table:
    """The packages of one folder, by the names that they bring; a name that several share is told apart one deeper.

    The part of a version behind `+` says for which device a build is (torch 2.13.0+cpu) and does not count.
    """
    table: Table = {}
    for package in metadata.distributions(path=[str(folder)]):
        modules = [file.parts for file in package.files or () if file.suffix in (".py", ".so", ".pyd")]
        names = {".".join(parts[:depth]).split(".py")[0] for parts in modules for depth in (1, 2)}
        for name in names:
            table.setdefault(name, {})[package.metadata["Name"].lower()] = package.version.partition("+")[0]
    shared = {name for name, packages in table.items() if len(packages) > 1}
    return {name: packages for name, packages in table.items() if "." not in name or name.split(".")[0] in shared}


def package_versions(names: Iterable[str], tables: Iterable[Table]) -> dict[str, str]:
    """Package → version of those that bring these dotted names; what is not installed is left out."""
    versions: dict[str, str] = {}
    for name in names:
        top, deeper = name.split(".")[0], ".".join(name.split(".")[:2])
        if top in sys.stdlib_module_names or top in NO_MATTER:
            continue
        table = next((table for table in tables if top in table), {})
        shared = len(table.get(top, {})) > 1
        versions |= table.get(deeper if shared else top, {})
    return versions
