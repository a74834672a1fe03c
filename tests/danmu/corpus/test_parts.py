"""Parts are written in record batches of bounded size, and merged in ranges of bounded size."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipeline.danmu.corpus import merge, parts, shards
from pipeline.danmu.corpus.identity import with_ids
from pipeline.danmu.corpus.parts import Range, each_batch, save_part, steps, within
from pipeline.danmu.readers.batch import table
from pipeline.danmu.record import Comment
from tests.danmu.samples import as_json, danmu, parsed, row, written


@given(st.lists(st.integers(0, 30), min_size=1, max_size=60))
def test_record_batches_have_few_rows_and_few_bytes_unless_one_row_has_more(sizes: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "STEP", 7)
        patch.setattr(parts, "LARGEST_STEP", 20)
        begins = [*steps(np.concatenate([[0], np.cumsum(sizes)])), len(sizes)]
    assert begins[0] == 0 and sorted(set(begins)) == begins
    for begin, behind in pairwise(begins):
        assert behind - begin == 1 or (behind - begin <= 7 and sum(sizes[begin:behind]) <= 20)


def test_a_part_of_long_texts_is_read_as_it_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "LARGEST_STEP", 1000)
    comments = [Comment("好" * (number % 7 * 100), comment_id=f"x{number:03}") for number in range(50)]
    frame = with_ids(table([(0, order, comment) for order, comment in enumerate(comments)]))
    part = save_part(frame, tmp_path / "part")
    assert len(part.keys) == len(part.sizes) > 20 and sum(part.sizes) == int(parts.text_bytes(frame).sum())
    assert_frame_equal(pl.concat(each_batch(part)), frame)
    inside = within(part, Range("x010", "x020"))
    assert inside["comment_id"].to_list() == [f"x{number:03}" for number in range(10, 20)]


def test_how_parts_and_ranges_are_cut_makes_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        row(as_json([danmu(row_id=str(1 + n % 50), text="好" * (n % 9))]), f"20191222{10 + n % 9}") for n in range(90)
    ]
    written(tmp_path, "".join(rows), "1")
    written(tmp_path, "".join(f'{{"id":"y{n}","text":"{"好" * n}"}}\n' for n in range(40)) + "x\n" * 9, "2")
    whole = parsed(tmp_path)[:2]
    for module, name, value in [
        (parts, "LARGEST_STEP", 100), (parts, "STEP", 5), (merge, "LARGEST_RANGE", 300), (merge, "STEP", 5),
        (merge, "RANGE", 20), (shards, "MOST", 7), (shards, "LARGEST_PART", 200), (shards, "MOST_REJECTED", 2),
    ]:  # fmt: skip
        monkeypatch.setattr(module, name, value)
    cut = parsed(tmp_path)[:2]
    assert cut[0].equals(whole[0]) and cut[1].equals(whole[1])
