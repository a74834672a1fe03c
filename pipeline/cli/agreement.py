"""`danmu agreement`: how far annotators agree, outside the DAG too."""

import json
from pathlib import Path
from typing import Annotated

import typer

from pipeline.artifacts.paths import COMMENTS_FILE


def agreement(
    path: Annotated[Path, typer.Argument(help="a folder of rounds, a folder of files, or one file")],
    taxonomy: Annotated[
        Path | None, typer.Option(help="a taxonomy.yaml: gives levels; without it any labels do")
    ] = None,
    raters: Annotated[str | None, typer.Option(help="columns of a table that are annotators: label0,label1,…")] = None,
    key: Annotated[str, typer.Option("--id", help="with --raters: the column that names the item")] = "comment_id",
    resamples: Annotated[int, typer.Option(min=0, help="of the bootstrap; 0 gives no intervals")] = 1000,
    seed: Annotated[int, typer.Option(help="of the bootstrap")] = 0,
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
    from pipeline.artifacts.corpus import read_comments
    from pipeline.reports.agreement_text import agreement_text

    tree = load_taxonomy(taxonomy) if taxonomy else None
    annotations = read_anything(path, tree, raters.split(",") if raters else [], key)
    rounds = agreement_by_round(annotations, tree, resamples, seed)
    if as_json:
        print(json.dumps({"rounds": [found.record() for found in rounds]}, ensure_ascii=False, indent=1))
        return
    texts: dict[str, str] = (
        dict(read_comments().select("comment_id", "text").iter_rows()) if COMMENTS_FILE.is_file() else {}
    )
    print("\n\n".join(agreement_text(found, texts) for found in rounds))
