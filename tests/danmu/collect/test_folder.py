"""What an interrupted round left may be damaged: then a new one begins, and nothing that was fetched is lost."""

from datetime import date
from pathlib import Path

import pytest

from pipeline.danmu.collect.folder import Folder

NAME = "78462684.134249478.2019122222.seg-3-of-7.pb"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"begun": "x", "days": 1, "parts": {}}', "[" * 99_999])
def test_a_damaged_note_is_not_gone_on_from_and_every_day_is_made_anew(tmp_path: Path, content: str) -> None:
    (tmp_path / "segments").mkdir()
    (tmp_path / "segments" / NAME).write_bytes(b"")
    (tmp_path / ".collect").mkdir()
    (tmp_path / ".collect" / "round.json").write_text(content)
    folder = Folder(tmp_path)
    assert (folder.begun, folder.parts, folder.days) == ("", {}, {"20191222"})


def test_a_damaged_list_of_days_is_asked_for_again(tmp_path: Path) -> None:
    folder, month = Folder(tmp_path), date(2019, 12, 1)
    assert folder.history_days("1", month) is None
    folder.keep_history_days("1", month, [month])
    assert folder.history_days("1", month) == [month]
    for content in ("", "[1]", '["x"]', "7"):
        folder.index("1", month).write_text(content)
        assert folder.history_days("1", month) is None
