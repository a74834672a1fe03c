"""What stands around the pipeline and makes DVC or a terminal stumble: git, names, the `python` that stages call."""

import getpass
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.errors import UserError

DVC = Path(".dvc")
NO_GIT = (
    "This folder is no git repository (a ZIP, perhaps), and DVC wants one; run `git init && git add . && git commit -m "
    "start`, or do without git and without `dvc exp`: `dvc config --local core.no_scm true`."
)
IDENTITY = (
    "git does not know who you are, and `dvc exp run` asks it; run `git config user.name NAME` and `git config "
    "user.email ADDRESS`."
)
SAMPLE = "弹幕 → 👍"  # the kinds of signs that are printed


def check_surroundings(params: Mapping[str, Any], experiment: bool) -> list[str]:
    """Look at what DVC needs, where this is a DVC project.

    Args:
        params: params.yaml's content.
        experiment: whether `dvc exp run` is to follow, which asks for more than `dvc repro`.

    Returns:
        What only some commands will stumble over, a sentence each.

    Raises:
        UserError: DVC will not run here; what to do.
    """
    notes = [terminal_note()]
    if DVC.is_dir():
        check_user()
        check_python()
        if check_git():
            notes.append(identity_note())
            inputs = [params["data"][key] for key in ("raw", "annotations", "taxonomy")]
            inputs += [params["split"][key] for key in ("given", "frozen")]
            notes.append(tracking_note([str(place) for place in inputs if place]))
        if experiment and IDENTITY in notes:
            raise UserError(IDENTITY)
    return [note for note in notes if note]


def check_user() -> None:
    """Raise UserError where this process's user has no name: DVC asks for one."""
    try:
        getpass.getuser()
    except (KeyError, OSError, ImportError):  # depending on Python's version and on the system
        raise UserError(
            "The user that this runs as has no name, and DVC asks for one; set USER, as `docker run -e USER=me`."
        ) from None


def check_python() -> None:
    """Raise UserError where `python`, which every stage of dvc.yaml calls, is not the Python that runs this."""
    found = shutil.which("python")
    if found is None or Path(found).parent.resolve() != Path(sys.executable).parent.resolve():
        raise UserError(
            f"DVC's stages call `python`, which is {found or 'nothing'} here; run `source "
            f"{os.path.relpath(sys.prefix)}/bin/activate` first, or use make."
        )


def check_git() -> bool:
    """Whether the project is in git; False where DVC is told to do without.

    Raises:
        UserError: it is not, or git refuses to look at it.
    """
    if any("no_scm = true" in settings_in(DVC / name).lower() for name in ("config", "config.local")):
        return False
    said = git("rev-parse", "--is-inside-work-tree")
    if "dubious ownership" in said.stderr:
        raise UserError(
            "git does not trust this folder, which another user owns, and DVC asks git; run `git config --global "
            f"--add safe.directory {Path.cwd()}`."
        )
    if said.returncode:
        raise UserError(NO_GIT)
    return True


def identity_note() -> str:
    """What to do where git has no name or no address for its commits."""
    known = [
        os.environ.get(f"GIT_COMMITTER_{word.upper()}") or git("config", f"user.{word}").stdout.strip()
        for word in ("name", "email")
    ]
    return "" if all(known) else IDENTITY


def tracking_note(places: list[str]) -> str:
    """What to do where inputs are unknown to git and DVC, which copy a project without them."""
    inside = [place for place in places if not Path(place).is_absolute() and Path(place).exists()]
    missing = [place for place in inside if not (Path(f"{place}.dvc").is_file() or git("ls-files", place).stdout)]
    if not missing:
        return ""
    return (
        f"`dvc exp run --queue` and `--temp` see what git or DVC tracks alone, and not {', '.join(missing)}; run `git "
        "add` or `dvc add` on it before you use them."
    )


def terminal_note() -> str:
    """What to do where the output cannot hold what is printed."""
    encoding = sys.stdout.encoding or "ascii"
    try:
        SAMPLE.encode(encoding)
    except UnicodeError:
        return f"The terminal's encoding is {encoding}, which prints Chinese as numbers; set PYTHONIOENCODING=utf-8."
    return ""


def git(*words: str) -> "subprocess.CompletedProcess[str]":
    """What git says; where there is no git, as if it had refused."""
    try:
        return subprocess.run(["git", *words], capture_output=True, text=True, errors="replace")
    except OSError:
        return subprocess.CompletedProcess(["git", *words], 127, "", "")


def settings_in(path: Path) -> str:
    """The text of one of DVC's own settings files, empty where there is none."""
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
