"""What one annotator said of one comment, in whatever file it came."""

from dataclasses import dataclass


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
