import json
from pathlib import Path

import polars as pl
import pytest

from pipeline.errors import UserError
from pipeline.files import read_json, read_parquet, replacing, write_json, write_parquet, write_text

SCHEMA = {"comment_id": pl.String(), "onset_s": pl.Float64()}
FRAME = pl.DataFrame({"comment_id": ["dm1", "dm2"], "onset_s": [0.1, None]}, schema=SCHEMA)


def test_a_frame_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "made" / "comments.parquet"
    write_parquet(FRAME, path, SCHEMA)
    assert read_parquet(path, SCHEMA).equals(FRAME)


@pytest.mark.parametrize("frame", [FRAME.drop("onset_s"), FRAME.cast({"onset_s": pl.Float32}), FRAME.with_columns(x=1)])
def test_a_frame_of_another_schema_is_not_written(tmp_path: Path, frame: pl.DataFrame) -> None:
    with pytest.raises(ValueError, match=r"comments\.parquet: columns are"):
        write_parquet(frame, tmp_path / "comments.parquet", SCHEMA)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_missing_damaged_or_has_other_columns_is_named(tmp_path: Path) -> None:
    path = tmp_path / "comments.parquet"
    with pytest.raises(UserError, match=f"^There is no {path}"):
        read_parquet(path, SCHEMA)
    write_parquet(FRAME, path, SCHEMA)
    with pytest.raises(UserError, match=f"^{path} has other columns"):
        read_parquet(path, {**SCHEMA, "onset_s": pl.Float32()})
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(UserError, match=f"^{path} is damaged"):
        read_parquet(path, SCHEMA)


def test_an_exception_leaves_the_old_file_and_no_part_of_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    write_text("old", path)

    def fail_halfway() -> None:
        with replacing(path) as part:
            part.write_text("half of the n")
            raise RuntimeError("cut")

    with pytest.raises(RuntimeError, match="cut"):
        fail_halfway()
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("report.md", "old")]


def test_a_number_that_json_does_not_know_is_refused_before_the_file_is_touched(tmp_path: Path) -> None:
    path = tmp_path / "scores.json"
    write_json({"ece": 0.5}, path)
    with pytest.raises(ValueError, match="JSON"):
        write_json({"ece": float("nan")}, path)
    assert read_json(path) == {"ece": 0.5}


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_parquet(FRAME, tmp_path / f"{name}.parquet", SCHEMA)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    write_json({"b": 0.1, "a": "弹幕"}, tmp_path / "one.json")
    write_json({"a": "弹幕", "b": 0.1}, tmp_path / "two.json")
    text = (tmp_path / "one.json").read_bytes()
    assert text == (tmp_path / "two.json").read_bytes()
    assert text.decode() == '{\n  "a": "弹幕",\n  "b": 0.1\n}\n'
    assert json.loads(text) == {"a": "弹幕", "b": 0.1}
