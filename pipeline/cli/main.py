"""`danmu …`: what a person does beside the DAG.

Examples:

    danmu check                 look at params.yaml, data and models before any long work
    danmu summary               where the last comparison stands
    danmu models                what can be named in params.yaml, and whether it is here
    danmu ui                    MLflow on http://127.0.0.1:5000
    danmu parse DIR -o OUT      raw files of any form to one table, outside the DAG
    danmu collect BV1xx411c7mD  danmu from Bilibili, as raw files
    danmu annotate export -o B  a batch for annotators; `danmu annotate import` files what comes back
    danmu agreement PATH        how far annotators agree, and on what they do not
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.agreement import agreement
from pipeline.cli.annotate import annotate
from pipeline.cli.collect import collect
from pipeline.cli.parse import parse
from pipeline.errors import UserError

app = typer.Typer(
    help="Which method should categorise short texts? The DAG answers (`dvc repro`); this is what stands beside it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
app.command()(collect)
app.command()(parse)
app.command()(agreement)
app.add_typer(annotate, name="annotate")


@app.command()
def check(
    profile: Annotated[str, typer.Option(help="a name in profiles/, laid over params.yaml")] = "default",
) -> None:
    """Check params.yaml, the taxonomy, the annotations, the raw data and the models; seconds, before hours.

    Example: danmu check && dvc repro
    """
    from pipeline.annotation.model.survey import service
    from pipeline.annotation.rounds.ratings import check_named
    from pipeline.annotation.rounds.reading import read_adjudication, read_rounds
    from pipeline.annotation.tree.taxonomy import load_taxonomy
    from pipeline.config import load_params, load_profile
    from pipeline.danmu.corpus.forms import UNKNOWN, reader_of
    from pipeline.danmu.corpus.identity import sender_key
    from pipeline.danmu.corpus.parsing import raw_files
    from pipeline.danmu.readers.source import Source
    from pipeline.networks.sources import check_four_bit, check_source

    params = load_params() if profile == "default" else load_profile(Path("profiles") / f"{profile}.txt")
    taxonomy = load_taxonomy(Path(params.data.taxonomy))
    votes = read_rounds(Path(params.data.annotations), taxonomy)
    read_adjudication(Path(params.data.annotations), taxonomy)
    if {vote.round for vote in votes} <= set(params.label.exclude_rounds):
        raise UserError("Every annotation round is in label.exclude_rounds (params.yaml); label the next one.")
    there = {vote.round for vote in votes}
    check_named(params.label.exclude_rounds, there, "label.exclude_rounds")
    check_named(params.split.train_only_rounds, there, "split.train_only_rounds")
    if params.data.hash_senders:
        sender_key()
    files = raw_files([Path(params.data.raw)])
    unknown = [name for path, name in files if reader_of(Source(path, name)) is UNKNOWN]
    chosen = [("embed.model", params.embed.model)]
    chosen += [(f"{method}.model", key) for method in ("bert", "llama") for key in getattr(params, method).model]
    if params.silver.annotator == "in-process":
        chosen.append(("silver.model", params.silver.model))
    elif params.silver.annotator == "server":
        service(params.silver)
    for parameter, key in chosen:
        check_source(key, params.models, parameter)
    if params.llama.four_bit:
        check_four_bit()
    rounds = len({vote.round for vote in votes})
    if unknown:
        print(f"of no known form, and rejected whole: {', '.join(unknown[:5])}{' and others' if unknown[5:] else ''}")
    print(
        f"checked: {len(files)} raw files, {len(votes):,} annotations in {rounds} rounds, {len(taxonomy.leaves)} leaves"
    )


@app.command()
def summary() -> None:
    """Say where the last comparison stands and how to open it.

    Example: danmu summary
    """
    from pipeline.files import read_json
    from pipeline.tracking.mirror import tracking_uri

    reports = Path("reports")
    if not (reports / "cells.json").is_file():
        raise UserError("There is no comparison yet; run `make repro` (or `dvc repro`).")
    cells = read_json(reports / "cells.json")
    width = max(map(len, cells["cells"]))
    print(f"\n{'cell'.ljust(width)}  accuracy  macro-F1")
    for name in cells["cells"]:
        test = read_json(reports / "metrics" / f"{name}.json")["test"]
        mark = "  ← best on validation" if name == cells["best"] else ""
        print(f"{name.ljust(width)}  {test['accuracy']:8.3f}  {test['macro_f1']:8.3f}{mark}")
    print(f"\nreport:   {(reports / 'report.md').resolve()}")
    print(f"MLflow:   make ui   ({tracking_uri()})")


@app.command()
def models() -> None:
    """List the models that params.yaml names, and whether they are on this machine.

    Example: danmu models
    """
    from pipeline.config import load_params
    from pipeline.networks.sources import presence

    params = load_params()
    for key, model in params.models.items():
        print(f"{key:14} {model.source:8} {model.name:36} {presence(model)}")


@app.command()
def ui(port: Annotated[int, typer.Option(help="where to listen")] = 5000) -> None:
    """Open MLflow on this repository's store.

    Example: danmu ui --port 5001
    """
    from pipeline.tracking.mirror import tracking_uri

    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", tracking_uri(), "--port", str(port)]
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    print(
        f"MLflow on http://127.0.0.1:{port} (Ctrl-C ends it): open the experiment `danmu`, Model training, Runs",
        flush=True,
    )
    os.execv(sys.executable, command)


def main() -> None:
    """Entry point: a UserError becomes its sentence and status 2."""
    try:
        app()
    except UserError as error:
        print(f"danmu: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
