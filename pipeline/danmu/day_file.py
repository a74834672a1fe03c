"""Day files: one row per video and hour, its danmu_list the comments of the pool at that hour.

The list is spelled in several ways, told apart by how it begins:

    [('10.86500', '1', …, 'text'), …]       a list of tuples, as Python or JSON prints it
    <d p="10.86500,1,…">text</d>…           fragments of the XML
    10.86500,1,25,16777215,1576985463,0,15953525,26132238280687620,text…    heads, each followed by its text
"""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from html import unescape
from typing import Any, NamedTuple

from pipeline.danmu.fields import BadField, read_fields
from pipeline.danmu.json_text import error_page, load_json, storable
from pipeline.danmu.schema import Comment, Rejected

COLUMNS = ["video_id", "collect_YMDH", "chat_id", "maxlimit", "danmu_list"]
BEIJING = timezone(timedelta(hours=8))
SEPARATORS = ",;| "
EXCERPT = 80  # characters of a bad record that are kept

#: what a parser raises of a damaged text, or of one that is nested too deeply
UNREADABLE = (ValueError, TypeError, SyntaxError, RecursionError, MemoryError)

#: a value of a tuple; atomic, as is the list of values: what has matched is never tried another way
ITEM = r"""(?>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^'"()\[\],]+)"""
TUPLE = re.compile(rf"[(\[]\s*+({ITEM}(?:\s*+,\s*+{ITEM})*+)\s*+[)\]]")
FRAGMENT = re.compile(r'<d\s+p="([^"]*)"\s*>((?:[^<]|<(?!/d>|d\s+p="))*+)</d>')
#: onset, mode, size, colour, time, pool, sender, row id, then a comma and the text up to the next head.
#: Colour, sender and row id may be anything: a head with a bad one costs its comment, not the text before.
HEAD = re.compile(
    r"(\d{0,12}(?:\.\d{1,20}(?:[eE]-?\d{1,3})?)?),(\d{1,2}),(\d{1,3}),([^,]{0,12}),"
    r"(\d{9,13}(?:\.\d{1,6})?),(\d),([^,]{0,12}),([^,]{0,24}),"
)
WEIGHT = re.compile(r"\d{1,2},")
LINE = re.compile(
    r"(?P<video>\d+)[\t,](?P<hour>\d{10})[\t,](?P<chat>\d*)[\t,](?P<limit>\d*)[\t,](?P<list>.*)", re.DOTALL
)


class Flaw(NamedTuple):
    """A part of a row that is no comment: why, and how it begins."""

    reason: str
    excerpt: str


def is_day_file(line: str) -> bool:
    """Whether the line is a day file's header or one of its rows."""
    columns = [name.strip() for name in re.split(r"[\t,]", line)]
    return columns == COLUMNS or LINE.fullmatch(line) is not None


def read_day_file(name: str, lines: Iterator[str]) -> Iterator[Comment | Rejected]:
    """Comments and rejected records of a day file, in its order.

    A line is a row, whatever quotes are open: a raw line break in a text cuts its row there, and the
    rest is on record. To wait for the closing quote would cost many rows where one is damaged.

    Args:
        name: the file's name, for the records that are rejected.
        lines: the file's lines.
    """
    for number, raw in enumerate(lines, start=1):
        line = raw.rstrip("\r\n")
        if not line.strip() or line.lower().startswith("video_id"):
            continue
        for found in read_row(line):
            if isinstance(found, Flaw):
                yield Rejected(name, number, storable(found.reason), storable(found.excerpt[:EXCERPT]))
            else:
                yield found


def read_row(line: str) -> Iterator[Comment | Flaw]:
    """The comments of one video at one hour."""
    row = LINE.fullmatch(line)
    if row is None:
        yield Flaw("no day-file row: five columns were expected", line)
        return
    try:
        seen = datetime.strptime(row["hour"], "%Y%m%d%H").replace(tzinfo=BEIJING).astimezone(UTC)
    except (ValueError, OverflowError):
        yield Flaw(f"collect_YMDH {row['hour']} is no hour", line)
        return
    for found in split_list(unquoted(row["list"])):
        if isinstance(found, Flaw):
            yield found
            continue
        try:
            yield read_fields([storable(field) for field in found], row["video"], row["chat"], seen)
        except BadField as error:
            yield Flaw(str(error), ",".join(found))


