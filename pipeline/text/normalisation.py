"""What counts as the same text: used to keep copies of a comment on one side of a split."""

import re
import unicodedata

INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u3000]+")
REPEATED = re.compile(r"(\D)\1+|(\d)\2{2,}", re.DOTALL)
MARKS = re.compile(r"[\W_]+")


def normalised(text: str) -> str:
    """What near-duplicates have in common.

    Compatibility forms become plain ones (NFKC), case, white space and marks go (marks stay if there is
    nothing else), and a run of one sign counts once: `哈哈哈哈` and `哈`, `ＡＷＳＬ！` and `awsl`, `？？？`
    and `?` are the same text. Digits mean something: `2` and `22` are two texts, `2333` and `233` one.
    """
    plain = INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return REPEATED.sub(lambda run: run[1] or run[2] * 2, MARKS.sub("", plain) or plain)
