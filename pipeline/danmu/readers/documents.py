"""Bilibili XML at full speed: the compiled reader's arrays, and element.py for what it left."""

from codecs import BOM_UTF8
from collections.abc import Generator, Iterator

import numpy as np
import polars as pl

from pipeline.danmu.compiled.elements import scan_documents
from pipeline.danmu.compiled.records import COMMENTS, FIELDS, records_for
from pipeline.danmu.readers.arrays import CarefulRecords, careful_text, empty_hash_table, pieces, table_of
from pipeline.danmu.readers.batch import Batch
from pipeline.danmu.readers.comments import comments_at
from pipeline.danmu.readers.element import BEGIN, split_elements
from pipeline.danmu.readers.encodings import is_sound
from pipeline.danmu.readers.form import Reader
from pipeline.danmu.readers.place import HINT, Place
from pipeline.danmu.readers.source import Source
from pipeline.danmu.record import Flaw
from pipeline.danmu.row_ids import LOOKED_AT, went_through_floats

ROOTS = ("<chatid>", "<oid>", "<i>")


def is_document(beginning: bytes) -> bool:
    """Whether it is Bilibili XML, or was: the declaration or the whole beginning may be missing."""
    text = beginning.decode("utf-8", "replace")
    return BEGIN.search(text) is not None or (text.lstrip().startswith("<") and any(map(text.__contains__, ROOTS)))


def read_documents(sources: list[Source]) -> Iterator[Batch]:
    """The comments of XML files: of several small ones together, or of one, block by block."""
    if len(sources) > 1:
        contents = contents_of(sources)
        damaged = [went_through_floats(content[:LOOKED_AT]) for content in contents]
        read = yield from read_contents(sources, damaged, bytearray().join(contents), list(map(len, contents)))
        if read:
            return
    for number, source in enumerate(sources):
        counts = np.zeros(len(sources), np.int64)
        for batch in read_document(source):
            counts[number] = batch.records[0]
            comments = batch.comments.with_columns(file=pl.lit(number, pl.Int32())) if number else batch.comments
            yield batch._replace(comments=comments, records=counts.tolist())


def read_document(source: Source) -> Iterator[Batch]:
    """The comments of one file, block by block."""
    damaged = [went_through_floats(source.beginning())]
    so_far = ReadSoFar()
    for block in source.blocks(b"</d>"):
        while block:
            read = yield from read_contents([source], damaged, block, [len(block)], so_far)
            so_far.line += block.count(b"\n", 0, read)
            block = bytearray() if read == len(block) else block[read:]


def contents_of(sources: list[Source]) -> list[bytes | bytearray]:
    """Files as UTF-8. Whether they are that already is checked for all at once, which is faster."""
    contents: list[bytes | bytearray] = [source.path.read_bytes().removeprefix(BOM_UTF8) for source in sources]
    whole = b"".join(contents)
    if b"\0" in whole or not is_sound(whole):
        contents = [bytearray().join(source.blocks()) for source in sources]
    return contents


class ReadSoFar:
    """What is known of a document in blocks when the next block is read: its line, and what was said of its place."""

    def __init__(self) -> None:
        self.line = 1
        self.place = Place()


def place_behind(whole: bytearray, begin: int, end: int, place: Place) -> Place:
    """The place of what stands behind a piece that was left: what the text behind its last element says."""
    if not HINT.search(whole, begin, end):
        return place
    return place.after(whole[max(begin, whole.rfind(b"</d>", begin, end)) : end].decode("utf-8", "replace"))


def read_contents(
    sources: list[Source], damaged: list[bool], whole: bytearray, sizes: list[int], so_far: ReadSoFar | None = None
) -> Generator[Batch, None, int]:
    """The comments of documents, or of a part of one.

    Args:
        sources: the files.
        damaged: of each file, whether its row ids went through a float.
        whole: their texts, or the next block of one, as UTF-8.
        sizes: of each file, how many bytes of `whole` are its.
        so_far: what the blocks before said.

    Returns:
        how many bytes were read: all, or of a single file those before the arrays were full. Of several files that are
        too much for the arrays, none is read.
    """
    so_far = so_far or ReadSoFar()
    ends = np.cumsum(sizes, dtype=np.int64)
    begins = ends - sizes
    records = records_for(len(whole))
    spans = np.empty(2 * FIELDS + 1, np.int64)
    buffer = np.frombuffer(whole, np.uint8)
    counts, read = scan_documents(buffer, begins, ends, np.array(damaged), spans, empty_hash_table(), records)
    if len(sources) > 1 and read < len(whole):
        return 0
    # a document may be several that were joined: its place is the one that was named last
    places = [(order, number, so_far.place) for number, order in enumerate(np.cumsum([0, *counts[:-1]]).tolist())]
    file, place = -1, so_far.place
    for _, begin, end, row, order in pieces(records):
        counts[row] -= 1
        file, place = row, place if row == file else so_far.place
        place = place_behind(whole, begin, end, place)
        places.append((order, row, place))
    of_pieces = [place for *_, place in places[len(sources) :]]
    places.sort(key=lambda place: place[0])
    comments = records.comments[: records.count[COMMENTS]]
    at_place = np.searchsorted([order for order, *_ in places], comments["order"], side="right") - 1
    videos = [place.video_id(sources[row].name) for _, row, place in places]
    by_place = {"chat_id": [place.chat_id for *_, place in places], "video_id": videos}
    columns = {name: pl.Series(values, dtype=pl.String).gather(at_place) for name, values in by_place.items()}
    careful = CarefulRecords(damaged, table_of(records, columns), counts.tolist())
    at, line, file, place = 0, 1, -1, so_far.place
    for (_, begin, end, row, order), after in zip(pieces(records), of_pieces):
        if row != file:
            at, line, file, place = int(begins[row]), so_far.line, row, so_far.place
        text = careful_text(whole, begin, end)
        fields = [text] if isinstance(text, Flaw) else split_elements(text)
        for number, record in enumerate(comments_at(fields, place, sources[row].name)):
            if number == 0:
                line += whole.count(b"\n", at, begin)
                at = begin
            yield from careful.add(record, row, order, sources[row].name, line)
        place = after
    so_far.place = place
    yield careful.last()
    return int(read)


XML = Reader("Bilibili XML", is_document, read_documents, together=True)
