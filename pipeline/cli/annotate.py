"""`danmu annotate …`: batches out to annotators, and rounds in."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from pipeline.artifacts.paths import COMMENTS_FILE
from pipeline.errors import UserError

if TYPE_CHECKING:
    import polars as pl

    from pipeline.annotation.rounds.batch import Item
    from pipeline.settings import Params

Sampling = Literal["random", "stratified", "uncertainty", "disagreement"]
annotate = typer.Typer(help="Batches out to annotators, and rounds in.", no_args_is_help=True)
COMMITTEE = 7  # regressions on resampled gold, for sampling by disagreement


@annotate.command("export")
def export(
    out: Annotated[Path, typer.Option("-o", "--out", help="folder for the batch")],
    size: Annotated[int, typer.Option(min=1, help="comments in the batch")] = 100,
    sampling: Annotated[
        Sampling, typer.Option(help="random is like the corpus; the others find what is rare")
    ] = "random",
    by: Annotated[Literal["video", "leaf"], typer.Option(help="stratified: of what to take as many each")] = "video",
    ids: Annotated[
        Path | None, typer.Option(help="instead: a CSV whose comment_id says which, e.g. label issues")
    ] = None,
    to: Annotated[Literal["csv", "label-studio", "doccano"], typer.Option(help="for which tool")] = "csv",
    context: Annotated[int, typer.Option(min=0, help="comments before and after that are shown")] = 3,
    seed: Annotated[int, typer.Option(help="of the drawing")] = 0,
) -> None:
    """Write a batch of comments that nobody has labelled yet, with their neighbours, for annotators.

    uncertainty and disagreement (and stratified by leaf) ask a regression over the embeddings, trained on the gold
    labels that are not in test: run `dvc repro embed split` before.

    Examples:

        danmu annotate export -o batches/2 --size 200

        danmu annotate export -o batches/3 --to label-studio --sampling stratified --by leaf

        danmu annotate export -o batches/again --ids reports/label_issues.csv --size 50
    """
    from pipeline.annotation.exchange.filing import write_batch
    from pipeline.annotation.tree.taxonomy import load_taxonomy
    from pipeline.artifacts.corpus import read_comments
    from pipeline.config import load_params

    params = load_params()
    taxonomy = load_taxonomy(Path(params.data.taxonomy))
    comments = read_comments()
    items = (
        chosen_ids(comments, ids, size, context) if ids else chosen(params, comments, size, sampling, by, context, seed)
    )
    files = write_batch(items, taxonomy, to, out)
    short = f" (no more are left: {size:,} were asked for)" if len(items) < size and not ids else ""
    print(f"{len(items):,} comments in {', '.join(map(str, files))}{short}")
    print(NEXT[to])
    if sampling != "random" and not ids:
        print(
            "This batch is not like the corpus: when it is filed, put its round into split.train_only_rounds "
            "(params.yaml), so that no score rests on it."
        )


NEXT = {
    "csv": "Give every annotator a copy named after them; they fill labels (`joy` or `joy;admiration`) and confidence "
    "(3 sure, 2 fairly sure, 1 a guess). Then: danmu annotate import anna.csv ben.csv --round N",
    "label-studio": "In Label Studio: for each annotator a project, its labelling interface from configuration.xml; "
    "import tasks.json. When all have labelled, export as JSON; then: danmu annotate import export.json --round N",
    "doccano": "In Doccano: a text classification project (allow a single label, unless the taxonomy is multi-label), "
    "import batch.jsonl (JSONL) and labels.json. When all have labelled, export as JSONL; then: "
    "danmu annotate import anna.jsonl ben.jsonl --round N",
}


@annotate.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="CSV, Label Studio's JSON or Doccano's JSON lines")],
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
    from pipeline.artifacts.corpus import read_comments
    from pipeline.config import load_params

    params = load_params()
    if any("=" not in entry for entry in rename or []):
        raise UserError("--rename takes the name in the files, =, and the name here, as user-7=anna.")
    names = dict(entry.partition("=")[::2] for entry in rename or [])
    for file in files:
        if not file.is_file():
            raise UserError(f"There is no file {file}; correct its name.")
    filed = file_round(
        files,
        Path(params.data.annotations),
        number,
        load_taxonomy(Path(params.data.taxonomy)),
        set(read_comments()["comment_id"]),
        names,
        replace,
    )
    for file, total in filed.written.items():
        print(f"{file}: {total:,} annotations")
    print(
        f"{filed.new:,} new, {filed.already:,} were there already, {filed.blank:,} comments without a label passed over"
    )


@annotate.command("price")
def price() -> None:
    """What the model annotator would cost with the present parameters, without asking it anything.

    Example: danmu annotate price
    """
    from pipeline.annotation.model.survey import price as announced
    from pipeline.config import load_params
    from pipeline.runtime import cache_folder
    from pipeline.stages.survey import read_survey

    params = load_params()
    if params.silver.annotator != "server":
        raise UserError(f"silver.annotator is {params.silver.annotator}, which costs nothing; set it to server.")
    print(announced(read_survey(params).questions, params.silver, cache_folder() / "answers.sqlite"))


def chosen_ids(comments: "pl.DataFrame", file: Path, size: int, context: int) -> "list[Item]":
    """The first `size` comments that a CSV names."""
    from pipeline.annotation.exchange.ratings_csv import csv_lines
    from pipeline.annotation.rounds.batch import items

    if not file.is_file():
        raise UserError(f"There is no file {file}; correct its name (`dvc repro` makes reports/label_issues.csv).")
    lines = csv_lines(file)
    if "comment_id" not in next(lines)[1]:
        raise UserError(f"{file}, line 1: there is no column comment_id, which says which comments to take.")
    wanted = [row["comment_id"].strip() for _, row in lines]
    place = {key: row for row, key in enumerate(comments["comment_id"])}
    missing = [key for key in wanted if key not in place]
    if missing or not wanted:
        raise UserError(
            f"{file} names no comment of {COMMENTS_FILE} as {missing[0] if missing else 'comment_id'}; correct it."
        )
    return items(comments, [place[key] for key in dict.fromkeys(wanted)][:size], context)


def chosen(
    params: "Params", comments: "pl.DataFrame", size: int, sampling: Sampling, by: str, context: int, seed: int
) -> "list[Item]":
    """A sample of the comments that no round holds; of a text that stands there often, one."""
    import polars as pl

    from pipeline.annotation.rounds import sampling as ways
    from pipeline.annotation.rounds.batch import items
    from pipeline.annotation.rounds.reading import read_rounds
    from pipeline.annotation.tree.taxonomy import load_taxonomy

    folder = Path(params.data.annotations)
    taxonomy = load_taxonomy(Path(params.data.taxonomy))
    seen = {entry.comment_id for entry in read_rounds(folder, taxonomy)} if any(folder.glob("round-*/*")) else set()
    pool = comments.with_row_index("row").filter(~pl.col("comment_id").is_in(list(seen)))
    pool = pool.sort("comment_id").unique("text", keep="first", maintain_order=True)
    if pool.is_empty():
        raise UserError(
            f"Every comment of {COMMENTS_FILE} is in a round already; collect more, or name some with --ids."
        )
    if sampling == "random":
        places = ways.draw_random(len(pool), size, seed)
    elif sampling == "stratified" and by == "video":
        places = ways.draw_stratified(pool["video_id"].to_list(), size, seed)
    else:
        members = expected(comments, taxonomy.leaves, pool["row"], COMMITTEE if sampling == "disagreement" else 1, seed)
        if sampling == "stratified":
            places = ways.draw_stratified(members[0].argmax(1).tolist(), size, seed)
        elif sampling == "uncertainty":
            places = ways.draw_uncertain(members[0], size)
        else:
            places = ways.draw_disputed(members, size)
    return items(comments, pool["row"].gather(places).to_list(), context)


def expected(comments: "pl.DataFrame", leaves: list[str], rows: "pl.Series", members: int, seed: int) -> Any:
    """What regressions over the embeddings expect of the comments at `rows`; they never see a test label."""
    import polars as pl

    from pipeline.artifacts.labelled import comment_vectors
    from pipeline.artifacts.paths import EMBEDDINGS_FILE, LABELS_FILE, SPLITS_FILE
    from pipeline.statistics.committee import committee

    for file in (LABELS_FILE, SPLITS_FILE, EMBEDDINGS_FILE):
        if not file.is_file():
            raise UserError(
                f"There is no {file}, which this sampling goes by; run `dvc repro embed split` first, or sample at "
                "random (the only way while nothing is labelled)."
            )
    gold = pl.read_parquet(LABELS_FILE).join(pl.read_parquet(SPLITS_FILE), on="comment_id")
    gold = (
        gold.filter(pl.col("split") != "test").join(comments.with_row_index("row"), on="comment_id").sort("comment_id")
    )
    vectors = comment_vectors(comments)
    return committee(vectors[gold["row"]], gold["leaf"].to_list(), leaves, vectors[rows], members, seed)
