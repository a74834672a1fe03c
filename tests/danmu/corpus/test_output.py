"""One run at a time in a folder, no remains of killed runs, and two tables that are of one run."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from pipeline import locks
from pipeline.danmu.corpus.output import COMMENTS_NAME, REJECTED_NAME, TEMPORARY, held_folder, output, remove_left
from pipeline.danmu.corpus.parsing import parse_corpus
from pipeline.errors import UserError
from tests.conftest import ROOT
from tests.danmu.samples import written

HOLD = """
import sys
from pathlib import Path
from pipeline.danmu.corpus.output import output
with output(Path(sys.argv[1])) as out:
    out.comments.touch()
    print(out.scratch, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A folder with one sound comment and one that is none."""
    (tmp_path / "raw").mkdir()
    written(tmp_path / "raw", "id,text\nx1,好\n,\nx2\n", "a.csv")
    return tmp_path / "raw"


def test_of_two_runs_into_one_folder_the_second_is_refused_and_what_a_killed_one_leaves_goes(
    raw: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(out)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert first.stdout is not None
    scratch = Path(first.stdout.readline().strip())
    assert scratch.is_dir() and scratch.name.startswith(TEMPORARY)
    with pytest.raises(UserError, match=f"^Another `danmu parse` is writing into {out}; let it end"):
        parse_corpus([raw], out)
    remove_left(out)
    assert scratch.is_dir(), "it is held by a living process"
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert scratch.is_dir() and list(out.glob(".*.part"))
    parse_corpus([raw], out)
    assert sorted(path.name for path in out.iterdir()) == [COMMENTS_NAME, REJECTED_NAME]


def test_the_next_run_removes_what_older_ones_left_and_nothing_else(raw: Path, tmp_path: Path, monkeypatch) -> None:
    scratch, out = tmp_path / "scratch", tmp_path / "out"
    scratch.mkdir()
    monkeypatch.setenv("DANMU_SCRATCH", str(scratch))
    for folder in (scratch, out):
        (folder / f"{TEMPORARY}dead").mkdir(parents=True)
        (folder / f"{TEMPORARY}dead" / "part-000000-000.arrow").touch()
    (scratch / "mine").mkdir()
    with held_folder(scratch) as living:
        parse_corpus([raw], out)
        assert sorted(scratch.iterdir()) == sorted([living, scratch / "mine"])
    assert [path.name for path in scratch.iterdir()] == ["mine"]
    assert sorted(path.name for path in out.iterdir()) == [COMMENTS_NAME, REJECTED_NAME]


def exchange_and_die(out: Path, tables: list[bytes], moves: int) -> None:
    """Write two tables, and end this process after so many of their moves."""
    replace, left = Path.replace, [moves]

    def replace_or_die(self: Path, target: Path) -> Path:
        if left[0] == 0:
            os._exit(9)
        left[0] -= 1
        return replace(self, target)

    Path.replace = replace_or_die  # type: ignore[method-assign,assignment]
    with output(out) as files:
        for file, content in zip(files, tables):
            file.write_bytes(content + b"new")
    os._exit(0)


def test_killed_between_the_two_tables_no_pair_is_left_of_two_runs(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    parse_corpus([raw], out)
    old = [(out / name).read_bytes() for name in (COMMENTS_NAME, REJECTED_NAME)]
    written(raw, "id,text\ny1,好\n,\n", "b.csv")
    for moves in range(3):
        child = os.fork()
        if child == 0:
            exchange_and_die(out, old, moves)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == (9 if moves < 2 else 0)
        tables = [out / COMMENTS_NAME, out / REJECTED_NAME]
        if all(table.exists() for table in tables):
            assert len({table.read_bytes().endswith(b"new") for table in tables}) == 1
    parse_corpus([raw], out)
    assert pl.read_parquet(out / COMMENTS_NAME)["comment_id"].to_list() == ["x1", "y1"]
    assert len(pl.read_parquet(out / REJECTED_NAME)) == 3


def test_a_run_that_fails_leaves_the_older_tables(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    parse_corpus([raw], out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    written(raw, "id,text\n,\n", "a.csv")
    with pytest.raises(UserError, match="holds no comment"):
        parse_corpus([raw], out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_without_locks_only_old_remains_go(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "fcntl", None)
    for name, age in {"old": 8, "new": 1}.items():
        folder = tmp_path / "out" / f"{TEMPORARY}{name}"
        folder.mkdir(parents=True)
        (folder / "held").touch()
        moment = (folder / "held").stat().st_mtime - age * 24 * 3600
        os.utime(folder / "held", (moment, moment))
    parse_corpus([raw], tmp_path / "out")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [f"{TEMPORARY}new", COMMENTS_NAME, REJECTED_NAME]
