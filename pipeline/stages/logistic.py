"""logistic: embedding → multinomial logistic regression, the baseline that has to be beaten."""

from dataclasses import dataclass

import numpy as np

from pipeline.artifacts.labelled import comment_vectors, read_labelled
from pipeline.artifacts.results import result_folder, write_predictions
from pipeline.config import load_params
from pipeline.dag.frame import arguments, run, write_cost
from pipeline.files import write_json
from pipeline.runtime import measured
from pipeline.statistics.probe import fit_probe


@dataclass(frozen=True)
class Cell:
    """A class weighting, and the labels it learns from."""

    class_weight: str
    labels: str


def logistic() -> None:
    key, cell = arguments(Cell)
    params = load_params()
    data = read_labelled(params, cell.labels, params.logistic.silver_weight)
    vectors = comment_vectors(data.comments)
    parts = [(vectors[part["row"]], part["target"].to_numpy()) for part in map(data.part, ("train", "validation"))]
    with measured() as cost:
        grid = params.logistic.inverse_regularisation
        probe = fit_probe(
            parts[0], parts[1], len(data.leaves), cell.class_weight, grid, item_weights=data.train_weights()
        )
        probabilities = probe.probabilities(vectors[data.predicted()["row"]].astype(np.float64))
    folder = result_folder("logistic", key)
    write_predictions(data, probabilities, folder)
    write_json({"inverse_regularisation": probe.inverse_regularisation}, folder / "facts.json")
    write_cost(cost, "logistic", key)
    print(f"C = {probe.inverse_regularisation}, validation macro-F1 {probe.validation_score:.3f}")


if __name__ == "__main__":
    run(logistic)
