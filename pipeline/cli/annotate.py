"""`danmu annotate …`: batches out to annotators, and rounds in."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from pipeline.annotation.exchange.tools import TOOLS
from pipeline.annotation.rounds.sampling import STRATA, STRATEGIES
from pipeline.errors import UserError
from pipeline.settings import LARGEST_SEED
from pipeline.terminal import say


def one_of(names: Iterable[str]) -> Any:
    """The type of an option that is one of the names."""
    return Literal[tuple(names)]


SamplingName, StratumName, ToolName = one_of(STRATEGIES), one_of(STRATA), one_of(TOOLS)
annotate = typer.Typer(help="Batches out to annotators, and rounds in.", no_args_is_help=True)


@annotate.command("export")
def export(
    out: Annotated[Path, typer.Option("-o", "--out", help="folder for the batch")],
    size: Annotated[int, typer.Option(min=1, help="comments in the batch")] = 100,
    sampling: Annotated[
        SamplingName,  # type: ignore[valid-type]
        typer.Option(help="random is like the corpus; the others find what is rare"),
    ] = "random",
    by: Annotated[
        StratumName,  # type: ignore[valid-type]
        typer.Option(help="stratified: of what to take as many each"),
    ] = "video",
    ids: Annotated[
        Path | None, typer.Option(help="instead: a CSV whose comment_id says which, e.g. label issues")
    ] = None,
    to: Annotated[
        ToolName,  # type: ignore[valid-type]
        typer.Option(help="for which tool"),
    ] = "csv",
    context: Annotated[int, typer.Option(min=0, help="comments before and after that are shown")] = 3,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="of the drawing")] = 0,
) -> None:
    """Write a batch of comments that nobody has labelled yet, with their neighbours, for annotators.

    A random batch takes comments as they occur. The others take one of each text, and none of a video that is in
    validation or test. uncertainty and disagreement (and stratified by leaf) ask a regression over the embeddings,
    trained on the training labels: run `dvc repro embed split` before.

    Examples:

        danmu annotate export -o batches/2 --size 200

        danmu annotate export -o batches/3 --to label-studio --sampling stratified --by leaf

        danmu annotate export -o batches/again --ids reports/label_issues.csv --size 50
    """
    from pipeline.annotation.exchange.filing import write_batch
    from pipeline.annotation.rounds.drawing import draw_batch, named_batch
    from pipeline.annotation.tree.taxonomy import load_taxonomy
    from pipeline.artifacts.comments import COMMENTS_FILE
    from pipeline.config import read_section
    from pipeline.settings import Data

    data = read_section("data", Data)
    taxonomy, strategy, tool = load_taxonomy(Path(data.taxonomy)), STRATEGIES[sampling], TOOLS[to]
    comments = COMMENTS_FILE.read()
    items = (
        named_batch(comments, ids, size, context)
        if ids
        else draw_batch(comments, Path(data.annotations), taxonomy, strategy, by, size, context, seed)
    )
    files = write_batch(items, taxonomy, tool, out)
    short = f" (no more are left: {size:,} were asked for)" if len(items) < size and not ids else ""
    say(f"{len(items):,} comments in {', '.join(map(str, files))}{short}")
    say(tool.next_step)
    if not (ids or strategy.like_corpus):
        say(
            "This batch is not like the corpus: when it is filed, put its round into split.train_only_rounds "
            "(params.yaml), so that no score rests on it."
        )


@annotate.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help=", ".join(tool.export for tool in TOOLS.values()))],
    number: Annotated[int, typer.Option("--round", min=1, help="the round that they are")],
    rename: Annotated[list[str] | None, typer.Option(help="annotator in the files=name here, e.g. user-7=anna")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="a changed label takes the place of the old one")] = False,
) -> None:
    """Check what annotators sent back, and file it as data/annotations/round-N/NAME.csv; with one fault, nothing.

    Examples:

        danmu annotate import anna.csv ben.csv --round 2

        danmu annotate import export.json --round 3 --rename user-1=anna --rename user-2=ben
    """
    from pipeline.annotation.exchange.filing import file_round
    from pipeline.annotation.tree.taxonomy import load_taxonomy
    from pipeline.artifacts.comments import COMMENTS_FILE
    from pipeline.config import read_section
    from pipeline.settings import Data

    data = read_section("data", Data)
    if any("=" not in entry for entry in rename or []):
        raise UserError("--rename takes the name in the files, =, and the name here, as user-7=anna.")
    names = dict(entry.partition("=")[::2] for entry in rename or [])
    if len(names) < len(rename or []):
        raise UserError("--rename gives one annotator two names; keep one of them.")
    for file in files:
        if not file.is_file():
            raise UserError(f"There is no file {file}; correct its name.")
    filed = file_round(
        files,
        Path(data.annotations),
        number,
        load_taxonomy(Path(data.taxonomy)),
        lambda: set(COMMENTS_FILE.read(["comment_id"])["comment_id"]),
        names,
        replace,
    )
    for file, total in filed.written.items():
        say(f"{file}: {total:,} annotations")
    instead = f" ({filed.replaced:,} in place of another label)" if filed.replaced else ""
    blank = f"{filed.blank:,} comments without a label passed over"
    say(f"{filed.new:,} new{instead}, {filed.already:,} were there already, {blank}")


@annotate.command("price")
def price() -> None:
    """What the model annotator would cost with the present parameters, without asking it anything.

    Example: danmu annotate price
    """
    from pipeline.annotation.model.annotator import price as announced
    from pipeline.annotation.model.questions import read_questionnaire
    from pipeline.annotation.model.settings import Silver
    from pipeline.annotation.tree.taxonomy import read_taxonomy
    from pipeline.config import read_section
    from pipeline.runtime import cache_folder

    settings = read_section("silver", Silver)
    if settings.annotator != "server":
        raise UserError(f"silver.annotator is {settings.annotator}, which costs nothing; set it to server.")
    asked = read_questionnaire(read_taxonomy(), settings)
    say(announced(asked.questions, settings, cache_folder() / "answers.sqlite"))
