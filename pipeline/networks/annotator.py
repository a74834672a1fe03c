"""Who answers the model annotator's questions: a server, or a decoder that is loaded here."""

from collections.abc import Mapping, Sequence

from pipeline.annotation.model.annotator import Answered, ask_server, price, score_here
from pipeline.annotation.model.in_process import weights_identity
from pipeline.annotation.model.question import Question
from pipeline.annotation.model.settings import Silver
from pipeline.networks.digests import digest
from pipeline.networks.scoring import ContinuationScorer
from pipeline.networks.sources import model_folder
from pipeline.runtime import cache_folder
from pipeline.settings import ModelSource
from pipeline.terminal import say


def answers(questions: Sequence[Question], settings: Silver, models: Mapping[str, ModelSource]) -> Answered:
    """What was answered before comes from the cache, and costs nothing again."""
    kept = cache_folder() / "answers.sqlite"
    if settings.annotator == "server":
        say(price(questions, settings, kept))
        return ask_server(questions, settings, kept)
    folder = model_folder(settings.model, dict(models), "silver.model")
    layers = models[settings.model].layers
    scorer = ContinuationScorer(folder, layers)
    return score_here(questions, scorer.log_probabilities, weights_identity(digest(folder), layers), kept)
