"""Attributes joined by commas, then the text, comment after comment: the least regular spelling of a day file's list.

10.86500,1,25,16777215,1576985463,0,15953525,26132238280687620,text…
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.danmu.record import EXCERPT, Flaw
from pipeline.danmu.row_ids import id_length

MOST_COMMAS = 1 << 20  # of an irregular list; its comments are held at once
SEPARATORS = ",;| "
ONSET = r"([0-9]{0,12}(?:\.[0-9]{1,20}(?:[eE]-?[0-9]{1,3})?)?)"
#: onset, mode, size, colour, time, pool, sender. Colour and sender may be anything: a bad one is no part of the text
#: before it
CORE = (
    rf"{ONSET},([0-9]{{1,2}}),([0-9]{{1,3}}),([^,]{{0,12}}),([0-9]{{9,13}}(?:\.[0-9]{{1,6}})?),([0-9]),([^,]{{0,12}}),"
)
#: the same where the time is what stands for none, the onset has digits and the size two of them.
#: (compiled/joined.py leaves such a list)
TIMELESS = (
    rf"(?<![0-9])(?=[0-9]){ONSET},([0-9]{{1,2}}),([0-9]{{2}}),([^,]{{0,12}}),"
    r"(0|-1|NULL|null|None|undefined|nan|),([0-9]),([^,]{0,12}),"
)
ANY_ATTRIBUTES = re.compile(CORE)
ATTRIBUTES = re.compile(CORE + r"([^,]{0,24}),")  # row id, a comma, and the text up to the next attributes
TIMELESS_ATTRIBUTES = re.compile(TIMELESS + r"([^,]{0,24}),")
GLUED_ATTRIBUTES = re.compile(CORE + r"([0-9]{6,})")  # row id, and the text at once
#: the end of a list that is cut short amid attributes
CUT = re.compile(
    r"[0-9]{1,12}\.[0-9]{1,20},[0-9]{1,2},[0-9]{1,3}(?:,[0-9]{0,10}(?:,[0-9.]{0,20}(?:,[0-9]?(?:,[^,]{0,12}(?:,[0-9]{0,24})?)?)?)?)?$"
)
#: what follows a row id, whole or spelled as a float, where the text does not follow at once
ENDS_ID = re.compile(r"(?:\.[0-9]*)?(?:[eE]\+?[0-9]+)?,|$")
WEIGHT = re.compile(r"[0-9]{1,2},")


def split_joined(text: str, weighted: bool = False) -> Iterator[list[str] | Flaw]:
    """The fields of each comment: eight attributes, a weight if there is one, and the text up to the next attributes.

    If one and the same mark stands before the attributes of every comment but the first, it separates the comments
    and belongs to no text. Without such a mark, digits at the end of a text go to the next onset. Attributes end in
    a weight since 2021: if every text of two or more begins with a small number and a comma, that is the weight.
    In a list of one comment it stays in the text.

    Args:
        text: the list.
        weighted: every comment has a weight, whatever the texts look like.
    """
    if text.count(",") > MOST_COMMAS:
        yield Flaw("a list of more comments than can be split at once", text[:EXCERPT])
        return
    groups = with_signs(text, find_attributes(text))
    begin = groups[0].begin if groups else len(text)
    if text[:begin].strip():
        yield Flaw("no comment begins here", text[:begin])
    marks = {text[group.begin - 1] for group in groups[1:]}
    separated = len(marks) == 1 and marks <= set(SEPARATORS)
    ends = [group.begin - separated for group in groups[1:]] + [len(text)]
    texts = [text[group.text : end] for group, end in zip(groups, ends)]
    weighted = weighted or (len(texts) > 1 and all(WEIGHT.match(said) for said in texts))
    for number, (group, said) in enumerate(zip(groups, texts), start=1):
        stump = ANY_ATTRIBUTES.search(said) or (CUT.search(said) if number == len(groups) else None)
        text = said[: stump.start()] if stump else said
        if stump and text[-1:] and text[-1] in (marks or SEPARATORS):
            text = text[:-1]
        yield [*group.fields, *(text.split(",", 1) if weighted else [text])]
        if stump:
            yield Flaw("damaged head of a comment", said[stump.start() :])


class Attributes(NamedTuple):
    """The attributes of a comment: where they begin, where the text behind them does, and the eight values."""

    begin: int
    text: int
    fields: list[str]


def with_signs(text: str, groups: list[Attributes]) -> list[Attributes]:
    """The attributes, each with the minus before its onset if the mark that separates all comments stands before that.

    Elsewhere a minus may be the end of a text.
    """
    marks = {text[group.begin - 1] for group in groups[1:]} - {"-"}
    if len(marks) > 1 or not marks <= set(SEPARATORS):
        return groups
    signed = []
    for group in groups:
        before = text[max(0, group.begin - 2) : group.begin]
        if before == "-" or (marks and before == f"{min(marks)}-"):
            group = Attributes(group.begin - 1, group.text, [f"-{group.fields[0]}", *group.fields[1:]])
        signed.append(group)
    return signed


def find_attributes(text: str) -> list[Attributes]:
    """The attributes of every comment in a list. If most row ids have no comma behind them, none has one."""
    glued = [match for match in GLUED_ATTRIBUTES.finditer(text) if not ENDS_ID.match(text, match.end())]
    if len(glued) * 2 <= len(ANY_ATTRIBUTES.findall(text)):
        sent = list(ATTRIBUTES.finditer(text))
        gaps = zip([0, *(match.end() for match in sent)], [*(match.start() for match in sent), len(text)])
        unsent = [match for begin, end in gaps for match in TIMELESS_ATTRIBUTES.finditer(text, begin, end)]
        found = sorted([*sent, *unsent], key=re.Match.start)
        return [Attributes(match.start(), match.end(), list(match.groups())) for match in found]
    groups = []
    for match in GLUED_ATTRIBUTES.finditer(text):
        length = id_length(match[8], float(match[5]))
        groups.append(Attributes(match.start(), match.start(8) + length, [*match.groups()[:7], match[8][:length]]))
    return groups


def last_mode(listed: str) -> str | None:
    """The mode of the last comment in a part of a list."""
    groups = list(ATTRIBUTES.finditer(listed)) or list(GLUED_ATTRIBUTES.finditer(listed))
    return groups[-1][2] if groups else None
