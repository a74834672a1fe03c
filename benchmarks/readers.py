"""The readers that benchmarks/parse.py measures: ours, the same job in plain Python, and other people's.

Each takes the folder of a corpus, a folder for what it writes, and how the lists of day files are spelled,
and returns how many comments there were.
"""

import ast
import csv
import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from pipeline.artifacts.comments import COMMENTS, REJECTED
from pipeline.danmu.record import EXCERPT

FIELDS = ["onset_s", "mode", "font_size", "color", "sent_at", "pool", "sender", "row_id", "text"]
NUMBERS = [name for name in FIELDS if name not in ("sender", "text")]
LARGEST = dict(zip(NUMBERS, [100_000, 99, 10_000, 2**32 - 1, 10**11, 99, 2**63 - 1]))
TOGETHER = 64  # files in one call of biliass, which then reads them in as many threads as there are cores
OUT, REJECTED_OUT = "comments.parquet", "rejected.parquet"


class Plain(NamedTuple):
    """How the plain readers read a list: what a comment is, what its text says, what stands around comments."""

    comment: re.Pattern[str]
    text: Callable[[str], str]
    opening: str = ""
    between: str = ""
    closing: str = ""


def plain_pattern(opening: str, quote: str, between: str, text: str) -> re.Pattern[str]:
    """Eight fields and a text."""
    return re.compile(opening + between.join([f"{quote}([^{quote},]*){quote}"] * 8) + text)


PLAIN = {
    "python": Plain(
        plain_pattern(r"\(", "'", ", ", r""", ('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\)"""),
        lambda text: ast.literal_eval(text) if "\\" in text else text[1:-1],
        "[",
        ", ",
        "]",
    ),
    "json": Plain(plain_pattern(r"\[", '"', ", ", r', ("(?:[^"\\]|\\.)*")\]'), json.loads, "[", ", ", "]"),
    "fragments": Plain(plain_pattern('<d p="', "", ",", r'">([^<]*)</d>'), unescape),
    "joined": Plain(plain_pattern(",?", "", ",", r",(.*?)(?=,[\d.]+,\d+,\d+,\w+,\d+,\d+,\w+,\d+,|$)"), str),
}


def ours(corpus: Path, out: Path, spelling: str) -> int:
    from pipeline.danmu.corpus.parsing import parse_corpus

    return parse_corpus([corpus], out).total("comments")


def plain_python(corpus: Path, out: Path, spelling: str) -> int:
    """The job that ours does: every record is converted and checked, and what is none goes on record."""
    plain = PLAIN[spelling]
    kept: dict[int, list[Any]] = {}
    hours: dict[int, set[int]] = {}
    rejected: list[tuple[str, int, str, str]] = []
    for path in sorted(corpus.iterdir()):
        with path.open(encoding="utf-8", errors="replace", newline="\n") as lines:
            next(lines)
            for number, line in enumerate(lines, start=2):
                try:
                    video, hour, chat, _, listed = line.rstrip("\n").split("\t", 4)
                    seen = int(datetime.strptime(hour + "+0800", "%Y%m%d%H%z").timestamp()) * 1000
                except ValueError as error:
                    rejected.append((path.name, number, str(error), line[:EXCERPT]))
                    continue
                end, expected = 0, plain.opening
                for match in plain.comment.finditer(listed):
                    gap = listed[end : match.start()]
                    if gap != expected:
                        rejected.append((path.name, number, "damaged list", gap[:EXCERPT]))
                    end, expected = match.end(), plain.between
                    try:
                        row_id, values = checked(match.groups(), plain.text)
                    except (ValueError, SyntaxError) as error:
                        rejected.append((path.name, number, str(error), match[0][:EXCERPT]))
                        continue
                    if row_id in hours:
                        hours[row_id].add(seen)
                    else:
                        kept[row_id] = [video, chat, *values]
                        hours[row_id] = {seen}
                if listed[end:] != plain.closing:
                    rejected.append((path.name, number, "list cut short", listed[end:][:EXCERPT]))
    rows = []
    for row_id, seen_in in hours.items():
        video, chat, onset, mode, size, color, sent, pool, sender, text = kept[row_id]
        row = [f"dm{row_id}", video, chat, min(seen_in), max(seen_in), len(seen_in), onset, mode, size, color, sent]
        rows.append([*row, pool, sender, row_id, False, None, text])
    pl.DataFrame(rows, schema=COMMENTS, orient="row").sort("comment_id").write_parquet(out / OUT)
    pl.DataFrame(rejected, schema=REJECTED, orient="row").write_parquet(out / REJECTED_OUT)
    return len(rows)


def checked(fields: tuple[str, ...], text_of: Callable[[str], str]) -> tuple[int, tuple[Any, ...]]:
    """A comment's row id and its other values; ValueError if one of them cannot be."""
    onset_s, mode_s, size_s, color_s, sent_s, pool_s, sender, row_s, text = fields
    onset, mode, size, color = float(onset_s), int(mode_s), int(size_s), int(color_s)
    sent, pool, row_id = int(sent_s), int(pool_s), int(row_s)
    numbers = 0 <= onset <= 100_000 and 0 <= mode <= 99 and 0 <= size <= 10_000 and 0 <= color < 2**32
    if not (numbers and 0 <= sent <= 10**11 and 0 <= pool <= 99 and 0 < row_id < 2**63):
        values = zip(LARGEST.items(), [onset, mode, size, color, sent, pool, row_id])
        name, value = next(((name, value) for (name, most), value in values if not 0 <= value <= most), ("row_id", 0))
        raise ValueError(f"{name} {value} is out of range")
    return row_id, (round(onset, 3), mode, size, color, sent * 1000, pool, sender, text_of(text))


