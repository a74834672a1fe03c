"""The same comments written in every form that raw danmu come in, and what each form cannot say.

A writer is two functions: `carried` turns any comments into the nearest ones that the form can say, and
`write` writes those. What is written must be read unchanged.
"""

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html import escape
from io import BytesIO, StringIO
from typing import Any, NamedTuple

import polars as pl

from pipeline.artifacts.comments import UTC_TIME
from pipeline.danmu.readers.segment_pb2 import DanmakuElem, DmSegMobileReply
from pipeline.danmu.record import BEIJING, Comment

VIDEO, HOUR, CHAT = "780001", "2019122222", "550001"
PLACE = {"video_id": VIDEO, "chat_id": CHAT}
SEPARATORS = ("", ",", ";", "|", " ")
SEGMENT_NAME = f"{VIDEO}.{CHAT}.{HOUR}.seg-1-of-1.pb"

Comments = list[Comment]
Text = Callable[[Comments], str]


class Writer(NamedTuple):
    """One form."""

    form: str  # the reader's name
    carried: Callable[[Comments], Comments]
    write: Callable[[Comments], bytes]
    file: str = "file"


def each(comments: Comments, **changes: Any) -> Comments:
    """The comments with some fields changed: to a value, or by a function of the comment."""
    return [
        replace(one, **{name: change(one) if callable(change) else change for name, change in changes.items()})
        for one in comments
    ]


def onset_ms(comment: Comment) -> int:
    return round((comment.onset_s or 0) * 1000)


def seconds(comment: Comment) -> str:
    """The onset with five decimals, as day files have it."""
    whole, thousandths = divmod(onset_ms(comment), 1000)
    return f"{whole}.{thousandths:03}00"


def sent(comment: Comment) -> int:
    assert comment.sent_at is not None
    return int(comment.sent_at.timestamp())


def fields(comment: Comment) -> list[str]:
    """The nine fields, or ten where there is a weight."""
    numbers = [comment.mode, comment.font_size, comment.color, sent(comment), comment.pool]
    attributes = [seconds(comment), *map(str, numbers), comment.sender or "", str(comment.row_id or 0)]
    return [*attributes, *([] if comment.weight is None else [str(comment.weight)]), comment.text]


# Day files: each row has a video and a pool, and the hour in which it was seen.


def lists_carry(comments: Comments) -> Comments:
    """Lists of tuples carry everything."""
    return each(comments, **PLACE)


def as_json(comments: Comments) -> str:
    return json.dumps([fields(one) for one in comments], ensure_ascii=False)


def as_ascii(comments: Comments) -> str:
    return json.dumps([fields(one) for one in comments])


def as_numbers(comments: Comments) -> str:
    """A JSON list whose numbers have no quotes; the sender and the text keep theirs."""
    rows = [[*map(int, fields(one)[1:6]), one.sender, one.row_id or 0, *fields(one)[8:]] for one in comments]
    onsets = (one.onset_s for one in comments)
    return json.dumps([[onset, *row] for onset, row in zip(onsets, rows)], ensure_ascii=False)


def as_python(comments: Comments) -> str:
    return str([tuple(fields(one)) for one in comments])


def as_fragments(comments: Comments) -> str:
    return "".join(map(element, comments))


def element(comment: Comment) -> str:
    """A `<d>` element; XML turns a raw carriage return into a line feed: it is written as a number."""
    *attributes, text = fields(comment)
    return f'<d p="{",".join(attributes)}">{escape(text, quote=False)}</d>'.replace("\r", "&#13;")


def joined_carry(separator: str) -> Callable[[Comments], Comments]:
    """Comma-joined attributes and texts have no quotes around anything.

    A text has no line break; without a separator it does not end in a digit, which would be the next
    onset's, nor in a mark, which would be taken for a separator: neither in that of a weight, where all texts
    but the last are empty. Weights stand in all of several heads or in none, and there no text begins with a
    small number and a comma. Sizes have three digits, pools one.
    """

    def spelled(one: Comment) -> str:
        said = re.sub(r"[\r\n]", "", one.text)
        return said if separator else re.sub(r"[0-9,;| ]+$", "", said)

    def carried(comments: Comments) -> Comments:
        weighted = len(comments) > 1 and all(one.weight is not None for one in comments)
        weighted = weighted and bool(separator or any(map(spelled, comments[:-1])))

        def text(one: Comment) -> str:
            return spelled(one) if weighted else re.sub(r"^([0-9]{1,2},)+", "", spelled(one))

        return each(
            comments,
            **PLACE,
            text=text,
            weight=lambda one: min(one.weight or 0, 99) if weighted else None,
            font_size=lambda one: min(one.font_size or 0, 999),
            pool=lambda one: (one.pool or 0) % 10,
        )

    return carried


