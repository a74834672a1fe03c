"""silver: gold examples near a comment → a language model's label for it, checked against gold."""

from dataclasses import asdict

import polars as pl

from pipeline.annotation.model.outcome import outcome
from pipeline.annotation.model.questions import read_questionnaire
from pipeline.annotation.model.settings import Silver
from pipeline.annotation.model.silver import training_additions
from pipeline.annotation.tree.taxonomy import read_taxonomy
from pipeline.artifacts.costs import SilverCost
from pipeline.artifacts.embeddings import EMBEDDINGS_PATH
from pipeline.artifacts.silver import SILVER_FILES, SILVER_LABELS, SilverSummary, write_silver
from pipeline.artifacts.training import LABELLED_FILES
from pipeline.config import read_models, read_section
from pipeline.dag.stage import Places, Stage, run, say, weights_file
from pipeline.networks.annotator import answers
from pipeline.runtime import measured

NEEDS: Places = [weights_file("silver"), "${data.taxonomy}", *LABELLED_FILES, EMBEDDINGS_PATH]
STAGE = Stage(NEEDS, SILVER_FILES, Silver, ["data.taxonomy"], uses_model=lambda own: own["annotator"] == "in-process")


def silver() -> None:
    """Ask the model annotator, if there is one."""
    settings, taxonomy = read_section("silver", Silver), read_taxonomy()
    labels, summary, cost = pl.DataFrame(schema=SILVER_LABELS), SilverSummary("none"), SilverCost()
    if settings.annotator != "none":
        asked = read_questionnaire(taxonomy, settings)
        with measured() as took:
            answered = answers(asked.questions, settings, read_models())
        labels, summary = outcome(asked, answered, settings, taxonomy.leaves)
        cost = SilverCost(**asdict(took), **asdict(answered.spent))
    write_silver(labels, training_additions(labels), summary, cost)
    say(f"{summary.labelled:,} silver labels; {summary.left_for_budget:,} questions left by the budget")


if __name__ == "__main__":
    run(silver)
