"""Where MLflow's store is: away, moved, copied, in folders with odd names, behind a password."""

import os
import shutil
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.cli import ui as command
from pipeline.errors import UserError
from pipeline.tracking.mirror import Mirror, Run, stamp, stamp_of, stamped
from pipeline.tracking.store import follow, knock, tracking_uri

ODD = "a?b #1 100% 弹幕"
PASSWORD = "s3cret"


@pytest.fixture(scope="module")
def original(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with an odd name, in which one run was mirrored."""
    folder = tmp_path_factory.mktemp("projects") / ODD
    folder.mkdir()
    shutil.copy(database, folder)
    with pytest.MonkeyPatch.context() as monkeypatch:
        unset(monkeypatch)
        monkeypatch.chdir(folder)
        mirrored("1")
    return folder


@pytest.fixture
def repository(original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, to work in: MLflow opens each address once in a process, and the original's is a relative one."""
    unset(monkeypatch)
    forget()
    shutil.copytree(original, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    return tmp_path / "copy"


def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLFLOW_TRACKING_URI", "DVC_ROOT", "DANMU_CACHE"):
        monkeypatch.delenv(name, raising=False)


def forget() -> None:
    """Let MLflow look anew where a run's artifacts are, as another process does."""
    from mlflow.tracking._tracking_service import utils

    utils._artifact_repos_cache.clear()


def mirrored(content: str) -> Mirror:
    """The store of the working directory, once a run with that content is in it."""
    Path("facts.json").write_text(content)
    store = Mirror(tracking_uri())
    store.mirror(Run("reproduction", "r", content), [Run("bert/a", "a", content, artifacts=[Path("facts.json")])])
    return store


def facts(store: Mirror) -> str:
    """What the run's artifact says."""
    return Path(store.client.download_artifacts(store.find("a").info.run_id, "facts.json")).read_text()


def files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_the_store_lies_in_the_repository_whatever_its_folder_is_called(original: Path) -> None:
    assert {path.name for path in original.iterdir()} == {"mlflow.db", "mlartifacts", "facts.json"}
    assert {path.name for path in original.parent.iterdir()} == {ODD}
    [(place,)] = sqlite3.connect(original / "mlflow.db").execute(
        "SELECT artifact_location FROM experiments WHERE name = 'danmu'"
    )
    assert place == (original / "mlartifacts").as_uri()


def test_a_copy_writes_nothing_into_the_original_and_has_its_own_old_runs(original: Path, repository: Path) -> None:
    before = files(original)
    follow(tracking_uri())  # as `danmu ui` does
    store, place = Mirror(tracking_uri()), (repository / "mlartifacts").as_uri()
    assert store.find("a").info.artifact_uri.startswith(f"{place}/")
    assert store.client.get_experiment(store.experiment).artifact_location == place
    kept = len(files(repository / "mlartifacts"))
    assert facts(store) == "1" and facts(mirrored("2")) == "2"
    assert len(files(repository / "mlartifacts")) == kept and files(original) == before


def test_a_renamed_folder_has_its_old_runs(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    follow(tracking_uri())
    shutil.move(repository, tmp_path / ODD.replace("?", ""))
    monkeypatch.chdir(tmp_path / ODD.replace("?", ""))
    forget()
    assert facts(Mirror(tracking_uri())) == "1"


def test_a_move_is_noticed_where_the_address_is_a_relative_one(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db")
    reproduction = Run("reproduction", "r", "1")
    stamp(reproduction)
    assert stamped(reproduction)
    shutil.copytree(repository, tmp_path / "again")
    monkeypatch.chdir(tmp_path / "again")
    assert not stamped(reproduction)


def test_places_that_somebody_else_chose_stay(repository: Path, tmp_path: Path) -> None:
    store = Mirror(tracking_uri())
    elsewhere = (tmp_path / "bucket").as_uri()
    number = store.client.create_experiment("theirs", artifact_location=elsewhere)
    follow(tracking_uri(), "theirs")
    assert store.client.get_experiment(number).artifact_location == elsewhere


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_a_server_that_says_nothing_is_away_within_ten_seconds(silent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.tracking.store.ANSWER_S", 0.2)
    start = time.perf_counter()
    with pytest.raises(UserError, match=f"MLflow at http://127.0.0.1:{silent} could not be used .ReadTimeout"):
        Mirror(f"http://127.0.0.1:{silent}")
    assert time.perf_counter() - start < 3


def test_whatever_hangs_is_away_within_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the look-up of a name nothing else says how long it may take."""
    monkeypatch.setattr("pipeline.tracking.store.KNOCK_S", 0.1)
    monkeypatch.setattr("pipeline.tracking.store.ask", lambda uri: time.sleep(3))
    start = time.perf_counter()
    with pytest.raises(UserError, match=r"could not be used .no answer"):
        knock("http://mlflow.example")
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("scheme", ["http", "postgresql", "mysql+pymysql"])
def test_a_server_that_is_not_there_is_named_without_its_password(scheme: str, silent: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(
        UserError, match=rf"MLflow at {scheme.replace('+', '.')}://…@127.0.0.1:{port}/x could"
    ) as raised:
        Mirror(f"{scheme}://anna:{PASSWORD}@127.0.0.1:{port}/x")
    assert PASSWORD not in str(raised.value)
    knock(f"postgresql://anna:{PASSWORD}@127.0.0.1:{silent}/x")  # somebody listens: MLflow may ask


def test_a_password_in_the_address_is_in_no_file_and_on_no_command_line(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_BACKEND_STORE_URI", "")  # is set by the command, and gone after the test
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://anna:{PASSWORD}@mlflow.example")
    assert PASSWORD not in str(stamp_of(Run("reproduction", "r", "1")))
    command.ui()
    assert "open http://…@mlflow.example" in capsys.readouterr().out
    called: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda program, words: called.append(words))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"postgresql://anna:{PASSWORD}@127.0.0.1:1/x")
    command.ui()
    assert PASSWORD not in str(called) and os.environ["MLFLOW_BACKEND_STORE_URI"].endswith("127.0.0.1:1/x")
