"""Files that are not read: what they look like, and what to do with them."""

import re

from pipeline.danmu.readers.encodings import BEGINNING
from pipeline.danmu.readers.packed import NO_TEXT

UNPACK = "unpack it, and name what was in it"
EXPORT = "export its table as CSV, and read that"
OTHERWISE = "no text is in it"
#: how such files begin, where (bytes from the beginning), what they are, and what to do
MARKS: tuple[tuple[bytes, int, str, str], ...] = (
    (b"PK\x05\x06", 0, "an empty zip archive", OTHERWISE),
    (b"7z\xbc\xaf\x27\x1c", 0, "a 7z archive", UNPACK),
    (b"Rar!\x1a\x07", 0, "a rar archive", UNPACK),
    (b"ustar", 257, "a tar archive", UNPACK),
    (b"BZh", 0, "compressed by bzip2", UNPACK),
    (b"\x04\x22\x4d\x18", 0, "compressed by lz4", UNPACK),
    (b"\x5d\x00\x00", 0, "compressed by lzma", UNPACK),
    (b"SQLite format 3\0", 0, "an SQLite database", EXPORT),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, "a workbook or document of Microsoft Office before 2007", EXPORT),
    (b"ARROW1", 0, "an Arrow or Feather file", "save it as Parquet, and read that"),
    (b"\x89HDF\r\n", 0, "an HDF5 file", EXPORT),
    (b"\x93NUMPY", 0, "an array of numpy's", EXPORT),
    (b"Obj\x01", 0, "an Avro file", EXPORT),
    (b"\x80\x04\x95", 0, "a pickle of Python's", "save what it holds as CSV or JSON, and read that"),
    (b"%PDF", 0, "a PDF document", "copy its text into a table, and read that"),
    (b"\xff\xd8\xff", 0, "a JPEG picture", OTHERWISE),
    (b"\x89PNG", 0, "a PNG picture", OTHERWISE),
    (b"GIF8", 0, "a GIF picture", OTHERWISE),
    (b"ftyp", 4, "an MP4 video", OTHERWISE),
    (b"FLV\x01", 0, "an FLV video", OTHERWISE),
    (b"\x1a\x45\xdf\xa3", 0, "a Matroska or WebM video", OTHERWISE),
    (b"ID3", 0, "an MP3 sound", OTHERWISE),
)
#: the same of zip archives, by the name of a file in them
ZIPPED = {
    rb"xl/": ("an Excel workbook", EXPORT),
    rb"word/": ("a Word document", "save it as text or as a table, and read that"),
    rb"content\.xml|mimetype": ("an OpenDocument file", EXPORT),
}
#: the same of texts, by what stands in their first lines
TEXTS = (
    (r"\[Script Info\]|^Dialogue: ", "subtitles in ASS or SSA", "get the danmu that they were made of"),
    (r"^WEBVTT", "subtitles in WebVTT", "get the danmu that they were made of"),
    (r"^\d+\r?\n\d+:\d\d:\d\d[,.]\d+ --> ", "subtitles in SRT", "get the danmu that they were made of"),
    (r"^\[\d+:\d\d[.:]\d+\]", "lyrics in LRC", "put text and onset into a table, and read that"),
    (
        r"(?i)^-- (MySQL|MariaDB|PostgreSQL|phpMyAdmin)|^(INSERT INTO|CREATE TABLE|DROP TABLE|PRAGMA|COPY) ",
        "a dump of an SQL database",
        "load it into a database, and export its table as CSV",
    ),
    (r"(?i)^\s*<(\?xml|!--|[a-z][\w:.-]*[\s/>])", "XML of a form that is not known", "put text and id into a table"),
    (r"^%YAML|^---\s*$", "YAML", "save it as JSON, and read that"),
)
BASE64 = re.compile(rb"\s*[A-Za-z0-9+/]{40,}(?:={0,2}\s+[A-Za-z0-9+/]{40,})*+(?:\s+[A-Za-z0-9+/]+)?={0,2}\s*\Z")
SHORT_LINE = 500  # characters; a comment hardly has more


def is_no_text(first: bytes) -> bool:
    """Whether a file that begins so is an archive, a database, a picture or the like: no text, whatever is in it."""
    return binary(first) is not None


def reason(first: bytes, text: str) -> str:
    """The reason on record of a file of no known form: what it looks like, and what to do.

    Args:
        first: how it begins, as it is; BEGINNING bytes if it is longer.
        text: the same as text.
    """
    unknown = "a file of no known form"
    if look := binary(first) or textual(first, text):
        return f"{unknown}: {look[0]}; {look[1]}"
    if len(first) >= BEGINNING and "\n" not in text.strip():
        return f"{unknown}: its first record is too long, more than the {BEGINNING >> 10} KiB that tell a form"
    return unknown


def binary(first: bytes) -> tuple[str, str] | None:
    """What a file is by the bytes that it begins with, and what to do."""
    if first.startswith(b"PK\x03\x04"):
        inside = (look for name, look in ZIPPED.items() if re.search(name, first))
        return next(inside, ("a zip archive", UNPACK))
    return next((look for mark, at, *look in MARKS if first[at : at + len(mark)] == mark), None)  # type: ignore[return-value]


def textual(first: bytes, text: str) -> tuple[str, str] | None:
    """What a text looks like, and what to do."""
    if NO_TEXT.search(text.encode()) or text.count("\ufffd") * 20 > len(text):
        return None
    for pattern, *look in TEXTS:
        if re.search(pattern, text[:4096].lstrip("\ufeff"), re.MULTILINE):
            return look[0], look[1]
    if BASE64.match(first):
        return "it looks like base64", "decode it with base64 -d, and read what was in it"
    lines = [line for line in text.splitlines()[:-1] or [text] if line.strip()]
    if lines and sum(len(line) <= SHORT_LINE for line in lines) * 10 >= 9 * len(lines):
        return "it looks like one text per line", "if it is that, read it with `danmu parse --text`"
    return None
