"""quality: out-of-fold probabilities → the gold labels that look wrong, worst first."""

from pipeline.annotation.rounds.batch import items
from pipeline.annotation.rounds.label_issues import Quality, issue_table
from pipeline.annotation.tree.taxonomy import read_taxonomy
from pipeline.artifacts.embeddings import EMBEDDINGS_PATH
from pipeline.artifacts.label_issues import LABEL_ISSUES_FILE
from pipeline.artifacts.training import LABELLED_FILES, read_gold
from pipeline.config import read_section
from pipeline.dag.stage import Stage, run, say
from pipeline.statistics.out_of_fold import out_of_fold

STAGE = Stage(
    needs=["${data.taxonomy}", *LABELLED_FILES, EMBEDDINGS_PATH],
    makes=[LABEL_ISSUES_FILE],
    settings=Quality,
    params=["data.taxonomy"],
)
CONTEXT = 2  # comments before and after that are shown


def quality() -> None:
    """Judge every gold label by a regression that did not see its video."""
    settings, leaves, gold = read_section("quality", Quality), read_taxonomy().leaves, read_gold()
    asked = gold.asked()
    targets, groups = gold.targets(leaves), gold.table["group"].to_numpy()
    vectors = asked.vectors_at(asked.rows)
    probabilities = out_of_fold(vectors, targets, groups, len(leaves), **settings.model_dump())
    issues = issue_table(gold.table, items(asked.table, asked.rows.tolist(), CONTEXT), leaves, probabilities)
    LABEL_ISSUES_FILE.write(issues)
    say(f"{len(issues):,} of {len(gold.table):,} gold labels look doubtful")


if __name__ == "__main__":
    run(quality)
