"""The views' write-ahead log moved into their file beside the fold: who writes never waits for that disk.

SQLite does it by itself inside a commit, once the log is long: a tenth of a second on a free disk, more than one on a
busy one, and every act stands behind it (measured). A second connection may do it while the first goes on writing.
Source: https://www.sqlite.org/c3ref/wal_checkpoint_v2.html (PASSIVE: waits for nobody, nobody waits for it).
"""

import contextlib
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

__all__ = ["Checkpoints", "move_log"]

ENTRIES = 500  # folded, they fill some 4,000 pages of the log (measured)
TURNS_MAX = 3  # what was written during one turn is moved in the next, which is short


def move_log(generation: Path) -> bool:
    """Move what the log of these views holds into their file; tell whether all of it was moved."""
    uri = f"file:{quote(str(generation))}?mode=rw"
    with contextlib.closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=0)) as connection:
        for _ in range(TURNS_MAX):
            busy, held, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if not busy and held == moved:
                return True
    return False


class Checkpoints:
    """A thread that moves the log of the views in force each time enough was folded."""

    def __init__(self, generation: Callable[[], Path | None]) -> None:
        self._generation = generation
        self._taken = 0
        self._enough = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._ended = True
        self._enough.set()
        self._thread.join()

    def took(self, entries: int) -> None:
        """Count what the fold has taken; returns at once."""
        self._taken += entries
        if self._taken >= ENTRIES:
            self._taken = 0
            self._enough.set()

    def _run(self) -> None:
        while self._enough.wait() and not self._ended:
            self._enough.clear()
            generation = self._generation()
            # Gone, or at its end: the fold's own connection does it in a commit as ever.
            with contextlib.suppress(sqlite3.Error, OSError):
                if generation is not None:
                    move_log(generation)
