"""A log on disk: one SQLite file, one writer, any number of readers.

`LogWriter` is held by the recorder alone. `LogReader` (in `reader.py`) is for everyone; each of its reads is a short
transaction of its own, so that no reader holds back the write-ahead log.
"""

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from releve.journal import entry as entries
from releve.journal import facts, modes, opening
from releve.journal.batch import Batch, own
from releve.journal.blobs import BlobStore
from releve.journal.clock import HybridClock
from releve.journal.entry import Packer, Submission
from releve.journal.errors import (
    CorruptLog,
    DraftRefused,
    EntryError,
    RecorderBusy,
    StorageFailed,
    StorageFull,
)
from releve.journal.head import HeadFile
from releve.journal.note import Signer
from releve.journal.reader import LogReader, log_name, uri_path
from releve.journal.tree import Edge

# The write-ahead log is emptied by us, between commits and when idle, not inside a commit that someone waits for.
WAL_PAGES_MAX = 2000
WAL_BYTES_KEPT = 64 * 1024 * 1024
_WAL_FRAME_BYTES = 4096 + 24  # https://www.sqlite.org/fileformat2.html#the_write_ahead_log
CLOSED = "journal.closed.1"
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMOPEN}


class LogLock:
    """One writer per origin: an advisory lock on the origin's folder, freed by the kernel when its holder dies.

    Raises:
        RecorderBusy: another process holds it.
    """

    def __init__(self, folder: Path) -> None:
        self._handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._handle)
            raise RecorderBusy(f"{folder.name}: another process writes this journal") from None

    def close(self) -> None:
        """Let go of the lock."""
        os.close(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()


class LogWriter:
    """The one writer of a log. Opening it checks head, right edge and head file.

    Raises:
        RecorderBusy: another process writes this origin.
        CorruptLog: the log is not what was promised; nothing was changed.
        StorageFull, StorageFailed: the disk does not let us open it.
    """

    def __init__(
        self,
        path: Path,
        *,
        signer: Signer,
        blobs: Path,
        recorder: str,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.path = path
        self.name = log_name(path)
        self.origin, self.epoch = path.parent.name, int(path.stem)
        self.warnings: list[str] = []
        self.wal_pages = 0  # written since the write-ahead log was last emptied, estimated
        self._signer = signer
        self._blobs = BlobStore(blobs)
        self._recorder = recorder
        self._random = random
        self._connection: sqlite3.Connection | None = None
        self._clock = HybridClock()
        if not path.exists():
            raise CorruptLog(self.name, "expected the file of the log")
        self._lock = LogLock(path.parent)
        try:
            self._open()
            self._promise = HeadFile(path.with_suffix(".head"))
        except BaseException:
            self._drop_connection()
            self._lock.close()
            raise

    @property
    def size(self) -> int:
        """How many entries are durable."""
        return self._edge.size

    @property
    def root(self) -> bytes:
        """The root over the durable entries."""
        return self._edge.root()

    @property
    def dictionary(self) -> bytes:
        """The zstd dictionary in use."""
        return self._packer.dictionary

    def blob_is_here(self, submission: Submission) -> bool:
        """Return whether the blob a submission names stands on this disk with its size."""
        return self._blobs.size(submission.body) == submission.blob_bytes

    def append(self, submissions: list[Submission], now_us: int) -> int:
        """Commit checked submissions as one transaction; return the index of the first once all are durable.

        Raises:
            StorageFull: nothing was stored.
            StorageFailed: they may have been stored.
        """
        batch = self._batch(now_us)
        first = batch.add(submissions)
        self._commit(batch)
        return first

    def adopt(self, name: str, dictionary: bytes, now_us: int) -> None:
        """Record a zstd dictionary and compress with it from here on."""
        batch = self._batch(now_us)
        batch.adopt(name, dictionary)
        self._commit(batch)

    def end(self, reason: str, now_us: int) -> int:
        """Record that this epoch ends here, and return the entry's index; the next one is begun by the folder.

        Raises:
            StorageFull, StorageFailed.
        """
        batch = self._batch(now_us)
        index = batch.add_own(own(facts.JournalClosed(reason=reason, closed_at_us=now_us), ""))
        self._commit(batch)
        self.ended = True
        return index

    def redact(self, index: int, reason: str, author: str, now_us: int) -> int:
        """Remove the bytes of an entry by a signed act; return the act's index once both are durable.

        The bytes are overwritten in the file and leave the write-ahead log; a blob goes with them unless another
        entry of this log names it.

        Raises:
            DraftRefused: no such entry, it is of the journal itself, or it is already redacted.
            StorageFull, StorageFailed.
        """
        connection = self._ready()
        row = connection.execute("SELECT stored, leaf, blob FROM entry WHERE idx = ?", (index,)).fetchone()
        if row is None or row[0] is None:
            raise DraftRefused(f"{self.name} entry {index:,}: expected one that still has its bytes")
        stored, leaf, blob = row
        envelope = entries.decode(stored)
        if envelope.kind.startswith("journal."):
            raise DraftRefused(f"{self.name} entry {index:,}: what the journal says of itself stays")
        batch = self._batch(now_us)
        fact = facts.JournalRedaction(
            index=index, leaf=leaf, reason=reason, envelope=entries.redacted(envelope)
        )
        act = batch.add_own(own(fact, author))
        self._commit(batch, remove=(act, index))
        if (
            blob is not None
            and connection.execute("SELECT 1 FROM entry WHERE blob = ? LIMIT 1", (blob,)).fetchone() is None
        ):
            self._blobs.remove(blob)
        self.empty_wal(truncate=True)
        return act

    def observe(self, wall_ms: int, counter: int, now_us: int) -> bool:
        """Move the clock past a foreign stamp; False when it is too far ahead to be believed."""
        return self._clock.observe(wall_ms, counter, now_ms=now_us // 1000)

    def empty_wal(self, *, truncate: bool = False, wait_ms: int = 50) -> bool:
        """Move the write-ahead log into the file; False when a reader was in the way (try again later)."""
        if self._connection is None:
            return False
        self._promise.sync()
        self._connection.execute(f"PRAGMA busy_timeout = {wait_ms}")
        try:
            mode = "TRUNCATE" if truncate else "RESTART"
            busy = self._connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()[0]
        except sqlite3.OperationalError as error:
            raise self._failed(error) from error
        if not busy:
            self.wal_pages = 0
        return not busy

    def close(self) -> None:
        """Empty the write-ahead log and close; everything acknowledged is durable already."""
        try:
            if self._connection is not None:
                self.empty_wal(truncate=True, wait_ms=1000)
            self._promise.sync()
        finally:
            self._drop_connection()
            self._promise.close()
            self._lock.close()

    def _open(self) -> None:
        try:
            connection = sqlite3.connect(
                f"file:{uri_path(self.path)}?mode=rw",
                uri=True,
                isolation_level=None,
                timeout=5,
                cached_statements=32,
            )
            self._connection = connection
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA wal_autocheckpoint = 0")
            connection.execute("PRAGMA secure_delete = ON")  # a redacted body must not stay in a free page
            row = opening.read_head(connection, self.name)
            edge = opening.check_head(row, self._signer.verifier, self.name)
            opening.check_right_edge(connection, edge, self.name)
            self.warnings = opening.check_promise(
                connection, self.path.with_suffix(".head"), edge.size, self.name
            )
            with LogReader(self.path, self._blobs.folder) as reader:
                self.opened = reader.opened()
                if self.opened.key != self._signer.verifier.vkey:
                    raise CorruptLog(f"{self.name} entry 0", "expected the public key of the key file")
                last = reader.get(edge.size - 1)
                self.ended = last.kind == CLOSED
                stamp = max(last.hlc, (self._clock.wall_ms, self._clock.counter))
                self._packer = Packer(row.dictionary, reader.dictionary(row.dictionary))
            if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
                raise CorruptLog(self.name, "expected write-ahead logging")
            # What a failed fsync left only in the page cache is written again here, and synced.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute(f"PRAGMA journal_size_limit = {WAL_BYTES_KEPT}")
            _lay_out_wal(self.path)
            self._edge = edge
            self._clock = HybridClock(*stamp)
        except EntryError as error:
            self._drop_connection()
            raise CorruptLog(self.name, f"expected readable entries ({error})") from None
        except CorruptLog:
            self._drop_connection()
            raise
        except opening.SQLITE_ERRORS as error:
            if not opening.is_damage(error):
                raise self._failed(error) from error
            self._drop_connection()
            raise CorruptLog(self.name, "expected a readable SQLite file") from error

    def _ready(self) -> sqlite3.Connection:
        # After an error the state of the file is not assumed, it is checked again.
        if self._connection is None:
            self._open()
        assert self._connection is not None
        return self._connection

    def _batch(self, now_us: int) -> Batch:
        self._ready()
        return Batch(
            origin=self.origin,
            epoch=self.epoch,
            recorder=self._recorder,
            edge=self._edge,
            clock=self._clock,
            packer=self._packer,
            now_us=now_us,
            random=self._random,
        )

    def _commit(self, batch: Batch, remove: tuple[int, int] | None = None) -> None:
        connection = self._ready()
        try:
            root = _write(connection, batch, self._signer, remove)
        except sqlite3.Error as error:
            raise self._failed(error) from error
        self._edge, self._clock, self._packer = batch.edge, batch.clock, batch.packer
        # Table pages filled, and the pages every commit touches: head, right end of the table, of the index.
        self.wal_pages += 3 + sum(len(row[2]) for row in batch.rows) // 3500
        self._promise.write(batch.edge.size, root)

    def _failed(self, error: Exception) -> StorageFull | StorageFailed:
        self._drop_connection()
        code = getattr(error, "sqlite_errorcode", 0)
        if code in _FULL:
            return StorageFull(f"{self.name}: no room on the disk; nothing was stored")
        return StorageFailed(
            f"{self.name}: the disk failed ({getattr(error, 'sqlite_errorname', 'unknown')})"
        )

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _lay_out_wal(path: Path) -> None:
    """Fill the emptied write-ahead log with zeros, so that commits overwrite it instead of making it longer.

    An fsync that need not record a new file length takes about a quarter less (measured). SQLite reads zeros as no
    frame. Only SQLite's lock files carry locks, not this one, so opening it here drops none.
    """
    wal = path.with_name(path.name + "-wal")
    wanted = WAL_PAGES_MAX * _WAL_FRAME_BYTES + 32
    with contextlib.suppress(OSError):
        disk = os.statvfs(path)
        if wal.stat().st_size < wanted and disk.f_bavail * disk.f_frsize > WAL_BYTES_KEPT:
            with wal.open("r+b") as file:
                file.seek(0, os.SEEK_END)
                file.write(bytes(wanted - file.tell()))
                file.flush()
                os.fsync(file.fileno())


def create_log(
    path: Path,
    first: facts.JournalOpened,
    dictionary: tuple[str, bytes],
    signer: Signer,
    now_us: int,
    stamp: tuple[int, int],
    *,
    recorder: str,
) -> tuple[int, bytes]:
    """Make the file of a new log with its first two entries; return its size and root once durable."""
    path.touch(mode=modes.FILE)  # SQLite gives its other files the rights of this one
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(opening.SCHEMA)
        connection.execute(opening.NO_HEAD)
        batch = Batch(
            origin=first.origin,
            epoch=first.epoch,
            recorder=recorder,
            edge=Edge(),
            clock=HybridClock(*stamp),
            packer=Packer(None, b""),
            now_us=now_us,
            random=os.urandom,
        )
        batch.add_own(own(first, author=""))
        batch.adopt(*dictionary)
        root = _write(connection, batch, signer, None)
        return batch.edge.size, root
    finally:
        connection.close()


def _write(
    connection: sqlite3.Connection, batch: Batch, signer: Signer, remove: tuple[int, int] | None
) -> bytes:
    """Commit entries, tree and signed checkpoint in one transaction; return the root."""
    root, checkpoint = batch.checkpoint(signer)
    connection.execute("BEGIN IMMEDIATE")
    try:
        opening.insert_entries(connection, batch.rows)
        if batch.tiles:
            connection.executemany(opening.INSERT_TILE, batch.tiles)
        if remove is not None:
            connection.execute(
                "UPDATE entry SET stored = NULL, blob = NULL, redacted = ? WHERE idx = ?", remove
            )
        connection.execute(
            opening.SET_HEAD, (batch.edge.size, root, batch.edge.pack(), checkpoint, batch.packer.index)
        )
        connection.execute("COMMIT")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return root


__all__: Sequence[str] = ["LogLock", "LogReader", "LogWriter", "create_log", "log_name"]
