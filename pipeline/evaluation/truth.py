"""What is known of the comments that every method predicts: their gold labels, and what belongs together."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from pipeline.artifacts.splits import TEST, VIDEO
from pipeline.statistics.intervals import LEAST_GROUPS

Floats = np.ndarray[Any, Any]
SEEN, NEW = STRATA = ("seen", "new")  # test comments whose text stands in training too, and all others


@dataclass(frozen=True, eq=False)
class Truth:
    """The items that every method predicts, in one order, and the taxonomy."""

    leaves: list[str]
    parents: list[str]
    parent_of: Floats  # (leaves,)
    items: pl.DataFrame  # comment_id, split, target, seen (its text stands in training too); sorted by comment_id
    train_targets: Floats
    groups: list[str] | None = None  # each item's, as in SPLITS; None where they are not known

    def mask(self, split: str) -> Floats:
        """Which items are of this split."""
        return (self.items["split"] == split).to_numpy()

    def targets(self, split: str) -> Floats:
        """Class indices of this split's items."""
        return self.items["target"].to_numpy()[self.mask(split)]

    def stratum(self, name: str) -> Floats:
        """Which of the test items are seen, or new."""
        seen: Floats = self.items["seen"].to_numpy()[self.mask(TEST)]
        return seen if name == SEEN else ~seen

    def test_groups(self) -> list[str] | None:
        """Each test item's group, for the bootstrap; None where fewer than ten of them are videos."""
        if self.groups is None:
            return None
        groups = [group for group, inside in zip(self.groups, self.mask(TEST), strict=True) if inside]
        videos = {group for group in groups if group.startswith(VIDEO)}
        return groups if len(videos) >= LEAST_GROUPS else None
