"""What the puller needs of an island: its files on this disk, or (in the simulation) an island in memory."""

import contextlib
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Protocol

from releve.islands.exchange import evidence
from releve.islands.exchange.belief import Refused, Terms
from releve.islands.exchange.cosign import write_cosigned
from releve.islands.exchange.mend import mend
from releve.islands.exchange.mirror import open_mirror
from releve.islands.exchange.source import Source
from releve.islands.exchange.standing import MirrorStore
from releve.journal import folder
from releve.journal.facts import JournalOpened
from releve.journal.note import Verifier
from releve.journal.reader import LogReader
from releve.journal.tree import TileHashes

__all__ = ["DiskPlace", "OwnLog", "Place"]


class OwnLog(NamedTuple):
    """A log this island writes itself, read beside its recorder."""

    key: str
    size: int
    hashes: TileHashes


class Place(Protocol):
    """The island the puller works for."""

    def open(self, origin: str, epoch: int, key: Verifier | None) -> AbstractContextManager[MirrorStore]:
        """Return the copy of another island's log, to be written to."""

    def opened(self, origin: str, epoch: int) -> JournalOpened | None:
        """Return what the first entry of a log that is here says."""

    def newest_epoch(self, origin: str) -> int:
        """Return the newest epoch of a log that is here, 0 without one."""

    def own(self, origin: str, epoch: int) -> AbstractContextManager[OwnLog | None]:
        """Return a log this island writes, None when it is not here."""

    def keep_evidence(self, refused: Refused, origin: str, epoch: int, by: str, at_us: int) -> str | None:
        """Keep what was not believed (see `evidence.keep_evidence`)."""

    def write_cosigned(self, origin: str, epoch: int, size: int, lines: list[str]) -> None:
        """Hand out the cosignatures over a checkpoint."""

    def mend(self, source: Source, terms: Terms, now_us: int) -> None:
        """Put a damaged copy back from `source`."""

    def taken_bytes(self, island: str) -> int:
        """Return what the logs of an island take of the disk, without blobs."""

    def free_bytes(self) -> int:
        """Return what is free on the disk."""


class DiskPlace:
    """A data folder."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def open(self, origin: str, epoch: int, key: Verifier | None) -> AbstractContextManager[MirrorStore]:
        """Return the copy of another island's log, to be written to.

        Raises:
            FolderError, RecorderBusy, CorruptLog, StorageFull, StorageFailed: as `open_mirror`.
        """
        return open_mirror(self._data, origin, epoch, key)

    def opened(self, origin: str, epoch: int) -> JournalOpened | None:
        """Return what the first entry of a log that is here says."""
        path = folder.log_path(self._data, origin, epoch)
        if not path.exists():
            return None
        with LogReader(path) as reader:
            return reader.opened()

    def newest_epoch(self, origin: str) -> int:
        """Return the newest epoch of a log that is here, 0 without one."""
        return max((log.epoch for log in folder.every_log(self._data) if log.origin == origin), default=0)

    @contextlib.contextmanager
    def own(self, origin: str, epoch: int) -> Iterator[OwnLog | None]:
        """Return a log this island writes, None when it is not here."""
        path = folder.log_path(self._data, origin, epoch)
        if not path.exists():
            yield None
            return
        with LogReader(path) as reader:
            yield OwnLog(reader.opened().key, reader.size, reader.tile_hashes())

    def keep_evidence(self, refused: Refused, origin: str, epoch: int, by: str, at_us: int) -> str | None:
        """Keep what was not believed (see `evidence.keep_evidence`)."""
        return evidence.keep_evidence(self._data, refused, origin, epoch, by, at_us)

    def write_cosigned(self, origin: str, epoch: int, size: int, lines: list[str]) -> None:
        """Hand out the cosignatures over a checkpoint."""
        write_cosigned(self._data, origin, epoch, size, lines)

    def mend(self, source: Source, terms: Terms, now_us: int) -> None:
        """Put a damaged copy back from `source`."""
        mend(self._data, source, terms, now_us)

    def taken_bytes(self, island: str) -> int:
        """Return what the logs of an island take of the disk, without blobs."""
        taken = 0
        for name in (island, island + folder.AUDIT):
            with contextlib.suppress(FileNotFoundError):
                taken += sum(found.stat().st_size for found in os.scandir(self._data / "journal" / name))
        return taken

    def free_bytes(self) -> int:
        """Return what is free on the disk."""
        # The journal may have a disk of its own.
        disks = [os.statvfs(each) for each in (self._data, self._data / "journal") if each.exists()]
        return min(disk.f_bavail * disk.f_frsize for disk in disks)
