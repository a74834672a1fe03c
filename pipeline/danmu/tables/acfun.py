"""AcFun's CSV without a header: onset, colour, mode, size, user, Unix time, [UUID,] text.

With a header it is a table like any other (csv_table.py), and so it is as JSON with `c` and `m` (json_table.py).
"""

import re
from collections.abc import Iterator
from itertools import chain

from pipeline.danmu.readers.encodings import BEGINNING
from pipeline.danmu.readers.fields import LARGEST_COLOR
from pipeline.danmu.readers.form import Form
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Comment, Rejected
from pipeline.danmu.tables.csv_table import read_rows, table
from pipeline.danmu.tables.rows import ACFUN as SITE

COLUMNS = ("onset_s", "color", "mode", "font_size", "sender", "sent_at")
#: A day file's rows never fit: their third column is a pool, of more than one digit.
ROW = re.compile(
    r'"?[0-9]{1,9}(?:\.[0-9]{1,12})?"?,"?([0-9]{1,10})"?,"?[1-9]"?,"?([0-9]{1,3})"?,"?[^,"]{1,40}"?,'
    r'"?[0-9]{9,13}"?,("?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"?,)?'
)
SIZES = range(5, 101)
LOOK = 200  # lines that tell the form
SHARE = 0.9  # of them that must fit; a text in quotes may go on over lines


def fits(line: str) -> bool:
    """Whether a line is a row of six attributes and a text."""
    row = ROW.match(line)
    return row is not None and int(row[1]) <= LARGEST_COLOR and int(row[2]) in SIZES


def recognises(beginning: bytes) -> bool:
    """Whether the first line and nearly all the following ones are such rows."""
    lines = beginning.decode("utf-8", "replace").lstrip("\ufeff").split("\n")
    if len(beginning) >= BEGINNING and len(lines) > 1:
        lines.pop()  # cut short
    lines = [line for line in lines if line.strip()][:LOOK]
    return bool(lines) and fits(lines[0]) and sum(map(fits, lines)) >= SHARE * len(lines)


def read(source: Source) -> Iterator[Comment | Rejected]:
    """Comments of such a file. The text is all that follows, raw commas and all."""
    lines = source.lines()
    first = next((line for line in lines if line.strip()), "")
    row = ROW.match(first.lstrip("\ufeff"))
    own = ("comment_id",) if row and row[3] else ()
    for record in read_rows(source.name, table([*COLUMNS, *own, "text"], ","), chain([first], lines)):
        if isinstance(record, Comment):
            record.site = SITE
        yield record


ACFUN = Form("AcFun CSV", recognises, read)
