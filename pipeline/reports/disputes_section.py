"""The page's section on disagreement: who differs from whom, about what, on which comments."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from pipeline.artifacts.agreement import Dispute, LeafAgreement, RoundAgreement
from pipeline.reports.markdown import listed, literal, quoted, table

SHOWN, EXAMPLES = 8, 2  # pairs of leaves, and comments of each
HABIT = 3  # comments from which on it is more than a slip


def disputes_section(entry: RoundAgreement, texts: Mapping[str, str], picture: str) -> str:
    """Everything about the disagreement of one round.

    Args:
        texts: comment_id → text.
        picture: its file's name.
    """
    return "\n\n".join([*disputes(entry, texts, picture), *reliability(entry)])


def disputes(entry: RoundAgreement, texts: Mapping[str, str], picture: str) -> list[str]:
    """The pairs of leaves that stand against each other, the most frequent first."""
    if not entry.confusions:
        return [f"Nobody differed from anybody in round {entry.round}."]
    shown, total = entry.confusions[:SHOWN], sum(dispute.pairs for dispute in entry.confusions)
    rows = [
        [question(dispute), votes(dispute.said_first), votes(dispute.said_second), dispute.pairs,
         f"{dispute.pairs / total:.0%}"]
        for dispute in shown
    ]  # fmt: skip
    header = ["disputed", "said the first", "said the second", "pairs of ratings", "of all that differ"]
    examples = [line for dispute in shown for line in example_rows(dispute, texts)]
    return [
        f"![Which leaves stand against each other]({picture})",
        f"In round {entry.round}, {len(entry.confusions)} pairs of primary leaves were given to one comment. The "
        "most frequent, and how often who said which on the comments in dispute:",
        table(header, rows, words=3),
        *habits(shown),
        "Examples:",
        table(["disputed", "comment", "who said what"], examples, words=3),
    ]


def question(dispute: Dispute) -> str:
    """`joy or awe?`."""
    return f"{literal(dispute.first)} or {literal(dispute.second)}?"


def votes(said: Mapping[str, int]) -> str:
    """`anna 6, ben 1`."""
    return ", ".join(f"{literal(name)} {count}" for name, count in said.items())


def habits(shown: Sequence[Dispute]) -> list[str]:
    """Where a side has one annotator only: the codebook is read in two ways."""
    sentences = []
    for dispute in shown:
        names = literal(dispute.first), literal(dispute.second)
        for alone, (one, other) in ((dispute.said_first, names), (dispute.said_second, names[::-1])):
            if len(alone) == 1 and (count := sum(alone.values())) >= HABIT:
                annotator = literal(next(iter(alone)))
                sentences.append(f"{annotator} alone says {one} where others say {other} ({count} comments)")
                break  # of two annotators each is alone
    if not sentences:
        return []
    return [f"One against all others may be a reading of the codebook rather than a hard comment: {listed(sentences)}."]


def example_rows(dispute: Dispute, texts: Mapping[str, str]) -> Iterator[list[str]]:
    """A pair's examples, each with everybody's leaf."""
    for example in dispute.examples[:EXAMPLES]:
        said: dict[str, list[str]] = defaultdict(list)
        for name, leaf in example.votes.items():
            said[leaf].append(literal(name))
        # the pair in its order, then what else was said
        order = sorted(said, key=lambda leaf: (leaf != dispute.first, leaf != dispute.second, leaf))
        key = example.comment_id
        comment = quoted(texts[key]) if key in texts else literal(key)
        who = "; ".join(f"{literal(leaf)}: {', '.join(said[leaf])}" for leaf in order)
        yield [question(dispute), comment, who]


def reliability(entry: RoundAgreement) -> list[str]:
    """Each leaf against all others, and each annotator against each other one."""
    by_leaf = [[literal(row.leaf), row.ratings, row.alpha, row.specific] for row in least_reliable_first(entry.leaves)]
    by_pair = [
        [f"{literal(row.first)} and {literal(row.second)}", f"{row.items:,}", row.percent, row.cohen_kappa]
        for row in entry.pairs
    ]
    return [
        "Leaf by leaf, the least reliable first:",
        table(["leaf", "ratings", "alpha against the rest [95%]", "said by another too [95%]"], by_leaf),
        "Annotator by annotator:",
        table(["pair", "comments of both", "agreement [95%]", "Cohen's kappa [95%]"], by_pair),
    ]


def least_reliable_first(leaves: Sequence[LeafAgreement]) -> list[LeafAgreement]:
    """The leaves by their alpha; those without one come first."""
    return sorted(leaves, key=lambda row: (row.alpha.value is not None, row.alpha.value or 0.0))
