"""One entry by its place, wherever it stands now: in its own log, or restated by a later epoch.

Needs Django, and the views in force.
"""

from pathlib import Path

from releve.journal.blobs import BlobStore
from releve.journal.carried import Opener
from releve.journal.entry import Entry
from releve.journal.errors import JournalError
from releve.journal.folder import blobs_path, log_path
from releve.journal.reader import LogReader
from releve.views.tables import Carried

__all__ = ["entry_at"]


def entry_at(data: Path, log: str, index: int) -> Entry | None:
    """Return the entry at a place of a log (ORIGIN/EPOCH), None when it cannot be read on this island."""
    try:
        if _path(data, log).exists():
            return _read(data, log, index)
        row = Carried.objects.filter(log=log, index=index).values_list("by_log", "by_index").first()
        if row is None:
            return None
        opener = Opener(lambda name, at: _read(data, name, at), BlobStore(blobs_path(data)).get)
        return opener.open(row[0], _read(data, *row))
    except (JournalError, OSError, ValueError):
        return None


def _path(data: Path, log: str) -> Path:
    origin, _, epoch = log.rpartition("/")
    return log_path(data, origin, int(epoch))


def _read(data: Path, log: str, index: int) -> Entry:
    with LogReader(_path(data, log)) as reader:
        return reader.get(index)
