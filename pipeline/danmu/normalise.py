"""What counts as the same text: used to keep copies of a comment on one side of a split."""

import re
import unicodedata

INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u3000]+")
REPEATED = re.compile(r"(.)\1+", re.DOTALL)


def normalised(text: str) -> str:
    """Compatibility forms folded (NFKC), case and white space dropped, runs of a sign cut to two.

    `哈哈哈哈` and `哈哈哈`, `ＡＷＳＬ` and `awsl`, `？？？` and `??` are the same text; `？` and `？？` are not.
    """
    folded = INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return REPEATED.sub(r"\1\1", folded)
