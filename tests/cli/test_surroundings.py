"""What makes DVC or a terminal stumble is seen by `danmu check`, before hours, with what to do."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli.surroundings import IDENTITY, NO_GIT, check_surroundings
from pipeline.errors import UserError
from tests.conftest import ROOT

PARAMS: dict[str, Any] = {
    "data": {"raw": "mine", "annotations": "data/annotations", "taxonomy": "/elsewhere/tree.yaml"},
    "split": {"given": "", "frozen": ""},
}


def git(*words: str) -> None:
    subprocess.run(["git", *words], check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A DVC project in git, all of whose inputs are tracked; nobody is known to git beside whom it is told here."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv("USER", "me")
    for name in ("GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)
    for folder in (".dvc", "mine", "data/annotations"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "file").touch()
    git("init", "-q")
    git("add", "-A")
    git("config", "user.name", "me")
    git("config", "user.email", "me@localhost")
    return tmp_path


def test_where_all_is_well_nothing_is_said(project: Path) -> None:
    assert check_surroundings(PARAMS, experiment=True) == []


def test_without_a_name_for_git_an_experiment_ends_here_and_a_repro_is_told(project: Path) -> None:
    git("config", "--unset", "user.email")
    assert check_surroundings(PARAMS, experiment=False) == [IDENTITY]
    with pytest.raises(UserError, match=r"`dvc exp run` asks it; run `git config user.name NAME`"):
        check_surroundings(PARAMS, experiment=True)


def test_a_folder_that_is_no_repository_is_told_what_dvc_wants(
    project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked = tmp_path_factory.mktemp("zip")
    (unpacked / ".dvc").mkdir()
    monkeypatch.chdir(unpacked)
    with pytest.raises(UserError) as raised:
        check_surroundings(PARAMS, experiment=False)
    assert str(raised.value) == NO_GIT
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))  # no git at all
    with pytest.raises(UserError, match="no git repository"):
        check_surroundings(PARAMS, experiment=False)
    (unpacked / ".dvc" / "config.local").write_text("[core]\n    no_scm = True\n")
    assert check_surroundings(PARAMS, experiment=False) == []


def test_a_folder_of_somebody_else_is_told_how_git_trusts_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git's own way to try this
    with pytest.raises(UserError, match=f"git config --global --add safe.directory {project}"):
        check_surroundings(PARAMS, experiment=False)


def test_a_user_without_a_name_is_told_to_set_one(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    for name in ("USER", "LOGNAME", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)  # as in `docker run --user 12345`
    with pytest.raises(UserError, match=r"has no name.*set USER"):
        check_surroundings(PARAMS, experiment=False)


def test_an_environment_that_is_not_activated_is_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "bin").mkdir()
    monkeypatch.setenv("PATH", str(project / "bin"))
    with pytest.raises(UserError, match=r"call `python`, which is nothing here; run `source .*/bin/activate`"):
        check_surroundings(PARAMS, experiment=False)
    (project / "bin" / "python").symlink_to(sys.executable)
    with pytest.raises(UserError, match=f"call `python`, which is {project / 'bin' / 'python'} here"):
        check_surroundings(PARAMS, experiment=False)


def test_inputs_that_are_not_tracked_are_named(project: Path) -> None:
    git("rm", "-q", "--cached", "-r", "mine")
    [note] = check_surroundings(PARAMS, experiment=False)
    assert "`--temp` see what git or DVC tracks alone, and not mine; run `git add`" in note
    (project / "mine.dvc").touch()
    assert check_surroundings(PARAMS, experiment=False) == []
    (project / "split.csv").touch()
    [note] = check_surroundings(PARAMS | {"split": {"given": "", "frozen": "split.csv"}}, experiment=False)
    assert "and not split.csv; run `git add`" in note


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_a_terminal_that_lacks_signs_is_told_which_it_has(
    project: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    [note] = check_surroundings(PARAMS, experiment=False)
    assert f"encoding is {encoding}" in note and "set PYTHONIOENCODING=utf-8" in note


def test_signs_that_a_terminal_lacks_end_no_command() -> None:
    words = [sys.executable, "-m", "pipeline.cli", "parse", "--explain", str(ROOT / "data" / "raw" / "1_danmu_day")]
    answer = subprocess.run(words, cwd=ROOT, capture_output=True, env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert answer.returncode == 0, answer.stderr


def makes_with(pythons: list[str], folder: Path) -> str:
    """What `make setup` says where these are the only Pythons."""
    for name in pythons:
        (folder / name).write_text("#!/bin/sh\nexit 3\n")
        (folder / name).chmod(0o755)
    make = next(path for place in os.get_exec_path() if (path := Path(place, "make")).is_file())
    words = [str(make), "-f", str(ROOT / "Makefile"), "setup", f"VENV={folder / 'environment'}"]
    environment = {"PATH": str(folder)}
    answer = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True)
    return answer.stdout + answer.stderr


def test_make_takes_the_first_python_that_is_there_and_says_which(tmp_path: Path) -> None:
    assert "No python3.11 or 3.12 or 3.13 was found; install Python 3.11" in makes_with([], tmp_path)
    assert "Setting up" in (said := makes_with(["python3.13"], tmp_path)) and "with python3.13:" in said
    assert "with python3.12:" in makes_with(["python3.12"], tmp_path)
    assert "with python3.11:" in makes_with(["python3.11"], tmp_path)
