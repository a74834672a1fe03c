"""The sentence that `bert` and `llama` share: fine-tune, predict, save."""

import hashlib

from pipeline.artifacts.curves import write_curve
from pipeline.artifacts.labelled import Labelled, read_labelled
from pipeline.artifacts.results import result_folder, write_predictions
from pipeline.dag.frame import arguments, code_digest, write_cost
from pipeline.files import write_json
from pipeline.networks import classifier
from pipeline.networks.fine_tuning import Cell, classifier_settings, optimisation, train_and_predict
from pipeline.networks.sources import model_folder
from pipeline.runtime import cache_folder, measured
from pipeline.settings import FineTuning, Params


def fine_tune_cell(method: str, params: Params, section: FineTuning) -> None:
    """Train one cell and write what every method writes."""
    key, cell = arguments(Cell)
    source = model_folder(cell.model, params.models, f"{method}.model")
    data = read_labelled(params, cell.labels, section.silver_weight)
    settings = classifier_settings(section, cell, params.models[cell.model], data.leaves)
    how = optimisation(section, cell)
    unfinished = cache_folder() / "checkpoints" / fingerprint(data, repr((settings, how, params.models[cell.model])))
    with measured() as cost:
        trained = train_and_predict(data.items, data.comments, settings, how, source, unfinished)
    folder = result_folder(method, key)
    write_predictions(data, trained.probabilities, folder)
    write_curve(trained.history.curve, folder / "curve.csv")
    write_json(trained.facts, folder / "facts.json")
    classifier.save(trained.model, folder)
    write_cost(cost, method, key)
    print(
        f"epoch {trained.history.best_epoch} of {section.epochs} kept, validation macro-F1 {trained.history.best():.3f}"
    )


def fingerprint(data: Labelled, settings: str) -> str:
    """Names the folder of an unfinished run: only the very same run may go on from it."""
    digest = hashlib.sha256(settings.encode() + code_digest().encode())
    for frame in (data.items, data.comments.select("comment_id", "video_id", "onset_s", "sent_at", "text")):
        digest.update(frame.write_csv().encode())
    return digest.hexdigest()[:16]
