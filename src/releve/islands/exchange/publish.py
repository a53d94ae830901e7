"""The files of `layout`, cut from the logs on this disk: own and mirrored, the audit's too. Needs no key.

What is handed out always stood under a checkpoint that was handed out or will be: leaves, tiles and head of one commit
are one transaction, and a width that is not all there is not there.
"""

import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

from releve.islands.exchange import layout
from releve.islands.exchange.cosign import cosigned_path
from releve.islands.exchange.layout import BlobPath, CheckpointPath, LogSize, TilePath
from releve.islands.exchange.source import SourceGone, SourceTooLarge
from releve.journal.blobs import BlobStore
from releve.journal.errors import CorruptLog
from releve.journal.folder import Log, blobs_path, every_log, log_path
from releve.journal.note import SIGNATURE_MARK
from releve.journal.reader import LogReader
from releve.journal.tree import TILE_WIDTH

__all__ = ["Found", "Publisher"]

T = TypeVar("T")

READERS_MAX = 200  # open logs; each holds three files open, and a process may hold 1,024
_ENTRIES = "SELECT stored FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx"
_LEAVES = "SELECT leaf FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx"
_HASHES = "SELECT hash FROM tile WHERE level = ? AND idx >= ? AND idx < ? ORDER BY idx"


class Found(NamedTuple):
    """A file of the layout: its bytes, or where a blob lies."""

    body: bytes | Path
    immutable: bool = False


class Publisher:
    """The logs of a data folder as files. Used by one thread; itself a `Source`, for what is carried on a stick."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._blobs = BlobStore(blobs_path(data))
        self._readers: OrderedDict[Path, tuple[tuple[int, ...], LogReader]] = OrderedDict()

    def find(self, path: str) -> Found | None:
        """Return the file of that name, None when it is not there.

        Raises:
            LayoutError: the name is not of the layout.
            SourceGone: a log cannot be read now, or is damaged.
        """
        if path == layout.LOGS:
            sizes = self._of_each(lambda reader: reader.size)
            return Found(
                layout.logs_text([LogSize(log.origin, log.epoch, size) for log, size in sizes]).encode()
            )
        named = layout.parse_path(path)
        try:
            if isinstance(named, BlobPath):
                return self._blob(named.digest)
            reader = self._reader(log_path(self._data, named.origin, named.epoch))
            if reader is None:
                return None
            if isinstance(named, CheckpointPath):
                return Found(self._checkpoint(reader, named))
            return _cut(reader, named)
        except (CorruptLog, sqlite3.Error, OSError) as error:
            raise SourceGone(f"{path}: expected a log that can be read", "file") from error

    def get(self, path: str, limit: int) -> bytes | None:
        """Return the file of that name, None when it is not there; never more than `limit` bytes.

        Raises:
            LayoutError, SourceTooLarge, SourceGone: as a `Source` says.
        """
        found = self.find(path)
        if found is None:
            return None
        try:
            with_size = found.body.stat().st_size if isinstance(found.body, Path) else len(found.body)
            if with_size > limit:
                raise SourceTooLarge(path, limit)
            return found.body.read_bytes() if isinstance(found.body, Path) else found.body
        except OSError as error:
            raise SourceGone(f"{path}: expected a file that can be read", "file") from error

    def close(self) -> None:
        """Close every log."""
        while self._readers:
            self._readers.popitem()[1][1].close()

    def _of_each(self, asked: Callable[[LogReader], T]) -> Iterator[tuple[Log, T]]:
        """Return what each log answers; one that is damaged hides no other."""
        for log in every_log(self._data):
            try:
                if (reader := self._reader(log.path)) is not None:
                    yield log, asked(reader)
            except (CorruptLog, sqlite3.Error, OSError):
                continue

    def _reader(self, path: Path) -> LogReader | None:
        """Return the open log; another one when another file stands there now, None when none does."""
        file = _file(path)
        held = self._readers.get(path)
        if held is not None and held[0] != file:
            self._readers.pop(path)[1].close()
            held = None
        if file is None:
            return None
        if held is None:
            held = file, LogReader(path, blobs_path(self._data))
            self._readers[path] = held
            if len(self._readers) > READERS_MAX:
                self._readers.popitem(last=False)[1][1].close()
        self._readers.move_to_end(path)
        return held[1]

    def _checkpoint(self, reader: LogReader, named: CheckpointPath) -> bytes:
        head = reader.head()
        signed = head.checkpoint.encode()
        for line in _cosignatures(cosigned_path(self._data, named.origin, named.epoch), head.size):
            if len(signed) + len(line) > layout.CHECKPOINT_BYTES_MAX:
                break
            signed += line
        return signed

    def _blob(self, digest: bytes) -> Found | None:
        """Return a blob that an entry here names: a body once redacted, or put here by mistake, is nobody's."""
        is_named = "SELECT 1 FROM entry WHERE blob = ? LIMIT 1"
        named = self._of_each(lambda reader: reader.connection.execute(is_named, (digest,)).fetchone())
        path = self._blobs.path(digest)
        return Found(path) if any(row for _, row in named) and path.is_file() else None


def _file(path: Path) -> tuple[int, ...] | None:
    """Return what tells a log's file from another one, None when there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    if path.with_name(f"{path.name}-wal").exists():
        return status.st_dev, status.st_ino
    # Nobody writes it. Where the journal may only be read, SQLite then takes it for a file that never changes, and
    # would not see that somebody does again.
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size


def _cosignatures(path: Path, size: int) -> list[bytes]:
    """Return the signature lines for the checkpoint of that size; those for another one are worth nothing."""
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError:
        return []
    if not lines or lines[0] != b"%d\n" % size:
        return []
    return [line for line in lines[1:] if line.startswith(SIGNATURE_MARK.encode()) and line.endswith(b"\n")]


def _cut(reader: LogReader, named: TilePath) -> Found | None:
    start = named.number * TILE_WIDTH
    if start + named.width >= 1 << 63:  # no such place in SQLite
        return None
    span = (start, start + named.width)
    if named.level is None:
        query: tuple[str, tuple[int, ...]] = _ENTRIES, span
    elif named.level == 0:
        query = _LEAVES, span
    else:
        query = _HASHES, (named.level, *span)
    values = [value for (value,) in reader.connection.execute(*query)]
    if len(values) != named.width:
        return None
    if named.level is None:
        # Not immutable: an entry may still be redacted, and then has no bytes any more.
        return Found(layout.bundle(values))
    return Found(b"".join(values), immutable=named.width == TILE_WIDTH)
