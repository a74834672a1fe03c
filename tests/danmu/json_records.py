"""What the readers of JSON make of a value, recognised by its content."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Rejected
from pipeline.danmu.tables.json_document import JSON_DOCUMENT
from pipeline.danmu.tables.json_table import JSON_LINES

Records = tuple[list[Comment], list[Rejected]]


def records(content: str, name: str = "file") -> Records:
    """The comments and rejected records of a file with this content; one of the two forms must know it."""
    forms = [form for form in (JSON_DOCUMENT, JSON_LINES) if form.recognises(content.encode())]
    assert len(forms) == 1
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(content, encoding="utf-8")
        found = list(forms[0].read(Source(path, name)))
    rejected = [record for record in found if isinstance(record, Rejected)]
    return [record for record in found if isinstance(record, Comment)], rejected


def document(value: Any) -> Records:
    """The records of a JSON document; they are the same however it is laid out."""
    found = records(json.dumps(value, ensure_ascii=False))
    assert records(json.dumps(value, indent=1))[0] == found[0]
    return found


def lines(*values: Any) -> Records:
    """The records of a file with a value a line."""
    return records("".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values))
