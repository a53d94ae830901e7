"""What the intake remembers of each file: enough that a crash neither loses nor repeats an entry."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import NamedTuple

_SCHEMA = """
CREATE TABLE IF NOT EXISTS dropped_file (
    key      TEXT PRIMARY KEY,  -- SHA-256 of the file, with its day for a census
    state    TEXT NOT NULL,     -- begun | done | refused
    epoch    INTEGER NOT NULL,  -- where the own log stood before its first entry
    size     INTEGER NOT NULL
) STRICT
"""


class Begun(NamedTuple):
    """A file the intake has met: its state, and the place in the own log before its first entry."""

    state: str
    epoch: int
    size: int


class Ledger:
    """One small SQLite file in `DATA/runtime`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.execute(_SCHEMA)

    def get(self, key: str) -> Begun | None:
        """Return what is known of a file."""
        with self._lock:
            row = self._database.execute(
                "SELECT state, epoch, size FROM dropped_file WHERE key = ?", (key,)
            ).fetchone()
        return Begun(*row) if row else None

    def begin(self, key: str, *, epoch: int, size: int) -> None:
        """Remember, before the first entry, where the log stood; a file begun before keeps its first place."""
        with self._lock:
            self._database.execute(
                "INSERT INTO dropped_file VALUES (?, 'begun', ?, ?) ON CONFLICT (key) DO NOTHING",
                (key, epoch, size),
            )

    def end(self, key: str, state: str) -> None:
        """Remember that every entry of the file is durable (`done`), or that it will never pass (`refused`)."""
        with self._lock:
            self._database.execute("UPDATE dropped_file SET state = ? WHERE key = ?", (state, key))

    def close(self) -> None:
        """Close the file."""
        self._database.close()
