"""What one annotator said of one comment, in whatever file it came, and the rounds that there are."""

from collections.abc import Iterable
from dataclasses import dataclass

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
