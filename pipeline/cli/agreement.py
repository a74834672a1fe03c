"""`danmu agreement`: how far annotators agree, outside the DAG too."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipeline.settings import LARGEST_SEED


def agreement(
    path: Annotated[Path, typer.Argument(help="a folder of rounds, a folder of files, or one file")],
    taxonomy: Annotated[
        Path | None, typer.Option(help="a taxonomy.yaml: gives levels; without it any labels do")
    ] = None,
    raters: Annotated[str | None, typer.Option(help="columns of a table that are annotators: label0,label1,…")] = None,
    key: Annotated[str, typer.Option("--id", help="with --raters: the column that names the item")] = "comment_id",
    resamples: Annotated[int, typer.Option(min=0, help="of the bootstrap; 0 gives no intervals")] = 1000,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="of the bootstrap")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="everything, as JSON")] = False,
) -> None:
    """How far annotators agree: percent, Cohen's, Fleiss' kappa, Krippendorff's alpha, with intervals and disputes.

    Examples:

        danmu agreement data/annotations --taxonomy data/taxonomy.yaml

        danmu agreement somewhere/round-2

        danmu agreement dev.json --raters label0,label1,label2,label3,label4 --id id
    """
    from pipeline.annotation.rounds.reading import read_anything
    from pipeline.annotation.rounds.round_agreement import agreement_by_round
    from pipeline.annotation.tree.taxonomy import load_taxonomy
    from pipeline.artifacts.agreement import Agreement
    from pipeline.reports.agreement_text import agreement_text
    from pipeline.terminal import say

    tree = load_taxonomy(taxonomy) if taxonomy else None
    annotations = read_anything(path, tree, raters.split(",") if raters else [], key)
    comments = known_comments({vote.comment_id for vote in annotations})
    videos = {comment_id: video for comment_id, (video, _) in comments.items()}
    rounds = agreement_by_round(annotations, tree, resamples, seed, videos)
    if as_json:
        say(json.dumps(asdict(Agreement(rounds)), ensure_ascii=False, indent=1))
        return
    texts = {comment_id: text for comment_id, (_, text) in comments.items()}
    say("\n\n".join(agreement_text(of_round, texts) for of_round in rounds))


def known_comments(comment_ids: Iterable[str]) -> dict[str, tuple[str | None, str]]:
    """Comment → its video and text, of those that are in the corpus; empty where there is no corpus yet."""
    import polars as pl

    from pipeline.artifacts.artifact import collected
    from pipeline.artifacts.comments import COMMENTS_FILE

    if not COMMENTS_FILE.path.is_file():
        return {}
    annotated = COMMENTS_FILE.scan().filter(pl.col("comment_id").is_in(list(comment_ids)))
    rows = collected(annotated.select("comment_id", "video_id", "text"), COMMENTS_FILE.path, COMMENTS_FILE.stage)
    return {comment_id: (video, text) for comment_id, video, text in rows.iter_rows()}
