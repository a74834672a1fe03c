"""A file that is no text is called what it is, by its first bytes."""

import io
import re
import zipfile
from pathlib import Path

import pytest

from pipeline.annotation.exchange.plain_text import json_value, text_of
from pipeline.annotation.rounds.reading import read_anything
from pipeline.errors import UserError


def packed(*names: str, stored: bytes = b"x") -> bytes:
    """A zip with these members in this order."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, stored)
    return content.getvalue()


WORKBOOK = "a spreadsheet's own file; save it as `CSV UTF-8` there"
FILES = {
    "anna.xlsx": (packed("[Content_Types].xml", "xl/workbook.xml"), WORKBOOK),
    "openpyxl.csv": (packed("docProps/app.xml", "xl/workbook.xml"), WORKBOOK),  # renamed, as people do
    "office.ods": (packed("mimetype", stored=b"application/vnd.oasis.opendocument.spreadsheet"), WORKBOOK),
    "old.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), WORKBOOK),
    "doccano.zip": (packed("anna.jsonl"), "is packed; unpack it"),
    "anna.json": (packed("anna.jsonl"), "is packed; unpack it"),
    "anna.csv": (b"\x1f\x8b\x08\x00", "is packed; unpack it"),
    "excel.csv": ("comment_id,labels\n".encode("utf-16"), "is not in UTF-8; save it so (a spreadsheet calls it `CSV"),
}


@pytest.mark.parametrize("name", FILES)
def test_what_is_no_text_is_named(name: str, tmp_path: Path) -> None:
    content, complaint = FILES[name]
    (tmp_path / name).write_bytes(content)
    for read in (text_of, lambda file: read_anything(file, None), lambda file: read_anything(file, None, ["a"])):
        with pytest.raises(UserError, match=f"^{re.escape(str(tmp_path / name))} .*{re.escape(complaint)}"):
            read(tmp_path / name)


def test_a_text_is_given_without_its_mark_and_with_its_line_ends(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("\ufeffa\r\nb\r".encode())
    assert text_of(tmp_path / "a.csv") == "a\r\nb\r"


@pytest.mark.parametrize("name", ["deep.json", "deep.jsonl", "label-studio.json", "doccano.jsonl"])
def test_what_is_nested_without_end_is_refused_with_a_sentence(name: str, tmp_path: Path) -> None:
    deep, less = "[" * 99_999 + "]" * 99_999, "[" * 400 + "]" * 400  # the one cannot be read, the other only just
    content = {
        "deep.json": deep,
        "deep.jsonl": deep,
        "label-studio.json": '[{"id": 1, "data": {"comment_id": "x"}, "annotations": [{"completed_by": 1, '
        f'"updated_at": "2026-11-22", "result": [{{"from_name": "primary", "value": {{"choices": {less}}}}}]}}]}}]',
        "doccano.jsonl": f'{{"id": 1, "text": "x", "comment_id": "x", "label": [{less}]}}',
    }[name]
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=f"^{tmp_path / name}"):
        read_anything(tmp_path / name, None)
    assert json_value(deep) is None
