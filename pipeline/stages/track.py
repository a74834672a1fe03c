"""track: everything above → MLflow; runs always, changes nothing."""

from pipeline.artifacts.costs import COSTS
from pipeline.artifacts.reports import REPORTS
from pipeline.artifacts.results import RESULTS
from pipeline.config import read_params
from pipeline.dag.methods import all_cells, methods_of
from pipeline.dag.stage import Stage, run, say
from pipeline.dag.stage_key import stage_states
from pipeline.errors import UserError
from pipeline.tracking.describe import describe, described, reproduction_of
from pipeline.tracking.mirror import Mirror, stamp, stamped
from pipeline.tracking.store import store_at, tracking_uri

STAGE = Stage(needs=[RESULTS, COSTS, REPORTS], always=True)


def track() -> None:
    """Bring MLflow up to date; a store that fails must not fail the DAG, whose files are the truth."""
    states, params = stage_states(), read_params()
    cells = all_cells(params)
    reproduction = reproduction_of(states, cells)
    if stamped(reproduction):
        return
    describe(reproduction, params, methods_of(params))
    runs = [described(cell, states[cell.stage]) for cell in cells]  # a defect here is ours, and fails
    try:
        with store_at(tracking_uri()):
            Mirror(tracking_uri()).mirror(reproduction, runs)
    except UserError as error:
        say(f"track: MLflow was not brought up to date: {error}", error=True)
    else:
        stamp(reproduction)


if __name__ == "__main__":
    run(track)
