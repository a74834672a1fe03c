"""silver: gold examples near a comment → a language model's label for it, checked against gold."""

from dataclasses import asdict
from typing import Any

import polars as pl

from pipeline.annotation.model.silver import quality, silver_labels, training_additions
from pipeline.annotation.model.survey import Answered, ask_server, price, score_here
from pipeline.artifacts.paths import COSTS, DERIVED, SILVER_FILE, added_file
from pipeline.artifacts.silver import ADDED, SILVER_LABELS
from pipeline.config import load_params
from pipeline.dag.frame import run
from pipeline.files import write_json, write_parquet
from pipeline.networks.scoring import ContinuationScorer
from pipeline.networks.sources import digest, model_folder
from pipeline.runtime import cache_folder, measured
from pipeline.settings import Params
from pipeline.stages.survey import Asked, read_survey


def silver() -> None:
    params = load_params()
    how = params.silver
    if how.annotator == "none":
        write(pl.DataFrame(schema=SILVER_LABELS), {"annotator": "none"}, {})
        return
    asked = read_survey(params)
    with measured() as cost:
        answered = answers(asked, params)
    checked = len(asked.check.gold)
    tested, labelled = answered.answers[:checked], answered.answers[checked:]
    labels = silver_labels(labelled, asked.check.student, how.minimum_confidence)
    found = quality(asked.check, tested, asked.leaves)
    right = found["agreement"]
    summary = {
        "annotator": how.annotator,
        "model": how.model,
        "served_by": list(answered.served_by),
        "may_be_labelled": asked.may_be_labelled,
        "labelled": len(labels),
        "unanswered": len(labelled) - len(labels),
        "left_for_budget": len(asked.questions) - len(answered.answers),
        "kept": int(labels["kept"].sum()),
        "agreed": int((labels["kept"] & labels["agreed"]).sum()),
        "quality": found,
    }
    write(labels, summary, asdict(cost) | answered.spent)
    print(f"{len(labels):,} silver labels; {right['hits']} of {right['total']} gold comments labelled as gold is")
    if summary["left_for_budget"]:
        print(
            f"the budget ended before {summary['left_for_budget']:,} comments; raise it, and they are asked about too"
        )


def answers(asked: Asked, params: Params) -> Answered:
    """From the server, or from a decoder here; what was answered before is kept."""
    how, kept = params.silver, cache_folder() / "answers.sqlite"
    if how.annotator == "server":
        print(price(asked.questions, how, kept), flush=True)
        return ask_server(asked.questions, how, kept)
    folder = model_folder(how.model, params.models, "silver.model")
    return score_here(asked.questions, ContinuationScorer(folder).log_probabilities, digest(folder), kept)


def write(labels: pl.DataFrame, summary: dict[str, Any], cost: dict[str, Any]) -> None:
    """The labels, what each kind of training set gains by them, and what is known of them."""
    write_parquet(labels, SILVER_FILE, SILVER_LABELS)
    for name, added in training_additions(labels).items():
        write_parquet(added, added_file(name), ADDED)
    write_json(summary, DERIVED / "silver.json")
    write_json(cost, COSTS / "silver" / "silver.json")


if __name__ == "__main__":
    run(silver)
