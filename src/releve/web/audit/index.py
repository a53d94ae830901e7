"""Where in the audit's log a patient or a person stands: a file beside the log, so that a page need not read it all.

DATA/runtime/audit-index.sqlite3, for whom the log itself may be read by, made from the log alone and read with it: an
answer is always that of the log, whose newest facts are read where the index has not come to them yet. Whoever deletes
the file makes the next answers slow, nothing else. One writes it, the audit's recorder (`IndexKeeper`); several may
read.
"""

import contextlib
import hashlib
import logging
import os
import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from releve.journal import modes
from releve.journal.entry import Entry
from releve.journal.errors import FolderError, JournalError
from releve.journal.folder import audit_logs
from releve.journal.reader import LogReader
from releve.web.audit.facts import AuditFact, GlassBroken, GlassReviewed, read

__all__ = ["AuditIndex", "IndexKeeper", "IndexUnreadable", "Indexed", "index_path", "indexed"]

_log = logging.getLogger("releve.audit")

# Facts taken in at once: a fifth of a second of work, then whoever reads may.
_PART = 1_000
_BUSY_SECONDS = 15.0
# A fact is found at once from then on; before, it is found by reading the log's end.
LOOK_SECONDS = 20.0
# A place is one number: the log's own, then the entry's index.
_SHIFT = 40
_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA secure_delete = ON;
CREATE TABLE IF NOT EXISTS log (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, position INTEGER NOT NULL, last TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, number TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS name_number ON name (number);
CREATE TABLE IF NOT EXISTS about (
    patient INTEGER NOT NULL, place INTEGER NOT NULL, who INTEGER NOT NULL, PRIMARY KEY (patient, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS did (who INTEGER NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (who, place))
STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS glass (place INTEGER PRIMARY KEY) STRICT;
"""


def index_path(data: Path) -> Path:
    """Return where the index of a data folder is."""
    return data / "runtime" / "audit-index.sqlite3"


class Indexed:
    """What the index holds of one log: everything before `position`."""

    def __init__(self, connection: sqlite3.Connection, log: int, position: int) -> None:
        self._connection, self._log, self.position = connection, log, position

    def places(self, *, who: str, patient: str, start: int, end: int) -> Iterator[int]:
        """Yield the indexes in [start, end[ of the facts of a person about a patient ("" for whatever), newest first.

        `patient` is a key or its number alone. One of the two must be given.
        """
        if patient:
            table, column, values = "about", "patient", self._names(patient, "text = ?1 OR number = ?1")
        else:
            table, column, values = "did", "who", self._names(who, "text = ?1")
        where = f"{column} IN ({', '.join('?' * len(values))})"
        if patient and who:
            persons = self._names(who, "text = ?1")
            where += f" AND who IN ({', '.join('?' * len(persons))})"
            values += persons
        base = self._log << _SHIFT
        rows = self._connection.execute(
            # `where` repeats literals of this function; every value is bound.
            f"SELECT DISTINCT place FROM {table} WHERE {where} AND place >= ? AND place < ? ORDER BY place DESC",  # noqa: S608
            (*values, base + start, base + min(end, self.position)),
        )
        for (place,) in rows:
            yield place - base

    def glasses(self) -> Iterator[int]:
        """Yield the indexes of all break-glasses and their reviews, newest first."""
        base = self._log << _SHIFT
        for (place,) in self._connection.execute(
            "SELECT place FROM glass WHERE place >= ? AND place < ? ORDER BY place DESC",
            (base, base + self.position),
        ):
            yield place - base

    def _names(self, text: str, where: str) -> list[int]:
        rows = self._connection.execute(f"SELECT id FROM name WHERE {where}", (text,))  # noqa: S608  (two literals)
        return [one for (one,) in rows]


@contextlib.contextmanager
def indexed(data: Path, reader: LogReader) -> Iterator[Indexed | None]:
    """Yield what the index holds of a log, None when there is nothing that fits it."""
    path = index_path(data)
    if not path.exists():
        yield None
        return
    try:
        with contextlib.closing(_connect(path, "ro")) as connection:
            row = connection.execute(
                "SELECT id, position, last FROM log WHERE name = ?", (reader.name,)
            ).fetchone()
            fits = row is not None and _fits(reader, row[1], row[2])
            yield Indexed(connection, row[0], row[1]) if fits else None
    except sqlite3.DatabaseError:
        _log.warning("the index of the audit cannot be read: the log itself is searched")
        raise IndexUnreadable from None


class IndexUnreadable(Exception):
    """The index broke while it was read; the answer is looked for without it."""


class AuditIndex:
    """The writer of the index. Raises sqlite3.Error and OSError where the disk does not let it."""

    def __init__(self, data: Path) -> None:
        self._data = data
        path = index_path(data)
        path.parent.mkdir(mode=modes.COMMON_FOLDER, parents=True, exist_ok=True)
        # Made before SQLite opens it: patients' keys stand in it, and its companions take its mode. The pages read it,
        # which under systemd are another account's.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, modes.FILE))
        self._connection = _connect(path, "rw")
        self._connection.executescript(_SCHEMA)
        self._names: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._connection.close()

    def go_on(self) -> bool:
        """Take in the next facts, and forget the logs that are gone; tell whether more wait."""
        try:
            logs = audit_logs(self._data)
        except FolderError:
            return False
        self._forget_all_but([log.name for log in logs])
        for log in logs:
            # A log that is damaged or was just dropped: `journal verify` says so, the others are taken in.
            with contextlib.suppress(JournalError), LogReader(log.path) as reader:
                if self._take_in(reader):
                    return True
        return False

    def _take_in(self, reader: LogReader) -> bool:
        """Take in the next facts of a log; tell whether there were any."""
        row = self._connection.execute(
            "SELECT id, position, last FROM log WHERE name = ?", (reader.name,)
        ).fetchone()
        if row is not None and not _fits(reader, row[1], row[2]):
            self._forget(row[0])
            row = None
        start = row[1] if row is not None else 0
        entries = reader.read(start, _PART)
        if not entries:
            return False
        with self._turn():
            if row is None:
                self._connection.execute(
                    "INSERT INTO log (name, position, last) VALUES (?, 0, '')", (reader.name,)
                )
                row = self._connection.execute("SELECT id FROM log WHERE name = ?", (reader.name,)).fetchone()
            self._insert(row[0], entries)
            self._connection.execute(
                "UPDATE log SET position = ?, last = ? WHERE id = ?",
                (entries[-1].index + 1, _mark(entries[-1]), row[0]),
            )
        return True

    def _insert(self, log: int, entries: Sequence[Entry]) -> None:
        about, did, glass = [], [], []
        for entry in entries:
            fact = read(entry.body) if entry.kind.startswith("audit.") else None
            if fact is None:
                continue
            place = (log << _SHIFT) + entry.index
            who = self._name(getattr(fact, "who", "") or getattr(fact, "by", ""))
            did.append((who, place))
            about += [(self._name(key), place, who) for key in patients_of(fact)]
            if isinstance(fact, GlassBroken | GlassReviewed):
                glass.append((place,))
        run = self._connection.executemany
        run("INSERT OR IGNORE INTO did VALUES (?, ?)", did)
        run("INSERT OR IGNORE INTO about VALUES (?, ?, ?)", about)
        run("INSERT OR IGNORE INTO glass VALUES (?)", glass)

    def _name(self, text: str) -> int:
        known = self._names.get(text)
        if known is None:
            if len(self._names) > 200_000:  # a year of a hospital's patients
                self._names.clear()
            self._connection.execute(
                "INSERT OR IGNORE INTO name (text, number) VALUES (?, ?)", (text, text.partition(":")[2])
            )
            known = self._connection.execute("SELECT id FROM name WHERE text = ?", (text,)).fetchone()[0]
            self._names[text] = known
        return int(known)

    def _forget_all_but(self, names: Collection[str]) -> None:
        """Forget what is indexed of logs that were dropped: the hospital does not keep it any more."""
        rows = self._connection.execute("SELECT id, name FROM log").fetchall()
        gone = [one for one, name in rows if name not in names]
        for one in gone:
            self._forget(one)

    def _forget(self, log: int) -> None:
        first, end = log << _SHIFT, (log + 1) << _SHIFT
        with self._turn():
            for table in ("about", "did", "glass"):
                self._connection.execute(f"DELETE FROM {table} WHERE place >= ? AND place < ?", (first, end))  # noqa: S608
            self._connection.execute("DELETE FROM log WHERE id = ?", (log,))
            self._connection.execute(
                "DELETE FROM name WHERE id NOT IN (SELECT who FROM did UNION SELECT patient FROM about)"
            )
            self._names.clear()

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            self._names.clear()
            raise
        self._connection.execute("COMMIT")


class IndexKeeper(threading.Thread):
    """Keeps the index up with the log, beside the recorder and never before it; ends when `stop` is set."""

    def __init__(self, data: Path, stop: threading.Event) -> None:
        super().__init__(name="audit-index", daemon=True)
        self._data, self._stop_set = data, stop

    def run(self) -> None:
        """Take in facts until the end; what goes wrong is told, and tried again."""
        while not self._stop_set.is_set():
            try:
                with AuditIndex(self._data) as index:
                    while not self._stop_set.is_set():
                        # With much to do it leaves the recorder half of the time.
                        self._stop_set.wait(0.2 if index.go_on() else LOOK_SECONDS)
            except (sqlite3.Error, OSError) as error:
                _log.warning("the index of the audit is not kept: %s", type(error).__name__)
                if isinstance(error, sqlite3.DatabaseError) and not isinstance(
                    error, sqlite3.OperationalError
                ):
                    _remove(index_path(self._data))
                self._stop_set.wait(LOOK_SECONDS)


def patients_of(fact: AuditFact) -> set[str]:
    """Return the keys of the patients that a fact is about."""
    return {key for key in (*getattr(fact, "patients", ()), getattr(fact, "patient", "")) if key}


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=_BUSY_SECONDS, isolation_level=None
    )


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _fits(reader: LogReader, position: int, last: str) -> bool:
    """Tell whether the log still holds what was taken in: a log put back from a copy may be shorter, or another."""
    try:
        return position <= reader.size and _mark(reader.get(position - 1)) == last
    except JournalError:
        return False


def _mark(entry: Entry) -> str:
    return hashlib.sha256(entry.body).hexdigest()[:32]