def typed(fields: list[str], text: str) -> list[Any]:
    """A comment's values; ValueError if one of them is no number."""
    onset, mode, size, color, sent, pool, sender, row_id = fields[:8]
    return [float(onset), int(mode), int(size), int(color), int(sent), int(pool), sender, int(row_id), text]


def save(rows: Iterable[list[Any]], more: list[str], out: Path) -> None:
    frame = pl.DataFrame(list(rows), schema=[*FIELDS, *more], orient="row")
    frame.with_columns(pl.from_epoch("sent_at")).write_parquet(out / OUT)


def repeats_unread(corpus: Path, out: Path, spelling: str) -> int:
    """Of a comment that it has seen before, the row id and no more."""
    plain = PLAIN[spelling]
    kept: dict[str, list[Any]] = {}
    for path in sorted(corpus.iterdir()):
        with path.open(encoding="utf-8", newline="\n") as lines:
            next(lines)
            for line in lines:
                video, hour, chat, _, listed = line.rstrip("\n").split("\t", 4)
                for match in plain.comment.finditer(listed):
                    known = kept.get(match[8])
                    if known is not None:
                        known[-2] = hour
                        known[-1] += 1
                        continue
                    *fields, text = match.groups()
                    try:
                        kept[match[8]] = [*typed(fields, plain.text(text)), video, chat, hour, hour, 1]
                    except ValueError:
                        continue
    save(kept.values(), ["video_id", "chat_id", "first_seen", "last_seen", "snapshots"], out)
    return len(kept)


def with_pandas(corpus: Path, out: Path, spelling: str) -> int:
    import pandas as pd

    plain = PLAIN[spelling]
    chunks = []
    for path in sorted(corpus.iterdir()):
        for rows in pd.read_csv(path, sep="\t", dtype=str, quoting=csv.QUOTE_NONE, chunksize=200):
            comments = (
                rows["danmu_list"].str.extractall(plain.comment).set_axis(FIELDS, axis=1).drop_duplicates("row_id")
            )
            for name in NUMBERS:
                comments[name] = pd.to_numeric(comments[name], errors="coerce")
            comments["text"] = comments["text"].map(plain.text)
            chunks.append(comments.dropna().droplevel("match").join(rows[["video_id", "chat_id", "collect_YMDH"]]))
    table = pd.concat(chunks, ignore_index=True).drop_duplicates("row_id")
    table.astype(dict.fromkeys(NUMBERS[1:], "int64")).to_parquet(out / OUT)
    return len(table)


def with_trees(corpus: Path, out: Path, elements: Callable[[Path], Iterable[Any]], failure: type[Exception]) -> int:
    """What a tree parser gives of each file, up to where it gives up."""
    kept: dict[str, list[Any]] = {}
    for path in sorted(corpus.iterdir()):
        try:
            for _, element in elements(path):
                if element.tag == "d":
                    fields = element.get("p").split(",")
                    kept[fields[7]] = [*typed(fields, element.text or ""), int(fields[8])]
                element.clear()
        except failure:
            continue
    save(kept.values(), ["weight"], out)
    return len(kept)


def with_etree(corpus: Path, out: Path, spelling: str) -> int:
    from xml.etree import ElementTree

    return with_trees(corpus, out, ElementTree.iterparse, ElementTree.ParseError)


def with_lxml(corpus: Path, out: Path, spelling: str) -> int:
    from lxml import etree

    return with_trees(corpus, out, lambda path: etree.iterparse(str(path), recover=True), etree.LxmlError)


def biliass_converter(corpus: Path, out: Path, spelling: str) -> int:
    import biliass

    kept = 0
    for path in sorted(corpus.iterdir()):
        try:
            subtitles = biliass.convert_to_ass(path.read_text("utf-8"), 1920, 1080, reduce_comments=False)
        except ValueError:
            continue
        (out / f"{path.stem}.ass").write_text(subtitles, "utf-8")
        kept += subtitles.count("\nDialogue:")
    return kept


def biliass_parser(corpus: Path, out: Path, spelling: str) -> int:
    """It has no parser to call: all texts are blocked, which it does after parsing and before the layout."""
    import biliass

    paths = sorted(corpus.iterdir())
    block = biliass.BlockOptions(False, False, False, False, False, False, ["^"])
    for begin in range(0, len(paths), TOGETHER):
        texts = [path.read_text("utf-8") for path in paths[begin : begin + TOGETHER]]
        biliass.convert_to_ass(texts, 1920, 1080, block_options=block)
    return -1


OURS, ALONE = "ours", "ours, one core"
SAME_JOB, UNREAD = "plain Python", "plain Python, repeats unread"
LXML, CONVERTER = "lxml, recover", "biliass, conversion"
PARSER = "biliass, parsing alone"  # of sound files only: one that is not fails a whole call
READERS: dict[str, Callable[[Path, Path, str], int]] = {
    OURS: ours,
    ALONE: ours,
    SAME_JOB: plain_python,
    UNREAD: repeats_unread,
    "pandas": with_pandas,
    "xml.etree": with_etree,
    LXML: with_lxml,
    CONVERTER: biliass_converter,
    PARSER: biliass_parser,
}
OTHERS = {
    "day-file": [ALONE, SAME_JOB, UNREAD, "pandas"],
    "xml": [ALONE, "xml.etree", LXML, CONVERTER, PARSER],
}
NEEDS = {"pandas": "pandas", LXML: "lxml", CONVERTER: "biliass", PARSER: "biliass"}
