"""Small inputs in the shapes that people have, where they lie beside this checkout: see their README."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.danmu.corpus.parsing import parse_corpus
from tests.conftest import SHARED

WILD = SHARED / "wild"
#: folder → comments, and values of some columns in the order of onset and text
RIGHT = {
    "hex-colour-column": (6, {"color": [0xFFFFFF, 0xFE0302, 0, 0x66CCFF, 0x019899, 0x1E1000]}),
    "crawler-columns-1": (2, {"pool": [0, 0], "sender": ["1a2b3c4d", "1a2b3c4e"]}),
    "crawler-columns-2": (2, {"onset_s": [12.0, 5025.0], "hour": [13, 13]}),
    "crawler-columns-3": (2, {"onset_s": [12.5, 72.0]}),
    "crawler-urls": (2, {"video_id": ["BV1xx411c7mD", "BV1xx411c7mE"], "chat_id": ["60001", "60002"]}),
    "compact-dates": (5, {"day": [17, 17, 17, 16, 17], "hour": [10, 2, 2, 16, 2]}),
    "ctime": (2, {"hour": [2, 2], "color": [15138834, 16777215]}),
    "ctime-known-columns": (1, {"hour": [2]}),
    "nine-fields-no-header": (3, {"onset_s": [12.3, 193.19, 1403.298]}),
    "chinese-modes": (2, {"mode": [1, 5], "color": [16777215, 16711680]}),
    "excel-sep": (2, {"hour": [0, 0]}),
    "carriage-returns": (2, {"row_id": [26600000000000001, 26600000000000003]}),
    "title-row": (2, {"onset_s": [12.5, 13.0]}),
    "barrage-column": (2, {"onset_s": [12.0, 72.0], "sender": ["a1", "a2"]}),
}


@pytest.mark.skipif(not WILD.is_dir(), reason="the small inputs are not here")
@pytest.mark.parametrize("folder", RIGHT)
def test_wild_tables_come_out_right(folder: str, tmp_path: Path) -> None:
    census = parse_corpus([WILD / folder], tmp_path)
    comments, expected = RIGHT[folder]
    assert (census.total("comments"), census.total("rejected"), census.blanked) == (comments, 0, {})
    table = pl.read_parquet(tmp_path / "comments.parquet").sort("onset_s", "chat_id", "text")
    table = table.with_columns(day=pl.col("sent_at").dt.day(), hour=pl.col("sent_at").dt.hour())
    assert {name: table[name].to_list() for name in expected} == expected