def as_joined(separator: str) -> Text:
    return lambda comments: separator.join(",".join(fields(one)) for one in comments)


def row(spell: Text, columns: str = "\t") -> Callable[[Comments], bytes]:
    """A day file of one row, its columns divided by tabs, by commas, or as a CSV writer does."""

    def write(comments: Comments) -> bytes:
        values = [VIDEO, HOUR, CHAT, "500", spell(comments)]
        if columns != "CSV":
            return (columns.join(values) + "\n").encode()
        line = StringIO()
        csv.writer(line).writerow(values)
        return line.getvalue().encode()

    return write


# Bilibili XML names the pool.


def xml_carries(attributes: int) -> Callable[[Comments], Comments]:
    def carried(comments: Comments) -> Comments:
        known = (lambda one: one.weight or 0) if attributes == 9 else None
        return each(comments, video_id=None, chat_id=CHAT, weight=known)

    return carried


def as_xml(comments: Comments) -> bytes:
    begin = f'<?xml version="1.0" encoding="UTF-8"?><i><chatserver>chat.example</chatserver><chatid>{CHAT}</chatid>'
    return (begin + "\n".join(map(element, comments)) + "</i>").encode()


# A segment is named by its video and pool. It always has a weight, and a mode.


def segments_carry(comments: Comments) -> Comments:
    return each(comments, **PLACE, weight=lambda one: one.weight or 0, mode=lambda one: one.mode or 1)


def as_segment(comments: Comments) -> bytes:
    elements = [
        DanmakuElem(
            id=one.row_id or 0,
            idStr=str(one.row_id or 0).encode(),
            progress=onset_ms(one),
            mode=one.mode,
            fontsize=one.font_size,
            color=one.color,
            midHash=(one.sender or "").encode(),
            content=one.text.encode(),
            ctime=sent(one),
            pool=one.pool,
            weight=one.weight,
        )
        for one in comments
    ]
    return DmSegMobileReply(elems=elements).SerializeToString()


# Tables: a blank sender is none. Exporters name neither video nor pool.


def exports_carry(comments: Comments) -> Comments:
    return each(comments, video_id=None, chat_id=None, sender=lambda one: one.sender or None)


def tables_carry(comments: Comments) -> Comments:
    return each(comments, **PLACE, sender=lambda one: one.sender or None)


def exported(comment: Comment) -> dict[str, Any]:
    """A comment under the names that exporters take from the protobuf."""
    return {
        "progress": onset_ms(comment),
        "mode": comment.mode,
        "fontsize": comment.font_size,
        "color": comment.color,
        "midHash": comment.sender,
        "content": comment.text,
        "ctime": sent(comment),
        "pool": comment.pool,
        "idStr": str(comment.row_id or 0),
        "weight": comment.weight,
    }


def named(comment: Comment) -> dict[str, Any]:
    """A comment under our own names."""
    assert comment.sent_at is not None
    return {
        "video_id": comment.video_id,
        "chat_id": comment.chat_id,
        "onset_s": comment.onset_s,
        "mode": comment.mode,
        "font_size": comment.font_size,
        "color": comment.color,
        "sent_at": comment.sent_at.isoformat(),
        "pool": comment.pool,
        "sender": comment.sender,
        "row_id": comment.row_id,
        "weight": comment.weight,
        "text": comment.text,
    }


CHINESE = {
    "弹幕内容": lambda one: one.text,
    "弹幕出现时间(毫秒)": onset_ms,
    "弹幕模式": lambda one: one.mode,
    "字体大小": lambda one: one.font_size,
    "弹幕颜色": lambda one: f"#{one.color:06X}",
    "弹幕发送时间": lambda one: f"{one.sent_at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}",
    "弹幕池": lambda one: one.pool,
    "发送者ID": lambda one: one.sender,
    "弹幕ID": lambda one: one.row_id,
    "权重": lambda one: one.weight,
}


def chinese(comment: Comment) -> dict[str, Any]:
    return {name: value(comment) for name, value in CHINESE.items()}


Row = Callable[[Comment], dict[str, Any]]


