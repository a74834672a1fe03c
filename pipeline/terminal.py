"""Words on a terminal: the one way to print, so that nothing that others wrote steers it."""

import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

#: what a terminal obeys instead of showing it (C0, DEL, C1), what turns the direction of all that follows, what
#: breaks lines elsewhere, and halves of signs, which cannot be printed; a line break and a tab only between words
STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def in_line(text: object) -> str:
    """Somebody's words within a line, whatever signs steer a terminal or end a line spelled out: `\\n`, `\\u001b`."""
    # written as JSON writes them, so that JSON with such signs is still the same JSON
    return STEERING.sub(lambda sign: NAMED.get(sign[0], f"\\u{ord(sign[0]):04x}"), str(text))


def in_lines(text: object) -> str:
    """The same of a text of several lines: its line breaks and tabs stay."""
    return re.sub(r"[^\n\t]+", lambda part: in_line(part[0]), str(text))


def say(text: object, error: bool = False) -> None:
    """Print lines at once, to stderr where they are an error; what the terminal's encoding lacks is spelled out too."""
    stream = sys.stderr if error else sys.stdout
    encoding = stream.encoding or "utf-8"
    print(in_lines(text).encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)


def printable() -> None:
    """Let what libraries print (a command's help) spell out what the terminal's encoding lacks, as `say` does."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


@contextmanager
def ending_in_a_sentence(who: str) -> Iterator[None]:
    """What its user can mend (a UserError, a full disk) ends the process with `who: sentence` and status 2; whatever
    else goes wrong keeps its traceback.
    """
    try:
        yield
    except Exception as error:
        from pipeline.disk import sentence_of  # only now: commands start without what writes files

        sentence = sentence_of(error)
        if sentence is None:
            raise
        say(f"{who}: {sentence}", error=True)
        sys.exit(2)
