"""Where MLflow's store is, whether anybody is there, and that its artifacts lie where the repository lies now."""

import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from pipeline.addresses import heed_proxies, masked, through
from pipeline.errors import UserError

URI_VARIABLE = "MLFLOW_TRACKING_URI"
EXPERIMENT = "danmu"
SQLITE = "sqlite:///"
ARTIFACTS = "mlartifacts"
#: what holds artifacts' places: tables of MLflow, and their columns
PLACES = (("experiments", "artifact_location"), ("runs", "artifact_uri"), ("logged_models", "artifact_location"))
#: seconds for a connection, for the first answer on it, and for both with the name's look-up
CONNECT_S, ANSWER_S, KNOCK_S = 3.0, 3.0, 6.0
NOBODY_BEHIND = (502, 503, 504)  # a proxy's or gateway's words for it
#: ports of databases that MLflow can be told to keep its runs in
PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}


def tracking_uri() -> str:
    """MLFLOW_TRACKING_URI, or SQLite under the real repository.

    `dvc exp run --temp` moves the working directory, while DVC_ROOT stays the repository's.

    Raises:
        UserError: the repository's path is none that can be said in such an address.
    """
    named = os.environ.get(URI_VARIABLE)
    if named:
        return named
    file = str(Path(os.environ.get("DVC_ROOT", ".")).resolve() / "mlflow.db")
    if "?" in file:  # ends the path in such an address, and cannot be spelled otherwise
        file = os.path.relpath(file)
    if "?" in file:
        raise UserError(f"{file} holds a ?, which MLflow's addresses cannot have; rename that folder.")
    return SQLITE + file


def database_of(uri: str) -> Path | None:
    """The SQLite file behind an address; None where there is another store."""
    return Path(uri.removeprefix(SQLITE).partition("?")[0]).resolve() if uri.startswith(SQLITE) else None


def artifacts_beside(database: Path) -> str:
    """Where the artifacts of a SQLite store go: beside it."""
    return (database.parent / ARTIFACTS).as_uri()


@contextmanager
def store_at(uri: str) -> Iterator[None]:
    """Work with a store: what it raises when it is away, full or damaged becomes a sentence.

    Everything else is a defect of ours and keeps its traceback.

    Raises:
        UserError: the store cannot be used.
    """
    from alembic.util import CommandError
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError, CommandError, sqlite3.Error, OSError) as error:
        raise unusable(uri, str(error) or type(error).__name__) from None


def unusable(uri: str, why: str) -> UserError:
    """The sentence about a store; the names and passwords in its address are not in it."""
    first = masked(why.splitlines()[0])
    return UserError(
        f"MLflow at {masked(uri)}{through(uri)} could not be used ({first}); start it, or change {URI_VARIABLE}."
    )


def knock(uri: str) -> None:
    """See that a server is there before MLflow asks it anything: MLflow itself would wait for minutes, without a word.

    Raises:
        UserError: nobody answered within ten seconds.
    """
    if uri.startswith(("http://", "https://")):
        heed_proxies()
    trouble = ["no answer"]

    def run() -> None:
        try:
            ask(uri)
        except Exception as error:  # whatever keeps it from answering
            trouble[0] = f"{type(error).__name__}: {error}"
        else:
            trouble.clear()

    # a thread, since nothing limits how long a name is looked up; it does not keep the process from ending
    asking = Thread(target=run, daemon=True)
    asking.start()
    asking.join(KNOCK_S)
    if trouble:
        raise unusable(uri, trouble[0])


def ask(uri: str) -> None:
    """Connect to what stands behind an address and close again; of a file there is nothing to ask.

    A web server is asked for its health, and any answer of its own will do. No name, password or certificate is looked
    at: nothing is told, so that nothing has to be kept from whoever answers.
    """
    parts = urlsplit(uri)
    kind = parts.scheme.partition("+")[0]
    if kind in PORTS and parts.hostname:
        socket.create_connection((parts.hostname, parts.port or PORTS[kind]), CONNECT_S).close()
    if kind in ("http", "https"):
        import httpx2

        url = parts._replace(netloc=parts.netloc.rpartition("@")[2], path=f"{parts.path.rstrip('/')}/health").geturl()
        timeout = httpx2.Timeout(ANSWER_S, connect=CONNECT_S)
        with httpx2.Client(timeout=timeout, verify=False) as client, client.stream("GET", url) as answer:
            if answer.status_code in NOBODY_BEHIND:
                raise ConnectionError(f"HTTP {answer.status_code}")


def follow(uri: str, experiment: str = EXPERIMENT) -> None:
    """Point a SQLite store's artifacts to where it lies now: MLflow writes absolute paths, and a project folder that
    was renamed or copied would go on writing into the old place, and look for its old runs there.

    Raises:
        sqlite3.Error: the database is damaged or held by somebody else.
    """
    database = database_of(uri)
    if database is None or not database.is_file():
        return
    place = artifacts_beside(database)
    with closing(sqlite3.connect(database)) as store, store:
        tables = {name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "experiments" not in tables:
            return
        known = store.execute("SELECT experiment_id, artifact_location FROM experiments WHERE name = ?", (experiment,))
        for number, old in known.fetchall():
            if old == place or not old.endswith(f"/{ARTIFACTS}"):
                continue  # where somebody else has put them, they stay
            for table, column in PLACES:
                if table in tables:
                    store.execute(
                        f"UPDATE {table} SET {column} = ? || substr({column}, ?) "
                        f"WHERE experiment_id = ? AND substr({column}, 1, ?) = ?",
                        (place, len(old) + 1, number, len(old), old),
                    )
