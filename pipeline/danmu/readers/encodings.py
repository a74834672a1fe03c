"""In which encoding a raw file's text is, and how it becomes sound UTF-8."""

import codecs
import re

import numpy as np
import polars as pl
import pyarrow as pa

BEGINNING = 1 << 16  # bytes that tell a file's form and encoding

BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
#: a file in which more than this share of the characters beyond ASCII are no UTF-8 is in another encoding
FOREIGN = 0.1
#: UTF-16 without a mark: every other byte of the first four is 0
WIDE = {re.compile(rb"[\t-~]\0[\t-~]\0"): "utf-16-le", re.compile(rb"\0[\t-~]\0[\t-~]"): "utf-16-be"}
DECLARATION = re.compile(rb"\s*<\?xml[^>]{0,100}?\sencoding\s*=\s*[\"']([A-Za-z][\w.:-]{0,39})[\"']")
ALIASES = {
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "ms932": "cp932",
    "x-windows-949": "cp949",
    "ks_c_5601-1987": "cp949",
}
#: what writers mean by the names of older and smaller encodings
LARGER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
}
#: a text that is declared so was turned into UTF-8 since, or has a mark; the last three are ways to write text in ASCII
NO_TEXT = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "idna", "punycode")
#: encodings in which any byte is a character
ONE_BYTE = re.compile(r"cp125\d|cp1252|iso8859-\d+|cp4\d\d|cp8\d\d|koi8-[rtu]|mac-\w+")
#: halves of an emoji, each as three bytes
HALVES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")


def encoding(first: bytes) -> str:
    """The encoding of a text that begins so: by its byte-order mark, else UTF-8, unless it is clearly another one.

    That is what its XML declaration names, if the text can be that, or GB 18030. A little damage does not change the
    verdict: another encoding it is only if more than one in ten of the characters beyond ASCII are invalid UTF-8, and
    reading it as that leaves less than a tenth as many invalid ones.
    """
    for mark, name in BYTE_ORDER_MARKS.items():
        if first.startswith(mark):
            return name
    for pattern, name in WIDE.items():
        if pattern.match(first):
            return name
    try:
        codecs.getincrementaldecoder("utf-8")().decode(first)
        return "utf-8"
    except UnicodeDecodeError:
        text = first.decode("utf-8", "replace")
    lost = text.count("\ufffd")
    if lost <= 1 + FOREIGN * sum(map(len, re.findall(r"[^\x00-\x7f]+", text))):
        return "utf-8"
    names = [declared_codec(first), "gb18030"]
    return next((name for name in names if name and is_likely(first, name, lost)), "utf-8")


def declared(first: bytes) -> str | None:
    """The encoding that an XML declaration names."""
    match = DECLARATION.match(first)
    return match[1].decode() if match else None


def unknown_encoding(first: bytes, name: str) -> str | None:
    """The sentence for a text whose declared encoding nobody here knows; None where it is known, or not needed.

    Args:
        first: how it begins.
        name: the encoding that it is read in.
    """
    said = declared(first)
    if said is None or name not in ("utf-8", "gb18030") or is_known(said) or is_sound(first[: whole_characters(first)]):
        return None
    return f"the encoding {said!r} that it declares is not known here, and it was read as {name}; save it as UTF-8"


def is_known(name: str) -> bool:
    """Whether Python knows an encoding of this name."""
    try:
        codecs.lookup(plain_name(name))
        return True
    except LookupError:
        return False


def plain_name(name: str) -> str:
    """The name of an encoding without the mark of those that were once not registered: x-sjis."""
    return ALIASES.get(name.lower(), name.lower().removeprefix("x-"))


def declared_codec(first: bytes) -> str | None:
    """Python's name of the encoding that is declared, or of a larger one that holds it; None where there is none."""
    said = declared(first)
    if said is None or not is_known(said):
        return None
    name = codecs.lookup(plain_name(said)).name
    return None if name in NO_TEXT else LARGER.get(name, name)


def is_likely(first: bytes, name: str, lost: int) -> bool:
    """Whether a text may be in an encoding: nearly all of it is sound, and where a byte is a character, it is Western.

    Args:
        first: how it begins.
        name: of the encoding.
        lost: how many characters are invalid as UTF-8.
    """
    try:
        other = codecs.getincrementaldecoder(name)(errors="replace").decode(first)
    except (UnicodeError, LookupError, TypeError, AttributeError):
        return False
    if ONE_BYTE.fullmatch(name):  # it says nothing that all bytes are sound: in Chinese, they stand two by two
        runs = re.findall(rb"[\x80-\xff]+", first)
        return 2 * sum(len(run) == 1 for run in runs) > len(runs)
    return other.count("\ufffd") < FOREIGN * lost


def decoded(first: bytes) -> bytes:
    """A beginning as UTF-8, without a byte-order mark."""
    return codecs.getincrementaldecoder(encoding(first))(errors="replace").decode(first).encode()


def is_sound(block: bytes | bytearray) -> bool:
    """Whether it is UTF-8, as polars checks it: without making a Python string."""
    ends = pa.py_buffer(np.array([0, len(block)], dtype=np.int64))
    texts = pa.Array.from_buffers(pa.large_binary(), 1, [None, ends, pa.py_buffer(block)])
    try:
        pl.Series(pl.from_arrow(texts)).cast(pl.String)
        return True
    except pl.exceptions.PolarsError:
        return False


def sound(piece: bytes) -> bytes:
    """UTF-8 without NUL, which no text has; invalid bytes become U+FFFD."""
    if b"\0" in piece:
        piece = piece.replace(b"\0", b"")
    if is_sound(piece):
        return piece
    return HALVES.sub(whole_character, piece).decode("utf-8", "replace").encode()


def whole_character(halves: re.Match[bytes]) -> bytes:
    """The character of two halves."""
    return halves[0].decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16").encode()


def whole_characters(piece: bytes) -> int:
    """How many bytes of a piece of UTF-8 hold whole characters: its last one may go on in the next piece."""
    for back, byte in enumerate(reversed(piece[-3:]), start=1):
        if byte >= 0xC0:
            return len(piece) - back if back < (2 if byte < 0xE0 else 3 if byte < 0xF0 else 4) else len(piece)
        if byte < 0x80:
            break
    return len(piece)
