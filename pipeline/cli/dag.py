"""`danmu dag`: dvc.yaml from what stages and methods declare."""

from typing import Annotated

import typer

from pipeline.terminal import say


def dag(
    check: Annotated[bool, typer.Option("--check", help="write nothing; say whether the file is current")] = False,
) -> None:
    """Write dvc.yaml from what the modules of pipeline/stages and pipeline/methods declare.

    Run it after adding a method or a stage, or after a section of a method came into params.yaml or left it.

    Examples:

        danmu dag

        danmu dag --check
    """
    from pipeline.config import read_params
    from pipeline.dag.declared import check_params
    from pipeline.dag.dvc_yaml import DVC_YAML, check_current, dvc_yaml
    from pipeline.files import write_text

    params = read_params()
    check_params(params)
    if check:
        check_current(params)
        say(f"{DVC_YAML} is current")
        return
    write_text(dvc_yaml(params), DVC_YAML)
    say(f"written: {DVC_YAML}")
