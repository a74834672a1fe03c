"""Parquet with a text column and an id or a field of danmu, a few thousand rows at a time.

Whole numbers, decimals and texts keep every digit; an id in a float column has lost some, and says so.
A row's `line` is its number in the file, from 1.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from os import SEEK_END
from tempfile import TemporaryFile
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.danmu.readers import packed
from pipeline.danmu.readers.fields import BadField
from pipeline.danmu.readers.form import Form
from pipeline.danmu.readers.json_text import storable
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import EXCERPT, Comment, Rejected
from pipeline.danmu.tables.columns import Columns, columns_of, describes, unused_in
from pipeline.danmu.tables.kinds import FIRST, Look, Values, look
from pipeline.danmu.tables.parquet_pages import rows_at_once
from pipeline.danmu.tables.rows import row_reader
from pipeline.runtime import scratch_folder

MAGIC = b"PAR1"
ROWS = 8192  # rows in memory
PIECE = 1 << 20  # bytes read at once
LARGEST = 1 << 32  # bytes of a file that is packed as a whole
LONGEST_FOOTER, MOST_IN_FOOTER = 1 << 24, 1 << 17  # bytes; columns, or row groups
#: what pyarrow raises of a damaged file
DAMAGED = (*packed.DAMAGED, ValueError, TypeError, MemoryError)


def recognises(beginning: bytes) -> bool:
    """Whether it is Parquet; its columns stand at the file's end and are looked at by `read`."""
    return beginning.startswith(MAGIC)


def read(source: Source) -> Iterator[Comment | Rejected]:
    """Comments of a Parquet file. One that is compressed once more, as a whole, is unpacked into a temporary file."""
    with ExitStack() as stack:
        try:
            raw = stack.enter_context(opened(source))
            file = open_parquet(raw)
            names = file.schema_arrow.names
        except DAMAGED as error:
            yield Rejected(source.name, 1, f"no readable Parquet: {brief(error)}", "")
            return
        yield from read_file(source, file, raw, names)


def read_file(source: Source, file: pq.ParquetFile, raw: Any, names: list[str]) -> Iterator[Comment | Rejected]:
    """Comments of an open Parquet file with columns of these names."""
    seen = look_at((file, raw), names)
    columns = seen.columns
    if columns.fault:
        yield Rejected(source.name, 1, f"no table of comments: {columns.fault}", storable(", ".join(names))[:EXCERPT])
        return
    used = readable(file, columns.at.values())
    if columns.at.get("text", used[0] if used else -1) not in used:
        yield Rejected(source.name, 1, "no table of comments: no text", storable(", ".join(names))[:EXCERPT])
        return
    read_row = row_reader(*seen)
    row = 1
    for group in range(file.num_row_groups):
        rows = file.metadata.row_group(group).num_rows
        yield from read_group(source.name, (file, raw), group, row, (names, used, read_row))
        row += rows


def readable(file: pq.ParquetFile, indexes: Iterable[int]) -> list[int]:
    """The columns that hold one value a row, each once."""
    kinds = file.schema_arrow.types
    return sorted(index for index in set(indexes) if not pa.types.is_nested(kinds[index]))


def look_at(of_file: tuple[pq.ParquetFile, Any], names: list[str]) -> Look:
    """What the columns hold, as the first rows tell; where these do not, further ones."""
    file, _ = of_file
    at = columns_of(names).at
    telling = readable(file, [at[field] for field in ("onset_s", "sent_at", "either", "color", "p") if field in at])

    def rows() -> Iterator[Values]:
        with suppress(*DAMAGED):  # it is said where the file is read
            for group in range(file.num_row_groups if telling else 0):
                yield from values_of(of_file, group, (names, telling), FIRST)

    return look(names, list(islice(rows(), FIRST)), rows)


@contextmanager
def opened(source: Source) -> Iterator[Any]:
    """The file's bytes, open for reading at any place.

    Raises:
        ValueError: it is packed, and takes more than LARGEST when unpacked.
    """
    if source.packed is None:
        with source.path.open("rb") as plain:
            yield plain
        return
    with TemporaryFile(dir=scratch_folder()) as unpacked:
        with source.open() as packed:
            while piece := packed.read(PIECE):
                unpacked.write(piece)
                if unpacked.tell() > LARGEST:
                    raise ValueError(f"it takes more than {LARGEST >> 30} GiB when unpacked; unpack it first")
        unpacked.seek(0)
        yield unpacked


