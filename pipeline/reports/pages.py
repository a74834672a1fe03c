"""Both pages, and the numbers behind them: what `compare` leaves in reports/."""

from collections.abc import Mapping
from typing import Any

from pipeline.annotation.tree.taxonomy import Taxonomy
from pipeline.artifacts.agreement import AGREEMENT_FILE
from pipeline.artifacts.artifact import Artifact
from pipeline.artifacts.comments import COMMENTS_FILE, PARSE_FILE
from pipeline.artifacts.costs import SILVER_COST_FILE
from pipeline.artifacts.label_issues import LABEL_ISSUES_FILE
from pipeline.artifacts.labels import LABEL_FILE, LABELS_FILE
from pipeline.artifacts.reports import COMPARED_FILE, REPORTS, ComparedCells, leaves_path, metrics_path
from pipeline.artifacts.silver import SILVER_SUMMARY_FILE
from pipeline.artifacts.splits import SPLIT_FILE
from pipeline.evaluation.comparison import Comparison
from pipeline.files import write_json, write_text
from pipeline.reports.comparison import Background, report
from pipeline.reports.comparison_pictures import draw_all
from pipeline.reports.labels import LabelPage, write_label_page
from pipeline.reports.points import write_points

#: what both pages are made from, beside the comparison and what it reads
PAGE_FILES: list[Artifact] = [
    LABEL_ISSUES_FILE,
    PARSE_FILE,
    LABEL_FILE,
    AGREEMENT_FILE,
    SPLIT_FILE,
    SILVER_SUMMARY_FILE,
]


def write_comparison(comparison: Comparison) -> None:
    """The numbers: for `dvc metrics show` and MLflow, and those behind the pictures."""
    for row in comparison.rows:
        write_json(row.summary(), metrics_path(row.name))
        write_json(row.leaf_summary(), leaves_path(row.name))
    cells = {row.name: row.parameters for row in comparison.rows}
    COMPARED_FILE.write(ComparedCells(comparison.best.name, cells))
    write_points(comparison, REPORTS / "plots")


def write_pages(comparison: Comparison, confidence: float, taxonomy: Taxonomy, params: Mapping[str, Any]) -> None:
    """report.md and annotation.md, with their pictures.

    Args:
        confidence: of the comparison's intervals.
        params: params.yaml's sections `label` and `split`.
    """
    excluded = params["label"]["exclude_rounds"]
    agreement = AGREEMENT_FILE.read()
    background = Background(
        parse=PARSE_FILE.read(),
        label=LABEL_FILE.read(),
        agreement=agreement,
        split=SPLIT_FILE.read(),
        excluded_rounds=excluded,
        confidence=confidence,
    )
    draw_all(comparison, REPORTS)
    write_text(report(comparison, background), REPORTS / "report.md")
    labels = LABELS_FILE.read()
    page = LabelPage(
        agreement=agreement,
        label=background.label,
        excluded_rounds=excluded,
        train_only_rounds=params["split"]["train_only_rounds"],
        minimum_alpha=params["label"]["minimum_alpha"],
        minimum_alpha_of=params["label"]["minimum_alpha_of"],
        taxonomy=taxonomy,
        labels=labels,
        texts=dict(COMMENTS_FILE.read(["comment_id", "text"]).iter_rows()),
        splits=background.split,
        silver=SILVER_SUMMARY_FILE.read(),
        silver_cost=SILVER_COST_FILE.read(),
        issues=LABEL_ISSUES_FILE.read(),
    )
    write_label_page(page, REPORTS)
