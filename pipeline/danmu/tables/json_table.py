"""Comments as JSON values, and files with one per line.

A comment is an object whose keys are names of columns.py (DanDanPlay's `p` and `m` and AcFun's `c` and `m` among
them), or in a document also a list: DPlayer's five values, or the nine or ten of a day file.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from pipeline.danmu.readers.encodings import BEGINNING
from pipeline.danmu.readers.fields import NUMBER, BadField
from pipeline.danmu.readers.form import Form
from pipeline.danmu.readers.json_text import TOLERANT, TOO_LONG, error_page, is_too_much, rejected, storable
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Rejected
from pipeline.danmu.tables.columns import Columns, columns_of, describes, unused_in
from pipeline.danmu.tables.rows import Values, row_reader
from pipeline.danmu.tables.values import Known

LOOK = 100  # lines that tell the form
NINE = ("onset_s", "mode", "font_size", "color", "sent_at", "pool", "sender", "row_id")
#: lists of values: by their length, what they mean
LISTS = {
    5: ("onset_s", "mode", "color", "sender", "text"),
    9: (*NINE, "text"),
    10: (*NINE, "weight", "text"),
}
DPLAYER_MODES = {"0": "1", "1": "5", "2": "4"}  # rolling, top, bottom
#: fields that an error page does not have
OF_COMMENTS = frozenset(["comment_id", "id", "row_id", "onset_s", "p", "c"])


class Kind(NamedTuple):
    """What objects with the same keys are, and how they are read."""

    columns: Columns
    read: Callable[[Values], Comment]


def kind_of(keys: tuple[str, ...]) -> Kind:
    """The kind of objects with these keys."""
    columns = columns_of(keys, sparse=True)
    return Kind(columns, row_reader(columns))


kind = Known(kind_of, 256, lambda keys: sum(map(len, keys)) + len(keys)).__getitem__


def is_comment(row: Any) -> bool:
    """Whether an object has the fields of a comment, or a list its length and first values."""
    if isinstance(row, dict):
        return not kind(tuple(row)).columns.fault and not is_page(row)
    if not isinstance(row, list) or len(row) not in LISTS or any(isinstance(value, (dict, list)) for value in row):
        return False
    return all(isinstance(value, str) and NUMBER.fullmatch(value) for value in row[:2])


def is_page(row: dict[str, Any]) -> bool:
    """Whether an object is what a service answers in place of data."""
    return (
        "code" in row
        and kind(tuple(row)).columns.at.keys().isdisjoint(OF_COMMENTS)
        and not any(value and isinstance(value, (dict, list)) for value in row.values())
    )


def comment(row: dict[str, Any] | list[Any]) -> Comment:
    """The comment that an object or a list is.

    Raises:
        BadField: it is none.
    """
    if isinstance(row, dict):
        return kind(tuple(row)).read([as_text(value) for value in row.values()])
    if len(row) not in LISTS:
        raise BadField(f"a list of {len(row)} values where 5, 9 or 10 belong")
    values = [as_text(value) for value in row]
    if len(row) == 5:
        values[1] = DPLAYER_MODES.get(values[1] or "0", values[1])
    return kind(LISTS[len(row)]).read(values)


def as_text(value: Any) -> str | None:
    """A value as text, as a row reader takes it; None for null, lists and objects."""
    if isinstance(value, str):
        return value if value.isascii() else storable(value)
    return str(value) if isinstance(value, bool) else None


def recognises_lines(beginning: bytes) -> bool:
    """Whether most lines, or the first one of several, are comments or error pages."""
    if not beginning.lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"{"):
        return False
    *lines, last = beginning.decode("utf-8", "replace").strip("\ufeff").split("\n")
    whole = [line for line in (lines if len(beginning) >= BEGINNING else [*lines, last]) if line.strip()][:LOOK]
    rows = [isinstance(row, dict) and (is_comment(row) or is_page(row)) for row in map(decoded, whole)]
    if len(rows) == 1:
        return rows[0] and is_comment(decoded(whole[0]))
    return bool(rows) and (rows[0] or 2 * sum(rows) >= len(rows))


def decoded(line: str) -> Any:
    """The line's value; None where it is no JSON."""
    try:
        return TOLERANT.decode(line.strip())
    except (ValueError, RecursionError):
        return None


def read_lines(source: Source) -> Iterator[Comment | Rejected]:
    """Comments of a file with one JSON object a line."""
    for number, line in enumerate(source.lines(), start=1):
        if line.isspace():
            continue
        row = None if is_too_much(line) else decoded(line)
        try:
            if row is None and is_too_much(line):
                raise BadField(TOO_LONG)
            if not isinstance(row, dict):
                raise BadField("the line is no JSON" if row is None else "the line is no JSON object")
            if is_page(row):
                raise BadField(error_page(row) or "")
            yield comment(row)
        except BadField as error:
            yield rejected(source.name, number, str(error), line)


def header_of(source: Source) -> tuple[Columns, tuple[str, ...]] | None:
    """What was made of the first object's keys, and the keys."""
    row = decoded(next(source.lines(), ""))
    return (kind(tuple(row)).columns, tuple(row)) if isinstance(row, dict) else None


JSON_LINES = Form(
    "JSON lines", recognises_lines, read_lines, describe=describes(header_of), unused=unused_in(header_of)
)
