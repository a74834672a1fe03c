"""Day files: one row per video and hour, its danmu_list the comments of the pool at that hour.

The list is spelled in several ways, told apart by how it begins:

    [('10.86500', '1', …, 'text'), …]       a list of tuples, as Python or JSON prints it
    <d p="10.86500,1,…">text</d>…           fragments of the XML
    10.86500,1,25,16777215,1576985463,0,15953525,26132238280687620,text…    heads, each followed by its text
"""

import ast
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from html import unescape

from pipeline.danmu.fields import BadField, read_fields
from pipeline.danmu.schema import Comment, Rejected

COLUMNS = ["video_id", "collect_YMDH", "chat_id", "maxlimit", "danmu_list"]
BEIJING = timezone(timedelta(hours=8))
SEPARATORS = ",;| "
EXCERPT = 80  # characters of a bad record that are kept

ITEM = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^'"()\[\],]+)"""
TUPLE = re.compile(rf"[(\[]\s*({ITEM}(?:\s*,\s*{ITEM})*)\s*[)\]]")
FRAGMENT = re.compile(r'<d\s+p="([^"]*)"\s*>(.*?)</d>', re.DOTALL)
#: onset, mode, size, colour, time, pool, sender, row id, then a comma and the text up to the next head
HEAD = re.compile(
    r"(\d*(?:\.\d+(?:[eE]-?\d+)?)?),(\d{1,2}),(\d{1,3}),(\d{1,10}),(\d{9,13}),(\d),([0-9A-Za-z.+]{1,12}),(\d{1,19}),"
)
LINE = re.compile(
    r"(?P<video>\d+)[\t,](?P<hour>\d{10})[\t,](?P<chat>\d*)[\t,](?P<limit>\d*)[\t,](?P<list>.*)", re.DOTALL
)


def is_day_file(first_line: str) -> bool:
    """Whether a file that begins so is a day file, with or without its header."""
    columns = [name.strip() for name in re.split(r"[\t,]", first_line)]
    return columns == COLUMNS or LINE.fullmatch(first_line) is not None


def read_day_file(name: str, lines: Iterator[str]) -> Iterator[Comment | Rejected]:
    """Comments and rejected records of a day file, in its order.

    Args:
        name: the file's name, for the records that are rejected.
        lines: the file's lines.
    """
    for number, raw in enumerate(lines, start=1):
        line = raw.rstrip("\r\n")
        if not line.strip() or (number == 1 and line.lower().startswith("video_id")):
            continue
        row = LINE.fullmatch(line)
        if row is None:
            yield Rejected(name, number, "no day-file row: five columns were expected", line[:EXCERPT])
            continue
        try:
            seen = datetime.strptime(row["hour"], "%Y%m%d%H").replace(tzinfo=BEIJING)
        except ValueError:
            reason = f"collect_YMDH {row['hour']} is no hour"
            yield Rejected(name, number, reason, line[:EXCERPT])
            continue
        for found in split_list(unquoted(row["list"])):
            if isinstance(found, str):
                yield Rejected(name, number, *found.split("\x1f", 1))
                continue
            try:
                yield read_fields(found, row["video"], row["chat"], seen)
            except BadField as error:
                yield Rejected(name, number, str(error), ",".join(found)[:EXCERPT])


def unquoted(text: str) -> str:
    """The list without the quotes that a CSV writer put around it."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace('""', '"')
    return text


def split_list(text: str) -> Iterator[list[str] | str]:
    """The fields of each comment; for a part that is none, `reason␟excerpt` as one string."""
    if text.startswith("{"):
        yield error_page(text)
    elif text.startswith("["):
        yield from split_tuples(text)
    elif text.startswith("<"):
        yield from split_fragments(text)
    elif text:
        yield from split_heads(text)


def error_page(text: str) -> str:
    """What a JSON object in place of a list says: services answer errors so."""
    try:
        answer = json.loads(text)
        reason = f"error page saved as data (code {answer['code']}, {answer.get('message', '')})"
    except (ValueError, KeyError, TypeError):
        reason = "a JSON object where the list of comments belongs"
    return f"{reason}\x1f{text[:EXCERPT]}"


def split_tuples(text: str) -> Iterator[list[str] | str]:
    """A Python or JSON list; of a damaged one, every tuple that is whole."""
    for parse in (json.loads, ast.literal_eval):
        try:
            items = parse(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        for item in items:
            whole = isinstance(item, (list, tuple))
            yield [str(field) for field in item] if whole else f"no tuple of fields\x1f{str(item)[:EXCERPT]}"
        return
    end = 1
    for match in TUPLE.finditer(text):
        yield [str(field) for field in ast.literal_eval(f"[{match[1]}]")]
        end = match.end()
    rest = text[end:].strip(" ,]")
    if rest:
        yield f"list cut short or damaged\x1f{rest[:EXCERPT]}"


def split_fragments(text: str) -> Iterator[list[str] | str]:
    """`<d p="…">text</d>`; whatever stands between two of them is on record."""
    end = 0
    for match in FRAGMENT.finditer(text):
        if text[end : match.start()].strip():
            yield f"no <d> element\x1f{text[end : match.start()][:EXCERPT]}"
        yield [*match[1].split(","), unescape(match[2])]
        end = match.end()
    if text[end:].strip():
        yield f"unclosed <d> element\x1f{text[end:][:EXCERPT]}"


def split_heads(text: str) -> Iterator[list[str] | str]:
    """Heads with the text that follows each, up to the next head.

    Where the same mark stands before every head but the first, it separates the comments and is
    no part of a text. Without one, digits at a text's end cannot be told from the next onset's.
    """
    heads = list(HEAD.finditer(text))
    marks = {text[head.start() - 1] for head in heads[1:]}
    separated = len(marks) == 1 and marks <= set(SEPARATORS)
    if not heads or text[: heads[0].start()].strip():
        yield f"no comment begins here\x1f{text[: heads[0].start() if heads else EXCERPT][:EXCERPT]}"
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        end = following.start() - separated if following else len(text)
        yield [*head.groups(), text[head.end() : end]]
