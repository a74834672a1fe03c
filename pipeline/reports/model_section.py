"""The page's section on the model annotator: how good its silver labels are, and what they cost."""

from collections.abc import Mapping, Sequence

from pipeline.artifacts.costs import SilverCost
from pipeline.artifacts.silver import AtLeast, LeafQuality, SilverQuality, SilverSummary
from pipeline.reports.markdown import hits, listed, literal, number, table
from pipeline.statistics.intervals import Interval, Share

STUDENT = "a student trained on gold"
COSTS = {
    "input_tokens": "{:,} tokens read",
    "output_tokens": "{:,} tokens written",
    "requests": "{:,} requests",
    "from_cache": "{:,} answers from the cache",
    "money": "{:g} in the money of `silver.input_price`",
    "seconds": "{:,.1f} seconds",
    "peak_memory_mib": "{:,.0f} MiB of memory at most",
}


def rivals(quality: SilverQuality) -> dict[str, Share]:
    """What the model has to be better than, on the same comments."""
    return {
        "its nearest examples alone": quality.neighbours_alone,
        STUDENT: quality.student_alone,
        "the majority leaf": quality.majority_leaf,
    }


def advice(quality: SilverQuality) -> str:
    """Whether to train on the labels, in a sentence."""
    own, others = quality.agreement, rivals(quality)
    if not own.total:
        return "**Do not train on these labels:** none was checked against gold, so nothing is known of them."

    def said(names: list[str]) -> str:
        return listed([f"{name} ({number(others[name].value)})" for name in names])

    lost = [name for name, share in others.items() if share.hits >= own.hits]
    if not lost:
        near = any((share.high or 0.0) >= (own.low or 0.0) for share in others.values())
        return f"That is more than {said(list(others))}" + (", though intervals overlap." if near else ".")
    warning = "Expect little from training" if lost == [STUDENT] else "Do not train"
    return f"**{warning} on these labels:** {said(lost)} {'is' if len(lost) == 1 else 'are'} right at least as often."


def model_summary(silver: SilverSummary) -> str:
    """What silver there is and how good it is."""
    if silver.quality is None:
        return "There are no silver labels."
    own = silver.quality.agreement
    checked = f", which says what gold says of {hits(own)} comments of validation, {own}" if own.total else ""
    return (
        f"{silver.labelled:,} further comments have a silver label by {literal(silver.model)}{checked}. "
        f"{advice(silver.quality)}"
    )


def model_section(silver: SilverSummary, cost: SilverCost, people: Mapping[str, Interval], picture: str) -> str:
    """Everything that is known of the model annotator.

    Args:
        cost: what is 0 was not measured.
        people: leaf → the annotators' specific agreement.
        picture: its file's name.
    """
    quality = silver.quality
    if quality is None:
        return "None was asked (`silver.annotator`): all labels are gold."
    served = listed([literal(name) for name in silver.served_by])
    who = f"{literal(silver.annotator)}, served by {served}" if served else literal(silver.annotator)
    parts = [
        f"The annotator is {literal(silver.model)} ({who}). It was asked about {quality.checked:,} gold comments "
        "of validation, and about comments that nobody had labelled: "
        f"{silver.may_be_labelled:,} may become silver and {silver.labelled:,} did; "
        f"{silver.unanswered:,} had no answer that can be used, and "
        f"{silver.left_for_budget:,} questions were left when the budget ended. {silver.kept:,} labels reach "
        "`silver.minimum_confidence`.",
        advice(quality),
    ]
    if quality.agreement.total:
        parts += [
            against_gold(silver.model, quality),
            filtering(silver, quality),
            f"![Recall of every leaf]({picture})",
            by_leaf(quality.per_leaf, people),
            by_confidence(quality.by_confidence),
        ]
    return "\n\n".join([*parts, spent(cost)])


def against_gold(model: str, quality: SilverQuality) -> str:
    """The model beside what needs no model, on the same comments."""
    shares = {f"**{literal(model)}**": quality.agreement, **rivals(quality)}
    shares["gold's leaf was among those asked about"] = quality.asked_about_the_right_leaf
    rows = [[name, hits(share), share] for name, share in shares.items()]
    return "\n\n".join(
        [
            table(["agreement with gold", "comments", "share [95%]"], rows),
            "*Its nearest examples*: the leaf that the nearest gold comments vote for; the model saw some of them. "
            "*A student*: a regression over the embeddings. The last row is a ceiling, since a question offers a few "
            f"leaves only. The model's macro-F1 over all leaves is {number(quality.macro_f1)}. Of the "
            f"{quality.checked:,}, {quality.unanswered:,} had no answer that can be used; they count as wrong.",
        ]
    )


def filtering(silver: SilverSummary, quality: SilverQuality) -> str:
    """What training on `agreed` labels would mean."""
    confirmed, student = quality.where_the_student_agrees, quality.student_alone
    text = f"Keeping only what the student confirms (`agreed`) leaves {silver.agreed:,} of {silver.kept:,} labels. "
    if not confirmed.total:
        return text + "In the check the two never agree, so nothing is known of such labels."
    text += (
        f"In the check such labels are right in {hits(confirmed)}, {confirmed}, where the student alone is in "
        f"{number(student.value)} of all. "
    )
    if (confirmed.value or 0.0) <= (student.value or 0.0):
        return text + "So the model's consent singles out nothing: without it the student is right at least as often."
    if (confirmed.low or 0.0) <= (student.value or 0.0):
        return text + "The interval includes the student's share: they may be no better for the model's consent."
    return text + "So they are the better labels; but all of them are what the student would have said."


def by_leaf(per_leaf: Sequence[LeafQuality], people: Mapping[str, Interval]) -> str:
    """Recall and precision beside the annotators' own agreement."""
    rows = [
        [literal(row.leaf), literal(row.mostly_mistaken_for or "–"), row.recall.total, row.recall,
         row.precision.total, row.precision, people.get(row.leaf, Interval(None))]
        for row in per_leaf
    ]  # fmt: skip
    header = ["leaf", "mostly mistaken for", "gold", "recall [95%]", "answers", "precision [95%]",
              "annotators: said by another too [95%]"]  # fmt: skip
    most = max(per_leaf, key=lambda row: row.precision.total)
    note = f"Its most frequent answer is {literal(most.leaf)}, which is right in {hits(most.precision)}."
    return f"{table(header, rows, words=2)}\n\n{note}"


def by_confidence(shares: Sequence[AtLeast]) -> str:
    """How right the surer answers are."""
    if not any(row.agreement.total for row in shares if row.at_least > 0):
        return "The model gave no confidence with its answers."
    rows = [[f"{row.at_least:.2f}", hits(row.agreement), row.agreement] for row in shares]
    return (
        table(["confidence of at least", "right", "share [95%]"], rows)
        + "\n\nWhere a confidence means something, the shares rise from row to row."
    )


def spent(cost: SilverCost) -> str:
    """Tokens, money, seconds."""
    measured = [form.format(value) for name, form in COSTS.items() if (value := getattr(cost, name))]
    if not measured:
        return "What it cost was not measured."
    return f"What it cost (on {literal(cost.device)}): {', '.join(measured)}."
