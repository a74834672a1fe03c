"""How far annotators agree beyond chance."""

from collections import Counter
from collections.abc import Iterable, Sequence


def percent_agreement(ratings: Iterable[Sequence[str]]) -> float | None:
    """Share of all pairs of ratings of the same item that agree; None without a pair."""
    agreeing = pairs = 0
    for item in ratings:
        pairs += len(item) * (len(item) - 1)
        agreeing += sum(count * (count - 1) for count in Counter(item).values())
    return agreeing / pairs if pairs else None


def krippendorff_alpha(ratings: Iterable[Sequence[str]]) -> float | None:
    """Krippendorff's alpha for nominal data, any number of ratings per item.

    alpha = 1 - observed / expected disagreement over the coincidence matrix (Krippendorff 2011,
    "Computing Krippendorff's Alpha-Reliability"). Items with one rating pair with nothing and do
    not count. Where all ratings are the same label there is no variation to agree upon, 0/0: None.
    """
    pairable = [item for item in ratings if len(item) > 1]
    totals = Counter(label for item in pairable for label in item)
    n = sum(totals.values())
    if len(totals) < 2:
        return None
    observed = sum(
        count * (len(item) - count) / (len(item) - 1) for item in pairable for count in Counter(item).values()
    )
    expected = sum(count * (n - count) for count in totals.values()) / (n - 1)
    return 1 - observed / expected
