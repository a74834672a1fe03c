"""Comments as JSON values, and files with one per line.

A comment is an object of a kind that a site has (danmu/sites), or one whose keys are names of columns.py (AcFun's `c`
and `m` among them), or in a document also a list: DPlayer's five values, or the nine or ten of a day file.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from pipeline.danmu.readers.encodings import BEGINNING
from pipeline.danmu.readers.fields import NUMBER, BadField
from pipeline.danmu.readers.form import Form
from pipeline.danmu.readers.json_text import TOLERANT, TOO_LONG, as_text, error_page, is_too_much, rejected
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Rejected
from pipeline.danmu.sites.known import site_of, sites_with
from pipeline.danmu.sites.players import DPLAYER, DPLAYER_LIST, DPLAYER_WORDS, is_dplayer_list
from pipeline.danmu.sites.site import Around, Site
from pipeline.danmu.tables.columns import Columns, columns_of, described, unused
from pipeline.danmu.tables.rows import Values, row_reader
from pipeline.danmu.tables.values import Known

LOOK = 100  # lines that tell the form
NINE = ("onset_s", "mode", "font_size", "color", "sent_at", "pool", "sender", "row_id")
#: lists of values: by their length, what they mean
LISTS = {
    9: (*NINE, "text"),
    10: (*NINE, "weight", "text"),
}
#: reasons that tell a form
TELLING = re.compile("error page|that is no comment: [A-Z]")
#: fields that an error page does not have
OF_COMMENTS = frozenset(["comment_id", "id", "row_id", "onset_s", "p", "c"])


class Kind(NamedTuple):
    """What objects with the same keys are, and how they are read."""

    columns: Columns
    read: Callable[[Values], Comment]
    sites: tuple[Site, ...]  # those whose records have such keys; none of an ordinary table


def kind_of(keys: tuple[str, ...]) -> Kind:
    """The kind of objects with these keys."""
    columns = columns_of(keys, sparse=True)
    return Kind(columns, row_reader(columns), sites_with(frozenset(keys)))


kind = Known(kind_of, 256, lambda keys: sum(map(len, keys)) + len(keys)).__getitem__


def is_comment(row: Any) -> bool:
    """Whether an object has the fields of a comment, or a list its length and first values."""
    if isinstance(row, dict):
        return is_of_a_site(row) or (not kind(tuple(row)).columns.fault and not is_page(row))
    if not isinstance(row, list) or any(isinstance(value, (dict, list)) for value in row):
        return False
    played = is_dplayer_list(row)
    if not played and len(row) not in LISTS:
        return False
    numbers = row[:1] if played and row[1] in DPLAYER_WORDS else row[:2]
    return all(isinstance(value, str) and NUMBER.fullmatch(value) for value in numbers)


def is_of_a_site(row: dict[str, Any]) -> bool:
    """Whether an object is a record of a site's own kind; it need not be a comment."""
    sites = kind(tuple(row)).sites
    return bool(sites) and site_of(row, sites) is not None


def is_page(row: dict[str, Any]) -> bool:
    """Whether an object is what a service answers in place of data."""
    return (
        "code" in row
        and not is_of_a_site(row)
        and kind(tuple(row)).columns.at.keys().isdisjoint(OF_COMMENTS)
        and not any(value and isinstance(value, (dict, list)) for value in row.values())
    )


def comment(row: dict[str, Any] | list[Any], around: Around) -> Comment:
    """The comment that an object or a list is.

    Args:
        row: the object or list.
        around: what the file says beside its comments; an object that is no comment may add to it.

    Raises:
        BadField: it is none.
    """
    if isinstance(row, dict):
        of = kind(tuple(row))
        if of.sites and (site := site_of(row, of.sites)) is not None:
            return site.read(row, around)
        if of.columns.fault:
            around.note(row)
        return of.read([as_text(value) for value in row.values()])
    if is_dplayer_list(row):
        return DPLAYER.read(dict(zip(DPLAYER_LIST, row)), around)
    if len(row) not in LISTS:
        raise BadField(f"a list of {len(row)} values where 5, 9 or 10 belong")
    return kind(LISTS[len(row)]).read([as_text(value) for value in row])


def recognises_lines(beginning: bytes) -> bool:
    """Whether most lines, or the first one of several, are comments or error pages."""
    if not beginning.lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"{"):
        return False
    *lines, last = beginning.decode("utf-8", "replace").strip("\ufeff").split("\n")
    whole = [line for line in (lines if len(beginning) >= BEGINNING else [*lines, last]) if line.strip()][:LOOK]
    rows = [row if isinstance(row, dict) else {} for row in map(decoded, whole)]
    ours = [is_comment(row) or is_page(row) for row in rows]
    if len(rows) == 1:
        return ours[0] and is_comment(rows[0]) and tells(rows[0])
    return bool(rows) and (ours[0] or 2 * sum(ours) >= len(ours)) and any(map(tells, rows))


def tells(row: dict[str, Any]) -> bool:
    """Whether an object tells a file's form: messages that are no comments may be anything's, unless a site names them
    in its own way.
    """
    if not is_of_a_site(row):
        return is_comment(row) or is_page(row)
    try:
        comment(row, Around())
    except BadField as error:
        return TELLING.search(str(error)) is not None
    return True


def decoded(line: str) -> Any:
    """The line's value; None where it is no JSON."""
    try:
        return TOLERANT.decode(line.strip())
    except (ValueError, RecursionError):
        return None


def read_lines(source: Source) -> Iterator[Comment | Rejected]:
    """Comments of a file with one JSON object a line."""
    around = Around(source.name)
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
            yield comment(row, around)
        except BadField as error:
            yield rejected(source.name, number, str(error), line)


def first_row(source: Source) -> tuple[tuple[str, ...], Kind, Site | None] | None:
    """The first object's keys, what objects with them are, and the site whose own kind it is of."""
    row = decoded(next(source.lines(), ""))
    if not isinstance(row, dict):
        return None
    of = kind(tuple(row))
    return tuple(row), of, site_of(row, of.sites)


def describe(source: Source) -> str | None:
    """What was made of the first object's keys."""
    if (first := first_row(source)) is None:
        return None
    keys, of, site = first
    return described(of.columns, keys) if site is None else f"objects as of {site.name}"


def unused_keys(source: Source) -> list[str]:
    """The first object's keys that give no field; a site's own kind has others, and they are not told."""
    first = first_row(source)
    return unused(first[1].columns, first[0]) if first and first[2] is None else []


JSON_LINES = Form("JSON lines", recognises_lines, read_lines, describe, unused=unused_keys)
