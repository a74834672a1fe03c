"""What is remembered of files: read once, again when they change, and never believed when it cannot be."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import remembered as module
from pipeline.remembered import remembered
from tests.conftest import ROOT


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are read; nothing has to settle first."""
    monkeypatch.setattr(module, "SETTLED_NS", -1)
    return []


def texts(folder: Path, reads: list[str]) -> dict[str, str]:
    """The content of each file in a folder, as it is remembered."""

    def text(path: Path) -> str:
        reads.append(path.name)
        return path.read_text()

    found = remembered(sorted(folder.iterdir()), text, folder.with_suffix(".json"))
    return {path.name: content for path, content in found.items()}


def make(folder: Path) -> Path:
    folder.mkdir()
    for name in ("a", "b"):
        (folder / name).write_text(f"content of {name}")
    return folder


def test_only_what_changed_is_read_again(tmp_path: Path, reads: list[str]) -> None:
    folder = make(tmp_path / "mine")
    first = texts(folder, reads)
    assert reads == ["a", "b"]
    assert texts(folder, reads) == first and reads == ["a", "b"]
    # a change that keeps the size, and the time that `touch` can set
    os.utime(folder / "a", (1e9, 1e9))
    texts(folder, reads)
    reads.clear()
    (folder / "a").write_text("CONTENT of a")
    os.utime(folder / "a", (1e9, 1e9))
    assert texts(folder, reads)["a"] == "CONTENT of a" and reads == ["a"]
    # the store is a note, no truth: damaged, it is written anew
    for content in ("{", "[]", '{"x": 3}'):
        folder.with_suffix(".json").write_text(content)
        assert texts(folder, reads) == {"a": "CONTENT of a", "b": "content of b"}
    (folder / "b").unlink()
    (folder / "a").write_text("again")
    texts(folder, reads)
    assert list(json.loads(folder.with_suffix(".json").read_text())) == [str(folder / "a")]


def test_a_file_that_was_just_written_is_not_remembered(
    tmp_path: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its time may stand still while it changes again."""
    monkeypatch.setattr(module, "SETTLED_NS", 10**12)
    folder = make(tmp_path / "mine")
    texts(folder, reads)
    texts(folder, reads)
    assert len(reads) == 4 and not folder.with_suffix(".json").exists()


def test_processes_that_remember_at_once_leave_a_whole_file(tmp_path: Path) -> None:
    store = tmp_path / "store.json"
    folders = [make(tmp_path / str(number)) for number in range(4)]
    program = (
        "import sys; from pathlib import Path; from pipeline.remembered import add\n"
        "files = [str(path) for path in Path(sys.argv[1]).iterdir()]\n"
        "for turn in range(20): [add({name: [1, 2, 3, turn, 'x']}, Path(sys.argv[2])) for name in files]"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(folder), str(store)], cwd=ROOT)
               for folder in folders]  # fmt: skip
    assert [process.wait(60) for process in running] == [0] * 4
    assert json.loads(store.read_text())
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_in_one_process_it_is_made_again_only_where_a_file_changed_or_joined(tmp_path: Path, reads: list[str]) -> None:
    folder, known = make(tmp_path / "mine"), dict[module.Key, str]()

    def made() -> str:
        def work_out() -> str:
            reads.append("made")
            return "".join(path.read_text()[-1] for path in sorted(folder.iterdir()))

        return module.while_unchanged(sorted(folder.iterdir()), work_out, known)

    assert [made(), made()] == ["ab", "ab"] and reads == ["made"]
    (folder / "a").write_text("CONTENT of A")  # of the same size
    assert made() == "Ab" and len(reads) == 2
    (folder / "c").write_text("c")
    assert made() == made() == "Abc" and len(reads) == 3


def test_in_one_process_a_file_that_may_still_change_unseen_is_not_believed(tmp_path: Path) -> None:
    known: dict[module.Key, int] = {}
    assert [module.while_unchanged([make(tmp_path / "mine") / "a"], lambda: 1, known)] == [1] and not known
