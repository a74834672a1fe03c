"""Who answers the model annotator's questions: a server, or a decoder that is loaded here."""

from collections.abc import Mapping, Sequence

from pipeline.annotation.model.annotator import Answered, ask_server, price, score_here
from pipeline.annotation.model.in_process import weights_identity
from pipeline.annotation.model.question import Question
from pipeline.annotation.model.settings import Silver
from pipeline.networks.digests import digest
from pipeline.networks.scoring import ContinuationScorer
from pipeline.networks.suitability import Demand, suitable_folder
from pipeline.runtime import cache_folder
from pipeline.settings import ModelSource
from pipeline.terminal import say


def demand(settings: Silver) -> Demand:
    """What the section `silver` asks of the model that it scores with in this process."""
    return Demand("silver", settings.model, "decoder", causal=True)


def answers(questions: Sequence[Question], settings: Silver, models: Mapping[str, ModelSource]) -> Answered:
    """What was answered before comes from the cache, and costs nothing again."""
    kept = cache_folder() / "answers.sqlite"
    if settings.annotator == "server":
        say(price(questions, settings, kept))
        return ask_server(questions, settings, kept)
    folder, layers = suitable_folder(demand(settings), models), models[settings.model].depth
    scorer = ContinuationScorer(folder, layers)
    return score_here(questions, scorer.log_probabilities, weights_identity(digest(folder), layers), kept)
