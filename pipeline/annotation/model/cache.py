"""What models have said, kept on disk: nothing is asked, or paid for, twice.

Every answer of a conversation is kept under the key of the request that led to it (`request_key`; for a decoder in
this process, in_process.py), those that were cut off, withheld or could not be used among them, with the tokens that
the server counted. So a replay goes the same way, re-asks and all, and calls nobody. Not kept is what never was an
answer: timeouts, connections that broke, the server's errors.

Each answer is committed before the next step: what a killed run loses is what was on its way. Two processes may
share the file; where both asked the same, the first answer counts for both.
"""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pipeline.annotation.model.question import Said
from pipeline.errors import UserError

T = TypeVar("T")

COLUMNS = ["key", "model", "text", "finish", "input_tokens", "output_tokens", "served_by"]
TABLE = """
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, model TEXT NOT NULL, text TEXT NOT NULL, finish TEXT NOT NULL,
    input_tokens INTEGER, output_tokens INTEGER, served_by TEXT NOT NULL
) WITHOUT ROWID
"""
BUSY_S = 60.0  # another process holds the file for the length of one commit


class Cache:
    """The file; made when it is not there yet.

    Raises:
        UserError: the file is something else, or cannot be written.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.connection = self.guarded(self.open)

    def __enter__(self) -> "Cache":
        return self

    def __exit__(self, *error: object) -> None:
        self.connection.close()

    def open(self) -> sqlite3.Connection:
        """Connect. With the write-ahead log, readers and one writer do not wait for each other."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.file, timeout=BUSY_S, isolation_level=None)
        until = time.monotonic() + BUSY_S
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError as error:
                # of several processes that make the file at once all but one are turned away without a wait
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
                time.sleep(0.02)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(TABLE)
        columns = [column for _, column, *_ in connection.execute("PRAGMA table_info(answers)")]
        if columns != COLUMNS:
            raise sqlite3.DatabaseError("its table has other columns")
        return connection

    def find(self, key: str) -> Said | None:
        """What is kept under the key."""
        query = "SELECT text, finish, input_tokens, output_tokens, served_by FROM answers WHERE key = ?"
        row = self.guarded(lambda: self.connection.execute(query, (key,)).fetchone())
        return None if row is None else Said(*row)

    def keep(self, key: str, model: str, said: Said) -> Said:
        """Keep an answer; returns the one that counts, which is another process's where that was faster."""
        row = (key, model, said.text, said.finish, said.input_tokens, said.output_tokens, said.served_by)
        insert = "INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)"
        self.guarded(lambda: self.connection.execute(insert, row))
        return self.find(key) or said

    def guarded(self, step: Callable[[], T]) -> T:
        """Do what may fail because of the file."""
        try:
            return step()
        except (sqlite3.OperationalError, OSError) as error:
            raise UserError(
                f"{self.file}, where answers are kept, cannot be used ({error}); see that the folder can be written, "
                "that the disk is not full, and that no other program holds the file."
            ) from None
        except sqlite3.DatabaseError as error:
            raise UserError(
                f"{self.file} is no file of answers, or a damaged one ({error}); move it away, and the answers in it "
                "are asked for anew."
            ) from None
