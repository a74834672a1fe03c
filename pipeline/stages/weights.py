"""weights: the models that are used → which weights stand behind each of them, fetched where need be; runs always."""

from pipeline.config import read_models, read_params
from pipeline.dag.declared import models_in_use, stages_with_model
from pipeline.dag.methods import method_names
from pipeline.dag.stage import WEIGHTS_FOLDER, Stage, cell_weights_file, run, weights_file
from pipeline.files import write_text
from pipeline.networks.sources import identity

STAGE = Stage(makes=[WEIGHTS_FOLDER], always=True)


def weights() -> None:
    """A file per model, which changes where a folder or a hub repository does under the same name."""
    models = read_models()
    texts = {weights_file(stage): "no model of the models section\n" for stage in stages_with_model()}
    for parameter, key in models_in_use(read_params()):
        section = parameter.split(".")[0]
        file = cell_weights_file(key) if section in method_names() else weights_file(section)
        texts[file] = identity(key, models, parameter) + f"read: {models[key].model_dump_json()}\n"
    for file, text in texts.items():
        write_text(text, file)


if __name__ == "__main__":
    run(weights)