def open_parquet(raw: Any) -> pq.ParquetFile:
    """The file, read page by page.

    Raises:
        ValueError: its list of columns and row groups is too long.
    """
    raw.seek(0, SEEK_END)
    raw.seek(max(0, raw.tell() - len(MAGIC) - 4))
    if int.from_bytes(raw.read(4), "little") > LONGEST_FOOTER:
        raise ValueError(f"its footer has more than {LONGEST_FOOTER >> 20} MiB")
    raw.seek(0)
    return pq.ParquetFile(
        raw,
        pre_buffer=False,
        buffer_size=PIECE,
        thrift_string_size_limit=LONGEST_FOOTER,
        thrift_container_size_limit=MOST_IN_FOOTER,
    )


def read_group(
    name: str,
    of_file: tuple[pq.ParquetFile, Any],
    group: int,
    row: int,
    of: tuple[list[str], list[int], Callable[[Values], Comment]],
) -> Iterator[Comment | Rejected]:
    """The comments of a row group whose first row has the number `row`; of a damaged one, those before the damage."""
    names, used, read_row = of
    file, _ = of_file
    end = row + file.metadata.row_group(group).num_rows
    try:
        for values in values_of(of_file, group, (names, used), ROWS):
            yield read_values(name, row, values, read_row)
            row += 1
    except DAMAGED as error:
        yield Rejected(name, row, f"{end - row} rows cannot be read: {brief(error)}", "")


def values_of(
    of_file: tuple[pq.ParquetFile, Any], group: int, of: tuple[list[str], list[int]], most: int
) -> Iterator[Values]:
    """The rows of a row group, with the values of some columns: the names of all, and which are wanted."""
    file, raw = of_file
    names, used = of
    wanted = [names[index] for index in used]
    rows = rows_at_once(file, raw, group, wanted, most)
    for batch in file.iter_batches(rows, row_groups=[group], columns=wanted, use_threads=False):
        by_column: list[list[str | None]] = [[None] * len(batch)] * len(names)
        for index in used:
            by_column[index] = spelled(batch.column(batch.schema.names.index(names[index])))
        yield from zip(*by_column)


def read_values(name: str, row: int, values: Values, read_row: Callable[[Values], Comment]) -> Comment | Rejected:
    """A comment, or why the row is none."""
    try:
        return read_row(values)
    except BadField as error:
        excerpt = ",".join(value[:EXCERPT] for value in values if value is not None)
        return Rejected(name, row, storable(str(error)), storable(excerpt[:EXCERPT]))


def brief(error: BaseException) -> str:
    """What an error says, on one line."""
    return storable(" ".join(str(error).split())[:200])


def spelled(column: Any) -> list[str | None]:
    """A column's values as text that gives each digit; lists and structures are missing values."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return spelled(column.dictionary_decode())
    if pa.types.is_nested(kind):
        return [None] * len(column)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return [None if value is None else value.decode("utf-8", "replace") for value in column.to_pylist()]
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return texts(column)
    if pa.types.is_timestamp(kind):
        return [None if value is None else instant(value) for value in in_milliseconds(column)]
    if pa.types.is_floating(kind):
        return [None if value is None or value != value else repr(value) for value in column.to_pylist()]
    return [None if value is None else str(value) for value in column.to_pylist()]


def texts(column: Any) -> list[str | None]:
    """The texts, with U+FFFD for what is no UTF-8."""
    try:
        return list(column.to_pylist())
    except UnicodeDecodeError:
        return spelled(column.cast(pa.large_binary() if pa.types.is_large_string(column.type) else pa.binary()))


def in_milliseconds(column: Any) -> list[int | None]:
    """Timestamps as milliseconds since 1970, UTC."""
    return list(column.cast(pa.timestamp("ms", column.type.tz), safe=False).cast(pa.int64()).to_pylist())


def instant(milliseconds: int) -> str:
    """A timestamp in ISO 8601; spelled as it is where no calendar reaches."""
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)).isoformat()
    except OverflowError:
        return f"{milliseconds} ms"


def header_of(source: Source) -> tuple[Columns, list[str]] | None:
    """What was made of the columns, and their names."""
    try:
        with opened(source) as raw:
            file = open_parquet(raw)
            names = file.schema_arrow.names
            return look_at((file, raw), names).columns, names
    except DAMAGED:
        return None


PARQUET = Form("Parquet", recognises, read, describe=describes(header_of), binary=True, unused=unused_in(header_of))
