"""Acts read from the journal without views: for commands on an island that never ran, and for the fold itself."""

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from releve.journal.entry import Entry
from releve.journal.folder import logs
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

    Raises:
        JournalError: a log cannot be read.
    """
    found = []
    for log in logs(data):
        with LogReader(log.path) as reader:
            start = 0
            while acts := reader.read(start, _PAGE, lane="act"):
                found += [Act(log.name, act) for act in acts if act.kind in kinds]
                start = acts[-1].index + 1
    return sorted(found, key=lambda act: act.order)
