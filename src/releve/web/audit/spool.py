"""Where facts wait while the recorder of the audit cannot be reached, and which were already said this quarter.

DATA/runtime/audit.sqlite3, mode 0600, shared by the web's processes: one flushes at a time, so that a fact two of them
saw is written once. What waits here is not in the journal yet; whoever deletes it deletes that.
"""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from releve.journal.entry import Draft

__all__ = ["SPOOL_MAX", "Before", "Spool", "Turn"]

# Some hundred bytes each: under 100 MB on the disk.
SPOOL_MAX = 200_000
_BUSY_SECONDS = 15.0
_SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS waiting (id INTEGER PRIMARY KEY, draft BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS said (
    key TEXT NOT NULL, quarter INTEGER NOT NULL, PRIMARY KEY (key, quarter)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lost (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL) STRICT;
INSERT OR IGNORE INTO lost VALUES (1, 0);
"""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Draft).decode


class Before(NamedTuple):
    """Facts that waited, oldest first, up to the one numbered `last`."""

    drafts: list[Draft]
    last: int


class Turn:
    """One process's turn at the spool, one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._quarter = -1

    def is_new(self, key: str, quarter: int) -> bool:
        """Tell whether this was not yet said in this quarter of an hour, and note it; without a key it always is."""
        if not key:
            return True
        if quarter > self._quarter:
            self._quarter = quarter
            self._connection.execute("DELETE FROM said WHERE quarter < ?", (quarter - 1,))
        done = self._connection.execute("INSERT OR IGNORE INTO said VALUES (?, ?)", (key, quarter))
        return done.rowcount == 1

    def waiting(self, most: int) -> Before:
        """Return the oldest facts that wait."""
        rows = self._connection.execute(
            "SELECT id, draft FROM waiting ORDER BY id LIMIT ?", (most,)
        ).fetchall()
        return Before([_decode(draft) for _, draft in rows], rows[-1][0] if rows else 0)

    def forget(self, before: Before) -> None:
        """Remove what has become durable in the log."""
        if before.last:
            self._connection.execute("DELETE FROM waiting WHERE id <= ?", (before.last,))

    def put(self, drafts: Sequence[Draft]) -> None:
        """Let facts wait; those for which there is no room are counted."""
        room = max(0, SPOOL_MAX - self.number)
        self._connection.executemany(
            "INSERT INTO waiting (draft) VALUES (?)", [(_encode(draft),) for draft in drafts[:room]]
        )
        if len(drafts) > room:
            self.lost += len(drafts) - room

    @property
    def number(self) -> int:
        """How many wait."""
        return int(self._connection.execute("SELECT count(*) FROM waiting").fetchone()[0])

    @property
    def lost(self) -> int:
        """How many found no room and were not told to the log yet."""
        return int(self._connection.execute("SELECT number FROM lost").fetchone()[0])

    @lost.setter
    def lost(self, number: int) -> None:
        self._connection.execute("UPDATE lost SET number = ?", (number,))


class Spool:
    """The file, opened once a process; used from one thread at a time.

    Raises:
        sqlite3.Error, OSError: the disk does not let us.
    """

    def __init__(self, data: Path) -> None:
        path = self.path_of(data)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made before SQLite opens it: patients' keys wait in it, and its companions take its mode.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._connection.executescript(_SCHEMA)

    @staticmethod
    def path_of(data: Path) -> Path:
        """Return where the spool of a data folder is."""
        return data / "runtime" / "audit.sqlite3"

    @contextlib.contextmanager
    def turn(self, *, durable: bool = False) -> Iterator[Turn]:
        """Yield this process's turn; nothing of it stays when it ends with an error."""
        with self._lock:
            # What was said this quarter may be forgotten by a power cut; what waits here may not.
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Turn(self._connection)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def put(self, drafts: Sequence[Draft]) -> None:
        """Let facts wait, durable when it returns."""
        with self.turn(durable=True) as turn:
            turn.put(drafts)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
