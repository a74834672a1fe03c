"""A round's agreement, for the terminal."""

from collections.abc import Mapping, Sequence

from pipeline.annotation.rounds.gate import discussed
from pipeline.artifacts.agreement import RoundAgreement
from pipeline.reports.disputes_section import least_reliable_first
from pipeline.terminal import in_line
from pipeline.text.columns import aligned

DISPUTES = 5


def agreement_text(entry: RoundAgreement, texts: Mapping[str, str]) -> str:
    """Everything that is known of a round, in lines; brackets hold 95% bootstrap intervals."""
    who = ", ".join(f"{in_line(name)} ({items:,})" for name, items in entry.annotators.items())
    parts = [
        f"Round {entry.round}: {entry.items:,} items, {entry.paired_items:,} with at least two ratings. "
        f"Annotators: {who}."
    ]
    if not entry.paired_items:
        return parts[0] + " Agreement needs items that two annotators labelled."
    drawn = "whole videos" if entry.resampled == "videos" else "single items"
    parts[0] += f" Brackets are 95% intervals; the bootstrap draws {drawn}."
    levels = [(row.name, row.categories, row.percent, row.fleiss_kappa, row.alpha) for row in entry.levels]
    sets = ("label sets (MASI)", "", "", "", entry.sets)
    parts.append(table(("", "categories", "agreement", "Fleiss' kappa", "Krippendorff's alpha"), [*levels, sets]))
    if entry.pairs:
        rows = [(f"{row.first} and {row.second}", row.items, row.percent, row.cohen_kappa) for row in entry.pairs]
        parts.append(table(("pair", "items", "agreement", "Cohen's kappa"), rows))
    rows = [(row.leaf, row.ratings, row.specific, row.alpha) for row in least_reliable_first(entry.leaves)]
    parts.append(table(("leaf", "ratings", "said by another too", "alpha against the rest"), rows))
    if entry.confusions:
        lines = [line for dispute in entry.confusions[:DISPUTES] for line in discussed(dispute, texts)]
        parts.append("Most disputed:\n" + "\n".join(lines))
    return "\n\n".join(parts)


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table in columns; all but the first stand to the right."""
    return "\n".join(aligned([header, *rows]))
