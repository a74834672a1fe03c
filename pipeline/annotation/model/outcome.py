"""What came of a run of the model annotator: its labels, and how good they are."""

from collections.abc import Sequence

import polars as pl

from pipeline.annotation.model.annotator import Answered
from pipeline.annotation.model.check import quality
from pipeline.annotation.model.questions import Questionnaire
from pipeline.annotation.model.settings import Silver
from pipeline.annotation.model.silver import silver_labels
from pipeline.artifacts.silver import SilverSummary


def outcome(
    questionnaire: Questionnaire, answered: Answered, settings: Silver, leaves: Sequence[str]
) -> tuple[pl.DataFrame, SilverSummary]:
    """SILVER_LABELS, and the run in numbers.

    Args:
        answered: to the first so many questions; a budget may have ended it anywhere, also within the check.
        leaves: of the taxonomy.
    """
    checked, labelled = answered.answers[: questionnaire.checked], answered.answers[questionnaire.checked :]
    labels = silver_labels(labelled, questionnaire.check.student, settings.minimum_confidence)
    summary = SilverSummary(
        annotator=settings.annotator,
        model=settings.model,
        served_by=answered.served_by,
        may_be_labelled=questionnaire.may_be_labelled,
        labelled=len(labels),
        unanswered=len(labelled) - len(labels),
        left_for_budget=len(questionnaire.questions) - len(answered.answers),
        kept=int(labels["kept"].sum()),
        agreed=int((labels["kept"] & labels["agreed"]).sum()),
        quality=quality(questionnaire.check, checked, leaves),
    )
    return labels, summary
