"""versions: code, packages and weights → a file per stage and model that changes where they do; runs always."""

from pipeline.artifacts.costs import COSTS
from pipeline.artifacts.results import RESULTS, cost_path, result_folder
from pipeline.config import read_params
from pipeline.dag.code import Modules
from pipeline.dag.declared import check_params, code_of_stages, stage_modules
from pipeline.dag.dvc_yaml import check_current
from pipeline.dag.methods import all_cells
from pipeline.dag.removed import forget, remove_what_is_no_more
from pipeline.dag.stage import CODE_FOLDER, WEIGHTS_FOLDER, Stage, code_file, run
from pipeline.files import write_text
from pipeline.networks.weights import weights_of_stages

STAGE = Stage(makes=[CODE_FOLDER, WEIGHTS_FOLDER], always=True)


def versions() -> None:
    """Check params.yaml, drop what is left of former cells, and say what stands behind every stage."""
    params = read_params()
    check_params(params)
    check_current(params)
    cells, stages = all_cells(params), [name for name in stage_modules() if name != "method"]
    places = [place(cell.method, cell.key) for cell in cells for place in (result_folder, cost_path)]
    remove_what_is_no_more([*places, *(COSTS / name for name in stages)], [RESULTS, COSTS])
    forget([*stages, *(cell.stage for cell in cells)])
    code = {code_file(name): text for name, text in code_of_stages(params, Modules()).items()}
    for file, text in (code | weights_of_stages(params)).items():
        write_text(text, file)


if __name__ == "__main__":
    run(versions)
