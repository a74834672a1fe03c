"""From the nine or ten fields of a danmu, as text, to a comment, or to the reason why there is none.

What is blank is unknown, but a blank onset is 0. What cannot be read is blank too, and noted (`Comment.blanked`): a
comment is rejected only where it has no text, or not the shape of one.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from pipeline.danmu.readers.element import Split, SuperChat
from pipeline.danmu.readers.fields import (
    LARGEST_TIME,
    NO_ONSET,
    NUMBER,
    BadField,
    Blanks,
    colour,
    onset,
    row_number,
    sender_and_site,
    went_through_float,
)
from pipeline.danmu.readers.json_text import storable
from pipeline.danmu.readers.place import Place
from pipeline.danmu.record import BILIBILI, SUPER_CHAT, Comment, Flaw


def read_fields(fields: list[str], video_id: str | None, chat_id: str | None, seen: datetime | None) -> Comment:
    """A comment from onset, mode, font size, colour, time, pool, sender, row id, [weight,] text.

    Raises:
        BadField: the number of fields is wrong.
    """
    if len(fields) not in (9, 10):
        raise BadField(f"{len(fields)} fields where 9 or 10 belong")
    *attributes, text = fields
    blanks = Blanks()
    sender, site = sender_and_site(attributes[6])
    return Comment(
        text=text,
        site=site or BILIBILI,
        video_id=video_id,
        chat_id=chat_id,
        seen=seen,
        onset_s=blanks.read("onset", onset, attributes[0].strip() or "0"),
        mode=blanks.number("mode", attributes[1], 99),
        font_size=blanks.number("size", attributes[2], 10_000),
        color=blanks.read("colour", colour, attributes[3]),
        sent_at=blanks.time(attributes[4]),
        pool=blanks.number("pool", attributes[5], 99),
        sender=sender,
        row_id=blanks.read("row id", row_number, attributes[7]),
        row_id_damaged=went_through_float(attributes[7]),
        weight=blanks.number("weight", attributes[8], 100) if len(attributes) == 9 else None,
        blanked=tuple(blanks),
    )


def read_super_chat(chat: SuperChat, video_id: str | None, chat_id: str | None, start: datetime | None) -> Comment:
    """A comment from the attributes of a super chat: `ts` is its onset, `timestamp` a Unix time."""
    blanks, said = Blanks(), {name: value.strip() for name, value in chat.attributes.items()}
    sent_at = blanks.time(said.get("timestamp", ""))
    spelled = from_start(said.get("ts", ""), start)
    if not spelled and sent_at and start:
        spelled = f"{(sent_at - start).total_seconds():.3f}"
    sender, _ = sender_and_site(said.get("uid") or said.get("user", ""))
    return Comment(
        text=storable(chat.text),
        site=BILIBILI,
        video_id=video_id,
        chat_id=chat_id,
        onset_s=blanks.read("onset", onset, spelled),
        sent_at=sent_at,
        sender=sender and storable(sender),
        kind=SUPER_CHAT,
        blanked=tuple(blanks),
    )


def from_start(spelled: str, start: datetime | None) -> str:
    """An onset as it is, or if it is a Unix time counted from the start of the recording."""
    if start is None or not NUMBER.fullmatch(spelled) or float(spelled) < NO_ONSET:
        return spelled
    time = float(spelled) / (1000 if float(spelled) > LARGEST_TIME else 1)
    return f"{time - start.timestamp():.3f}"


def comments_of(
    split: Iterable[Split],
    video_id: str | None,
    chat_id: str | None,
    seen: datetime | None,
    start: datetime | None = None,
) -> Iterator[Comment | Flaw]:
    """The comments of a list or document that is split into fields, and its flaws, bad fields among them.

    Args:
        split: what an element, a tuple or the like holds.
        video_id, chat_id: where the comments belong.
        seen: the hour of the snapshot.
        start: when the recording began, of a live room.
    """
    for fields in split:
        if isinstance(fields, Flaw):
            yield fields
            continue
        if isinstance(fields, SuperChat):
            yield read_super_chat(fields, video_id, chat_id, start)
            continue
        try:
            first, *others = map(storable, fields)
            yield read_fields([from_start(first, start), *others], video_id, chat_id, seen)
        except BadField as error:
            yield Flaw(str(error), ",".join(fields))


def comments_at(split: Iterable[Split], place: Place, file: str) -> Iterator[Comment | Flaw]:
    """The same of a document that has named a place so far."""
    for fields in split:
        there = place.after(fields.before) if isinstance(fields, SuperChat) else place
        yield from comments_of([fields], there.video_id(file), there.chat_id, None, there.start)