def unquoted(text: str) -> str:
    """The list without the quotes that a CSV writer put around it."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace('""', '"')
    return text


def split_list(text: str) -> Iterator[list[str] | Flaw]:
    """The fields of each comment, and the parts that are none."""
    if text.startswith("{"):
        yield misplaced_object(text)
    elif text.startswith("["):
        yield from split_tuples(text)
    elif text.startswith("<"):
        yield from split_fragments(text)
    elif text:
        yield from split_heads(text)


def misplaced_object(text: str) -> Flaw:
    """What a JSON object in place of a list says: services answer errors so."""
    try:
        reason = error_page(load_json(text))
    except ValueError:
        reason = None
    return Flaw(reason or "a JSON object where the list of comments belongs", text)


def split_tuples(text: str) -> Iterator[list[str] | Flaw]:
    """A Python or JSON list; of a damaged one, every tuple that is whole."""
    for parse in (load_json, ast.literal_eval):
        try:
            found = [as_fields(item) for item in parse(text)]
        except UNREADABLE:
            continue
        yield from found
        return
    end = 1
    for match in TUPLE.finditer(text):
        try:
            fields = as_fields(ast.literal_eval(f"[{match[1]}]"))
        except UNREADABLE:
            continue
        yield from damaged(text[end : match.start()])
        yield fields
        end = match.end()
    yield from damaged(text[end:])


def damaged(gap: str) -> Iterator[Flaw]:
    """What stands between two tuples, if it is more than their comma."""
    rest = gap.strip(" ,]")
    if rest:
        yield Flaw("list cut short or damaged", rest)


def as_fields(item: Any) -> list[str] | Flaw:
    """An item of a list as text; a null is a blank field, but no text."""
    if not isinstance(item, (list, tuple)):
        return Flaw("no tuple of fields", str(item))
    if item and item[-1] is None:
        return Flaw("no text", str(item))
    return ["" if field is None else str(field) for field in item]


def split_fragments(text: str) -> Iterator[list[str] | Flaw]:
    """`<d p="…">text</d>`; whatever stands between two of them is on record."""
    end = 0
    for match in FRAGMENT.finditer(text):
        yield from unclosed(text[end : match.start()])
        yield [*match[1].split(","), unescape(match[2])]
        end = match.end()
    yield from unclosed(text[end:])


def unclosed(gap: str) -> Iterator[Flaw]:
    """What stands between two elements, if it is more than white space."""
    if gap.strip():
        yield Flaw("unclosed <d> element" if "<d" in gap else "no <d> element", gap)


def split_heads(text: str) -> Iterator[list[str] | Flaw]:
    """Heads with the text that follows each, up to the next head.

    Where the same mark stands before every head but the first, it separates the comments and is
    no part of a text. Without one, digits at a text's end cannot be told from the next onset's.
    Where every text of several begins with a small number and a comma, that is the weight which
    heads end in since 2021; a list of one comment cannot tell, and keeps it in the text.
    """
    heads = list(HEAD.finditer(text))
    begin = heads[0].start() if heads else len(text)
    if text[:begin].strip():
        yield Flaw("no comment begins here", text[:begin])
    marks = {text[head.start() - 1] for head in heads[1:]}
    separated = len(marks) == 1 and marks <= set(SEPARATORS)
    ends = [head.start() - separated for head in heads[1:]] + [len(text)]
    texts = [text[head.end() : end] for head, end in zip(heads, ends)]
    weighted = len(texts) > 1 and all(WEIGHT.match(said) for said in texts)
    for head, said in zip(heads, texts):
        yield [*head.groups(), *(said.split(",", 1) if weighted else [said])]
