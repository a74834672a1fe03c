"""The one exception for everything that a user can cause and mend, and the hint where a word is misspelt."""

from collections.abc import Iterable
from difflib import get_close_matches


class UserError(Exception):
    """A sentence that names the file, line or key at fault, and what to do about it.

    Raised where the input is read, before any long work starts. Stages and the command line
    print the sentence and exit with status 2; every other exception is a defect of ours and
    keeps its traceback.
    """


def near(word: str, known: Iterable[str]) -> str:
    """` (did you mean learning_rate?)` where what was written is like a word that there is; otherwise nothing."""
    alike = get_close_matches(word, sorted(set(known)), 1)
    return f" (did you mean {alike[0]}?)" if alike else ""
