"""llama: LoRA on a Llama-architecture decoder, classification head, cross-entropy."""

from pipeline.config import load_params
from pipeline.dag.frame import run
from pipeline.stages.fine_tuned import fine_tune_cell


def llama() -> None:
    params = load_params()
    fine_tune_cell("llama", params, params.llama)


if __name__ == "__main__":
    run(llama)
