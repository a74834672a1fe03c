from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipeline.danmu.corpus.parsing import parse_corpus
from pipeline.danmu.corpus.raw_files import readable_files
from pipeline.errors import UserError
from tests.danmu.samples import as_json, corpus, danmu, parsed, row, written

A, B = danmu(row_id="11000001"), danmu(row_id="12000001", text="第三遍来看")
ANY_TEXT = "a file of no known form: it looks like one text per line; if it is that, read it with `danmu parse --text`"
KEYLESS = as_json([danmu(row_id="0")])
HOURS = [
    row(as_json([A]), "2019122222"),
    row(as_json([A, B]), "2019122223"),
    row(as_json([A, A, B]), "2019122300"),
    row(as_json([A]), "2019122300"),
]


def test_snapshots_fold_into_one_row_per_comment(tmp_path: Path) -> None:
    seen = corpus(tmp_path, "".join(HOURS)).select(
        "comment_id", pl.col("first_seen", "last_seen").dt.strftime("%F %H:%M"), "snapshots"
    )
    # 22:00 in Beijing is 14:00 UTC; the last hour holds A thrice, and is one snapshot
    assert seen.rows() == [
        ("dm11000001", "2019-12-22 14:00", "2019-12-22 16:00", 3),
        ("dm12000001", "2019-12-22 15:00", "2019-12-22 16:00", 2),
    ]


def test_records_are_comments_and_duplicates_and_rejected(tmp_path: Path) -> None:
    bad = row(as_json([danmu()[1:], danmu()[:-1]]), "2019122301")
    comments, rejected, census = parsed(written(tmp_path, "".join(HOURS) + bad))
    # records: 1 + 2 + 3 + 1 + 2 = 9; comments: A, B; duplicates: 4 further A, 1 further B
    assert (census.total("records"), len(comments), len(rejected)) == (9, 2, 2)


@given(order=st.permutations([*HOURS, row(KEYLESS, "2019122222"), row(KEYLESS)]))
@settings(max_examples=60, deadline=None)
def test_comments_and_their_ids_do_not_depend_on_the_order_of_the_rows(order: list[str]) -> None:
    with TemporaryDirectory() as folder:
        expected = corpus(Path(folder), "".join(HOURS) + row(KEYLESS))
        comments = corpus(Path(folder), "".join(order))
    assert_frame_equal(comments, expected)


def test_a_folder_is_read_whole_whatever_the_files_are_called(tmp_path: Path) -> None:
    written(tmp_path, HOURS[0], "1_danmu_day")
    (tmp_path / "later").mkdir()
    written(tmp_path / "later", "id,text\nx1,好\n", "anything.txt")
    written(tmp_path, '{"id": "x2", "text": "好"}\n', "lines")
    written(tmp_path, "\n", "blank.csv")
    written(tmp_path, "notes", "README.md")
    written(tmp_path, "hidden", ".part")
    (tmp_path / ".ipynb_checkpoints").mkdir()
    written(tmp_path / ".ipynb_checkpoints", "id,text\nx1,坏\n", "a.csv")
    comments, rejected, census = parsed(tmp_path)
    assert comments["comment_id"].to_list() == ["dm11000001", "x1", "x2"]
    assert (len(rejected), census.total("records")) == (0, 3)


def test_a_file_that_is_an_error_page_is_one_rejected_record(tmp_path: Path) -> None:
    written(tmp_path, HOURS[0], "1_danmu_day")
    written(tmp_path, '{"code":-412}', "2_danmu_day")
    comments, rejected, census = parsed(tmp_path)
    assert rejected.rows() == [("2_danmu_day", 1, "error page saved as data (code -412, )", '{"code":-412}')]
    assert (len(comments), census.total("records")) == (1, 2)


def test_a_missing_or_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=f"^There is no {tmp_path / 'none'}; "):
        readable_files([tmp_path / "none"])
    written(tmp_path, "", ".gitkeep")
    with pytest.raises(UserError, match=f"^{tmp_path} is empty; "):
        parsed(tmp_path)


def test_a_file_of_an_unknown_form_is_one_rejected_record_with_its_beginning(tmp_path: Path) -> None:
    written(tmp_path, HOURS[0], "1_danmu_day")
    written(tmp_path, "name;value\n1;2\n", "other")
    comments, rejected, census = parsed(tmp_path)
    assert rejected.rows() == [("other", 1, ANY_TEXT, "name;value\n1;2")]
    assert (len(comments), census.total("records")) == (1, 2)


@pytest.mark.parametrize("begin", ['{"id":"x1","text":"', '[{"id":"x1","text":"', "id,text,", "1" * 15 + "\t"])
def test_a_file_whose_first_record_hides_its_form_says_that_it_is_too_long(tmp_path: Path, begin: str) -> None:
    written(tmp_path, HOURS[0], "1_danmu_day")
    written(tmp_path, begin + "x" * 70_000 + '"}\n', "other")
    _, rejected, _ = parsed(tmp_path)
    why = "a file of no known form: its first record is too long, more than the 64 KiB that tell a form"
    assert rejected["reason"].to_list() == [why]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (row("[]"), ""),
        ('{"code":-412}', "error page saved as data"),
        (row(as_json([danmu()[1:]])), "… fields where 9 or 10 belong"),
    ],
)
def test_a_folder_without_a_comment_is_named_with_the_reason(tmp_path: Path, content: str, reason: str) -> None:
    written(tmp_path, content)
    with pytest.raises(UserError, match=f"^{tmp_path} holds no comment.*{reason}"):
        parsed(tmp_path)


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    path = written(tmp_path, HOURS[0])
    (tmp_path / "link").symlink_to(path)
    assert len(readable_files([tmp_path, path, tmp_path])) == 1


def test_an_earlier_runs_tables_are_no_raw_files(tmp_path: Path) -> None:
    written(tmp_path, HOURS[1])
    first = parse_corpus([tmp_path], tmp_path)
    assert parse_corpus([tmp_path], tmp_path) == first and first.total("records") == 2


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, HOURS[0])
    with pytest.raises(UserError, match="cannot be written"):
        parse_corpus([path], path / "below")
