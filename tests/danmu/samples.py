"""Records and files that the tests of this folder read."""

import csv
import json
from html import escape
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from pipeline.artifacts.comments import COMMENTS, REJECTED
from pipeline.danmu.corpus.duplicates import as_comments, once, one_per_id
from pipeline.danmu.corpus.identity import with_ids
from pipeline.danmu.corpus.output import COMMENTS_NAME, REJECTED_NAME
from pipeline.danmu.corpus.parsing import Census, parse_corpus
from pipeline.danmu.readers.batch import table
from pipeline.danmu.record import Comment
from pipeline.files import read_parquet

HEADER = "video_id\tcollect_YMDH\tchat_id\tmaxlimit\tdanmu_list"
FIELDS = ("onset", "mode", "font", "color", "time", "pool", "sender", "row_id", "text")
PLAIN = ("12.5", "1", "25", "16777215", "1577000000", "0", "3e396595", "26140000000000001", "开头就笑了")


def danmu(**changes: str) -> list[str]:
    """The fields of PLAIN, some of them changed by name."""
    return [changes.get(name, value) for name, value in zip(FIELDS, PLAIN, strict=True)]


def as_json(comments: list[list[str]]) -> str:
    return json.dumps(comments, ensure_ascii=False)


def as_python(comments: list[list[str]]) -> str:
    return str([tuple(comment) for comment in comments])


def as_fragments(comments: list[list[str]]) -> str:
    return "".join(f'<d p="{",".join(fields[:-1])}">{escape(fields[-1])}</d>' for fields in comments)


def as_joined(comments: list[list[str]], separator: str = "") -> str:
    return separator.join(",".join(fields) for fields in comments)


def row(listed: str, hour: str = "2019122222", video: str = "780001") -> str:
    """A day file's row whose danmu_list is `listed`."""
    return f"{video}\t{hour}\t550001\t500\t{listed}\n"


def written(folder: Path, content: str, name: str = "1_danmu_day") -> Path:
    """A file with exactly this content."""
    path = folder / name
    path.write_text(content, encoding="utf-8", newline="")
    return path


def parsed(path: Path) -> tuple[pl.DataFrame, pl.DataFrame, Census]:
    """COMMENTS and REJECTED of a file or folder; the numbers must add up, of each file and of all."""
    with TemporaryDirectory() as out:
        census = parse_corpus([path], Path(out))
        comments = read_parquet(Path(out) / COMMENTS_NAME, COMMENTS)
        rejected = read_parquet(Path(out) / REJECTED_NAME, REJECTED)
    assert (census.total("comments"), census.total("rejected")) == (len(comments), len(rejected))
    assert sum(census.reasons.values()) == len(rejected)
    assert all(file.duplicates >= 0 for file in census.files)
    assert comments["comment_id"].is_sorted() and comments["comment_id"].is_unique().all()
    return comments, rejected, census


def frame_of(comments: list[Comment]) -> pl.DataFrame:
    """COMMENTS of records."""
    frame = table([(0, order, comment) for order, comment in enumerate(comments)])
    return as_comments(one_per_id(once(with_ids(frame))), {})


def read(folder: Path, content: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Comments and rejected records of a file with this content."""
    comments, rejected, _ = parsed(written(folder, content))
    return comments.to_dicts(), rejected.to_dicts()


def corpus(folder: Path, content: str) -> pl.DataFrame:
    """COMMENTS of a file with this content."""
    return parsed(written(folder, content))[0]


def quoted(listed: str) -> str:
    line = StringIO()
    csv.writer(line, quoting=csv.QUOTE_MINIMAL).writerow(["780001", "2019122222", "550001", "500", listed])
    return line.getvalue()
