"""How many rows of a Parquet file can be read at once: its pages say so, before any of them is unpacked.

A page of some kilobytes may unpack to two gigabytes, and a value that stands once in a dictionary may be meant by every
row. (The format: https://parquet.apache.org/docs/file-format, its page headers in Thrift's compact protocol.)
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pyarrow.compute as pc
import pyarrow.parquet as pq

LARGEST_PAGES = 1 << 26  # bytes of the largest pages of all columns together; writers make pages of 1 MiB
AT_ONCE = 1 << 24  # bytes of the texts that are read at once
HEADERS = (1 << 12, 1 << 24)  # bytes of a page header: nearly always, and at most
#: Thrift's types, as they stand in a field's first byte
TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
#: fields of a page header: sizes, and the headers of the kinds of pages, whose first field is a number of values
UNPACKED, PACKED, DATA, DATA_2 = 2, 3, 5, 8


class Page(NamedTuple):
    """What a page header says."""

    size: int  # bytes, unpacked
    values: int  # 0 of a dictionary


def rows_at_once(file: pq.ParquetFile, raw: Any, group: int, names: list[str], most: int) -> int:
    """How many rows of a row group can be read at once, up to `most`.

    Args:
        file: the file.
        raw: the same, open for reading at any place.
        group: the row group's number.
        names: the columns that are read, none of them nested.
        most: rows.

    Raises:
        ValueError: not even one, since its pages are too large; or a page header is damaged.
    """
    of = file.metadata.row_group(group)
    largest, bytes_of_row = 0, 0.0
    texts = []
    for index in range(of.num_columns):
        column = of.column(index)
        if column.path_in_schema not in names:
            continue
        found = list(pages(raw, column))
        size = max((page.size for page in found), default=0)
        largest += size
        if column.physical_type != "BYTE_ARRAY":
            bytes_of_row += max(16, file.schema.column(index).length)
            continue
        bytes_of_row += max((page.size / page.values for page in found if page.values), default=0)
        if any("DELTA_BYTE_ARRAY" in encoding for encoding in column.encodings):
            bytes_of_row += size  # a value may be the one before it, and a letter
        elif any("DICTIONARY" in encoding for encoding in column.encodings):
            texts.append(column.path_in_schema)
    if largest > LARGEST_PAGES:
        raise ValueError(f"pages of {largest >> 20} MiB; write it with smaller ones")
    bytes_of_row += sum(longest_in_dictionary(raw, group, name) for name in texts)
    return max(1, min(most, int(AT_ONCE / max(bytes_of_row, 1))))


def longest_in_dictionary(raw: Any, group: int, name: str) -> int:
    """The bytes of a column's longest text, as far as its dictionary holds it."""
    raw.seek(0)
    file = pq.ParquetFile(raw, read_dictionary=[name], pre_buffer=False, buffer_size=1 << 20)
    for batch in file.iter_batches(1, row_groups=[group], columns=[name], use_threads=False):
        column = batch.column(0)
        values = getattr(column, "dictionary", column)
        return int(pc.max(pc.binary_length(values)).as_py() or 0)
    return 0


def pages(raw: Any, column: pq.ColumnChunkMetaData) -> Iterator[Page]:
    """What the headers of a column's pages say."""
    at = column.data_page_offset
    if column.has_dictionary_page and column.dictionary_page_offset:
        at = min(at, column.dictionary_page_offset)
    end = at + column.total_compressed_size
    while at < end:
        for size in HEADERS:
            raw.seek(at)
            header = Thrift(raw.read(size))
            try:
                fields = header.struct()
                break
            except IndexError:
                continue
        else:
            raise ValueError("a page header is damaged")
        kind = fields.get(DATA, fields.get(DATA_2))
        values = kind.get(1, 0) if isinstance(kind, dict) else 0
        unpacked, packed = fields.get(UNPACKED, -1), fields.get(PACKED, -1)
        if unpacked < 0 or packed < 0 or values < 0:
            raise ValueError("a page header is damaged")
        yield Page(unpacked, values)
        at += header.at + packed


class Thrift:
    """Thrift's compact protocol, as far as numbers in structures; all else is passed over."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def byte(self) -> int:
        """The next byte."""
        self.at += 1
        return self.data[self.at - 1]

    def number(self) -> int:
        """The next number without a sign: seven bits a byte."""
        number, shift = 0, 0
        while shift < 70:
            byte = self.byte()
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        return number

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """The numbers and structures of a structure, by the number of their field."""
        if depth > 8:
            raise ValueError("a page header is damaged")
        fields: dict[int, Any] = {}
        field = 0
        while (first := self.byte()) != 0:
            kind = first & 15
            field = field + (first >> 4) if first >> 4 else signed(self.number())
            fields[field] = self.value(kind, depth)
        return fields

    def value(self, kind: int, depth: int) -> Any:
        """A value that is a number or a structure; else None, and the place is behind it."""
        if kind in (I16, I32, I64):
            return signed(self.number())
        if kind == STRUCT:
            return self.struct(depth + 1)
        if kind in (TRUE, FALSE):
            return None
        if kind in (BYTE, DOUBLE, BINARY):
            size = {BYTE: 1, DOUBLE: 8}.get(kind) or self.number()
            self.at += size
            return None
        raise ValueError("a page header is damaged")  # it has no lists


def signed(number: int) -> int:
    """A number with a sign, of one in zigzag."""
    return (number >> 1) ^ -(number & 1)
