"""Which columns of the tables of a corpus were not used: one line per form and header, not per file."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.danmu.corpus.forms import BY_NAME
from pipeline.danmu.corpus.parsing import Census
from pipeline.danmu.corpus.raw_files import readable_files
from pipeline.danmu.readers.source import Source
from pipeline.terminal import in_line

MOST_LINES, MOST_NAMES, MOST_FILES = 8, 12, 1000  # printed, printed in a line, looked at of one form


def columns_not_used(paths: list[Path], census: Census) -> Iterator[str]:
    """The lines that say which columns were not used; none where all were.

    Args:
        paths: what was parsed.
        census: what it holds.
    """
    forms = {file.name: file.form for file in census.files}
    headers: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    looked: dict[str, int] = {}
    for path, name in readable_files(paths):
        form = forms.get(name, "")
        looked[form] = looked.get(form, 0) + 1
        if form in BY_NAME and looked[form] <= MOST_FILES:
            try:
                columns = tuple(BY_NAME[form].unused(Source(path, name)))
            except OSError:  # it is among the rejected
                continue
            if columns:
                headers.setdefault((form, columns), []).append(name)
    if not headers:
        return
    yield ""
    yield "columns not used"
    for (form, columns), names in list(headers.items())[:MOST_LINES]:
        files = in_line(names[0]) + (f" and {len(names) - 1:,} more" if len(names) > 1 else "")
        more = f" and {len(columns) - MOST_NAMES:,} more" if len(columns) > MOST_NAMES else ""
        yield f"  {form}, {files}: {in_line(', '.join(columns[:MOST_NAMES]))}{more}"
    if len(headers) > MOST_LINES:
        yield f"  and {len(headers) - MOST_LINES:,} other headers; danmu parse --explain FILE shows one file's columns"