def as_table(of: Row, delimiter: str = ",") -> Callable[[Comments], bytes]:
    def write(comments: Comments) -> bytes:
        file = StringIO()
        writer = csv.DictWriter(file, list(of(comments[0])), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(map(of, comments))
        return file.getvalue().encode()

    return write


def as_lines(of: Row, ascii_only: bool) -> Callable[[Comments], bytes]:
    return lambda comments: b"".join(json.dumps(of(one), ensure_ascii=ascii_only).encode() + b"\n" for one in comments)


def as_document(of: Row) -> Callable[[Comments], bytes]:
    """What a service answers: the comments, and things about them."""

    def write(comments: Comments) -> bytes:
        answer = {"code": 0, "message": "0", "data": {"total": len(comments), "elems": list(map(of, comments))}}
        return json.dumps(answer, ensure_ascii=False, indent=1).encode()

    return write


def as_array(comments: Comments) -> bytes:
    return json.dumps([named(one) for one in comments]).encode()


def as_parquet(comments: Comments) -> bytes:
    file = BytesIO()
    rows = [{**named(one), "sent_at": one.sent_at} for one in comments]
    kinds = {"sent_at": UTC_TIME, "row_id": pl.Int64, "weight": pl.Int32, "sender": pl.String, "color": pl.Int64}
    pl.DataFrame(rows, schema_overrides=kinds).write_parquet(file)
    return file.getvalue()


# AcFun's table has no header, no pool, no row id and no weight. It is known by its lines, so that few texts may have
# line breaks; here none has.


def acfun_carries(comments: Comments) -> Comments:
    return each(
        comments,
        video_id=None,
        chat_id=None,
        text=lambda one: re.sub(r"[\r\n]", "", one.text),
        mode=lambda one: 1 + (one.mode or 0) % 9,
        font_size=lambda one: 5 + (one.font_size or 0) % 96,
        sender=lambda one: one.sender or "0",
        pool=None,
        row_id=None,
        weight=None,
    )


def as_acfun(comments: Comments) -> bytes:
    file = StringIO()
    csv.writer(file).writerows(
        [seconds(one)[:-2], one.color, one.mode, one.font_size, one.sender, sent(one), one.text] for one in comments
    )
    return file.getvalue().encode()


WRITERS = {
    "day file, tuples": Writer("day file", lists_carry, row(as_python)),
    "day file, JSON": Writer("day file", lists_carry, row(as_json)),
    "day file, ASCII JSON": Writer("day file", lists_carry, row(as_ascii)),
    "day file, JSON with numbers": Writer("day file", lists_carry, row(as_numbers)),
    "day file, fragments": Writer("day file", lists_carry, row(as_fragments)),
    "day file, commas": Writer("day file", lists_carry, row(as_json, ",")),
    "day file, CSV of tuples": Writer("day file", lists_carry, row(as_python, "CSV")),
    "day file, CSV of JSON": Writer("day file", lists_carry, row(as_json, "CSV")),
    "day file, CSV of fragments": Writer("day file", lists_carry, row(as_fragments, "CSV")),
    "day file, CSV of joined": Writer("day file", joined_carry("|"), row(as_joined("|"), "CSV")),
    **{
        f"day file, joined with {separator!r}": Writer("day file", joined_carry(separator), row(as_joined(separator)))
        for separator in SEPARATORS
    },
    "XML, 8 attributes": Writer("Bilibili XML", xml_carries(8), as_xml),
    "XML, 9 attributes": Writer("Bilibili XML", xml_carries(9), as_xml),
    "protobuf": Writer("protobuf segments", segments_carry, as_segment, SEGMENT_NAME),
    "CSV": Writer("CSV", tables_carry, as_table(named)),
    "CSV of an exporter": Writer("CSV", exports_carry, as_table(exported)),
    "CSV in Chinese": Writer("CSV", exports_carry, as_table(chinese)),
    "TSV": Writer("CSV", tables_carry, as_table(named, "\t")),
    "TSV of an exporter": Writer("CSV", exports_carry, as_table(exported, "\t")),
    "semicolons": Writer("CSV", tables_carry, as_table(named, ";")),
    "JSON lines": Writer("JSON lines", tables_carry, as_lines(named, False)),
    "JSON lines of an exporter": Writer("JSON lines", exports_carry, as_lines(exported, True)),
    "JSON answer": Writer("JSON", exports_carry, as_document(exported)),
    "JSON array": Writer("JSON", tables_carry, as_array),
    "Parquet": Writer("Parquet", tables_carry, as_parquet),
    "AcFun": Writer("AcFun CSV", acfun_carries, as_acfun),
}
#: those that are text
TEXTUAL = [name for name in WRITERS if name not in ("protobuf", "Parquet")]
