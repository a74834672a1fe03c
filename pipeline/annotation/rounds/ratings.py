"""What one annotator said of one comment, in whatever file it came, and the rounds that there are."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import pairwise

from pipeline.errors import UserError


@dataclass(frozen=True)
class Rating:
    """One line, task or cell of an annotation file, before any taxonomy has looked at it."""

    comment_id: str
    annotator: str
    labels: tuple[str, ...]  # as written, the primary first; empty where the annotator gave none
    confidence: int | None  # 3 sure, 2 fairly sure, 1 a guess; None where the file has no such thing
    place: str  # where it stands in its file, for an error's sentence: `line 7`, `task 12`


@dataclass(frozen=True)
class Annotation:
    """What one annotator said of one comment."""

    comment_id: str
    annotator: str
    round: int
    leaves: tuple[str, ...]  # the primary first
    confidence: int | None  # 3 sure, 2 fairly sure, 1 a guess; None where the file has no such thing


def check_named(named: Iterable[int], rounds: Iterable[int], parameter: str) -> None:
    """Refuse a parameter that names a round which is not there; one before the first does no harm.

    Raises:
        UserError: it does.
    """
    there = sorted(set(rounds))
    missing = [number for number in named if number not in there and there and number > there[0]]
    if missing:
        raise UserError(
            f"{parameter} (params.yaml) names round {missing[0]}; there are {', '.join(map(str, there))}. Correct it."
        )


def oddities(annotations: Iterable[Annotation], excluded: Collection[int]) -> list[str]:
    """What may be meant in the rounds and may be a mistake, a sentence each: a gap, a round of one annotator."""
    annotators: dict[int, set[str]] = {}
    for annotation in annotations:
        annotators.setdefault(annotation.round, set()).add(annotation.annotator)
    notes = [
        f"There is a round {before} and a round {after}, and none between them; file what is missing, if anything is."
        for before, after in pairwise(sorted(annotators))
        if after > before + 1
    ]
    for number, names in sorted(annotators.items()):
        if len(names) == 1 and number not in excluded:
            notes.append(
                f"Round {number} has one annotator, {min(names)}, so that nothing says how far people agree in it; "
                "file the others' labels, if there are any."
            )
    return notes
