"""What `danmu parse` prints: a table of the files that were read, or with --explain what was recognised in one."""

from collections.abc import Iterator
from itertools import islice

from pipeline.danmu.corpus.forms import UNKNOWN, UNREADABLE, reader_of
from pipeline.danmu.corpus.parsing import Census
from pipeline.danmu.readers.encodings import encoding
from pipeline.danmu.readers.packed import compression
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Rejected, general
from pipeline.danmu.row_ids import went_through_floats
from pipeline.terminal import in_line
from pipeline.text.columns import aligned

MOST_NAMES = 5  # of files of no known form, that are printed
MOST_FILES = 30  # that get a line each; if there are more, each form gets one
COLUMNS = ("records", "comments", "duplicates", "rejected")
RECORDS, EXAMPLES, REASONS = 200_000, 3, 8  # of one file: records read, comments shown, reasons shown


def census_table(census: Census) -> str:
    """Files (or forms), records, comments, duplicates, rejected; then the reasons."""
    if len(census.files) <= MOST_FILES:
        rows = [(file.name, file.form, *(getattr(file, name) for name in COLUMNS)) for file in census.files]
    else:
        rows = [
            (f"{files:,} file{'s' * (files > 1)}", form, *totals)
            for form in census.forms
            for files in [sum(file.form == form for file in census.files)]
            for totals in [[census.total(name, form) for name in COLUMNS]]
        ]
    rows.append(("all", "", *(census.total(name) for name in COLUMNS)))
    table = [("file", "form", *COLUMNS), *((name, form, *map("{:,}".format, counts)) for name, form, *counts in rows)]
    lines = aligned(table, words=2)
    if census.reasons:
        lines += ["", "rejected because"]
        most = sorted(census.reasons.items(), key=lambda item: (-item[1], item[0]))
        lines += [f"{count:>9,}  {in_line(reason)}" for reason, count in most]
    if census.blanked:
        lines += ["", "left blank, since it could not be read"]
        lines += [f"{count:>9,}  {name}" for name, count in census.blanked.items()]
    largest = sorted(census.files, key=lambda file: (-file.size, file.name))
    unknown = [f"{in_line(file.name)} ({file.size:,} bytes)" for file in largest if file.form == UNKNOWN.name]
    if unknown:
        more = f" and {len(unknown) - MOST_NAMES:,} more" if len(unknown) > MOST_NAMES else ""
        lines += ["", f"of no known form, and rejected whole: {', '.join(unknown[:MOST_NAMES])}{more}"]
    no_keys = {
        "row ids that lost digits in a float": census.damaged_ids,
        "row ids that many comments share": census.shared_ids,
        "row ids that only count the records of a file": census.counter_ids,
    }
    if any(no_keys.values()):
        notes = (f"{note}: {count:,}; their comments go by content" for note, count in no_keys.items() if count)
        lines += ["", *notes]
    return "\n".join(lines)


def explained(source: Source, text_lines: bool = False) -> Iterator[str]:
    """What was recognised in a file: its form, then the first records of each kind."""
    reader = reader_of(source, text_lines)
    yield f"{in_line(source.path)}: {reader.name}"
    if reader is UNREADABLE:
        return
    first = source.first()
    yield f"  compression {compression(source.path) or 'none'}, encoding {encoding(first)}"
    if described := reader.describe(source):
        yield f"  {in_line(described)}"
    if went_through_floats(first):
        yield "  its row ids have lost digits in a float: most end in 00; comments go by their content"
    comments, rejected, records = [], [], 0
    for batch in reader.read([source]):
        comments += batch.comments.head(EXAMPLES).drop("order", "file", "hours").to_dicts()
        rejected += batch.rejected
        records += sum(batch.records)
        if records >= RECORDS:
            break
    more = " so far (the file goes on)" if records >= RECORDS else ""
    yield f"  {records:,} records{more}, {len(rejected):,} rejected"
    for comment in comments[:EXAMPLES]:
        yield ""
        yield from (f"  {name:<15} {in_line(value)}" for name, value in comment.items() if value is not None)
    for reason, examples in islice(by_reason(rejected).items(), REASONS):
        yield ""
        yield f"  rejected {len(examples):,} ×, first in line {examples[0].line:,}: {in_line(reason)}"
        yield f"    {in_line(examples[0].excerpt)}"
    yield from (f"  {in_line(fault)}" for fault in source.faults)


def by_reason(rejected: list[Rejected]) -> dict[str, list[Rejected]]:
    """The rejected records grouped by reason, in the order in which the reasons first occur."""
    groups: dict[str, list[Rejected]] = {}
    for record in rejected:
        groups.setdefault(general(record.reason), []).append(record)
    return groups
