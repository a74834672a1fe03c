"""`danmu check`: everything that can be known to go wrong before any long work."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.errors import UserError
from pipeline.terminal import in_line, say

if TYPE_CHECKING:
    from pipeline.annotation.tree.taxonomy import Taxonomy


def check(
    profile: Annotated[str, typer.Option(help="a name in profiles/, laid over params.yaml")] = "default",
) -> None:
    """Check params.yaml, dvc.yaml, what DVC needs, taxonomy, annotations, raw data and models: seconds, before hours.

    Example: danmu check && dvc repro
    """
    from pipeline.annotation.tree.taxonomy import load_taxonomy
    from pipeline.cli.surroundings import check_surroundings
    from pipeline.config import PARAMS, read_params, with_profile
    from pipeline.dag.declared import check_params
    from pipeline.dag.dvc_yaml import check_current

    file = PARAMS if profile == "default" else Path("profiles") / f"{profile}.txt"
    params = read_params() if profile == "default" else with_profile(file)
    check_params(params, file)
    check_current(params)
    notes = check_surroundings(params, experiment=file != PARAMS)
    taxonomy = load_taxonomy(Path(params["data"]["taxonomy"]))
    annotations, rounds = check_annotations(params, taxonomy)
    files, unknown = check_raw(params)
    check_models(params)
    for note in notes:
        say(note)
    if unknown:
        names = ", ".join(map(in_line, unknown[:5]))
        say(f"of no known form, and rejected whole: {names}{' and others' if unknown[5:] else ''}")
    say(f"checked: {files} raw files, {annotations:,} annotations in {rounds} rounds, {len(taxonomy.leaves)} leaves")


def check_annotations(params: Mapping[str, Any], taxonomy: "Taxonomy") -> tuple[int, int]:
    """How many annotations and rounds there are, once all are read."""
    from pipeline.annotation.rounds.ratings import check_named
    from pipeline.annotation.rounds.reading import read_adjudication, read_rounds

    folder = Path(params["data"]["annotations"])
    votes = read_rounds(folder, taxonomy)
    read_adjudication(folder, taxonomy)
    rounds = {vote.round for vote in votes}
    if rounds <= set(params["label"]["exclude_rounds"]):
        raise UserError("Every annotation round is in label.exclude_rounds (params.yaml); label the next one.")
    check_named(params["label"]["exclude_rounds"], rounds, "label.exclude_rounds")
    check_named(params["split"]["train_only_rounds"], rounds, "split.train_only_rounds")
    return len(votes), len(rounds)


def check_raw(params: Mapping[str, Any]) -> tuple[int, list[str]]:
    """How many raw files there are, and which of them have no known form."""
    from pipeline.danmu.corpus.forms import UNKNOWN, reader_of
    from pipeline.danmu.corpus.found import raw_files
    from pipeline.danmu.corpus.identity import sender_key
    from pipeline.danmu.readers.source import Source

    if params["data"]["hash_senders"]:
        sender_key()
    files = raw_files([Path(params["data"]["raw"])])
    return len(files), [name for path, name in files if reader_of(Source(path, name)) is UNKNOWN]


def check_models(params: Mapping[str, Any]) -> None:
    """See that every model can be had, and that what it is to run on is there."""
    from pipeline.annotation.model.settings import Silver
    from pipeline.config import read_models
    from pipeline.dag.declared import models_in_use
    from pipeline.networks.sources import check_four_bit, check_source

    silver = Silver.model_validate(params["silver"])
    if silver.annotator == "server":
        from pipeline.annotation.model.annotator import service

        service(silver)
    models = read_models()
    for parameter, key in models_in_use(params):
        check_source(key, models, parameter)
    if params.get("llama", {}).get("four_bit"):
        check_four_bit()
