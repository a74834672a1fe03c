"""`danmu ui`: MLflow in the browser."""

import os
import sqlite3
import sys
from typing import Annotated

import typer


def ui(port: Annotated[int, typer.Option(help="where to listen")] = 5000) -> None:
    """Open MLflow on this repository's store.

    Example: danmu ui --port 5001
    """
    from pipeline.addresses import masked
    from pipeline.terminal import say
    from pipeline.tracking.store import follow, tracking_uri, unusable

    uri = tracking_uri()
    if uri.startswith(("http://", "https://")):
        say(f"MLFLOW_TRACKING_URI names a server, which has pages of its own: open {masked(uri)}")
        return
    try:
        follow(uri)
    except sqlite3.Error as error:
        raise unusable(uri, str(error)) from None
    os.environ["MLFLOW_BACKEND_STORE_URI"] = uri  # in no command line, where everybody could read a password
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    say(f"MLflow on http://127.0.0.1:{port} (Ctrl-C ends it): open the experiment `danmu`, Model training, Runs")
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "mlflow", "ui", "--port", str(port)])
