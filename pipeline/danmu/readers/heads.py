"""Comma-joined heads, each followed by its text: the least regular spelling of a day file's list.

10.86500,1,25,16777215,1576985463,0,15953525,26132238280687620,text…
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.danmu.record import Flaw
from pipeline.danmu.row_ids import id_length

SEPARATORS = ",;| "
#: onset, mode, size, colour, time, pool, sender. Colour and sender may be anything: a head with a bad one
#: costs its comment, not the text before.
CORE = (
    r"([0-9]{0,12}(?:\.[0-9]{1,20}(?:[eE]-?[0-9]{1,3})?)?),([0-9]{1,2}),([0-9]{1,3}),([^,]{0,12}),"
    r"([0-9]{9,13}(?:\.[0-9]{1,6})?),([0-9]),([^,]{0,12}),"
)
ANY_HEAD = re.compile(CORE)
HEAD = re.compile(CORE + r"([^,]{0,24}),")  # row id, a comma, and the text up to the next head
GLUED_HEAD = re.compile(CORE + r"([0-9]{6,})")  # row id, and the text at once
#: what a list ends in that is cut amid a head
CUT = re.compile(
    r"[0-9]{1,12}\.[0-9]{1,20},[0-9]{1,2},[0-9]{1,3}(?:,[0-9]{0,10}(?:,[0-9.]{0,20}(?:,[0-9]?(?:,[^,]{0,12}(?:,[0-9]{0,24})?)?)?)?)?$"
)
#: what stands behind a whole row id, or one that a float has left, and behind no text
ENDS_ID = re.compile(r"(?:\.[0-9]*)?(?:[eE]\+?[0-9]+)?,|$")
WEIGHT = re.compile(r"[0-9]{1,2},")


def split_heads(text: str, weighted: bool = False) -> Iterator[list[str] | Flaw]:
    """Heads with the text that follows each, up to the next head.

    Where the same mark stands before every head but the first, it separates the comments and is
    no part of a text. Without one, digits at a text's end cannot be told from the next onset's, and go
    to the onset. Where every text of several begins with a small number and a comma, that is the weight
    which heads end in since 2021; a list of one comment cannot tell, and keeps it in the text.
    """
    heads = with_signs(text, find_heads(text))
    begin = heads[0].begin if heads else len(text)
    if text[:begin].strip():
        yield Flaw("no comment begins here", text[:begin])
    marks = {text[head.begin - 1] for head in heads[1:]}
    separated = len(marks) == 1 and marks <= set(SEPARATORS)
    ends = [head.begin - separated for head in heads[1:]] + [len(text)]
    texts = [text[head.text : end] for head, end in zip(heads, ends)]
    weighted = weighted or (len(texts) > 1 and all(WEIGHT.match(said) for said in texts))
    for number, (head, said) in enumerate(zip(heads, texts), start=1):
        stump = ANY_HEAD.search(said) or (CUT.search(said) if number == len(heads) else None)
        text = said[: stump.start()] if stump else said
        if stump and text[-1:] and text[-1] in (marks or SEPARATORS):
            text = text[:-1]
        yield [*head.fields, *(text.split(",", 1) if weighted else [text])]
        if stump:
            yield Flaw("damaged head of a comment", said[stump.start() :])


class Head(NamedTuple):
    """A head: where it begins, where its text does, and its eight fields."""

    begin: int
    text: int
    fields: list[str]


def with_signs(text: str, heads: list[Head]) -> list[Head]:
    """The heads with the minus before an onset, where the mark that separates all others stands before it.

    Elsewhere it may end a text as well.
    """
    marks = {text[head.begin - 1] for head in heads[1:]} - {"-"}
    if len(marks) > 1 or not marks <= set(SEPARATORS):
        return heads
    signed = []
    for head in heads:
        before = text[max(0, head.begin - 2) : head.begin]
        if before == "-" or (marks and before == f"{min(marks)}-"):
            head = Head(head.begin - 1, head.text, [f"-{head.fields[0]}", *head.fields[1:]])
        signed.append(head)
    return signed


def find_heads(text: str) -> list[Head]:
    """The heads of a list. Where most row ids have no comma behind them, none has: the text follows at once."""
    glued = [match for match in GLUED_HEAD.finditer(text) if not ENDS_ID.match(text, match.end())]
    if len(glued) * 2 <= len(ANY_HEAD.findall(text)):
        return [Head(match.start(), match.end(), list(match.groups())) for match in HEAD.finditer(text)]
    heads = []
    for match in GLUED_HEAD.finditer(text):
        length = id_length(match[8], float(match[5]))
        heads.append(Head(match.start(), match.start(8) + length, [*match.groups()[:7], match[8][:length]]))
    return heads


def last_mode(listed: str) -> str | None:
    """The mode of the last head in a part of a list."""
    heads = list(HEAD.finditer(listed)) or list(GLUED_HEAD.finditer(listed))
    return heads[-1][2] if heads else None
