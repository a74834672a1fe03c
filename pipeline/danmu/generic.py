"""Any short-text corpus: CSV or JSON lines with an id and a text, further columns by their names."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from pipeline.danmu.fields import LARGEST_COLOR, BadField, decimal, onset, row_number, whole
from pipeline.danmu.schema import Comment, Rejected, moment

ID = ("comment_id", "id")
TEXT = ("text", "content")
EXCERPT = 80


def is_table(columns: list[str]) -> bool:
    """Whether columns of these names hold an id and a text."""
    return bool(set(columns) & set(ID)) and bool(set(columns) & set(TEXT))


def read_csv(name: str, lines: Iterator[str]) -> Iterator[Comment | Rejected]:
    """Comments of a CSV file with a header."""
    reader = csv.DictReader(lines, restkey="", strict=False)
    for row in reader:
        if "" in row:
            excerpt = ",".join(str(value) for value in row.values())[:EXCERPT]
            yield Rejected(name, reader.line_num, "more columns than the header has", excerpt)
            continue
        yield read_row(name, reader.line_num, row)


def read_json_lines(name: str, lines: Iterator[str]) -> Iterator[Comment | Rejected]:
    """Comments of a file with one JSON object a line."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            yield Rejected(name, number, "the line is no JSON", line[:EXCERPT])
            continue
        if not isinstance(row, dict):
            yield Rejected(name, number, "the line is no JSON object", line[:EXCERPT])
            continue
        yield read_row(name, number, row)


def read_row(name: str, line: int, row: dict[str, Any]) -> Comment | Rejected:
    """One comment from a row's values by column name."""
    values = {key: "" if value is None else str(value) for key, value in row.items()}
    key = next((values[column] for column in ID if values.get(column)), "")
    text = next((values[column] for column in TEXT if column in values), None)
    if not key or text is None:
        reason = "no id" if not key else "no text"
        return Rejected(name, line, reason, str(row)[:EXCERPT])
    try:
        return Comment(
            comment_id=key,
            text=text,
            video_id=values.get("video_id") or None,
            chat_id=values.get("chat_id") or None,
            onset_s=onset(values["onset_s"]) if "onset_s" in values else None,
            mode=whole(values["mode"], "mode", 99) if "mode" in values else None,
            font_size=whole(values["font_size"], "font size", 10_000) if "font_size" in values else None,
            color=whole(values["color"], "colour", LARGEST_COLOR) if "color" in values else None,
            sent_at=instant(values.get("sent_at", "")),
            pool=whole(values["pool"], "pool", 99) if "pool" in values else None,
            sender=values.get("sender"),
            row_id=row_number(values["row_id"]) if "row_id" in values else None,
            weight=whole(values["weight"], "weight", 100) if "weight" in values else None,
        )
    except BadField as error:
        return Rejected(name, line, str(error), str(row)[:EXCERPT])


def instant(value: str) -> datetime | None:
    """Unix seconds or milliseconds, or an ISO 8601 time (UTC if it names no zone)."""
    if not value.strip():
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return moment(decimal(value, "sent_at"))
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
