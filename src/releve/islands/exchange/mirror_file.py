"""How the file of a mirrored log is opened, written in one transaction, and put in its place."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from releve.islands.exchange.standing import Standing
from releve.journal import modes
from releve.journal.reader import LogReader, uri_path

__all__ = ["connect", "create", "head_values", "names_blob", "transaction"]


def connect(path: Path) -> sqlite3.Connection:
    """Return the file opened for writing, durable at each commit."""
    uri = f"file:{uri_path(path)}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=5, check_same_thread=False)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")  # a redacted body must not stay in a free page
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def create(path: Path) -> sqlite3.Connection:
    """Return a new file, readable by nobody else."""
    path.touch(mode=modes.FILE)  # SQLite gives its other files the rights of this one
    connection = connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    return connection


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all that is done within, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def head_values(after: Standing) -> tuple[int, bytes, bytes, str, int | None]:
    """Return the values of the head row, in the order of the table."""
    return after.size, after.root, after.edge.pack(), after.checkpoint, after.dictionary


def names_blob(path: Path, digest: bytes) -> bool:
    """Return whether an entry of the log names this blob."""
    with LogReader(path) as reader:
        found = reader.connection.execute("SELECT 1 FROM entry WHERE blob = ? LIMIT 1", (digest,)).fetchone()
    return found is not None
