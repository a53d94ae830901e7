"""Entries of closed epochs that later ones restate, for the fold: which they are, and where each is found again."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from releve.journal.blobs import BlobStore
from releve.journal.carried import CARRIED_KINDS, Opener
from releve.journal.entry import Entry
from releve.journal.errors import EntryError
from releve.journal.folder import blobs_path

__all__ = ["NotCarried", "Restated"]


class NotCarried(ValueError):
    """An entry that a later epoch restates does not prove that it stood in the closed one."""


class Restated:
    """What was restated, by one generation of the views; `fetch` gives an entry of a log that is on this disk."""

    def __init__(self, connection: Any, fetch: Callable[[str, int], Entry], data: Path) -> None:
        self._connection = connection
        self._fetch = fetch
        self._opener = Opener(fetch, BlobStore(blobs_path(data)).get)

    def originals(self, log: str, entries: Sequence[Entry]) -> dict[str, list[Entry]]:
        """Return what these entries of `log` restate, by log, and remember where each is restated.

        Raises:
            NotCarried: one of them proves nothing.
        """
        carriers = [entry for entry in entries if entry.kind in CARRIED_KINDS]
        if not carriers:
            return {}
        found: dict[str, list[Entry]] = {}
        places = []
        try:
            for carrier, original in self._opener.open_all(log, carriers):
                name = f"{original.origin}/{original.epoch}"
                places.append((name, original.index, log, carrier.index))
                found.setdefault(name, []).append(original)
        except EntryError as error:
            raise NotCarried(str(error)) from None
        with self._connection.cursor() as cursor:
            cursor.executemany(
                'INSERT INTO views_carried (log, "index", by_log, by_index) VALUES (%s, %s, %s, %s) '
                'ON CONFLICT (log, "index") DO UPDATE SET by_log = excluded.by_log, by_index = excluded.by_index',
                places,
            )
        return found

    def find(self, log: str, index: int) -> Entry:
        """Return an entry of a log that is not on this disk.

        Raises:
            EntryError: nothing restates it.
        """
        with self._connection.cursor() as cursor:
            cursor.execute(
                'SELECT by_log, by_index FROM views_carried WHERE log = %s AND "index" = %s', [log, index]
            )
            row = cursor.fetchone()
        original = self._opener.open(row[0], self._fetch(*row)) if row is not None else None
        if original is None:
            raise EntryError(
                f"{log} entry {index:,}: expected its log here, or a later epoch that restates it"
            )
        return original
