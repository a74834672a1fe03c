"""What benchmarks/parse.py measured, as a page."""

from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl

from benchmarks.corpus_maker import Make, Truth
from benchmarks.readers import ALONE, CONVERTER, LXML, OURS, OUT, PARSER, REJECTED_OUT, SAME_JOB, TOGETHER, UNREAD
from pipeline.artifacts.comments import COMMENTS


@dataclass
class Measurement:
    """One reader on one corpus. Seconds are of each run; memory is the largest, bytes written are the median."""

    reader: str
    make: Make
    truth: Truth
    comments: int
    seconds: list[float]
    peak_mib: float
    before_mib: float  # the same, before the corpus is opened: interpreter, libraries, warm-up
    cold_seconds: float  # from the start of the process to the end of the warm-up
    written_mib: float
    output_mib: float
    same: str = ""

    @property
    def rate(self) -> float:
        """Records a second, in the median run; of a reader that loses comments, for the share that it keeps."""
        kept = min(1.0, self.comments / self.truth.comments) if self.comments >= 0 else 1.0
        return kept * self.truth.records / median(self.seconds)

    @property
    def took(self) -> str:
        """Seconds, and from where to where they go."""
        return f"{median(self.seconds):.2f} ({min(self.seconds):.2f}–{max(self.seconds):.2f})"

    @property
    def memory(self) -> str:
        """MiB at most, and those before the corpus is opened."""
        return f"{self.peak_mib:,.0f} ({self.before_mib:,.0f})"


@dataclass(frozen=True)
class Cold:
    """Seconds from the start of a process to the end of its first reading of a tiny corpus, imports and all."""

    compiled: float  # without any machine code
    kept: float  # with it in Numba's cache


NOTES = {
    OURS: "all readers' forms; types and ranges of all fields; every record on record as comment, duplicate or "
    "rejected with its reason; hours of sighting; the same comment is one row, whichever file holds it. Comments "
    "are deduplicated in parts on disk.",
    ALONE: "the same, bound to one core.",
    SAME_JOB: "the same job for one spelling, which it has to be told: a regular expression over each list; every "
    "record converted, its numbers checked for their range, and rejected with file, line, reason and excerpt where "
    "one is bad; so is a list that is cut short; rows by row id with their first, last and number of distinct hours; "
    "both tables written, with the same columns, sorted. Unlike ours it rejects a comment without a row id or with "
    "a blank field, and the rest of a text with a line break. One core; all distinct comments in memory.",
    UNREAD: "it looks a row id up before it converts anything, so that a damaged repeat goes unnoticed, and rejects "
    "nothing on record: what its expression does not match, or is no number, is passed over in silence. Ranges are "
    "not checked; it counts sightings, not hours; its hours stay text, and its rows unsorted. One core; all distinct "
    "comments in memory.",
    "pandas": "as plain Python, repeats unread, and it keeps the first sighting only. All distinct comments in memory.",
    "xml.etree": "a file's comments behind its first flaw are lost; ranges are not checked; one core; all comments in "
    "memory.",
    LXML: "goes on behind a flaw, and does not say what it changed; ranges are not checked; one core; all comments in "
    "memory.",
    CONVERTER: "a converter: it writes one .ass subtitle per file and no table, keeps neither sender nor row id, "
    "removes no duplicates, and loses whole files to some flaws. The layout of the subtitles is in its time.",
    PARSER: f"what can be had of its parser (Rust): all texts blocked, which happens after parsing and before the "
    f"layout; {TOGETHER} files a call, on all cores. Writes nothing.",
}


def difference(out: Path, own: Path) -> str:
    """How what a reader wrote differs from ours: comments, their columns, rejected records.

    A table with other columns than ours is compared in its row ids and texts alone.
    """
    if not (out / OUT).exists():
        return "no table"
    mine, theirs = pl.read_parquet(own / OUT), pl.read_parquet(out / OUT)
    alike = mine.schema == theirs.schema
    both = mine.join(theirs.cast({"row_id": pl.Int64}), on="row_id", how="full", suffix="_theirs", coalesce=False)
    matched = pl.col("row_id").is_not_null() & pl.col("row_id_theirs").is_not_null()
    counts = {
        "missing": both["row_id_theirs"].is_null().sum(),
        "more": both["row_id"].is_null().sum(),
    }
    for name in [name for name in COMMENTS if name != "row_id"] if alike else ["text"]:
        other = matched & pl.col(name).ne_missing(pl.col(f"{name}_theirs"))
        counts[f"other {name}"] = both.select(other.sum()).item()
    said = [f"{count:,} {name}" for name, count in counts.items() if count] or ["the same"]
    if alike:
        if not theirs["comment_id"].is_sorted():
            said.append("unsorted")
        where = ["file", "line"]
        lost, bad = (pl.read_parquet(folder / REJECTED_OUT, columns=where).sort(where) for folder in (own, out))
        said.append(f"{len(bad):,} rejected, {'as ours' if lost.equals(bad) else f'ours {len(lost):,}'}")
    return ", ".join(said)


