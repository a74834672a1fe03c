"""`danmu …`: what a person does beside the DAG.

Examples:

    danmu check                 look at params.yaml, data and models before any long work
    danmu summary               where the last comparison stands
    danmu models                what can be named in params.yaml, and whether it is here
    danmu dag                   write dvc.yaml from what stages and methods declare
    danmu ui                    MLflow on http://127.0.0.1:5000
    danmu parse DIR -o OUT      raw files of any form to one table, outside the DAG
    danmu collect BV1xx411c7mD  danmu from Bilibili, as raw files
    danmu annotate export -o B  a batch for annotators; `danmu annotate import` files what comes back
    danmu agreement PATH        how far annotators agree, and on what they do not
"""

import sys

import typer
from typer.exceptions import TyperException

from pipeline.cli.agreement import agreement
from pipeline.cli.annotate import annotate
from pipeline.cli.check import check
from pipeline.cli.collect import collect
from pipeline.cli.dag import dag
from pipeline.cli.mistakes import mistake
from pipeline.cli.models import models
from pipeline.cli.parse import parse
from pipeline.cli.summary import summary
from pipeline.cli.ui import ui
from pipeline.errors import UserError
from pipeline.terminal import ending_in_a_sentence, printable, say

app = typer.Typer(
    help="Which method should categorise short texts? The DAG answers (`dvc repro`); this is what stands beside it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
for command in (check, summary, models, dag, ui, parse, collect, agreement):
    app.command()(command)
app.add_typer(annotate, name="annotate")


def main() -> None:
    """Entry point: a UserError, a mistake in the words or a full disk becomes a sentence and status 2."""
    printable()
    with ending_in_a_sentence("danmu"):
        try:
            sys.exit(app(standalone_mode=False))
        except typer.Abort:
            sys.exit(1)
        except TyperException as error:
            if type(error).__name__ == "NoArgsIsHelpError":  # no word at all: the help is the answer
                say(error.format_message(), error=True)
                sys.exit(2)
            raise UserError(mistake(error)) from None
