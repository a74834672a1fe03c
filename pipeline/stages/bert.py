"""bert: fine-tuned encoder with a softmax head over the leaves."""

from pipeline.config import load_params
from pipeline.dag.frame import run
from pipeline.stages.fine_tuned import fine_tune_cell


def bert() -> None:
    params = load_params()
    fine_tune_cell("bert", params, params.bert)


if __name__ == "__main__":
    run(bert)
