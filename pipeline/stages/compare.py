"""compare: every cell's predictions → one table, one report, and a page on whether the labels can be trusted."""

from pipeline.annotation.tree.taxonomy import read_taxonomy
from pipeline.artifacts.costs import COSTS
from pipeline.artifacts.reports import PLOTS, REPORTS
from pipeline.artifacts.results import RESULTS
from pipeline.artifacts.silver import ADDED_FILES
from pipeline.artifacts.training import LABELLED_FILES
from pipeline.config import read_params, read_section
from pipeline.dag.methods import all_cells
from pipeline.dag.stage import Stage, run, say
from pipeline.evaluation.candidates import read_candidates, read_truth
from pipeline.evaluation.comparison import Compare, compare, majority
from pipeline.reports.pages import PAGE_FILES, write_comparison, write_pages

ROUNDS = ("label.exclude_rounds", "label.minimum_alpha", "label.minimum_alpha_of", "split.train_only_rounds")
STAGE = Stage(
    ["${data.taxonomy}", *LABELLED_FILES, ADDED_FILES["gold"], *PAGE_FILES, RESULTS, COSTS],
    [REPORTS],
    Compare,
    ["data.taxonomy", *ROUNDS],
)
SHOWN = {"metrics": [REPORTS / "metrics"], "plots": PLOTS}


def compare_cells() -> None:
    """Score every cell on the same comments, and write both pages."""
    taxonomy, settings = read_taxonomy(), read_section("compare", Compare)
    truth = read_truth(taxonomy)
    comparison = compare([majority(truth), *read_candidates(all_cells(), truth, taxonomy)], truth, settings)
    write_comparison(comparison)
    write_pages(comparison, settings.confidence, taxonomy, read_params())
    best = comparison.best
    say(f"{best.name}: macro-F1 {best.macro_f1} on test, see {REPORTS / 'report.md'}")


if __name__ == "__main__":
    run(compare_cells)
