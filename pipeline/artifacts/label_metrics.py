"""What is known of the labels, as named numbers for an experiment tracker."""

from collections.abc import Collection

from pipeline.artifacts.agreement import Agreement
from pipeline.artifacts.silver import SilverSummary
from pipeline.statistics.intervals import Share


def label_metrics(agreement: Agreement, silver: SilverSummary, excluded_rounds: Collection[int]) -> dict[str, float]:
    """The alphas of the last round that counts, and how good the model annotator is; what is not defined is left out.

    Args:
        excluded_rounds: `label.exclude_rounds`; one round at least is not among them.
    """
    last = [entry for entry in agreement.rounds if entry.round not in excluded_rounds][-1]
    values = {f"labels/alpha/{level.name}": level.alpha.value for level in last.levels}
    values["labels/alpha/label sets"] = last.sets.value
    if silver.quality is not None:
        shares = {name: value for name, value in vars(silver.quality).items() if isinstance(value, Share)}
        values |= {f"silver/{name}": share.value for name, share in shares.items()}
    return {name: value for name, value in values.items() if value is not None}
