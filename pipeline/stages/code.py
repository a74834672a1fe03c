"""code: modules and packages → a file per stage that changes where its code does; runs always."""

from pathlib import Path

from pipeline.artifacts.costs import COSTS
from pipeline.artifacts.results import RESULTS, cost_path, result_folder
from pipeline.config import read_params
from pipeline.dag.code import Modules
from pipeline.dag.declared import check_params, code_of_stages, stage_modules
from pipeline.dag.dvc_yaml import check_current
from pipeline.dag.methods import all_cells
from pipeline.dag.removed import forget, remove_what_is_no_more
from pipeline.dag.stage import CODE_FOLDER, Stage, code_file, run
from pipeline.files import write_text

STAGE = Stage(makes=[CODE_FOLDER], always=True)


def code() -> None:
    """Check params.yaml, drop what is left of former cells, and say what the code of every stage is."""
    params = read_params()
    check_params(params)
    check_current(params)
    cells, stages = all_cells(params), [name for name in stage_modules() if name != "method"]
    places = [place(cell.method, cell.key) for cell in cells for place in (result_folder, cost_path)]
    remove_what_is_no_more([*places, *(COSTS / name for name in stages)], [RESULTS, COSTS])
    forget([*stages, *(cell.stage for cell in cells)])
    texts = code_of_stages(params, Modules())
    for name, text in texts.items():
        write_text(text, Path(code_file(name)))


if __name__ == "__main__":
    run(code)
