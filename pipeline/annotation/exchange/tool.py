"""What an annotation tool is to this project. Each has a module of its own in this folder, and tools.py lists them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.annotation.rounds.ratings import Rating

if TYPE_CHECKING:  # the command line lists the tools, and should start without numpy and polars
    from pipeline.annotation.rounds.batch import Item
    from pipeline.annotation.tree.taxonomy import Taxonomy


@dataclass(frozen=True)
class Tool:
    """How comments go out to a tool, and how ratings come back."""

    name: str  # on the command line
    export: str  # what its files are, for sentences: `Doccano's JSON lines`
    suffixes: tuple[str, ...]  # of its files; in a round's folder others are refused, unless they are notes
    next_step: str  # what to do with a batch that was just written
    batch: "Callable[[Sequence[Item], Taxonomy], dict[str, str]]"  # a batch as file name → content
    recognises: Callable[[Path], bool]  # whether a file looks like one that the tool wrote
    read: "Callable[[Path, Taxonomy | None], list[Rating]]"  # raises UserError with file and place
    #: its exports hold every comment, also those that the annotator has not labelled; in a round these are passed over
    exports_unlabelled: bool = False
