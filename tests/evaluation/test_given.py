"""Splits that a file gives: taken as they are, and every fault named with its file and line."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.artifacts.splits import SplitSummary
from pipeline.errors import UserError
from pipeline.evaluation.listed import read_listed
from pipeline.evaluation.splitting import split_rounds, summary
from tests.evaluation.test_splitting import SCHEMA, settings_of

LABELLED = pl.DataFrame(
    [
        ("dm0", "v1", "好看", "a"),
        ("dm1", "v1", "来了", "b"),
        ("dm2", "v2", "泪目", "a"),
        ("dm3", "v3", "第一", "b"),
        ("dm4", None, "冲", "b"),
    ],
    schema=SCHEMA,
    orient="row",
).with_columns(first_round=pl.lit(1))
GIVEN = "comment_id,split\ndm3,test\ndm0,train\ndm1,train\ndm2,validation\ndm9,test\n"  # dm9 has no label


def parts(content: str, file: Path, labelled: pl.DataFrame = LABELLED, leaks: str = "stop") -> dict[str, str]:
    file.write_text(content, encoding="utf-8")
    settings = settings_of(given=str(file), given_leaks=leaks)
    found = split_rounds(labelled, {*LABELLED["comment_id"], "dm9"}, settings)
    return dict(found.select("comment_id", "split").iter_rows())


def test_a_given_split_is_used_as_it_is(tmp_path: Path) -> None:
    expected = {"dm0": "train", "dm1": "train", "dm2": "validation", "dm3": "test", "dm4": "left_out"}
    assert parts(GIVEN, tmp_path / "split.csv") == expected
    rows = [line.split(",") for line in GIVEN.split()[1:]]
    pl.DataFrame(rows, schema=["comment_id", "split"], orient="row").write_parquet(tmp_path / "split.parquet")
    found = split_rounds(LABELLED, {*LABELLED["comment_id"], "dm9"}, settings_of(given=f"{tmp_path}/split.parquet"))
    assert dict(found.select("comment_id", "split").iter_rows()) == expected
    assert summary(found, "split.csv") == SplitSummary(2, 1, 1, left_out=1, videos=1, given="split.csv")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("dm2,validation", "dm2,dev", "line 5: the split is 'dev'; write train, validation, test or left_out."),
        ("dm2,validation", "dm2,", "line 5: the split is ''; write"),
        ("dm9", "dm8", "line 6: the corpus has no comment dm8; correct or remove it."),
        ("dm9", "dm0", "line 6: the comment dm0 stands in line 3 too; remove one."),
        ("dm9", " ", "line 6: there is no comment_id; complete or remove it."),
        ("id,split", "id,part", ": there is no column split; it needs comment_id and split."),
        ("dm2,validation", "dm2,train", " puts no labelled comment into validation; give every part some"),
    ],
)
def test_every_fault_is_a_sentence_with_file_and_line(before: str, after: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as said:
        parts(GIVEN.replace(before, after), tmp_path / "split.csv")
    assert str(said.value).startswith(f"{tmp_path}/split.csv") and words in str(said.value)


def test_what_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"There is no file .*none.csv, which split.given \(params.yaml\) names"):
        read_listed(tmp_path / "none.csv", "split.given")
    (tmp_path / "split.parquet").write_bytes(b"PAR1")
    with pytest.raises(UserError, match=r"split.parquet is no Parquet file"):
        read_listed(tmp_path / "split.parquet", "split.given")
    pl.DataFrame({"comment_id": [1, None], "split": ["train", "test"]}).write_parquet(tmp_path / "split.parquet")
    with pytest.raises(UserError, match=r"split.parquet, row 2: there is no comment_id"):
        read_listed(tmp_path / "split.parquet", "split.given")


VIDEO_LEAKS = GIVEN.replace("dm1,train", "dm1,test")


def test_a_video_on_two_sides_is_named_and_stops(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "split.csv"
    with pytest.raises(UserError) as said:
        parts(VIDEO_LEAKS, file)
    assert str(said.value) == (
        f"{file}: the video v1 is in train (dm0, line 3) and in test (dm1, line 4); move one of them, or set "
        "split.given_leaks to warn (params.yaml)."
    )
    labelled = LABELLED.with_columns(leaf=pl.Series(list("aabab")))
    found = parts(VIDEO_LEAKS.replace("dm9,test", "dm4,train"), file, labelled, "warn")
    assert found["dm1"] == "test" and found["dm4"] == "train"
    assert f"{file}: the video v1 is in train (dm0, line 3) and in test (dm1, line 4)." in capsys.readouterr().out
    splits = split_rounds(labelled, {*LABELLED["comment_id"], "dm9"}, settings_of(given=str(file), given_leaks="warn"))
    assert summary(splits, str(file)).shared_videos == 1


def test_a_text_on_two_sides_is_named_and_stops(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "split.csv"
    labelled = LABELLED.with_columns(text=pl.Series(["好看\n", "来了来了", "好看！", "来了", "来了。"]))
    with pytest.raises(
        UserError, match=r"the text “好看[^\n]*” is in train .dm0, line 3. and in validation .dm2, line 5., and"
    ):
        parts(GIVEN, file, labelled)
    parts(GIVEN, file, labelled, "warn")
    assert ", and so are 1 others." in capsys.readouterr().out


def test_one_who_decides_is_enough() -> None:
    with pytest.raises(ValueError, match="given says where every comment goes, so train_only_rounds has no say"):
        settings_of(given="split.csv", train_only_rounds=[2])
