"""A disk for a test that tears, drops and refuses what SQLite writes, and a power cut.

Below SQLite stands a VFS (apsw) that hands everything on to real files and keeps beside them what of each would be
left after a power cut: what was synced, and of what was written since, any sectors, the last of them torn. A sync that
fails leaves what was to be synced in the page cache only: it is seen, is not on the disk, and no later sync brings it
there. Names (made, renamed, removed) count at once; bytes outside the range of a write do not change (SQLite's
"powersafe overwrite").

Python's own sqlite3 is linked with another copy of SQLite, where no VFS of apsw is known: `Connection` speaks for apsw
as far as the journal asks.
"""

import contextlib
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from releve.journal import head, store

SECTOR = 512
Inode = tuple[int, int]


Change = tuple[int, bytes] | int
"""A write (where, what), or a truncation."""
COMING, DURABLE, LOST = range(3)


class Held:
    """What one file is: as programs see it, and what became of each change of it on the disk."""

    def __init__(self, content: bytes) -> None:
        self.seen = bytearray(content)
        self._durable = bytearray(content)
        self._changes: list[tuple[Change, int]] = []

    def change(self, change: Change) -> None:
        """Write or truncate."""
        apply(self.seen, change)
        self._changes.append((change, COMING))

    def sync(self) -> None:
        """Make all that is coming durable; not what a failed sync gave up, unless it was written again."""
        self._changes = [(change, LOST if state == LOST else DURABLE) for change, state in self._changes]
        while self._changes and self._changes[0][1] == DURABLE:
            apply(self._durable, self._changes.pop(0)[0])

    def fail(self) -> None:
        """Give up all that is coming: it stands in the page cache, and no later sync asks for it."""
        self._changes = [(change, LOST if state == COMING else state) for change, state in self._changes]

    def left(self, chance: random.Random, drop: float, *, tears: bool) -> bytes:
        """Return what a power cut leaves: any sectors of what was not synced; with `drop`, not all that was."""
        content = bytearray(self._durable)
        for change, state in self._changes:
            if state == DURABLE:
                apply(content, change)
            elif isinstance(change, int):
                if chance.random() < 0.5:
                    apply(content, change)
            else:
                for at, piece in sectors(*change):
                    kept = chance.random()
                    if tears and kept < 0.1:
                        apply(content, (at, piece[: chance.randrange(len(piece))]))
                    elif kept < 0.55:
                        apply(content, (at, piece))
        if chance.random() < drop and len(content) > SECTOR:
            at = chance.randrange(len(content) // SECTOR) * SECTOR
            content[at : at + SECTOR] = bytes(SECTOR)
        return bytes(content)


def sectors(at: int, raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Return a write sector by sector."""
    while raw:
        width = SECTOR - at % SECTOR
        yield at, raw[:width]
        at, raw = at + width, raw[width:]


def apply(content: bytearray, change: Change) -> None:
    """Write or truncate."""
    if isinstance(change, int):
        content[change:] = b""
        return
    at, raw = change
    if raw:
        content.extend(bytes(max(0, at - len(content))))
        content[at : at + len(raw)] = raw


class Disk:
    """The files SQLite and the head file write, and what goes wrong next."""

    def __init__(self) -> None:
        self.files: dict[Inode, Held] = {}
        self.writes = self.syncs = 0
        self.off = False
        self.fails: Callable[[Disk, str], int] = lambda disk, what: 0  # a code of SQLite, 0: all is well

    def held(self, path: str | Path | int) -> Held:
        """Return the file, as it stands there when it is seen for the first time."""
        status = os.fstat(path) if isinstance(path, int) else Path(path).stat()
        inode = status.st_dev, status.st_ino
        known = self.files.get(inode)
        if known is None or (
            known.seen and not status.st_size
        ):  # removed, and another file has its number now
            content = os.pread(path, status.st_size, 0) if isinstance(path, int) else Path(path).read_bytes()
            self.files[inode] = Held(content)
        return self.files[inode]

    def ask(self, what: str) -> None:
        """Let a write or a sync pass, or fail it."""
        self.writes += what == "write"
        self.syncs += what == "sync"
        code = apsw.SQLITE_IOERR if self.off else self.fails(self, what)
        if code:
            raise apsw.exception_for(code)

    def cut(self, data: Path, to: Path, chance: random.Random, *, drop: float = 0.0) -> None:
        """Cut the power and write what is left of a data folder to another place."""
        self.off = True
        shutil.copytree(data, to, ignore=shutil.ignore_patterns("*-shm", "runtime"))
        (to / "runtime").mkdir()
        for path in sorted(to.rglob("*")):
            source = data / path.relative_to(to)
            inode = source.stat().st_dev, source.stat().st_ino
            if inode in self.files:
                # A slot of the head file lies in one sector, and nothing takes both it and the log (see `head`).
                is_head = path.suffix == ".head"
                left = self.files[inode].left(chance, 0 if is_head else drop, tears=not is_head)
                path.write_bytes(left)


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self._disk = disk
        self._held = disk.held(name.filename() if isinstance(name, apsw.URIFilename) else name)

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.ask("write")
        super().xWrite(data, offset)
        self._held.change((offset, bytes(data)))

    def xTruncate(self, size: int) -> None:
        self._disk.ask("write")
        super().xTruncate(size)
        self._held.change(size)

    def xSync(self, flags: int) -> None:
        try:
            self._disk.ask("sync")
        except apsw.Error:
            self._held.fail()
            raise
        self._held.sync()


class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk, name: str) -> None:
        self.name, self._disk = name, disk
        super().__init__(name, "", iVersion=2)

    def xOpen(self, name: Any, flags: list[int]) -> _File:
        return _File(self._disk, name, flags)


class Connection:
    """As much of `sqlite3.Connection` as the journal asks for, over apsw."""

    def __init__(self, name: str, vfs: str, *, uri: bool = False, timeout: float = 5.0) -> None:
        flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE | (apsw.SQLITE_OPEN_URI if uri else 0)
        with translated():
            self._connection = apsw.Connection(str(name), flags, vfs)
            self._connection.set_busy_timeout(int(timeout * 1000))

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._connection.in_transaction

    def execute(self, query: str, values: Iterable[object] = ()) -> "Rows":
        """Run one statement."""
        with translated():
            return Rows(self._connection.execute(query, tuple(values)))

    def executemany(self, query: str, values: Iterable[Iterable[object]]) -> None:
        """Run one statement for each row of values."""
        with translated():
            self._connection.executemany(query, [tuple(row) for row in values])

    def executescript(self, script: str) -> None:
        """Run several statements."""
        with translated():
            self._connection.execute(script)

    def commit(self) -> None:
        """Commit what is open."""
        if self.in_transaction:
            self.execute("COMMIT")

    def close(self) -> None:
        """Close; what the disk says to it changes nothing any more."""
        with contextlib.suppress(apsw.Error):
            self._connection.close(True)


class Rows:
    """What a statement gives."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def fetchone(self) -> Any:
        """Return the next row."""
        with translated():
            return next(self._cursor, None)

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        with translated():
            return list(self._cursor)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetchall())


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Raise what Python's sqlite3 raises."""
    try:
        yield
    except apsw.Error as error:
        damage = isinstance(error, apsw.CorruptError | apsw.NotADBError)
        said = (sqlite3.DatabaseError if damage else sqlite3.OperationalError)(str(error))
        code = getattr(error, "extendedresult", getattr(error, "result", apsw.SQLITE_ERROR))
        said.sqlite_errorcode = code
        said.sqlite_errorname = apsw.mapping_extended_result_codes.get(code) or apsw.mapping_result_codes.get(
            code, "unknown"
        )
        raise said from error


@contextlib.contextmanager
def torn_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """Give a disk on which everything the journal writes with SQLite stands, and its head files."""
    disk = Disk()
    vfs = _Vfs(disk, f"torn-{id(disk)}")
    memory = sqlite3.connect

    def connect(name: str | Path, **options: Any) -> Any:
        if str(name) == ":memory:":
            return memory(str(name))
        chosen = {key: options[key] for key in ("uri", "timeout") if key in options}
        return Connection(str(name), vfs.name, **chosen)

    def lay_out_wal(path: Path) -> None:
        wal = path.with_name(path.name + "-wal")
        held = disk.held(wal)
        wanted = 64 * 1024
        if len(held.seen) < wanted:  # as the writer does, with less
            with wal.open("r+b") as file:
                file.truncate(wanted)
            held.change((wanted - 1, b"\0"))
            held.sync()

    class Os:
        def __getattr__(self, name: str) -> Any:
            return getattr(os, name)

        def pwrite(self, handle: int, raw: bytes, at: int) -> int:
            disk.held(handle).change((at, raw))
            return os.pwrite(handle, raw, at)

        def fdatasync(self, handle: int) -> None:
            disk.held(handle).sync()

    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", connect)
        patched.setattr(store, "_lay_out_wal", lay_out_wal)
        patched.setattr(head, "os", Os())
        yield disk
    vfs.unregister()
