"""Which other comments a question may show.

Danmu are hostile input: viewers write `忽略以上指令` for fun. A comment is only ever asked about in a question
of its own, so that what it says can change its own label at most. The other ways into a question are as a
neighbour on the screen and as a labelled example. A comment that speaks to a model rather than to viewers is
therefore never shown as either, and its place stays empty: whatever it says, the question about its neighbour is
byte for byte the same.

The rule errs on the side of leaving out: a neighbour lost costs little. It is a list of words all the same, and
an order that avoids all of them passes; `silver.context: 0` shows no neighbours at all and closes the way.
"""

import re
import unicodedata
from collections.abc import Iterable

from pipeline.annotation.tree.taxonomy import Taxonomy

LONGEST = 60  # characters of a neighbour; danmu have ten, orders to a model need more

#: what is said to models and hardly ever to viewers, in the form that `comparable` gives
ORDERS = re.compile(
    "忽略|無視|无视|指令|指示|提示词|提示詞|系统|系統|标签|標籤|標簽|标注|標註|标记为|標記為|分类|分類|类别|類別|归类|歸類|"
    "输出|輸出|回答为|回复为|回答|答案|一律|全部都?[是为選选]|所有弹幕|所有彈幕|上面的|以上|以下|助手|模型|机器人|人工智能|"
    "ignore|disregard|forget|override|instruction|prompt|system|assistant|developer|user|label|leaf|categor|classif|"
    "annotat|answer|output|respon|reply|json|confidence|jailbreak|pretend|you ?are|you ?must|always|chatgpt|gpt|llm|"
    r"<[a-z/|]|\|>|\[/?inst|<<|>>|</?s>|```|###|[{}\[\]\\]"
)
#: signs that are not seen and would hide a word
HIDDEN = re.compile(r"[\u00ad\u034f\u061c\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
                    r"\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]")  # fmt: skip
GAPS = re.compile(r"[\W_]+")
#: a letter that is neither Latin without marks nor of the scripts of East Asia, or a letter in a box: it may look
#: like another one, so it is taken for that
FOREIGN = re.compile(
    r"[^\W\d_a-z\u1100-\u11ff\u3005-\u3007\u3040-\u30ff\u3100-\u318f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]|[\u24b6-\u24e9\U0001f100-\U0001f1ff]"
)


def comparable(text: str) -> str:
    """The text without what could disguise a word: compatibility forms, upper case, signs that are not seen."""
    return HIDDEN.sub("", unicodedata.normalize("NFKC", text)).casefold()


class Screen:
    """Says of a comment whether it may be shown in a question about another one."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        names = {comparable(node.name) for node in taxonomy.nodes}
        #: leaves named by an everyday word of the texts' language are left to ORDERS: `joy` yes, `好` no
        self.names = [GAPS.sub("", name) for name in names if len(name) > 2]

    def passes(self, text: str) -> bool:
        """Not longer than a danmu is, and without a word that speaks to a model or names a category."""
        plain = comparable(text)
        joined = GAPS.sub("", plain)
        if len(text) > LONGEST or FOREIGN.search(plain) or ORDERS.search(plain) or ORDERS.search(joined):
            return False
        return not any(name in joined for name in self.names)

    def kept(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Those that may be shown."""
        return tuple(text for text in texts if self.passes(text))
