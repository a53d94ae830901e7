"""The copy of an epoch that its island dropped, by two managers' act, is removed here too."""

import base64
import contextlib
import time
from pathlib import Path

from releve.islands.exchange.peers import Peer
from releve.journal.blobs import BlobStore
from releve.journal.errors import CorruptLog, JournalError
from releve.journal.folder import blobs_path, every_log, log_path
from releve.journal.reader import LogReader
from releve.journal.store import LogLock

__all__ = ["drop_copies", "remove_log"]

YOUNG_SECONDS = 3600.0  # a body is on the disk before the entry that names it
_NAMED = "SELECT DISTINCT blob FROM entry WHERE blob IS NOT NULL"
_NAMES = "SELECT 1 FROM entry WHERE blob = ? LIMIT 1"


def remove_log(data: Path, origin: str, epoch: int, size: int, root: bytes) -> int:
    """Remove a log and the bodies that no other log here names; return how many bytes that freed.

    Raises:
        CorruptLog: what is here is not what was signed for; nothing was removed.
    """
    path = log_path(data, origin, epoch)
    with LogReader(path) as reader:
        head = reader.head()
        if (head.size, head.root) != (size, root):
            raise CorruptLog(reader.name, f"expected the {size:,} entries that managers signed for")
        named = [digest for (digest,) in reader.connection.execute(_NAMED)]
    freed = 0
    for ending in (".sqlite3", ".sqlite3-wal", ".sqlite3-shm", ".head"):
        file = path.with_suffix(ending)
        with contextlib.suppress(FileNotFoundError):
            freed += file.stat().st_size
            file.unlink()
    return freed + _remove_unnamed(data, named)


def _remove_unnamed(data: Path, digests: list[bytes]) -> int:
    blobs = BlobStore(blobs_path(data))
    young = time.time() - YOUNG_SECONDS
    freed = 0
    with contextlib.ExitStack() as held:
        readers = [held.enter_context(LogReader(log.path)) for log in every_log(data)] if digests else []
        for digest in digests:
            if any(reader.connection.execute(_NAMES, (digest,)).fetchone() for reader in readers):
                continue
            with contextlib.suppress(FileNotFoundError):
                file = blobs.path(digest).stat()
                if file.st_mtime < young:
                    blobs.remove(digest)
                    freed += file.st_size
    return freed


def drop_copies(data: Path, peer: Peer) -> list[int]:
    """Remove our copies of the epochs that this island dropped, and return which were removed.

    One that is being written, or is not what was signed for, stays.
    """
    removed = []
    for number, dropped in peer.dropped.items():
        epoch = int(number)
        path = log_path(data, peer.origin, epoch)
        if not path.exists():
            continue
        with contextlib.suppress(JournalError, OSError, ValueError), LogLock(path.parent):
            root = base64.b64decode(dropped.root_b64, validate=True)
            remove_log(data, peer.origin, epoch, dropped.size, root)
            removed.append(epoch)
    return removed
