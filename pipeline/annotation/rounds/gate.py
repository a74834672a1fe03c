"""The gate: the last round's agreement must reach a threshold, or the stage says what to talk about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import floor

from pipeline.annotation.rounds.settings import GatedOf
from pipeline.artifacts.agreement import Dispute, RoundAgreement
from pipeline.statistics.intervals import Interval
from pipeline.terminal import in_line

PAIRS = 3  # pairs of leaves that are put up for discussion
LONGEST = 40  # characters of a text in a message


@dataclass(frozen=True)
class Verdict:
    """Whether the last round passes, and what to say."""

    passed: bool
    message: str  # several lines where it does not pass


def judge(
    rounds: Sequence[RoundAgreement],
    minimum_alpha: float,
    kind: str,
    texts: Mapping[str, str],
    where: str,
    of: GatedOf = "value",
) -> Verdict:
    """Compare the last round's alpha with `minimum_alpha`.

    A round that nobody labelled twice has no alpha, and does not pass a threshold above 0.

    Args:
        rounds: in their order; the last one is judged.
        kind: the taxonomy's; with several labels per text the alpha of the label sets (MASI) counts.
        texts: comment_id → text, for the examples.
        where: the parameter that set the threshold, for the sentence.
        of: whether alpha itself has to reach it, or its interval's lower end.
    """
    last = rounds[-1]
    alpha = last.gated(kind)
    reached = alpha.value if of == "value" else alpha.low
    if minimum_alpha <= 0 or (reached is not None and reached >= minimum_alpha):
        return Verdict(True, f"round {last.round}: Krippendorff's alpha {alpha}")
    alpha = rounded_down(alpha)
    interval = "" if alpha.low is None else " (95% interval)"
    below = "below" if of == "value" else "whose lower end is below"
    why = (
        f"round {last.round} has Krippendorff's alpha {alpha}{interval}, {below} {where} = {minimum_alpha}"
        if alpha.value is not None
        else f"round {last.round} has no Krippendorff's alpha (no item has two ratings, or all have one label), and "
        f"{where} = {minimum_alpha} asks for one"
    )
    lines = [f"{why}. Settle in the codebook what the annotators see differently, and label another round:"]
    for dispute in last.confusions[:PAIRS]:
        lines += discussed(dispute, texts)
    return Verdict(False, "\n".join(lines))


def rounded_down(alpha: Interval) -> Interval:
    """As it is shown where it does not pass: .7997 is below .8 and looks it."""
    value, low = (None if end is None else floor(end * 1000) / 1000 for end in (alpha.value, alpha.low))
    return replace(alpha, value=value, low=low)


def discussed(dispute: Dispute, texts: Mapping[str, str]) -> list[str]:
    """A pair of leaves with its examples, as lines."""
    lines = [f"  {in_line(dispute.first)} or {in_line(dispute.second)}? ({dispute.pairs} pairs of ratings)"]
    for example in dispute.examples:
        text = texts.get(example.comment_id, "")
        shown = f"“{in_line(text[:LONGEST])}{'…' if len(text) > LONGEST else ''}” " if text else ""
        votes = ", ".join(f"{in_line(name)} {in_line(leaf)}" for name, leaf in example.votes.items())
        lines.append(f"      {in_line(example.comment_id)} {shown}{votes}")
    return lines
