"""agreement.json: how far annotators agree in every round, with intervals, and what they dispute."""

from dataclasses import dataclass

from pipeline.artifacts.artifact import DERIVED, Record
from pipeline.statistics.intervals import Interval, Unit


@dataclass(frozen=True)
class LevelAgreement:
    """Agreement on the categories of one level of the tree."""

    name: str
    categories: int
    percent: Interval
    fleiss_kappa: Interval
    alpha: Interval


@dataclass(frozen=True)
class LeafAgreement:
    """Agreement on one leaf against all others."""

    leaf: str
    ratings: int
    alpha: Interval
    specific: Interval


@dataclass(frozen=True)
class PairAgreement:
    """Two annotators on the items that both labelled."""

    first: str
    second: str
    items: int
    percent: Interval
    cohen_kappa: Interval


@dataclass(frozen=True)
class DisputedItem:
    """An item that annotators see differently, with everybody's primary leaf."""

    comment_id: str
    votes: dict[str, str]


@dataclass(frozen=True)
class Dispute:
    """Two leaves that stand against each other in `pairs` pairs of ratings; who said which how often."""

    first: str
    second: str
    pairs: int
    said_first: dict[str, int]  # annotator → in the disputed items
    said_second: dict[str, int]
    examples: tuple[DisputedItem, ...]


@dataclass(frozen=True)
class RoundAgreement:
    """One round."""

    round: int
    items: int
    paired_items: int  # with at least two ratings: what every statistic rests on
    annotators: dict[str, int]  # items of each
    resampled: Unit  # what the intervals' bootstrap drew
    levels: tuple[LevelAgreement, ...]  # from the top of the tree to the leaves
    sets: Interval  # Krippendorff's alpha of the whole label sets, MASI distance
    leaves: tuple[LeafAgreement, ...]
    pairs: tuple[PairAgreement, ...]
    confusions: tuple[Dispute, ...]  # the most frequent first

    def gated(self, kind: str) -> Interval:
        """The alpha that a gate looks at: of the primary leaves, or of the label sets where several count."""
        return self.sets if kind == "multi-label" else self.levels[-1].alpha


@dataclass(frozen=True)
class Agreement:
    """Every round's agreement, in the order of the rounds."""

    rounds: tuple[RoundAgreement, ...]


AGREEMENT_FILE = Record(DERIVED / "agreement.json", Agreement, "label")
