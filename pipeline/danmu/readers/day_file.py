"""Day files: one row per video and hour, its danmu_list the comments of the pool at that hour.

The list is spelled in several ways, told apart by how it begins:

    [('10.86500', '1', …, 'text'), …]       a list of tuples, as Python or JSON prints it
    <d p="10.86500,1,…">text</d>…           fragments of the XML
    10.86500,1,25,16777215,1576985463,0,15953525,26132238280687620,text…    attributes joined by commas, then the text

This is the careful reader: it defines what each spelling means and what a damaged record is. Nearly all records are
read by the compiled reader (day_file_blocks.py), which leaves the irregular ones to this one.
"""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from threading import Lock
from typing import Any

from pipeline.danmu.readers.comments import comments_of
from pipeline.danmu.readers.element import Split, split_elements
from pipeline.danmu.readers.joined import last_mode, split_joined
from pipeline.danmu.readers.json_text import error_page, load_json
from pipeline.danmu.record import BEIJING, EXCERPT, Comment, Flaw

COLUMNS = ["video_id", "collect_ymdh", "chat_id", "maxlimit", "danmu_list"]  # in small letters
LONGEST_HEADER = 100  # characters

ONE_TREE = Lock()
#: what a parser raises of a damaged text, or of one that is nested too deeply
UNREADABLE = (ValueError, TypeError, SyntaxError, RecursionError, MemoryError)

#: a value of a tuple. Atomic groups and possessive repeats: what has matched is never tried another way
ITEM = r"""(?>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^'"()\[\],]+)"""
ITEMS = re.compile(ITEM, re.DOTALL)
OF_PYTHON = re.compile(r".\s*\(", re.DOTALL)
TUPLE = re.compile(rf"[(\[]\s*+({ITEM}(?:\s*+,\s*+{ITEM})*+)\s*+[)\]]", re.DOTALL)
ROW = re.compile(
    r"(?P<video>[0-9aB][0-9A-Za-z]*)[\t,](?P<hour>[0-9]{10})[\t,](?P<chat>[0-9]*)[\t,][0-9]*[\t,](?P<list>.*)",
    re.DOTALL,
)
#: of a list that is parsed as a whole: Python's syntax tree takes some hundred times the bytes of a number
MOST_COMMAS = 1 << 18
MOST_FIELDS = 1 << 10  # of a tuple, that are counted
WORD = re.compile(r"\S[^\n]*")  # what a line holds from its first character that is not blank
#: modes whose texts are code and may hold line breaks
CODE_MODES = ("7", "8", "9")


def known(identifier: str) -> str | None:
    """A video's or pool's id; None if it is blank or 0."""
    return identifier if identifier.strip("0") else None


def recognises(beginning: bytes) -> bool:
    """Whether a file that begins so is a day file: by its header or by any of its first rows."""
    lines = beginning.decode("utf-8", "replace").split("\n")
    return any(is_header(line) for line in lines[:1]) or any(ROW.match(line) for line in lines)


def begins_row(line: bytes) -> bool:
    """Whether a line begins a row; else it may continue a text that holds line breaks."""
    return ROW.match(line[:200].decode("utf-8", "replace")) is not None


def is_header(line: str) -> bool:
    """Whether a line holds the names of the columns."""
    return [name.strip(' "') for name in re.split(r"[\t,]", line[:LONGEST_HEADER].strip().lower())] == COLUMNS


def read_rows(text: str) -> Iterator[tuple[int, Comment | Flaw]]:
    """The records of a row and of the lines below it that begin no row, each with the number of its line, from 0.

    Such lines continue the row's list if it is still open, that is, if its bracket, element or quote has not
    been closed, or if its last comment is code. Any other is a flaw of its own.
    """
    first = text[: text.find("\n") % (len(text) + 1)]  # -1 is the end
    row = ROW.fullmatch(first.rstrip("\r"))
    taken, end = 0, -1
    if row:
        taken, end = lines_of_list(row["list"], text, len(first) + 1)
        listed = row["list"] + text[len(first) : end]
        yield from ((0, record) for record in read_row(row, listed.rstrip("\r")))
    for number, line, _ in lines_from(text, end + 1, taken + 1 if row else 0):
        if not is_header(line):
            yield number, not_a_row(line)


def lines_from(text: str, at: int, number: int) -> Iterator[tuple[int, str, int]]:
    """The lines from a place on that are not blank: their number, counted from `number` on, text and end."""
    for word in WORD.finditer(text, at):
        begin = text.rfind("\n", at, word.start()) + 1 or at
        number += text.count("\n", at, begin)
        yield number, text[begin : word.end()], word.end()
        at = word.end()


