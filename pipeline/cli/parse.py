"""`danmu parse`: raw files to comments.parquet, outside the DAG."""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.errors import UserError
from pipeline.terminal import say


def parse(
    paths: Annotated[list[Path], typer.Argument(help="files or folders, of any form that docs/formats.md lists")],
    out: Annotated[Path | None, typer.Option("-o", "--out", help="folder for the two tables")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="only say what each file is, and show some of it")] = False,
    text: Annotated[bool, typer.Option("--text", help="files called .txt hold one text per line")] = False,
    hash_senders: Annotated[
        bool, typer.Option("--hash-senders", help="replace senders by a hash with the key in DANMU_SENDER_KEY")
    ] = False,
) -> None:
    """Read raw danmu of any form into one table with each comment once, and one of what was rejected and why.

    Examples:

        danmu parse --explain 1_danmu_day

        danmu parse years/of/danmu -o parsed

        danmu parse --text comments.txt -o parsed

        DANMU_ENGINE=ray danmu parse /shared/danmu -o /shared/parsed
    """
    from pipeline.danmu.corpus.census import census_table, explained
    from pipeline.danmu.corpus.identity import sender_key
    from pipeline.danmu.corpus.parsing import parse_corpus
    from pipeline.danmu.corpus.raw_files import raw_files
    from pipeline.danmu.corpus.unused import columns_not_used
    from pipeline.danmu.readers.source import Source

    if explain:
        for one in raw_files(paths):
            readable = one.fault is None
            say("\n".join(explained(Source(one.path, one.name), text)) if readable else f"{one.path}: {one.fault}")
        return
    if out is None:
        raise UserError("Say where to with -o FOLDER, or look at a file with --explain.")
    if out.exists() and not out.is_dir():
        raise UserError(f"{out} is a file; name a folder with -o.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that temporary files go
    census = parse_corpus(paths, out, sender_key() if hash_senders else None, text)
    say("\n".join([census_table(census), *columns_not_used(paths, census)]))
    say(f"\nwritten: {out / 'comments.parquet'}, {out / 'rejected.parquet'}")
