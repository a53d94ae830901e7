"""Another island's log on this disk: the same file as at home, written without its key.

    DATA/journal/ORIGIN/EPOCH.sqlite3          stands at a checkpoint its island signed, at any time
    DATA/journal/ORIGIN/EPOCH.coming.sqlite3   what a long catch-up has verified so far; moved over in one transaction

A mirror is opened to be written to, briefly and by one process at a time, and is checked each time it is.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from releve.islands.exchange.mirror_file import (
    connect,
    create,
    head_values,
    names_blob,
    transaction,
)
from releve.islands.exchange.standing import EMPTY, Part, Row, Standing
from releve.journal import entry as entries
from releve.journal import folder, modes, opening
from releve.journal.blobs import BlobDraft, BlobStore
from releve.journal.durable import sync
from releve.journal.entry import LANES, lane_of
from releve.journal.errors import CorruptLog, EntryError, FolderError, NoteError, StorageFailed, StorageFull
from releve.journal.head import HeadFile
from releve.journal.note import Verifier
from releve.journal.reader import LogReader
from releve.journal.store import LogLock
from releve.journal.tree import Edge, split_hashes

__all__ = ["Mirror", "coming_path", "open_mirror", "set_aside"]

FOLDER_MODE = modes.FOLDER
LOOK_BACK = 1000  # entries of a later version carry no clock that can be read: so far back is one looked for
_REMOVE = "UPDATE entry SET stored = NULL, blob = NULL, redacted = ?, lane = ? WHERE idx = ?"
_ROW = "SELECT idx, lane, stored, leaf, blob FROM entry WHERE idx = ?"
_COMING = """
CREATE TABLE base (size INTEGER NOT NULL) STRICT;
CREATE TABLE removal (act INTEGER NOT NULL, lane INTEGER NOT NULL, idx INTEGER PRIMARY KEY) STRICT;
"""
_SUFFIXES = ("", "-wal", "-shm")


def open_mirror(
    data: Path, origin: str, epoch: int, key: Verifier | None, *, damaged: bool = False
) -> "Mirror":
    """Return the mirror of another island's log, to be written to until it is closed.

    `key`: the log's, as the managers named it or as its first entry did when it was accepted. `damaged`: open it to be
    mended.

    Raises:
        FolderError: it is this island's own log, which has one writer.
        RecorderBusy: another process writes a log of this origin now.
        CorruptLog: what is here is damaged; nothing was changed.
        StorageFull, StorageFailed.
    """
    try:
        own: str | None = folder.own_log(data).origin
    except FolderError:
        own = None  # no island here yet: it is being born from others
    if origin.removesuffix(folder.AUDIT) == own:
        raise FolderError(
            f"{origin}/{epoch}: expected another island's log; our own has one writer, the recorder"
        )
    return Mirror(data, folder.Log(origin, epoch, folder.log_path(data, origin, epoch)), key, damaged=damaged)


def coming_path(data: Path, origin: str, epoch: int) -> Path:
    """Return where the long catch-up of a mirrored log stands."""
    return folder.log_path(data, origin, epoch).with_name(f"{epoch}.coming.sqlite3")


def set_aside(data: Path, origin: str, epoch: int, now_us: int) -> None:
    """Put the file of a mirror that cannot be mended out of the way, for whoever investigates; it is pulled anew."""
    path = folder.log_path(data, origin, epoch)
    with LogLock(path.parent):
        for suffix in _SUFFIXES:
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + suffix).rename(path.with_name(f"{epoch}.damaged-{now_us}{suffix}"))
        path.with_suffix(".head").unlink(missing_ok=True)
        sync(path.parent)


class Mirror:
    """The store of one mirrored log (see `standing.MirrorStore`)."""

    def __init__(self, data: Path, log: folder.Log, key: Verifier | None, *, damaged: bool = False) -> None:
        self.log = log
        self.warning = ""  # what does not stop us: what is here is shorter than what was promised once
        self._data = data
        self._key = key
        self._blobs = BlobStore(folder.blobs_path(data))
        self._coming_path = coming_path(data, log.origin, log.epoch)
        self._main: sqlite3.Connection | None = None
        self._part: sqlite3.Connection | None = None
        self._promise: HeadFile | None = None
        self._held = EMPTY
        self._coming: Standing | None = None
        log.path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        self._lock = LogLock(log.path.parent)
        try:
            with self._storage():
                if log.path.exists():
                    self._open(damaged=damaged)
                if self._coming_path.exists() and not damaged:
                    self._open_coming()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the files; everything is durable already."""
        for connection in (self._part, self._main):
            if connection is not None:
                connection.close()
        if self._promise is not None:
            self._promise.close()
        self._main = self._part = self._promise = None
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    @property
    def held(self) -> Standing:
        """Where the log stands: at a signed checkpoint, or empty."""
        return self._held

    @property
    def coming(self) -> Standing | None:
        """Where the long catch-up under way stands, None without one."""
        return self._coming

    def hashes(self, level: int, start: int, stop: int) -> list[bytes]:
        """Return hashes of the tree of what is held, as `releve.journal.tree` asks for them."""
        if self._main is None:
            raise CorruptLog(self.log.name, "expected the file of the log")
        with self._storage():
            return list(opening.tile_hashes(self._main, self.log.name)(level, start, stop))

    def find(self, index: int) -> Row | None:
        """Return an entry that is held or coming."""
        found = self._look(_ROW, index)
        return None if found is None else (found[0], found[1], found[2], found[3], found[4])

    def removed_by(self, index: int) -> int | None:
        """Return the redaction that removed an entry that is held or coming."""
        if self._part is not None:
            row = self._part.execute("SELECT act FROM removal WHERE idx = ?", (index,)).fetchone()
            if row is not None:
                return int(row[0])
        row = self._look("SELECT redacted FROM entry WHERE idx = ?", index)
        return None if row is None else row[0]

    def bare(self) -> set[int]:
        """Return which entries that are coming have no bytes, and no redaction yet that says why."""
        if self._part is None:
            return set()
        rows = self._part.execute(
            "SELECT idx FROM entry WHERE stored IS NULL AND idx NOT IN (SELECT idx FROM removal)"
        )
        return {index for (index,) in rows}

    def removals_coming(self) -> int:
        """Return how many entries that are held will lose their bytes to what is coming."""
        if self._part is None:
            return 0
        counted = self._part.execute(
            "SELECT count(*) FROM removal WHERE idx < ?", (self._held.size,)
        ).fetchone()
        return int(counted[0])

    def advance(self, part: Part) -> None:
        """Add entries to what is held, in one transaction; `part.after` carries the checkpoint over all of them."""
        assert self._main is not None
        with self._storage():
            removals = [(removal.act, removal.lane, removal.target) for removal in part.removals]
            with transaction(self._main):
                opening.insert_entries(self._main, part.rows)
                self._main.executemany(opening.INSERT_TILE, part.tiles)
                gone = self._remove(self._main, removals)
                self._main.execute(opening.SET_HEAD, head_values(part.after))
            self._settle(part.after, gone, empty_wal=bool(removals))

    def keep(self, part: Part) -> None:
        """Add entries to what is coming."""
        with self._storage():
            if self._part is None:
                self._begin_coming()
            assert self._part is not None
            with transaction(self._part):
                opening.insert_entries(self._part, part.rows)
                self._part.executemany(opening.INSERT_TILE, part.tiles)
                self._part.executemany(
                    "INSERT INTO removal (idx, act, lane) VALUES (?, ?, ?)",
                    [(removal.target, removal.act, removal.lane) for removal in part.removals],
                )
                self._part.execute(opening.SET_HEAD, head_values(part.after))
            self._coming = part.after

    def finish(self, checkpoint: str) -> None:
        """Make what is coming part of what is held, in one transaction, under the checkpoint over all of it."""
        assert self._coming is not None
        after = self._coming._replace(checkpoint=checkpoint)
        with self._storage():
            if self._main is None:
                self._finish_first(after)
            else:
                self._finish_into(self._main, after)

    def drop_coming(self) -> None:
        """Forget what is coming."""
        if self._part is not None:
            self._part.close()
            self._part = None
        self._coming = None
        for suffix in _SUFFIXES:
            self._coming_path.with_name(self._coming_path.name + suffix).unlink(missing_ok=True)

    def mend(self, start: int, stored: Sequence[bytes | None], leaves: Sequence[bytes]) -> None:
        """Put the bytes and leaves of entries that are held back as they were, from entry `start` on.

        Raises:
            CorruptLog: an entry was removed by a redaction and does not say any more by which.
        """
        assert self._main is not None
        with self._storage(), transaction(self._main):
            for index, (raw, leaf) in enumerate(zip(stored, leaves, strict=True), start=start):
                found = self._main.execute("SELECT redacted FROM entry WHERE idx = ?", (index,)).fetchone()
                if found is not None and found[0] is not None:
                    self._main.execute(
                        "UPDATE entry SET stored = NULL, blob = NULL, leaf = ? WHERE idx = ?", (leaf, index)
                    )
                    continue
                if raw is None:
                    raise CorruptLog(
                        f"{self.log.name} entry {index:,}", "expected the redaction that removed it"
                    )
                envelope = entries.decode(raw)
                blob = envelope.body if envelope.encoding == entries.BLOB else None
                lane = LANES[lane_of(envelope.kind)]
                self._main.execute("DELETE FROM entry WHERE idx = ?", (index,))
                opening.insert_entries(self._main, [(index, lane, raw, leaf, blob)])

    def mend_tree(self, above: bytes, tail: Sequence[bytes]) -> None:
        """Put the hashes of the tree of what is held back: those over 256 entries, and the leaves behind them."""
        assert self._main is not None
        tiles, spine = [], Edge()
        for number, top in enumerate(split_hashes(above)):
            tiles.append((1, number, top))
            tiles += [(level + 1, index, higher) for level, index, higher in spine.append(top)]
        edge = spine.over_tiles(tail)
        after = self._held._replace(edge=edge, size=edge.size)
        with self._storage():
            with transaction(self._main):
                self._main.execute("DELETE FROM tile")
                self._main.executemany(opening.INSERT_TILE, tiles)
                self._main.execute(
                    "UPDATE head SET root = ?, edge = ? WHERE one = 1", (edge.root(), edge.pack())
                )
            for _ in range(2):  # both slots of the promise
                self._settle(after, set(), empty_wal=True)

    def lacking(self, start: int = 0) -> dict[int, bytes]:
        """Return which entries that are held, from `start` on, name a blob that is not here."""
        return {index: blob for index, blob in self._named(start) if not self.has_blob(blob)}

    def blob_bytes(self, start: int = 0) -> int:
        """Return the bytes of the blobs here that entries from `start` on name."""
        return sum(self._blobs.size(blob) or 0 for _, blob in self._named(start))

    def has_blob(self, digest: bytes) -> bool:
        """Return whether a blob is here."""
        return self._blobs.size(digest) is not None

    def draft_blob(self, digest: bytes) -> BlobDraft:
        """Return what takes the pieces of a blob, and keeps it once it is what its name says."""
        return _Draft(self._blobs, digest, self._storage)

    def _open(self, *, damaged: bool) -> None:
        name = self.log.name
        try:
            connection = self._main = connect(self.log.path)
            row = opening.read_head(connection, name)
            if self._key is None:
                with LogReader(self.log.path, self._blobs.folder) as reader:
                    self._key = Verifier.from_vkey(reader.opened().key)
            if damaged:
                # Of a file that is to be mended only the signed checkpoint counts.
                self._held = EMPTY._replace(size=row.size, checkpoint=row.checkpoint)
                self._promise = HeadFile(self.log.path.with_suffix(".head"))
                return
            edge = opening.check_head(row, self._key, name)
            opening.check_right_edge(connection, edge, name)
            self._check_promise(connection, edge.size)
            with LogReader(self.log.path, self._blobs.folder) as reader:
                stamp = _stamp(reader, edge.size)
            self._held = Standing(edge.size, edge, row.checkpoint, stamp, row.dictionary)
            self._promise = HeadFile(self.log.path.with_suffix(".head"))
        except (EntryError, NoteError) as error:
            raise CorruptLog(name, f"expected readable entries ({error})") from None
        except opening.SQLITE_ERRORS as error:
            if not opening.is_damage(error):
                raise
            raise CorruptLog(name, "expected a readable SQLite file") from error

    def _check_promise(self, connection: sqlite3.Connection, size: int) -> None:
        # A copy that lost entries is not the end, as it is for an own log: they are pulled again. It is told.
        try:
            opening.check_promise(connection, self.log.path.with_suffix(".head"), size, self.log.name)
        except CorruptLog as error:
            self.warning = f"{error.place}: {error.problem}"

    def _open_coming(self) -> None:
        try:
            connection = self._part = connect(self._coming_path)
            row = opening.read_head(connection, f"{self.log.name} coming")
            (base,) = connection.execute("SELECT size FROM base").fetchone()
            edge = Edge.unpack(row.size, row.edge)
            last = connection.execute("SELECT max(idx) FROM entry").fetchone()[0]
            if base != self._held.size or edge.root() != row.root or last != row.size - 1:
                raise CorruptLog(f"{self.log.name} coming", "expected what follows the log that is here")
            stamp = self._held.stamp
            for (stored,) in connection.execute(
                "SELECT stored FROM entry WHERE stored IS NOT NULL ORDER BY idx DESC LIMIT ?", (LOOK_BACK,)
            ):
                envelope = entries.decode(stored)
                if envelope.kind != entries.UNREADABLE:
                    stamp = (envelope.wall_ms, envelope.counter)
                    break
            self._coming = Standing(row.size, edge, row.checkpoint, stamp, row.dictionary)
        except (CorruptLog, EntryError, TypeError, ValueError, *opening.SQLITE_ERRORS) as error:
            if isinstance(error, sqlite3.Error) and not opening.is_damage(error):
                raise
            self.drop_coming()  # it is only work done ahead

    def _begin_coming(self) -> None:
        self.drop_coming()
        self._part = create(self._coming_path)
        self._part.executescript(opening.SCHEMA + _COMING)
        self._part.execute(opening.NO_HEAD)
        self._part.execute("INSERT INTO base VALUES (?)", (self._held.size,))

    def _finish_first(self, after: Standing) -> None:
        assert self._part is not None
        with transaction(self._part):
            removals = self._part.execute("SELECT act, lane, idx FROM removal").fetchall()
            gone = self._remove(self._part, removals)
            self._part.execute("DROP TABLE base")
            self._part.execute("DROP TABLE removal")
            self._part.execute(opening.SET_HEAD, head_values(after))
        self._part.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._part.close()
        self._part, self._coming = None, None
        self._promise = HeadFile(self.log.path.with_suffix(".head"))
        self._promise.write(after.size, after.root)
        self._promise.write(after.size, after.root)
        self._promise.sync()
        self._coming_path.rename(self.log.path)
        sync(self.log.path.parent)
        sync(self.log.path.parent.parent)
        self._main = connect(self.log.path)
        self._held = after
        self._remove_blobs(gone)

    def _finish_into(self, main: sqlite3.Connection, after: Standing) -> None:
        assert self._part is not None
        self._part.close()
        self._part = None
        main.execute("ATTACH DATABASE ? AS coming", (str(self._coming_path),))
        try:
            with transaction(main):
                main.execute("INSERT INTO main.entry SELECT * FROM coming.entry ORDER BY idx")
                main.execute("INSERT INTO main.tile SELECT * FROM coming.tile")
                removals = main.execute("SELECT act, lane, idx FROM coming.removal").fetchall()
                gone = self._remove(main, removals)
                main.execute(opening.SET_HEAD.replace("head", "main.head", 1), head_values(after))
        finally:
            main.execute("DETACH DATABASE coming")
        self._settle(after, gone, empty_wal=True)
        self.drop_coming()

    def _settle(self, after: Standing, gone: set[bytes], *, empty_wal: bool) -> None:
        assert self._main is not None
        assert self._promise is not None
        self._held = after
        self._promise.write(after.size, after.root)
        self._remove_blobs(gone)
        if empty_wal:
            # What a redaction removed must leave the write-ahead log too; a long one is not left lying about.
            self._promise.sync()
            self._main.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _remove(self, connection: sqlite3.Connection, removals: Sequence[tuple[int, int, int]]) -> set[bytes]:
        """Take the bytes of redacted entries; return the blobs they named."""
        gone = set()
        for act, lane, index in removals:
            row = connection.execute("SELECT blob FROM entry WHERE idx = ?", (index,)).fetchone()
            if row is not None and row[0] is not None:
                gone.add(bytes(row[0]))
            connection.execute(_REMOVE, (act, lane, index))
        return gone

    def _remove_blobs(self, gone: set[bytes]) -> None:
        """Remove blobs of redacted entries that no entry of any log here names: an island redacts only its own."""
        for digest in gone:
            if not any(names_blob(log.path, digest) for log in folder.every_log(self._data)):
                self._blobs.remove(digest)

    def _named(self, start: int) -> list[tuple[int, bytes]]:
        if self._main is None:
            return []
        with self._storage():
            return self._main.execute(
                "SELECT idx, blob FROM entry INDEXED BY blobs WHERE blob IS NOT NULL AND idx >= ? ORDER BY idx",
                (start,),
            ).fetchall()

    def _look(self, query: str, index: int) -> tuple | None:
        with self._storage():
            for connection in (self._main, self._part):
                if connection is not None:
                    row = connection.execute(query, (index,)).fetchone()
                    if row is not None:
                        return row
        return None

    @contextlib.contextmanager
    def _storage(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0)
            if code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise CorruptLog(self.log.name, "expected a readable SQLite file") from error
            if code & 0xFF == sqlite3.SQLITE_FULL:
                raise StorageFull(f"{self.log.name}: no room on the disk; nothing was stored") from error
            name = getattr(error, "sqlite_errorname", "unknown")
            raise StorageFailed(f"{self.log.name}: the disk failed ({name})") from error
        except OSError as error:
            if error.errno in (28, 122):  # ENOSPC, EDQUOT
                raise StorageFull(f"{self.log.name}: no room on the disk") from error
            raise StorageFailed(f"{self.log.name}: the disk failed ({error.strerror})") from error


class _Draft(BlobDraft):
    """A blob on its way here: errors of the disk are told as those of the log, not of whoever sends it."""

    def __init__(
        self, blobs: BlobStore, digest: bytes, storage: Callable[[], contextlib.AbstractContextManager[None]]
    ) -> None:
        super().__init__(blobs, digest)
        self._storage = storage

    def write(self, piece: bytes) -> None:
        """Add what comes next."""
        with self._storage():
            super().write(piece)

    def keep(self) -> bool:
        """Give the blob its name, durably; False, and no such name, when it is not what that says."""
        with self._storage():
            return super().keep()


def _stamp(reader: LogReader, size: int) -> tuple[int, int]:
    for index in range(size - 1, max(-1, size - 1 - LOOK_BACK), -1):
        entry = reader.get(index)
        if entry.kind != entries.UNREADABLE:
            return entry.hlc
    return EMPTY.stamp