def lines_of_list(listed: str, text: str, at: int) -> tuple[int, int]:
    """How many of the lines below a row continue its list, and where the last of them ends.

    Args:
        listed: the list as far as it stands in the row itself.
        text: the row and the lines below it, which begin at `at`.
    """
    closing = {'"': '"', "[": "]", "<": "</d>"}.get(listed.lstrip()[:1])
    mode = last_mode(listed) if closing is None else None
    newest, taken, end = listed, 0, at - 1
    for number, line, line_end in lines_from(text, at, 1):
        ended = newest.strip() != closing and newest.rstrip().endswith(closing) if closing else mode not in CODE_MODES
        if ended or line.startswith('{"code"'):
            break
        newest, taken, end = line, number, line_end
        mode = (last_mode(line) or mode) if closing is None else None
    return taken, end


def moment_of_hour(hour: int) -> datetime:
    """The UTC time of an hour that is counted from 1970."""
    return datetime.fromtimestamp(hour * 3600, UTC)


def not_a_row(line: str) -> Flaw:
    """Why a line is no row."""
    if line.startswith("{"):
        return misplaced_object(line)
    return Flaw("no day-file row: five columns were expected", line)


def read_row(row: re.Match[str], listed: str) -> Iterator[Comment | Flaw]:
    """The comments of one video at one hour."""
    try:
        seen = datetime.strptime(row["hour"], "%Y%m%d%H").replace(tzinfo=BEIJING).astimezone(UTC)
    except (ValueError, OverflowError):
        seen = None
    if seen is None or seen.year < 1970:
        yield Flaw(f"collect_YMDH {row['hour']} is no hour", row[0])
        return
    yield from comments_of(split_list(unquoted(listed)), known(row["video"]), known(row["chat"]), seen)


def unquoted(text: str) -> str:
    """The list without the quotes that a CSV writer put around it."""
    text = text.rstrip("\r\n").lstrip(" \t")
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace('""', '"')
    return text


def split_list(text: str) -> Iterator[Split]:
    """The fields of each comment, and the parts that are none."""
    if text.startswith('"'):  # a CSV field whose closing quote is lost
        text = text[1:].replace('""', '"')
    if text.startswith("{"):
        yield misplaced_object(text)
    elif text.startswith("["):
        yield from split_tuples(text)
    elif text.startswith("<"):
        yield from split_elements(text)
    elif text:
        yield from split_joined(text)


def misplaced_object(text: str) -> Flaw:
    """Why a JSON object stands where a list belongs: services answer errors in this way."""
    try:
        reason = error_page(load_json(text))
    except ValueError:
        reason = None
    return Flaw(reason or "a JSON object where the list of comments belongs", text)


def python_literal(text: str) -> Any:
    """`ast.literal_eval`, by one thread at a time.

    CPython 3.11 counts the depth of all threads' trees in one place, and raises SystemError where two of them meet.
    """
    with ONE_TREE:
        return ast.literal_eval(text)


def split_tuples(text: str) -> Iterator[list[str] | Flaw]:
    """The fields of each tuple in a list, and of a damaged list those of every whole tuple.

    Round brackets are Python's, square ones JSON's.
    """
    parse = python_literal if OF_PYTHON.match(text) else load_json
    try:
        if text.count(",") > MOST_COMMAS:
            raise ValueError("too long to be parsed as a whole")
        tuples = [as_fields(item) for item in parse(text)]
    except UNREADABLE:
        yield from salvaged_tuples(text)
        return
    yield from tuples


def salvaged_tuples(text: str) -> Iterator[list[str] | Flaw]:
    """The tuples of a damaged list, each by itself: JSON or Python in square brackets, Python in round ones."""
    end = 1
    for match in TUPLE.finditer(text):
        fields = tuple_fields(match)
        if fields is not None:
            yield from damaged(text[end : match.start()])
            yield fields
            end = match.end()
    yield from damaged(text[end:])


def tuple_fields(match: re.Match[str]) -> list[str] | Flaw | None:
    """The fields of what looks like a tuple, or None."""
    if (
        match[1].count(",") > MOST_COMMAS
        and sum(1 for _ in islice(ITEMS.finditer(match[1]), MOST_FIELDS)) == MOST_FIELDS
    ):
        return Flaw(f"{MOST_FIELDS} fields where 9 or 10 belong", match[0][:EXCERPT])
    inside = f"[{match[1]}]".replace("\n", "\\n")  # no literal may hold a raw line break
    for parse in (load_json, python_literal)[match[0].startswith("(") :]:
        try:
            return as_fields(parse(inside))
        except UNREADABLE:
            continue
    return None


def damaged(gap: str) -> Iterator[Flaw]:
    """What stands between two tuples, if it is more than their comma."""
    rest = gap.strip(" ,]")
    if rest:
        yield Flaw("list cut short or damaged", rest)


def as_fields(item: Any) -> list[str] | Flaw:
    """An item of a list as text. A null is a blank field, and a flaw where the text belongs."""
    if not isinstance(item, (list, tuple)):
        return Flaw("no tuple of fields", str(item))
    if item and item[-1] is None:
        return Flaw("no text", str(item))
    return ["" if field is None else str(field) for field in item]
