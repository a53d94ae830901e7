"""Acts read from the journal without views: for commands on an island that never ran, and for the fold itself."""

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from releve.journal.blobs import BlobStore
from releve.journal.carried import CARRIED_KINDS, Opener
from releve.journal.entry import Entry
from releve.journal.errors import EntryError
from releve.journal.folder import blobs_path, logs
from releve.journal.reader import LogReader

__all__ = ["Act", "acts_of"]

_PAGE = 500


class Act(NamedTuple):
    """An act and the name of its log."""

    log: str
    entry: Entry

    @property
    def place(self) -> str:
        """Its place, ORIGIN/EPOCH#INDEX."""
        return f"{self.log}#{self.entry.index}"

    @property
    def order(self) -> tuple[int, str, int]:
        """When it was recorded, then where."""
        return self.entry.recorded_at_us, self.log, self.entry.index


def acts_of(data: Path, kinds: Collection[str]) -> list[Act]:
    """Return the acts of these kinds in all logs on this disk, in the order in which they were recorded.

    An act of an epoch that is gone from this disk is returned as a later epoch restates it.

    Raises:
        JournalError: a log cannot be read.
    """
    found: dict[tuple[str, int], Act] = {}
    blobs = BlobStore(blobs_path(data))
    for log in logs(data):
        with LogReader(log.path) as reader:
            opener = Opener(lambda _, index, reader=reader: reader.get(index), blobs.get)  # type: ignore[misc]
            start = 0
            while acts := reader.read(start, _PAGE, lane="act"):
                carriers = [act for act in acts if act.kind in CARRIED_KINDS]
                for carrier in carriers:
                    with suppress(EntryError):  # the fold lists what proves nothing
                        original = opener.open(log.name, carrier)
                        if original is not None and original.kind in kinds:
                            act = Act(f"{original.origin}/{original.epoch}", original)
                            found.setdefault((act.log, original.index), act)
                found.update({(log.name, act.index): Act(log.name, act) for act in acts if act.kind in kinds})
                start = acts[-1].index + 1
    return sorted(found.values(), key=lambda act: act.order)
