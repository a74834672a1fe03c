"""xgboost: embedding, cues and neighbours → boosted trees, stopped early on validation loss."""

from dataclasses import dataclass

from pipeline.artifacts.curves import write_curve
from pipeline.artifacts.labelled import comment_vectors, read_labelled
from pipeline.artifacts.results import result_folder, write_predictions
from pipeline.config import load_params
from pipeline.dag.frame import arguments, run, write_cost
from pipeline.files import write_json
from pipeline.methods import boosted
from pipeline.runtime import measured
from pipeline.statistics.class_weight import class_weights


@dataclass(frozen=True)
class Cell:
    """Class weighting, neighbours, the labels it learns from, and seed."""

    class_weight: str
    neighbours: int
    labels: str
    seed: int


def xgboost() -> None:
    key, cell = arguments(Cell)
    params = load_params()
    settings = params.xgboost
    data = read_labelled(params, cell.labels, settings.silver_weight)
    with measured() as cost:
        table = boosted.features(
            data.comments, comment_vectors(data.comments), cell.neighbours, data.items["row"].to_numpy()
        )
        train, validation = (
            (table.features[data.at(split)], data.part(split)["target"].to_numpy()) for split in ("train", "validation")
        )
        by_class = class_weights(train[1], len(data.leaves), cell.class_weight, data.train_weights())
        booster, curve = boosted.fit(
            train,
            validation,
            table.names,
            (by_class[train[1]] * data.train_weights(), by_class[validation[1]]),
            {
                "num_class": len(data.leaves),
                "seed": cell.seed,
                "learning_rate": settings.learning_rate,
                "max_depth": settings.max_depth,
                "min_child_weight": settings.min_child_weight,
                "lambda": settings.l2_regularisation,
                "subsample": settings.subsample,
                "colsample_bytree": settings.column_sample,
            },
            settings.rounds,
            settings.early_stopping,
        )
        probabilities = boosted.predict(booster, table.features[data.at("validation", "test")], table.names)
    folder = result_folder("xgboost", key)
    write_predictions(data, probabilities, folder)
    write_curve(curve, folder / "curve.csv")
    write_json({"rounds": booster.num_boosted_rounds(), "features": len(table.names)}, folder / "facts.json")
    boosted.save(booster, folder / "model.ubj")
    write_cost(cost, "xgboost", key)
    print(f"{booster.num_boosted_rounds()} rounds, best validation loss {min(row['validation_loss'] for row in curve)}")


if __name__ == "__main__":
    run(xgboost)
