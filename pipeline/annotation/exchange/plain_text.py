"""The text of a file that came back, or the sentence on what it is instead."""

import json
from pathlib import Path
from typing import Any

from pipeline.errors import UserError

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".numbers")
ZIP = b"PK\x03\x04"
#: names that stand first in a zip which is a workbook: of Excel and openpyxl, of LibreOffice, of Numbers
INSIDE = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/", b"opendocument.spreadsheet", b"Index/")
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"  # of Excel before 2007
ARCHIVES = (ZIP, b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ")


def text_of(file: Path) -> str:
    """A file's text, without a byte order mark, its line ends as they are.

    Raises:
        UserError: it is a workbook or an archive, by its first bytes; or not in UTF-8.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror}); mend that, or name another file.") from None
    first = content[:100]
    if is_workbook(first, file):
        raise UserError(f"{file} is a spreadsheet's own file; save it as `CSV UTF-8` there, and give that.")
    if first.startswith(ARCHIVES):
        raise UserError(f"{file} is packed; unpack it, and give what was in it.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{file} is not in UTF-8; save it so (a spreadsheet calls it `CSV UTF-8`).") from None


def is_workbook(first: bytes, file: Path) -> bool:
    """Whether a file that begins so is a spreadsheet's, however it is called."""
    packed = first.startswith(ZIP) and (file.suffix.casefold() in WORKBOOKS or any(name in first for name in INSIDE))
    return packed or first.startswith(OLD_WORKBOOK)


def json_value(text: str | bytes) -> Any:
    """The value that a JSON text holds; None where it is no JSON, or one that is nested without end."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
