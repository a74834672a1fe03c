"""A disk that takes nothing more, whoever writes: one sentence with the place, the old file kept."""

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pipeline.disk import sentence_of
from pipeline.errors import UserError
from pipeline.files import replacing, write_parquet, write_text, writing
from tests.conftest import ROOT

NUMBERS = np.random.default_rng(0).normal(size=(500, 100))
FRAME = pl.DataFrame(NUMBERS)


@pytest.fixture
def full() -> Iterator[None]:
    """No file grows beyond 64 KiB, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def text(path: Path) -> None:
    write_text("x" * 100_000, path)


def parquet(path: Path) -> None:
    write_parquet(FRAME, path, dict(FRAME.schema))


def csv(path: Path) -> None:
    with replacing(path) as part:
        FRAME.write_csv(part)


def arrow(path: Path) -> None:
    import pyarrow.parquet as pq

    with replacing(path) as part:
        pq.write_table(FRAME.to_arrow(), part)


def safetensors(path: Path) -> None:
    from safetensors.numpy import save_file

    with replacing(path) as part:
        save_file({"numbers": NUMBERS}, part)


def torch(path: Path) -> None:
    from torch import save, tensor

    with replacing(path) as part:
        save(tensor(NUMBERS), part)


def xgboost(path: Path) -> None:
    from xgboost import DMatrix, train

    booster = train({"max_depth": 10, "nthread": 1}, DMatrix(NUMBERS, label=NUMBERS[:, 0]), 60)
    with writing(path):  # XGBoost knows the format by the name's end
        booster.save_model(path.with_suffix(".ubj"))


def sqlite(path: Path) -> None:
    import sqlite3

    with replacing(path) as part:
        store = sqlite3.connect(part)
        store.execute("CREATE TABLE a (b)")
        store.execute("INSERT INTO a VALUES (?)", ("x" * 100_000,))
        store.commit()


@pytest.mark.parametrize("write", [text, parquet, csv, arrow, safetensors, torch, xgboost, sqlite])
def test_whoever_writes_a_full_disk_is_one_sentence_and_the_old_file_stays(
    write: Callable[[Path], None], tmp_path: Path, full: None
) -> None:
    path = tmp_path / "made"
    path.write_text("old")
    with pytest.raises(Exception) as raised:
        write(path)
    sentence = str(sentence_of(raised.value))
    assert sentence.startswith(f"{path} could not be written (") and "; make room there" in sentence
    assert "\n" not in sentence and path.read_text() == "old"
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_place_that_may_not_be_written_is_named(number: int, tmp_path: Path) -> None:
    error = OSError(number, os.strerror(number), str(tmp_path))
    assert str(sentence_of(error)).startswith(f"{tmp_path} may not be read or written ({os.strerror(number)}); see to")


def test_where_nobody_says_which_file_it_was_the_fullest_folder_is_named() -> None:
    try:
        try:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as cause:
            raise RuntimeError("a library's own words") from cause
    except RuntimeError as error:
        assert f"{os.sep}" in str(sentence_of(error)).split(" could not be written (No space left")[0]


@pytest.mark.parametrize(
    "error", [ValueError("x"), FileNotFoundError(errno.ENOENT, "x", "y"), PermissionError(errno.EACCES, "a socket's")]
)
def test_everything_else_keeps_its_traceback(error: Exception) -> None:
    assert sentence_of(error) is None


def test_a_users_error_is_its_own_sentence() -> None:
    error = UserError("a sentence")
    assert sentence_of(error) is error


CALL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
from pipeline.cli.main import main
sys.argv = ["danmu", *sys.argv[1:]]
main()
"""


def test_a_command_ends_with_the_sentence(tmp_path: Path) -> None:
    words = [sys.executable, "-c", CALL, "parse", str(ROOT / "data" / "raw"), "-o", str(tmp_path / "out")]
    answer = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, env=os.environ | {"DANMU_THREADS": "1"})
    assert answer.returncode == 2 and answer.stderr.count("\n") == 1, answer.stderr
    assert "could not be written (File too large); make room there" in answer.stderr


def test_a_stage_ends_with_the_sentence(tmp_path: Path) -> None:
    code = f"""
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
from pathlib import Path
from pipeline.dag.stage import run
from pipeline.files import write_text
def stage():
    write_text("x" * 10_000, Path({str(tmp_path / "made")!r}))
run(stage)
"""
    script = tmp_path / "stage.py"
    script.write_text(code)
    answer = subprocess.run([sys.executable, script], cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 2 and "Traceback" not in answer.stderr
    assert f"{tmp_path / 'made'} could not be written (File too large); make room there" in answer.stderr
