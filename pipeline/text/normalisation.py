"""What counts as the same text: whether a held-out comment says what training knows already."""

import re
import unicodedata

INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u3000]+")
#: a string of any signs, not digits alone, said again and again; or a digit more than twice
REPEATED = re.compile(r"(\d{0,20}?\D.{0,60}?)\1+|(\d)\2{2,}", re.DOTALL)
MARKS = re.compile(r"[\W_]+")


def normalised(text: str) -> str:
    """What near-duplicates have in common.

    Compatibility forms become plain ones (NFKC), case, white space and marks go (marks stay if there is nothing
    else), and what is said several times in a row counts once, a sign or a string: `哈哈哈哈` and `哈`, `ＡＷＳＬ！`
    and `awsl`, `？？？` and `?`, `来了来了来了` and `来了` are the same text. Digits mean something: `2` and `22`,
    `1212` and `12` are two texts, `2333` and `233` one.
    """
    plain = INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()
    left, before = MARKS.sub("", plain) or plain, ""
    while left != before:  # what was said once by now can make a longer string that is said again
        left, before = REPEATED.sub(lambda run: run[1] or run[2] * 2, left), left
    return left
