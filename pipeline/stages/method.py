"""method: training data → a cell of a method: fitted, saved whole, and what it says of validation and test."""

import sys

from pipeline.annotation.tree.taxonomy import read_taxonomy
from pipeline.artifacts.costs import cost_file
from pipeline.artifacts.predictions import write_predictions
from pipeline.artifacts.results import cost_path, result_folder
from pipeline.artifacts.silver import ADDED_FOLDER
from pipeline.artifacts.training import LABELLED_FILES, VECTOR_FILES, read_labelled
from pipeline.config import read_models
from pipeline.dag.methods import read_cell
from pipeline.dag.stage import Places, Stage, run, say
from pipeline.methods import save
from pipeline.runtime import measured

NEEDS: Places = ["${data.taxonomy}", *LABELLED_FILES, ADDED_FOLDER / "LABELS.parquet"]  # in capitals: a cell's
STAGE = Stage(NEEDS, [result_folder("METHOD", "KEY"), cost_path("METHOD", "KEY")], params=["data.taxonomy"])
VECTORS = VECTOR_FILES  # for those that ask for them


def method(name: str, key: str) -> None:
    """Fit one cell and write what every method writes."""
    module, settings = read_cell(name, key)
    taxonomy, folder = read_taxonomy(), result_folder(name, key)
    data = read_labelled(taxonomy.leaves, settings.labels, settings.silver_weight)
    with measured() as cost:
        fitted = module.fit(data.training(read_models()), settings)
        probabilities = fitted.probabilities(data.asked())
    write_predictions(data.held_out(), probabilities, taxonomy.nodes, folder)
    save(fitted, folder)
    cost_file(name, key).write(cost)
    say(f"{name}/{key}: {', '.join(f'{fact} {value:g}' for fact, value in fitted.facts.items())}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m pipeline.stages.method NAME KEY   (as `dvc stage list` shows them: NAME@KEY)")
    run(lambda: method(*sys.argv[1:]), f"pipeline.methods.{sys.argv[1]}")
