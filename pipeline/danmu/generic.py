"""Any short-text corpus: CSV or JSON lines with an id and a text, further columns by their names."""

import csv
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

from pipeline.danmu.fields import LARGEST_COLOR, NUMBER, BadField, moment, onset, row_number, whole
from pipeline.danmu.json_text import error_page, load_json, storable
from pipeline.danmu.schema import Comment, Rejected

T = TypeVar("T")

ID = ("comment_id", "id")
TEXT = ("text", "content")
EXCERPT = 80
LONGEST_FIELD = 100_000_000  # characters; code comments have 2.1 million, csv's own limit is 131,072
#: an id as a spreadsheet or a float column writes it. Other ids may be any text: 12e45678 is a hash.
FLOAT_ID = re.compile(r"\d+\.\d+[eE]\+?\d+|\d+[eE]\+\d+|\d+\.0")


def is_table(header: str) -> bool:
    """Whether a CSV header names an id and a text."""
    columns = {name.strip('" \r\n') for name in header.split(",")}
    return bool(columns & set(ID)) and bool(columns & set(TEXT))


def read_csv(name: str, lines: Iterator[str]) -> Iterator[Comment | Rejected]:
    """Comments of a CSV file with a header."""
    content = list(lines)
    header: list[str] = []
    for number, fields in csv_records(content):
        if isinstance(fields, str):
            yield Rejected(name, number, fields, content[number - 1][:EXCERPT])
        elif not header:
            header = [column.strip() for column in fields]
        elif len(fields) != len(header):
            fault = "more" if len(fields) > len(header) else "fewer"
            yield Rejected(name, number, f"{fault} columns than the header has", ",".join(fields)[:EXCERPT])
        else:
            yield read_row(name, number, dict(zip(header, fields)))


def csv_records(lines: list[str]) -> Iterator[tuple[int, list[str] | str]]:
    """First line and fields of each record that is not blank, or the reason why there are none.

    A quoted field may go on over lines. Where its quote never closes, or closes amid a field, only
    the line that opened it is lost, and reading goes on with the next one.
    """
    csv.field_size_limit(LONGEST_FIELD)
    begin = 0
    while begin < len(lines):
        reader = csv.reader((lines[index] for index in range(begin, len(lines))), strict=True)
        read = 0
        try:
            for fields in reader:
                if fields:
                    yield begin + read + 1, fields
                read = reader.line_num
            return
        except csv.Error as error:
            begin += read + 1
            yield begin, f"no CSV record: {error}"


def read_json_lines(name: str, lines: Iterator[str]) -> Iterator[Comment | Rejected]:
    """Comments of a file with one JSON object a line."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = load_json(line)
        except ValueError:
            yield Rejected(name, number, "the line is no JSON", line[:EXCERPT])
            continue
        if isinstance(row, dict) and (set(row) & set(ID) or not error_page(row)):
            yield read_row(name, number, row)
        else:
            reason = error_page(row) or "the line is no JSON object"
            yield Rejected(name, number, storable(reason), line.strip()[:EXCERPT])


def read_row(name: str, line: int, row: dict[str, Any]) -> Comment | Rejected:
    """One comment from a row's values by column name; what is blank is not known."""
    values = {key: storable(str(value)) for key, value in row.items() if value is not None}

    def known(column: str, read: Callable[[str], T]) -> T | None:
        return read(values[column]) if values.get(column, "").strip() else None

    try:
        return Comment(
            comment_id=identifier(values),
            text=text_of(values),
            video_id=values.get("video_id") or None,
            chat_id=values.get("chat_id") or None,
            onset_s=known("onset_s", onset),
            mode=known("mode", lambda value: whole(value, "mode", 99)),
            font_size=known("font_size", lambda value: whole(value, "font size", 10_000)),
            color=known("color", lambda value: whole(value, "colour", LARGEST_COLOR)),
            sent_at=known("sent_at", instant),
            pool=known("pool", lambda value: whole(value, "pool", 99)),
            sender=values.get("sender"),
            row_id=known("row_id", row_number),
            weight=known("weight", lambda value: whole(value, "weight", 100)),
        )
    except BadField as error:
        return Rejected(name, line, str(error), str(row)[:EXCERPT])


def identifier(values: dict[str, str]) -> str:
    """The row's id."""
    key = next((values[column] for column in ID if values.get(column)), None)
    if key is None:
        raise BadField("no id")
    if FLOAT_ID.fullmatch(key):
        raise BadField(f"the id {key[:40]!r} went through a float, as others may have that are now the same")
    return key


def text_of(values: dict[str, str]) -> str:
    """The row's text; it may be empty."""
    text = next((values[column] for column in TEXT if column in values), None)
    if text is None:
        raise BadField("no text")
    return text


def instant(value: str) -> datetime:
    """Unix seconds or milliseconds, or an ISO 8601 time (UTC if it names no zone)."""
    if NUMBER.fullmatch(value):
        return moment(value, "sent_at")
    try:
        parsed = datetime.fromisoformat(value.strip())
        return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise BadField(f"sent_at {value[:20]!r} is neither Unix time nor ISO 8601") from None
