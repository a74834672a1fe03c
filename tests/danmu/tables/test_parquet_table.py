from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Rejected
from pipeline.danmu.tables.parquet_table import PARQUET

QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
SENT = datetime(2019, 12, 22, 7, 33, 20, tzinfo=UTC)
ROW_ID = 2**63 - 2  # no float has it


def read(path: Path) -> list[Comment | Rejected]:
    """The records of a file."""
    return list(PARQUET.read(Source(path, "table")))


def written(folder: Path, columns: dict[str, Any], **options: Any) -> Path:
    """A Parquet file with these columns."""
    path = folder / "table"
    pq.write_table(pa.table(columns), path, **options)
    return path


def test_it_is_told_by_its_magic() -> None:
    assert PARQUET.recognises(b"PAR1\x15\x04")
    assert not PARQUET.recognises(b"id,text\n") and not PARQUET.recognises(b"")


def test_the_columns_are_those_of_any_table(tmp_path: Path) -> None:
    columns = {
        "progress": [12500, None], "mode": [1, 5], "midHash": ["03e39659", None], "content": ["好", ""],
        "ctime": [1577000000, None], "id": [ROW_ID, 0], "extra": [[1], [2]], "color": [255.0, None],
    }  # fmt: skip
    assert read(written(tmp_path, columns)) == [
        Comment("好", None, None, None, None, 12.5, 1, None, 255, SENT, None, "03e39659", ROW_ID, site="bilibili"),
        Comment("", onset_s=0.0, mode=5, site="bilibili"),
    ]


def test_ids_in_a_column_of_floats_are_damaged_and_a_corpuss_own_rejected(tmp_path: Path) -> None:
    rows = read(written(tmp_path, {"row_id": [2.614e16, 123.0, float("nan")], "text": ["一", "二", "三"]}))
    assert rows == [Comment("一", row_id_damaged=True), Comment("二", row_id_damaged=True), Comment("三")]
    (row,) = read(written(tmp_path, {"id": [7.0], "text": ["一"]}))
    reason = "the id '7.0' went through a float, as others may have that are now the same"
    assert row == Rejected("table", 1, reason, "7.0,一")


@pytest.mark.parametrize(
    "sent_at",
    [
        pa.array([1577000000], pa.int64()),
        pa.array([1577000000000], pa.int64()),
        pa.array([1577000000000000000], pa.timestamp("ns")),
        pa.array([1577000000], pa.timestamp("s", "Asia/Shanghai")),
        pa.array(["2019-12-22T15:33:20+08:00"]),
        pa.array(["2019-12-22 07:33:20"]).dictionary_encode(),
        pa.array([Decimal(1577000000)]),
    ],
    ids=str,
)
def test_a_time_may_have_any_type(tmp_path: Path, sent_at: Any) -> None:
    (row,) = read(written(tmp_path, {"text": ["好"], "id": ["a"], "sent_at": sent_at}))
    assert isinstance(row, Comment) and row.sent_at == SENT


def test_a_day_and_a_time_out_of_any_calendar(tmp_path: Path) -> None:
    (row,) = read(written(tmp_path, {"text": ["好"], "id": ["a"], "sent_at": [date(2019, 12, 22)]}))
    assert isinstance(row, Comment) and row.sent_at == datetime(2019, 12, 22, tzinfo=UTC)
    (bad,) = read(written(tmp_path, {"text": ["好"], "id": ["a"], "sent_at": pa.array([2**60], pa.timestamp("ms"))}))
    assert bad == Comment("好", comment_id="a", blanked=("time",))


def test_a_rejected_row_has_its_number_across_row_groups(tmp_path: Path) -> None:
    columns = {"id": [str(number) for number in range(99)] + [""], "text": ["好"] * 100}
    rows = read(written(tmp_path, columns, row_group_size=30))
    assert len(rows) == 100
    assert rows[99] == Rejected("table", 100, "no id", ",好")


def test_long_texts_categories_and_bytes(tmp_path: Path) -> None:
    long = "好" * 2_000_000
    columns = {
        "id": pa.array(["a", "b"]).dictionary_encode(), "text": pa.array([long, "行"], pa.large_string()),
        "video_id": pa.array([b"v1", b"\xff"]),
    }  # fmt: skip
    assert read(written(tmp_path, columns)) == [
        Comment(long, comment_id="a", video_id="v1"),
        Comment("行", comment_id="b", video_id="\ufffd"),
    ]


def test_texts_that_are_no_utf8_have_replacement_characters(tmp_path: Path) -> None:
    text = pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xffa"))
    assert read(written(tmp_path, {"id": ["a"], "text": text})) == [Comment("\ufffda", comment_id="a")]


def test_what_is_no_table_of_comments_says_so(tmp_path: Path) -> None:
    assert read(written(tmp_path, {"text": ["好"], "label": ["x"]})) == [
        Rejected("table", 1, "no table of comments: no id", "text, label")
    ]


def test_a_damaged_file_is_one_rejected_record(tmp_path: Path) -> None:
    path = written(tmp_path, {"id": ["a"], "text": ["好"]})
    path.write_bytes(path.read_bytes()[:-20])
    (row,) = read(path)
    assert isinstance(row, Rejected) and row.reason.startswith("no readable Parquet: ")


def test_a_damaged_row_group_costs_itself(tmp_path: Path) -> None:
    columns = {"id": [f"{number:07}" for number in range(3000)], "text": ["好"] * 3000}
    path = written(tmp_path, columns, row_group_size=1000, compression="zstd", use_dictionary=False)
    offset = pq.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    content = bytearray(path.read_bytes())
    content[offset + 40 : offset + 400] = b"\x00" * 360
    path.write_bytes(content)
    rows = read(path)
    rejected = [row for row in rows if isinstance(row, Rejected)]
    assert len(rows) == 2001
    assert [(row.line, row.reason[:26]) for row in rejected] == [(1001, "1000 rows cannot be read: ")]


def test_a_parquet_file_that_is_compressed_once_more_is_read(tmp_path: Path) -> None:
    import gzip

    path = written(tmp_path, {"id": ["a"], "text": ["好"]})
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert read(path) == [Comment("好", comment_id="a")]


@QUIET
@given(st.lists(st.tuples(st.text(), st.integers(1, 2**63 - 1), st.integers(0, 9)), max_size=8))
def test_what_polars_writes_is_read(tmp_path: Path, rows: list[tuple[str, int, int]]) -> None:
    schema = {"content": pl.String(), "danmu_id": pl.Int64(), "mode": pl.Int32()}
    pl.DataFrame(rows, schema=schema, orient="row").write_parquet(tmp_path / "table")
    comments = read(tmp_path / "table")
    assert [(row.text, row.row_id, row.mode) for row in comments if isinstance(row, Comment)] == rows


@QUIET
@given(st.binary(max_size=300))
def test_no_bytes_raise(tmp_path: Path, content: bytes) -> None:
    PARQUET.recognises(content)
    (tmp_path / "table").write_bytes(b"PAR1" + content + b"PAR1")
    assert all(isinstance(row, Rejected) for row in read(tmp_path / "table"))
