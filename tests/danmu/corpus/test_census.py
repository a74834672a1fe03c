"""`danmu parse`: the table of files, what is said of one, and what bad words on the command line cost."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.danmu.corpus.census import census_table, explained
from pipeline.danmu.corpus.parsing import Census, FileCount
from pipeline.danmu.readers.source import Source
from pipeline.errors import UserError
from pipeline.terminal import STEERING
from tests.danmu.samples import as_json, danmu, parsed, row, written

ANY_TEXT = "a file of no known form: it looks like one text per line; if it is that, read it with `danmu parse --text`"
FOUR = row(as_json([danmu(row_id="1000001"), danmu(row_id="2000001"), danmu(row_id="1000001"), danmu()[1:]]))


def test_a_few_files_have_a_line_each_and_all_together_one(tmp_path: Path) -> None:
    written(tmp_path, FOUR, "弹幕_day")
    written(tmp_path, "some prose\n", "notes")
    _, _, census = parsed(tmp_path)
    assert census_table(census).splitlines() == [
        "file      form      records  comments  duplicates  rejected",
        "notes     unknown         1         0           0         1",
        "弹幕_day  day file        4         2           1         1",
        "all                       5         2           1         2",
        "",
        "rejected because",
        f"        1  {ANY_TEXT}",
        "        1  … fields where 9 or 10 belong",
        "",
        "of no known form, and rejected whole: notes (11 bytes)",
    ]


def test_many_files_have_a_line_per_form() -> None:
    files = [FileCount(f"{n}.xml", "Bilibili XML", 1000, 900, 10) for n in range(40)]
    files += [FileCount("a.csv", "CSV", 5, 5, 0)]
    assert census_table(Census(files, {"no text": 400}, 0, {})).splitlines()[:4] == [
        "file      form          records  comments  duplicates  rejected",
        "40 files  Bilibili XML   40,000    36,000       3,600       400",
        "1 file    CSV                 5         5           0         0",
        "all                      40,005    36,005       3,600       400",
    ]


def test_a_file_is_explained_by_its_form_its_columns_and_its_first_records(tmp_path: Path) -> None:
    path = written(
        tmp_path, "弹幕内容,出现时间,模式,idStr,备注\n开头就笑了,12.5,1,26140000000000001,x\n坏,-1,1\n", "a.csv"
    )
    said = "\n".join(explained(Source(path, path.name)))
    assert said.startswith(f"{path}: CSV\n  compression none, encoding utf-8\n  columns: ")
    for part in ("text ← 弹幕内容", "onset_s ← 出现时间", "not used: 备注", "2 records, 1 rejected", "开头就笑了"):
        assert part in said
    assert "rejected 1 ×, first in line 3: fewer columns than the header has" in said


def test_the_command_writes_both_tables_and_prints_the_census(tmp_path: Path) -> None:
    path = written(tmp_path, FOUR)
    answer = CliRunner().invoke(app, ["parse", str(path), "-o", str(tmp_path / "out")])
    assert answer.exit_code == 0 and "1_danmu_day  day file" in answer.stdout
    assert {file.name for file in (tmp_path / "out").iterdir()} == {"comments.parquet", "rejected.parquet"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["data"], "Say where to with -o FOLDER"),
        (["nowhere", "-o", "out"], "There is no nowhere"),
        (["1_danmu_day", "-o", "1_danmu_day"], "1_danmu_day is a file; name a folder with -o"),
        (["1_danmu_day", "-o", "out", "--hash-senders"], "DANMU_SENDER_KEY is not set"),
    ],
)
def test_bad_words_get_one_sentence_and_write_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], sentence: str
) -> None:
    written(tmp_path, FOUR)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DANMU_SENDER_KEY", raising=False)
    answer = CliRunner().invoke(app, ["parse", *words])
    assert isinstance(answer.exception, UserError) and sentence in str(answer.exception)
    assert not (tmp_path / "out").exists()


def test_nothing_in_names_texts_or_reasons_steers_the_terminal(tmp_path: Path) -> None:
    hostile = "x\x1b[2J\x9b31m\u202e"
    path = written(tmp_path, f"弹幕内容,出现时间,{hostile}\n哈{hostile},1,y\n坏{hostile},-1,y\n", f"{hostile}\nb.csv")
    written(tmp_path, "some prose\n", f"notes{hostile}")
    for words in (["--explain"], ["-o", str(tmp_path.parent / f"{tmp_path.name}-out")]):
        answer = CliRunner().invoke(app, ["parse", str(tmp_path), *words], catch_exceptions=False)
        assert answer.exit_code == 0 and not STEERING.search(answer.output.replace("\n", ""))
        assert "\\u001b[2J" in answer.output and f"\\n{path.name.splitlines()[1]}" in answer.output
