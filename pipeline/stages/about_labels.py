"""What the page about the labels is made from."""

from pathlib import Path

from pipeline.annotation.tree.taxonomy import load_taxonomy
from pipeline.artifacts.comments import COMMENTS
from pipeline.artifacts.label_issues import LABEL_ISSUES
from pipeline.artifacts.labels import LABELS
from pipeline.artifacts.paths import AGREEMENT_FILE, COMMENTS_FILE, COSTS, DERIVED, ISSUES_FILE, LABELS_FILE
from pipeline.files import read_json, read_parquet
from pipeline.reports.labels import LabelBackground
from pipeline.settings import Params


def read_label_background(params: Params) -> LabelBackground:
    """Everything that label, split, silver and quality left."""
    return LabelBackground(
        rounds=read_json(AGREEMENT_FILE)["rounds"],
        label=read_json(DERIVED / "label.json"),
        excluded_rounds=params.label.exclude_rounds,
        train_only_rounds=params.split.train_only_rounds,
        minimum_alpha=params.label.minimum_alpha,
        taxonomy=load_taxonomy(Path(params.data.taxonomy)),
        labels=read_parquet(LABELS_FILE, LABELS),
        texts=dict(read_parquet(COMMENTS_FILE, COMMENTS).select("comment_id", "text").iter_rows()),
        splits=read_json(DERIVED / "split.json"),
        silver=read_json(DERIVED / "silver.json"),
        silver_cost=read_json(COSTS / "silver" / "silver.json"),
        issues=read_parquet(ISSUES_FILE, LABEL_ISSUES),
    )


def label_metrics(excluded_rounds: list[int]) -> dict[str, float]:
    """The alphas of the last round that counts, and how good the model annotator is, for MLflow."""
    last = [found for found in read_json(AGREEMENT_FILE)["rounds"] if found["round"] not in excluded_rounds][-1]
    alphas = [(row["name"], row["alpha"]) for row in last["levels"]] + [("label sets", last["sets"])]
    shares = [(k, v) for k, v in read_json(DERIVED / "silver.json").get("quality", {}).items() if isinstance(v, dict)]
    found = [(f"labels/alpha/{name}", entry["value"]) for name, entry in alphas]
    found += [(f"silver/{name}", entry["value"]) for name, entry in shares]
    return {name: value for name, value in found if value is not None}
