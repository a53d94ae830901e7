"""The reading side of a log: entries, head, hashes of the tree."""

import sqlite3
from pathlib import Path
from types import NoneType, TracebackType
from typing import Self

import msgspec

from releve.journal import entry as entries
from releve.journal import facts, opening
from releve.journal.blobs import BlobStore
from releve.journal.entry import LANES, Entry, Envelope, Unpacker, lane_of
from releve.journal.errors import CorruptLog, EntryError
from releve.journal.tree import TileHashes


def log_name(path: Path) -> str:
    """Return how people name the log of this file: ORIGIN/EPOCH."""
    return f"{path.parent.name}/{path.stem}"


UNPACKERS_MAX = 16  # kept at a time, 80 KB each
_NOT_WRITABLE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


class Outline(msgspec.Struct, frozen=True):
    """What can be said of an entry without opening its body."""

    index: int
    kind: str
    lane: str
    stored_bytes: int  # 0 once redacted
    body_bytes: int
    blob: bytes | None


class LogReader:
    """Reads a log while it is written. Use one per thread."""

    def __init__(self, path: Path, blobs: Path | None = None) -> None:
        self.path = path
        self.name = log_name(path)
        self._blobs = BlobStore(blobs if blobs is not None else path.parents[2] / "blobs")
        self._unpackers: dict[int | None, Unpacker] = {None: Unpacker(b"")}
        self.connection = _connect_reader(path)

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    @property
    def size(self) -> int:
        """How many entries the log holds now."""
        return self.head().size

    def head(self) -> opening.HeadRow:
        """Return size, root, right edge and signed checkpoint as last committed."""
        return opening.read_head(self.connection, self.name)

    def tile_hashes(self) -> TileHashes:
        """Return how to look up the hashes of the tree (see `releve.journal.tree`)."""
        return opening.tile_hashes(self.connection, self.name)

    def checkpoint(self) -> str:
        """Return the signed checkpoint as last committed, not verified."""
        return self.head().checkpoint

    def opened(self) -> facts.JournalOpened:
        """Return what the first entry says: origin, key, exercise or real."""
        return facts.read_opened(self.get(0).body)

    def read(self, start: int, limit: int, lane: str | None = None) -> list[Entry]:
        """Return up to `limit` entries from index `start` on, of one lane ("feed", "act") or both.

        Raises:
            EntryError: an entry does not hold what the format requires; names the entry.
        """
        chosen = (
            "" if lane is None else f"lane = {LANES[lane]} AND "
        )  # a literal, so that the acts' index serves
        rows = self._rows(f"WHERE {chosen}idx >= ? ORDER BY idx LIMIT ?", (start, limit))
        return [self._entry(*row) for row in rows]

    def get(self, index: int) -> Entry:
        """Return the entry at `index`.

        Raises:
            EntryError: no such entry, or it does not hold what the format requires.
        """
        rows = self._rows("WHERE idx = ?", (index,))
        if not rows:
            raise EntryError(f"{self.name} entry {index:,}: expected one of the log's entries")
        return self._entry(*rows[0])

    def outlines(self, start: int, limit: int) -> list[Outline]:
        """Return the outlines of up to `limit` entries from index `start` on.

        Raises:
            EntryError: an entry does not hold what the format requires; names the entry.
        """
        found = []
        for index, stored, redacted in self._rows("WHERE idx >= ? ORDER BY idx LIMIT ?", (start, limit)):
            try:
                envelope = self._restated(redacted) if stored is None else entries.decode(stored)
            except EntryError as error:
                raise EntryError(f"{self.name} entry {index:,}: {error}") from None
            blob = envelope.body if stored is not None and envelope.encoding == entries.BLOB else None
            size = 0 if stored is None else len(stored)
            found.append(Outline(index, envelope.kind, lane_of(envelope.kind), size, envelope.size, blob))
        return found

    def stored(self, index: int) -> bytes | None:
        """Return the stored bytes of an entry, None when it was redacted.

        Raises:
            EntryError: no such entry.
        """
        rows = self._rows("WHERE idx = ?", (index,))
        if not rows:
            raise EntryError(f"{self.name} entry {index:,}: expected one of the log's entries")
        return rows[0][1]

    def unpack(self, envelope: Envelope) -> bytes:
        """Return the body of an envelope that is not a blob.

        Raises:
            EntryError: it does not decompress.
        """
        unpacker = self._unpackers.get(envelope.dictionary)
        if unpacker is None:
            unpacker = Unpacker(self.dictionary(envelope.dictionary))
            if (
                len(self._unpackers) > UNPACKERS_MAX
            ):  # another island's log may hold any number of dictionaries
                self._unpackers = {None: self._unpackers[None]}
            self._unpackers[envelope.dictionary] = unpacker
        return unpacker.unpack(envelope)

    def dictionary(self, index: int | None) -> bytes:
        """Return the zstd dictionary that stands at `index`, no bytes for None.

        Raises:
            EntryError: no dictionary stands there.
        """
        if index is None:
            return b""
        place = f"{self.name} entry {index:,}"
        found = self._rows("WHERE idx = ?", (index,))
        if not found or found[0][1] is None:
            raise EntryError(f"{place}: expected a dictionary")
        envelope = entries.decode(found[0][1])
        if envelope.kind != "journal.dictionary.1" or envelope.dictionary is not None:
            raise EntryError(f"{place}: expected a dictionary")
        return facts.read_dictionary(self._unpackers[None].unpack(envelope)).dictionary

    def _rows(self, where: str, values: tuple[int, ...]) -> list[tuple[int, bytes | None, int | None]]:
        try:
            # `where` is one of the literals above; every value is bound.
            rows = self.connection.execute(
                f"SELECT idx, stored, redacted FROM entry {where}",  # noqa: S608
                values,
            ).fetchall()
        except opening.SQLITE_ERRORS as error:
            if not opening.is_damage(error):
                raise
            raise CorruptLog(self.name, "expected a readable SQLite file") from error
        for index, stored, redacted in rows:
            if not isinstance(stored, (bytes, NoneType)) or not isinstance(redacted, (int, NoneType)):
                raise EntryError(f"{self.name} entry {index:,}: expected columns of the types of the table")
        return rows

    def _entry(self, index: int, stored: bytes | None, redacted: int | None) -> Entry:
        try:
            if stored is None:
                return entries.opened_redacted(self._restated(redacted))
            envelope = entries.decode(stored)
            if envelope.encoding != entries.BLOB:
                return entries.opened(envelope, self.unpack(envelope))
        except EntryError as error:
            raise EntryError(f"{self.name} entry {index:,}: {error}") from None
        body = self._blobs.get(envelope.body)
        return entries.opened_missing(envelope) if body is None else entries.opened(envelope, body)

    def _restated(self, redaction: int | None) -> Envelope:
        if redaction is None:
            raise EntryError("expected stored bytes or the index of a redaction")
        return entries.decode(facts.read_redaction(self.get(redaction).body).envelope)


def _connect_reader(path: Path) -> sqlite3.Connection:
    if not path.exists():
        raise CorruptLog(log_name(path), "expected the file of the log")
    uri = f"file:{uri_path(path)}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=5)
    try:
        connection.execute("SELECT 1 FROM head").fetchone()
    except opening.SQLITE_ERRORS as error:
        connection.close()
        if opening.is_damage(error):
            raise CorruptLog(log_name(path), "expected a readable SQLite file") from error
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _NOT_WRITABLE:
            raise
        # A closed log on a medium that cannot be written: no index of the write-ahead log can be made, none is needed.
        connection = sqlite3.connect(f"{uri}&immutable=1", uri=True, isolation_level=None)
    return connection


def uri_path(path: Path) -> str:
    """Return the path as it must stand in a SQLite URI."""
    return path.absolute().as_posix().replace("%", "%25").replace("?", "%3f").replace("#", "%23")