def by_size(results: list[Measurement]) -> list[str]:
    """Ours, a row for each corpus."""
    lines = ["| corpus | damaged | records | raw MiB | comments | seconds (min–max) | records/s | MiB/s "]
    lines[0] += "| peak MiB (before) | written MiB (output) |"
    lines.append("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for one in results:
        truth = one.truth
        corpus = one.make.form + (", no duplicates" if one.make.unique else ", many videos" if one.make.wide else "")
        cells = [corpus, f"{one.make.damaged:.1%}", f"{truth.records:,}", f"{truth.mib:,.0f}", f"{one.comments:,}"]
        cells += [one.took, f"{one.rate:,.0f}", f"{truth.mib / median(one.seconds):,.0f}", one.memory]
        lines.append(f"| {' | '.join([*cells, f'{one.written_mib:,.0f} ({one.output_mib:,.0f})'])} |")
    return lines


def beside(results: list[Measurement]) -> list[str]:
    """All readers on one corpus."""
    first = results[0]
    lines = ["", f"### {first.make.form}, {first.truth.records:,} records, {first.make.damaged:.1%} damaged", ""]
    lines.append("| reader | seconds (min–max) | records/s | ours is … times as fast | peak MiB (before) ")
    lines[-1] += "| comments kept | beside ours |"
    lines.append("|---|---:|---:|---:|---:|---:|---|")
    for one in results:
        kept = "–" if one.comments < 0 else f"{one.comments:,} of {one.truth.comments:,}"
        cells = [one.reader, one.took, f"{one.rate:,.0f}", f"{first.rate / one.rate:.2f}", one.memory, kept, one.same]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, *ratios(results)]


def ratios(results: list[Measurement]) -> list[str]:
    """How ours stands to both plain readers, on all cores and on one."""
    rates = {one.reader: one.rate for one in results}
    said = [
        f"{rates[OURS] / rates[name]:.2f} times ({rates[ALONE] / rates[name]:.2f} times on one core) that of {what}"
        for name, what in ((SAME_JOB, "plain Python at the same job"), (UNREAD, "plain Python with repeats unread"))
        if name in rates
    ]
    return ["", f"The rate of ours is {', and '.join(said)}."] if said else []


def report(groups: list[list[Measurement]], machine: dict[str, Any], cold: Cold) -> str:
    """The page."""
    first = groups[0][0]
    make = first.make
    named = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    repeats = "every record another comment" if make.unique else f"a comment in about {make.stay:g} snapshots"
    if not make.unique and any(group[0].make.unique for group in groups):
        repeats += "; a larger corpus has more days of the same 42 videos, but where “many videos” are watched for "
        repeats += "two days: there, the records of a comment lie far apart; where “no duplicates”, the worst case, "
        repeats += "every record is another comment"
    lines = [
        "# How fast raw danmu are read",
        "",
        f"`python -m benchmarks.parse` on {machine['cores']} cores ({machine['threads']} threads), "
        f"{machine['processor']}; {named}.",
        "",
        f"Texts are real danmu, drawn from {machine['texts']:,}; the attributes are made up. Day files: rows of 500 "
        f"comments, {make.spelling} spelling, rows {make.order} by {make.order}, {repeats}. "
        "XML: files of 3,000 comments, nine attributes. "
        "Damage: in day files colours that are none, and lists that are cut short; in XML raw `&`, `&#39;`, a control "
        "character or a negative colour, and in every fifth file an unclosed `<d>` or a raw `<`.",
        "",
        "Each run is a fresh process that first reads a tiny corpus; the clock starts behind that. Its peak memory is "
        "that of the whole process, libraries and all; in brackets stands the part before the corpus is opened. The "
        "files lie in the page cache. Records are comments as they stand in the files, duplicates included; "
        "seconds are the median of the runs; the rate of a reader that loses comments counts the share that it keeps.",
        "",
        f"The first reading in a process, imports and all, took ours {cold.kept:.1f} s with compiled code in Numba's "
        f"cache and {cold.compiled:.0f} s without, once per machine.",
        "",
        "## Ours by size",
        "",
        *by_size([group[0] for group in groups]),
    ]
    compared = [group for group in groups if len(group) > 1]
    if compared:
        lines += ["", "## Beside other readers"]
        lines += [line for group in compared for line in beside(group)]
        readers = dict.fromkeys(one.reader for group in compared for one in group)
        lines += ["", "What each does, and does not:", "", *(f"- {name}: {NOTES[name]}" for name in readers)]
        lines += [
            "",
            "“Beside ours” compares tables by row id: missing are comments that only ours has, more are those ",
        ]
        lines[-1] += "that only the other has. Tables with our columns are compared in all of them, and so are the "
        lines[-1] += "numbers of rejected records and their files and lines; others in their texts alone."
    return "\n".join(lines) + "\n"
