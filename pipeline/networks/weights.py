"""Which weights stand behind every model that params.yaml uses, as files that change where the weights do."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.config import models_in
from pipeline.dag.declared import models_in_use, stages_with_model
from pipeline.dag.methods import method_names
from pipeline.dag.stage import cell_weights_file, weights_file
from pipeline.errors import UserError
from pipeline.networks.sources import identity
from pipeline.settings import ModelSource


def weights_of_stages(params: Mapping[str, Any]) -> dict[Path, str]:
    """File → its text, of every stage that may name a model and of every model that a method's cells name."""
    models = models_in(params)
    texts = {weights_file(stage): "no model of the models section\n" for stage in stages_with_model()}
    for parameter, key in models_in_use(params):
        section = parameter.split(".")[0]
        file = cell_weights_file(key) if section in method_names() else weights_file(section)
        texts[file] = weights_text(key, models, parameter)
    return texts


def weights_text(key: str, models: dict[str, ModelSource], parameter: str) -> str:
    """Where a model's weights come from, which they are, and how they are read.

    A model that cannot be had is no reason to stop here: the stage that uses it will say so, and no other has to wait.
    """
    try:
        return identity(key, models, parameter) + f"read: {models[key].model_dump_json()}\n"
    except UserError as error:
        return f"not to be had: {error}\n"
