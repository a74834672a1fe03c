"""Whole numbers of a table, and the words that people write for them: 滚动, top, 字幕池, 25px."""

import re
from collections.abc import Callable

from pipeline.danmu.readers.fields import EXACT, BadField, whole

#: what programs write where there is nothing
WORDS_FOR_NOTHING = frozenset(
    ["null", "none", "nan", "nil", "undefined", "n/a", "na", "#n/a", "<na>", "nat", "\\n", "-", "--", "无"]
)
#: a number with what it means behind it or before it: 1(滚动), 1-滚动弹幕, 25px, 25号
NUMBERED = re.compile(r"([0-9]{1,3})\s*(?:px|pt|号|[-:：、 ]?\s*[(（]?[^\d\s,.+-][^\d]{0,20})")

LONGEST = 40  # characters of a number with its meaning

MODES = {
    1: "滚动 普通 正常 移动 飞行 右到左 从右到左 从右至左 右往左 righttoleft scroll scrolling rolling roll right "
    "rtl normal fly float move moving",
    4: "底部 底端 底 下方 下端 底部固定 底端固定 固定底部 bottom btm down",
    5: "顶部 顶端 顶 上方 上端 顶部固定 顶端固定 固定顶部 top up",
    6: "逆向 反向 逆向滚动 反向滚动 左到右 从左到右 从左至右 左往右 lefttoright reverse reversed ltr left",
    7: "高级 定位 精准定位 特殊 positioned position special advanced",
    8: "代码 脚本 code script",
    9: "bas bas弹幕",
}
SIZES = {
    12: "非常小 极小",
    16: "特小 超小",
    18: "小 小号 small",
    25: "中 中号 标准 正常 普通 默认 normal medium default",
} | {
    36: "大 大号 big large",
    45: "很大 超大",
    64: "特别大 极大",
}
POOLS = {0: "普通 普通池 普通弹幕池 normal", 1: "字幕 字幕池 字幕弹幕池 subtitle", 2: "特殊 特殊池 特殊弹幕池 special"}


def count(name: str, largest: int, words: dict[int, str] | None = None) -> Callable[[str], int | None]:
    """A reader of whole numbers from 0 to `largest`, a float column's 25.0 among them, and of the words for them."""
    known = {word: number for number, spelled in (words or {}).items() for word in spelled.split()}

    def read(value: str) -> int | None:
        value = value.strip()
        if value.isdigit() and value.isascii():
            return whole(value, name, largest)
        if is_nothing(value):
            return None
        exact = EXACT.fullmatch(value)
        if exact:
            return whole(exact[1], name, largest)
        word = re.split("[(（]", value.casefold())[0].rpartition(".")[2]
        word = re.sub(r"[\s_-]+", "", word).removesuffix("弹幕")
        if word in known:
            return known[word]
        numbered = NUMBERED.fullmatch(value) if known and len(value) <= LONGEST else None
        if value[:1] == "-" or "." in value:
            raise BadField(f"{name} {value[:20]!r} is no whole number from 0 to {largest}")
        return whole(numbered[1] if numbered else value, name, largest)

    return read


def is_nothing(value: str) -> bool:
    """Whether a value stands for none: blank, or NULL, None, nan, …"""
    return not value or (len(value) < 10 and value.casefold() in WORDS_FOR_NOTHING)
