"""From a table's column names to the fields of a comment, decided once per header.

A name counts without its case, blanks, quotes, underscores and hyphens: `font_size`, `fontSize` and
" Font-Size " are one. Columns that mean nothing here are not read.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


def with_unit(names: str) -> str:
    """The names of onsets, and the same where they say milliseconds."""
    return " ".join(f"{name} {name}ms" for name in names.split())


#: field → the names it goes by. Where a table has several of them, the first in this order counts.
NAMES = {
    "comment_id": "commentid 评论id",
    "text": "text content 弹幕内容 弹幕文本 danmucontent danmakucontent danmutext danmakutext danmu danmaku 弹幕 内容 "
    "文本 评论内容 评论 comment body message msg",
    "onset_s": with_unit(
        "onsets onset progress stime appeartime videotime timepoint playbacktime playtime dmtime danmutime "
        "danmakutime 出现时间 弹幕出现时间 视频时间 视频内时间 播放时间 时间点"
    )
    + " timems",
    "mode": "mode danmumode danmakumode dmmode danmutype danmakutype dmtype 弹幕模式 模式 弹幕类型",
    "font_size": "fontsize font 字体大小 弹幕字号 字号",
    "color": "color colour fontcolor 弹幕颜色 字体颜色 颜色",
    "sent_at": "sentat ctime sendtime senddate posttime createdat createtime unixtime unixtimestamp datetime date "
    "发送时间 弹幕发送时间 发布时间 发表时间 日期",
    "pool": "pool pooltype danmupool danmakupool dmpool 弹幕池",
    "sender": "sender midhash userhash uhash 发送者id 发送者 uid userid mid user author 用户id 用户",
    "row_id": "rowid idstr dmidstr dmid danmuid danmakuid 弹幕id 弹幕编号",
    "video_id": "videoid bvid bv bv号 avid aid av av号 视频id 视频编号",
    "chat_id": "chatid cid oid",
    "weight": "weight 权重",
}
#: names that mean these fields in a table of danmu, and anything in another
GENERIC = {"mode": "type 类型", "font_size": "size", "sender": "hash"}
#: the video's clock or the world's, as the table's other columns and the value itself say
EITHER_ONSET, EITHER_SENT_AT = "time 时间 弹幕时间", "timestamp 时间戳"
#: what only danmu have; and what they share with other corpora
TELLING = (NAMES["mode"], NAMES["font_size"], NAMES["pool"], "midhash userhash uhash")
TELLING_TEXTS = "弹幕内容 弹幕文本 danmucontent danmakucontent danmutext danmakutext danmu danmaku 弹幕"
TELLING_IDS = "idstr dmidstr dmid danmuid danmakuid 弹幕id 弹幕编号"
COMMON = ("type 类型", "size", NAMES["color"], NAMES["weight"])
#: our own names: a bad value in such a column costs its record in any table. (Not colour and weight: a shop has them.)
OURS = frozenset(
    ["commentid", "videoid", "chatid", "onsets", "mode", "fontsize", "sentat", "pool", "sender", "rowid", "text"]
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


def plain(name: str) -> str:
    """A column's name as it is compared; a unit in brackets goes, but milliseconds stay as `ms`."""
    name, _, unit = re.sub(r"[\s_\-\"'`\ufeff]+", "", name).casefold().replace("（", "(").partition("(")
    return name + "ms" * (unit.startswith(("毫秒", "ms")) and not name.endswith("ms"))


def columns_of(header: Sequence[str], sparse: bool = False) -> Columns:
    """The fields that a header names.

    A field may stand in joined attributes and in a column of its own: the attributes win, the column fills their gaps.
    `id` is the row id in a table of danmu that has no other column for it, unless there is an `onset_s`: that is our
    own name, and such tables have a corpus's id. `time` is an onset in a table of danmu, and the time of sending if
    another column is the onset.

    Args:
        header: the column names.
        sparse: fields that are 0 or empty may be left out, as in protobuf's JSON.
    """
    names = tuple(map(plain, header))
    place = {name: index for index, name in reversed(list(enumerate(names)))}

    def first(*spellings: str) -> int | None:
        return next((place[name] for spelling in spellings for name in spelling.split() if name in place), None)

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


def is_danmu(first: Callable[..., int | None]) -> bool:
    """Whether the columns are those of danmu: an onset and something else of theirs, or much else."""
    if first("p") is not None or (first("c") is not None and first("m") is not None):
        return True
    telling = sum(first(names) is not None for names in (*TELLING, TELLING_IDS, TELLING_TEXTS))
    common = sum(first(names) is not None for names in COMMON)
    if first(NAMES["onset_s"]) is not None:
        return telling + common > 0
    return telling > 2 or (first(EITHER_ONSET) is not None and (telling > 0 or common > 1))


def plain_id(
    place_of: Mapping[str, int | None], index: int | None, danmu: bool, names: tuple[str, ...]
) -> dict[str, int | None]:
    """Whether the column `id` holds row ids, or the corpus's own.

    In danmu it holds row ids if no other column does, and in any table beside `idstr`, its copy as text.
    """
    row_id, ours = place_of["row_id"], "onsets" in names
    if (danmu and row_id is None and not ours) or (row_id is not None and names[row_id] in ("idstr", "dmidstr")):
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


def described(columns: Columns, header: Sequence[str]) -> str:
    """Which column gives which field, and which give none."""
    used = set(columns.at.values())
    names = {"either": "onset or time of sending", "p": "joined attributes", "c": "joined attributes"}
    given = [f"{names.get(field, field)} ← {header[index].strip()}" for field, index in columns.at.items()] or ["none"]
    unused = [name.strip() for index, name in enumerate(header) if index not in used]
    return "columns: " + ", ".join(given) + (f"; not used: {', '.join(unused)}" if unused else "")
