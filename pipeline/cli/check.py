"""`danmu check`: everything that can be known to go wrong before any long work."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.errors import UserError, near
from pipeline.terminal import in_line, say

if TYPE_CHECKING:
    from pipeline.annotation.model.settings import Silver
    from pipeline.annotation.tree.taxonomy import Taxonomy
    from pipeline.networks.suitability import Demand

SPLIT_FILES = ("given", "frozen")  # keys of the section `split`


def check(
    profile: Annotated[str, typer.Option(help="a name in profiles/, laid over params.yaml")] = "default",
) -> None:
    """Check params.yaml, dvc.yaml, what DVC needs, taxonomy, annotations, raw data and models: seconds, before hours.

    Example: danmu check && dvc repro
    """
    from pipeline.annotation.tree.taxonomy import load_taxonomy
    from pipeline.cli.environment import KNOWN, check_environment
    from pipeline.cli.surroundings import check_surroundings
    from pipeline.config import PARAMS, read_params, with_profile
    from pipeline.dag.declared import check_params
    from pipeline.dag.dvc_yaml import check_current
    from pipeline.dag.resolution import check_resolves

    file = PARAMS if profile == "default" else Path("profiles") / f"{profile}.txt"
    params = read_params() if profile == "default" else with_profile(file)
    check_params(params, file)
    check_split(params)
    check_current(params)
    check_resolves(params, file)
    unread = check_environment()
    notes = check_surroundings(params, experiment=file != PARAMS)
    taxonomy = load_taxonomy(Path(params["data"]["taxonomy"]))
    annotations, rounds, about_rounds = check_annotations(params, taxonomy)
    files, unknown = check_raw(params)
    check_models(params)
    for note in [*notes, *about_rounds]:
        say(note)
    if unread:
        names = ", ".join(name + near(name, KNOWN) for name in unread)
        say(f"set, and read by nothing: {names}; correct the spelling, if it is meant for this project")
    if unknown:
        names = ", ".join(map(in_line, unknown[:5]))
        say(f"of no known form, and rejected whole: {names}{' and others' if unknown[5:] else ''}")
    say(f"checked: {files} raw files, {annotations:,} annotations in {rounds} rounds, {len(taxonomy.leaves)} leaves")


def check_annotations(params: Mapping[str, Any], taxonomy: "Taxonomy") -> tuple[int, int, list[str]]:
    """How many annotations and rounds there are, once all are read, and what is odd about the rounds."""
    from pipeline.annotation.rounds.ratings import check_named, oddities
    from pipeline.annotation.rounds.reading import read_adjudication, read_rounds

    folder = Path(params["data"]["annotations"])
    votes = read_rounds(folder, taxonomy)
    read_adjudication(folder, taxonomy)
    rounds = {vote.round for vote in votes}
    if rounds <= set(params["label"]["exclude_rounds"]):
        raise UserError("Every annotation round is in label.exclude_rounds (params.yaml); label the next one.")
    check_named(params["label"]["exclude_rounds"], rounds, "label.exclude_rounds")
    for name in ("train_only_rounds", "test_rounds"):
        check_named(params["split"][name], rounds, f"split.{name}")
    return len(votes), len(rounds), oddities(votes, params["label"]["exclude_rounds"])


def check_split(params: Mapping[str, Any]) -> None:
    """Read the files that the section `split` names."""
    from pipeline.evaluation.listed import read_listed

    for key in SPLIT_FILES:
        if params["split"][key]:
            read_listed(Path(params["split"][key]), f"split.{key}")


def check_raw(params: Mapping[str, Any]) -> tuple[int, list[str]]:
    """How many raw files there are, and which of them have no known form."""
    from pipeline.danmu.corpus.forms import UNKNOWN, reader_of
    from pipeline.danmu.corpus.identity import sender_key
    from pipeline.danmu.corpus.raw_files import readable_files
    from pipeline.danmu.readers.source import Source

    if params["data"]["hash_senders"]:
        sender_key()
    files = readable_files([Path(params["data"]["raw"])])
    return len(files), [name for path, name in files if reader_of(Source(path, name)).name == UNKNOWN.name]


def check_models(params: Mapping[str, Any]) -> None:
    """See that every model can be had, and can do what is asked of it."""
    from pipeline.annotation.model.settings import Silver
    from pipeline.config import models_in
    from pipeline.dag.declared import models_in_use
    from pipeline.dag.stage import quiet
    from pipeline.networks.sources import check_source
    from pipeline.networks.suitability import suitable_folder

    quiet()
    silver = Silver.model_validate(params["silver"])
    if silver.annotator == "server":
        from pipeline.annotation.model.annotator import service

        service(silver)
    models, demands = models_in(params), demanded(params, silver)
    for demand in demands:
        suitable_folder(demand, models)
    asked = {(f"{demand.section}.model", demand.model) for demand in demands}
    for parameter, key in models_in_use(params):
        if (parameter, key) not in asked:  # of a method that does not say what it asks of its model
            check_source(key, models, parameter)


def demanded(params: Mapping[str, Any], silver: "Silver") -> "list[Demand]":
    """What stages and cells ask of their models, each once."""
    from pipeline.dag.methods import cells_of, method_module, method_settings, methods_of
    from pipeline.networks import annotator
    from pipeline.networks.suitability import for_vectors
    from pipeline.text.embedding import Embed

    demands = [for_vectors(Embed.model_validate(params["embed"]))]
    if silver.annotator == "in-process":
        demands.append(annotator.demand(silver))
    for method in methods_of(params):
        demand = getattr(method_module(method), "demand", None)
        if demand is not None:
            demands += [
                demand(method_settings(method).model_validate(cell.settings)) for cell in cells_of(params, method)
            ]
    return [demand for place, demand in enumerate(demands) if demand not in demands[:place]]
