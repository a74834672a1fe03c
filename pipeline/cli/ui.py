"""`danmu ui`: MLflow in the browser."""

import os
import sys
from typing import Annotated

import typer


def ui(port: Annotated[int, typer.Option(help="where to listen")] = 5000) -> None:
    """Open MLflow on this repository's store.

    Example: danmu ui --port 5001
    """
    from pipeline.terminal import say
    from pipeline.tracking.mirror import tracking_uri

    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", tracking_uri(), "--port", str(port)]
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    say(f"MLflow on http://127.0.0.1:{port} (Ctrl-C ends it): open the experiment `danmu`, Model training, Runs")
    os.execv(sys.executable, command)
