"""Whatever lies in a folder is read or on record: links, loops, odd names, what cannot be read, what goes away."""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from pipeline.danmu.corpus.raw_files import raw_files, readable_files
from pipeline.danmu.corpus.shards import read_shard, shards, stretches
from tests.danmu.samples import parsed, row, written

SOUND = "id,text\ns1,好\n"


def rejected_of(folder: Path) -> dict[str, str]:
    """The reason for each file that has one; the sound file is read."""
    written(folder, SOUND, "sound.csv")
    comments, rejected, census = parsed(folder)
    assert "s1" in comments["comment_id"]
    assert Counter(file.form for file in census.files)["unreadable"] == len(rejected)
    return dict(zip(rejected["file"], rejected["reason"]))


def test_a_linked_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "far" / "deep").mkdir(parents=True)
    written(tmp_path / "far" / "deep", "id,text\nx1,远\n", "a.csv")
    (tmp_path / "raw" / "link").symlink_to(tmp_path / "far")
    written(tmp_path / "raw", SOUND, "b.csv")
    comments, rejected, census = parsed(tmp_path / "raw")
    assert comments["comment_id"].to_list() == ["s1", "x1"] and not len(rejected)
    assert [file.name for file in census.files] == ["b.csv", "link/deep/a.csv"]


def test_links_that_loop_are_followed_once(tmp_path: Path) -> None:
    (tmp_path / "z").mkdir()
    written(tmp_path / "z", SOUND, "a.csv")
    (tmp_path / "z" / "up").symlink_to(tmp_path)
    (tmp_path / "a").symlink_to(tmp_path / "z")
    (tmp_path / "b").symlink_to(tmp_path)
    assert [name for _, name in readable_files([tmp_path])] == ["z/a.csv"]


def test_links_to_nowhere_and_to_themselves_are_on_record(tmp_path: Path) -> None:
    (tmp_path / "self").symlink_to(tmp_path / "self")
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe")
    assert rejected_of(tmp_path) == {
        "self": "cannot be read: Too many levels of symbolic links",
        "gone": "cannot be read: No such file or directory",
        "pipe": "neither a file nor a folder",
    }
    assert [name for _, name in readable_files([tmp_path])] == ["sound.csv"]


@pytest.mark.parametrize("form", ["csv", "zst", "parquet"])
def test_a_file_whose_name_is_no_utf8_is_read_under_a_name_that_is(tmp_path: Path, form: str) -> None:
    path = tmp_path / os.fsdecode(b"\xb5\xaf\xff." + form.encode())
    if form == "csv":
        path.write_bytes(SOUND.encode() + b"x,\n,\n")
    elif form == "zst":
        path.write_bytes(pa.compress((SOUND + "x,\n,\n").encode(), "zstd", asbytes=True))
    else:
        with path.open("wb") as file:
            pl.DataFrame({"id": ["s1", "x", None], "text": ["好", "", "x"]}).write_parquet(file)
    comments, rejected, census = parsed(tmp_path)
    assert comments["comment_id"].to_list() == ["s1", "x"]
    assert [file.name for file in census.files] == [rf"\xb5\xaf\xff.{form}"] == rejected["file"].to_list()


@pytest.fixture
def nobody(tmp_path: Path) -> Iterator[None]:
    """Somebody who may not read everything."""
    if os.geteuid():
        yield
        return
    for folder in (tmp_path, *tmp_path.parents):
        if str(folder).startswith("/tmp/") and folder.stat().st_uid == 0:
            folder.chmod(0o755)
    os.seteuid(65534)
    yield
    os.seteuid(0)


def test_what_may_not_be_read_is_on_record(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    (tmp_path / "closed").mkdir()
    written(tmp_path / "closed", SOUND, "a.csv")
    written(tmp_path, row("[]"), "secret").chmod(0)
    written(tmp_path, SOUND, "sound.csv")
    (tmp_path / "closed").chmod(0)
    request.getfixturevalue("nobody")
    assert {one.name: one.fault for one in raw_files([tmp_path])} == {
        "closed": "folder cannot be read: Permission denied",
        "secret": None,
        "sound.csv": None,
    }
    cut = list(stretches(raw_files([tmp_path])))
    assert [(one.name, one.form, one.fault) for one in cut] == [
        ("closed", "unreadable", "folder cannot be read: Permission denied"),
        ("secret", "unreadable", None),
        ("sound.csv", "CSV", None),
    ]
    (task,) = shards(cut, Path(tempfile.mkdtemp(dir="/tmp")), None)
    result = read_shard(task)
    assert [row for path in result.rejected for row in pl.read_parquet(path).select("file", "reason").rows()] == [
        ("closed", "folder cannot be read: Permission denied"),
        ("secret", "cannot be read: Permission denied"),
    ]
    shutil.rmtree(task.folder)


def test_files_that_go_away_before_they_are_read_are_on_record(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    element = '<d p="12.5,1,25,16777215,1577000000,0,3e396595,2614000000000000{}">好</d>'
    for name, content in {"a.csv": SOUND, "b.xml": element.format(1), "c.xml": element.format(2)}.items():
        written(tmp_path / "raw", content, name)
    cut = list(stretches(raw_files([tmp_path / "raw"])))
    (tmp_path / "raw" / "a.csv").unlink()
    (tmp_path / "raw" / "c.xml").unlink()
    (task,) = shards(cut, tmp_path, None)
    result = read_shard(task)
    rows = [one for path in result.rejected for one in pl.read_parquet(path).select("file", "reason").rows()]
    reason = "cannot be read: No such file or directory"
    assert rows == [("a.csv", reason), ("c.xml", reason)]
    assert result.records == {0: 1, 1: 1, 2: 1} and [len(part.held) for part in result.parts] == [1]
