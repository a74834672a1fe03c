"""From a table's column names to the fields of a comment, decided once per header.

A name counts without its case, blanks, quotes, underscores and hyphens: `font_size`, `fontSize` and
" Font-Size " are one. Columns that mean nothing here are not read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from pipeline.danmu.readers.source import Source
from pipeline.danmu.tables.names import (
    COMMON,
    EITHER_ONSET,
    EITHER_SENT_AT,
    GENERIC,
    NAMES,
    OF_A_VIDEO,
    TELLING,
    TELLING_TEXTS,
    plain,
)

#: what protobuf's JSON leaves out because it is 0 or empty
OMITTED = {"text": "", "onset_s": 0.0, "color": 0, "pool": 0}


@dataclass(frozen=True)
class Columns:
    """Which column holds which field of a comment."""

    names: tuple[str, ...]  # as compared: see `plain`
    at: Mapping[str, int]  # field → column; `p` and `c` (joined attributes), `id` and `either` (a time) besides
    danmu: bool  # danmu, not any corpus: a bad value costs its record, and a blank onset is 0
    omitted: Mapping[str, Any]  # the values of fields that the writer leaves out

    @property
    def fault(self) -> str | None:
        """Why this is no table of comments: it needs a text and something that tells one from another."""
        if "text" not in self.at and "text" not in self.omitted:
            return "no text"
        return None if len(self.at) > ("text" in self.at) else "no id"


LONGEST_KNOWN = 1 << 12  # characters of a header that is remembered
#: gives the columns of a file and their names, None where it has none
HeaderOf = Callable[[Source], tuple[Columns, Sequence[str]] | None]


def columns_of(header: Sequence[str], sparse: bool = False) -> Columns:
    """The fields that a header names, decided once for all files that have it.

    Args:
        header: the column names.
        sparse: fields that are 0 or empty may be left out, as in protobuf's JSON.
    """
    names = tuple(header)
    return (remembered if sum(map(len, names)) < LONGEST_KNOWN else decided)(names, sparse)


def decided(header: tuple[str, ...], sparse: bool) -> Columns:
    """The fields that a header names.

    A field may stand in joined attributes and in a column of its own: the attributes win, the column fills their gaps.
    `id` is the row id in a table of danmu that has no other column for it, unless there is an `onset_s`: that is our
    own name, and such tables have a corpus's id. `time` is an onset in a table of danmu, and the time of sending if
    another column is the onset.
    """
    names = tuple(map(plain, header))
    place = {name: index for index, name in reversed(list(enumerate(names)))}

    def first(*spellings: str) -> int | None:
        return next((place[name] for spelling in spellings for name in words(spelling) if name in place), None)

    danmu = is_danmu(first)
    place_of = {field: first(spelled, GENERIC.get(field, "") if danmu else "") for field, spelled in NAMES.items()}
    joined = first("p"), first("c") if "m" in place else None
    place_of |= {"p": joined[0], "c": joined[1]}
    if place_of["text"] is None and joined != (None, None):
        place_of["text"] = first("m")
    place_of |= times(place_of, first(EITHER_ONSET), first(EITHER_SENT_AT), danmu)
    place_of |= plain_id(place_of, first("id"), danmu, names)
    at = {field: index for field, index in place_of.items() if index is not None}
    omitted = {field: value for field, value in OMITTED.items() if sparse and "midhash" in place and field not in at}
    if "either" in at:
        omitted.pop("onset_s", None)
    return Columns(names, MappingProxyType(at), danmu, MappingProxyType(omitted))


remembered = lru_cache(256)(decided)
words = lru_cache(256)(str.split)


def is_danmu(first: Callable[..., int | None]) -> bool:
    """Whether the columns are those of danmu: an onset and something else of theirs, texts called so, or much else."""
    if first("p") is not None or (first("c") is not None and first("m") is not None):
        return True
    telling = sum(first(names) is not None for names in TELLING)
    common = sum(first(names) is not None for names in COMMON)
    sent = first(NAMES["sent_at"], EITHER_SENT_AT) is not None
    if first(NAMES["onset_s"]) is not None:
        return telling + common > 0 or (sent and first(OF_A_VIDEO) is not None)
    if first(TELLING_TEXTS) is not None and sent:
        return True
    return telling > 2 or (first(EITHER_ONSET) is not None and (telling > 0 or common > 1))


def plain_id(
    place_of: Mapping[str, int | None], index: int | None, danmu: bool, names: tuple[str, ...]
) -> dict[str, int | None]:
    """Whether the column `id` holds row ids, or the corpus's own.

    In danmu it holds row ids if no other column does, and in any table beside `idstr`, its copy as text.
    """
    row_id, ours = place_of["row_id"], "onsets" in names
    if (danmu and row_id is None and not ours) or (row_id is not None and names[row_id].endswith("idstr")):
        return {"id": index}
    if place_of["comment_id"] is not None or (danmu and not ours):
        return {}
    return {"comment_id": index}


def times(
    place_of: Mapping[str, int | None], clock: int | None, stamp: int | None, danmu: bool
) -> dict[str, int | None]:
    """What the columns that may be an onset or a time of sending are, given those that are surely one."""
    onset_s, sent_at = place_of["onset_s"], place_of["sent_at"]
    if onset_s is not None:
        return {"sent_at": next((index for index in (sent_at, stamp, clock) if index is not None), None)}
    if sent_at is None and (clock is None or stamp is None):
        return {"either": clock if stamp is None else stamp}
    sent = {"sent_at": stamp if sent_at is None else sent_at}
    return sent | ({"onset_s": clock} if danmu else {"either": clock})


def unused(columns: Columns, header: Sequence[str]) -> list[str]:
    """The names of the columns that give no field."""
    used = set(columns.at.values())
    return [name.strip() for index, name in enumerate(header) if index not in used and name.strip()]


def described(columns: Columns, header: Sequence[str]) -> str:
    """Which column gives which field, and which give none."""
    names = {"either": "onset or time of sending", "p": "joined attributes", "c": "joined attributes"}
    given = [f"{names.get(field, field)} ← {header[index].strip()}" for field, index in columns.at.items()] or ["none"]
    rest = unused(columns, header)
    return "columns: " + ", ".join(given) + (f"; not used: {', '.join(rest)}" if rest else "")


def describes(header_of: HeaderOf) -> Callable[[Source], str | None]:
    """What says of a file what was made of its columns."""
    return lambda source: described(*header) if (header := header_of(source)) else None


def unused_in(header_of: HeaderOf) -> Callable[[Source], list[str]]:
    """What says which columns of a file are not read."""
    return lambda source: unused(*header) if (header := header_of(source)) else []
