"""A round's agreement, for the terminal."""

from collections.abc import Mapping, Sequence

from pipeline.annotation.rounds.gate import discussed
from pipeline.annotation.rounds.round_agreement import RoundAgreement

DISPUTES = 5


def agreement_text(found: RoundAgreement, texts: Mapping[str, str]) -> str:
    """Everything that is known of a round, in lines; brackets hold 95% bootstrap intervals over the items."""
    who = ", ".join(f"{name} ({items:,})" for name, items in found.annotators.items())
    parts = [
        f"Round {found.round}: {found.items:,} items, {found.paired_items:,} with at least two ratings. "
        f"Annotators: {who}."
    ]
    if not found.paired_items:
        return parts[0] + " Agreement needs items that two annotators labelled."
    parts[0] += " Brackets are 95% intervals over the items."
    parts.append(
        aligned(
            ("", "categories", "agreement", "Fleiss' kappa", "Krippendorff's alpha"),
            [(row.name, row.categories, row.percent, row.fleiss_kappa, row.alpha) for row in found.levels]
            + [("label sets (MASI)", "", "", "", found.sets)],
        )
    )
    if found.pairs:
        rows = [(f"{row.first} and {row.second}", row.items, row.percent, row.cohen_kappa) for row in found.pairs]
        parts.append(aligned(("pair", "items", "agreement", "Cohen's kappa"), rows))
    # least reliable first
    leaves = sorted(found.leaves, key=lambda row: (row.alpha.value is not None, row.alpha.value or 0.0))
    rows = [(row.leaf, row.ratings, row.specific, row.alpha) for row in leaves]
    parts.append(aligned(("leaf", "ratings", "said by another too", "alpha against the rest"), rows))
    if found.confusions:
        lines = [line for confusion in found.confusions[:DISPUTES] for line in discussed(confusion, texts)]
        parts.append("Most disputed:\n" + "\n".join(lines))
    return "\n\n".join(parts)


def aligned(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table in columns; all but the first stand to the right."""
    lines = [[str(cell) for cell in line] for line in (header, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
