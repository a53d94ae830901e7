"""What is checked before a log may be written to: its head, its right edge, its promise. Milliseconds, any size."""

import itertools
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from types import NoneType
from typing import NamedTuple

from releve.journal import head
from releve.journal.errors import CorruptLog, NoteError
from releve.journal.note import Checkpoint, Verifier, open_note, read_checkpoint
from releve.journal.tree import HASH_BYTES, TILE_WIDTH, Edge, TileHashes, edge_at, leaf_hash

APPLICATION_ID = 0x524C5645  # "RLVE"
FORMAT = 1

NO_HEAD = "INSERT INTO head VALUES (1, 0, x'', x'', '', NULL)"
_INSERT_ENTRY = "INSERT INTO entry (idx, lane, stored, leaf) VALUES (?, ?, ?, ?)"
_SET_BLOB = "UPDATE entry SET blob = ? WHERE idx = ?"
INSERT_TILE = "INSERT INTO tile (level, idx, hash) VALUES (?, ?, ?)"
SET_HEAD = "UPDATE head SET size = ?, root = ?, edge = ?, checkpoint = ?, dictionary = ? WHERE one = 1"
SCHEMA = f"""
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {FORMAT};
CREATE TABLE entry (
    idx      INTEGER PRIMARY KEY,  -- 0-based place in the log
    lane     INTEGER NOT NULL,     -- 0 feed, 1 act
    stored   BLOB,                 -- MessagePack envelope; NULL once redacted
    leaf     BLOB NOT NULL,        -- SHA-256(0x00 || stored), kept when stored is gone
    blob     BLOB,                 -- SHA-256 of a body kept as a file
    redacted INTEGER               -- idx of the journal.redaction.1 that removed stored
) STRICT;
CREATE INDEX acts ON entry (idx) WHERE lane = 1;
CREATE INDEX blobs ON entry (blob) WHERE blob IS NOT NULL;
CREATE TABLE tile (
    level INTEGER NOT NULL,        -- 1: over 256 leaves, 2: over 65536, …
    idx   INTEGER NOT NULL,
    hash  BLOB NOT NULL,
    PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE head (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    size       INTEGER NOT NULL,
    root       BLOB NOT NULL,
    edge       BLOB NOT NULL,      -- hashes of the right edge, widest first
    checkpoint TEXT NOT NULL,      -- signed note
    dictionary INTEGER             -- idx of the dictionary in use
) STRICT;
"""


# A damaged schema makes Python fail on SQLite's own message before it can raise an error of its own.
SQLITE_ERRORS = (sqlite3.DatabaseError, UnicodeDecodeError)


Row = tuple[int, int, bytes | None, bytes, bytes | None]
"""idx, lane, stored (None: removed by a redaction), leaf, blob."""


def insert_entries(connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Add rows to the table of entries."""
    bound, blobs = [], []
    for index, lane, stored, leaf, blob in rows:
        # sqlite3 looks up an adapter for bytes and None, not for bytearrays: 40 % of an insert (measured).
        bound.append((index, lane, stored and bytearray(stored), bytearray(leaf)))
        if blob is not None:
            blobs.append((blob, index))
    connection.executemany(_INSERT_ENTRY, bound)
    connection.executemany(_SET_BLOB, blobs)


class HeadRow(NamedTuple):
    """The one row of the table `head`."""

    size: int
    root: bytes
    edge: bytes
    checkpoint: str
    dictionary: int | None


def read_head(connection: sqlite3.Connection, name: str) -> HeadRow:
    """Return the head row.

    Raises:
        CorruptLog: not a log of this format, or no head.
    """
    try:
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise CorruptLog(name, "expected a journal file (application_id)")
        if connection.execute("PRAGMA user_version").fetchone()[0] != FORMAT:
            raise CorruptLog(name, f"expected format {FORMAT} (user_version)")
        row = connection.execute(
            "SELECT size, root, edge, checkpoint, dictionary FROM head WHERE one = 1"
        ).fetchone()
    except SQLITE_ERRORS as error:
        if not is_damage(error):
            raise
        raise CorruptLog(f"{name} head", "expected a readable SQLite file") from error
    if row is None:
        raise CorruptLog(f"{name} head", "expected one row")
    # A bit in the header of a record turns a hash into a number, or into nothing.
    size, root, edge, checkpoint, dictionary = row
    values = (size, int), (root, bytes), (edge, bytes), (checkpoint, str), (dictionary, (int, NoneType))
    if not all(isinstance(value, wanted) for value, wanted in values):
        raise CorruptLog(f"{name} head", "expected columns of the types of the table")
    return HeadRow(*row)


def check_head(row: HeadRow, verifier: Verifier, name: str) -> Edge:
    """Return the right edge of a head row whose edge, root and signed checkpoint agree.

    Raises:
        CorruptLog: they do not.
    """
    place = f"{name} head"
    try:
        edge = Edge.unpack(row.size, row.edge)
    except ValueError:
        raise CorruptLog(place, "expected one edge hash for each bit of the size") from None
    if edge.root() != row.root:
        raise CorruptLog(place, "expected the right edge to give the root")
    try:
        stated = read_checkpoint(open_note(row.checkpoint, verifier))
    except NoteError as error:
        raise CorruptLog(
            f"{name} checkpoint", f"expected a checkpoint signed by this log ({error})"
        ) from None
    if stated != Checkpoint(verifier.name, row.size, row.root):
        raise CorruptLog(f"{name} checkpoint", "expected origin, size and root of the head")
    return edge


def check_right_edge(connection: sqlite3.Connection, edge: Edge, name: str) -> None:
    """Recompute the right edge from leaves and tiles, and the newest leaves (up to 256) from their bytes.

    Raises:
        CorruptLog: names the entry or the part of the tree.
    """
    last = connection.execute("SELECT max(idx) FROM entry").fetchone()[0]
    if (-1 if last is None else last) + 1 != edge.size:
        raise CorruptLog(f"{name} entry {(last or 0) + 1:,}", f"expected {edge.size:,} entries in all")
    recent = edge.size - edge.size % TILE_WIDTH
    rows = connection.execute("SELECT idx, stored, leaf FROM entry WHERE idx >= ? ORDER BY idx", (recent,))
    for expected, (index, stored, leaf) in enumerate(rows, start=recent):
        if index != expected:
            raise CorruptLog(f"{name} entry {expected:,}", "expected a row")
        if stored is not None and (not isinstance(stored, bytes) or leaf_hash(stored) != leaf):
            raise CorruptLog(f"{name} entry {index:,}", "expected bytes that give its leaf hash")
    if edge_at(edge.size, tile_hashes(connection, name)).hashes != edge.hashes:
        raise CorruptLog(f"{name} tree", "expected leaves and tiles that give the right edge")


def check_promise(connection: sqlite3.Connection, path: Path, size: int, name: str) -> list[str]:
    """Hold the log to its head file; return what is worth a warning but does not stop.

    Raises:
        CorruptLog: no head file, none of it readable, or the log is shorter than or disagrees with it.
    """
    place = f"{name} head file"
    try:
        promised, damaged = head.read(path)
    except FileNotFoundError:
        raise CorruptLog(place, "expected beside the log") from None
    if promised is None:
        raise CorruptLog(place, "expected at least one whole slot")
    if promised.size > size:
        raise CorruptLog(
            f"{name} entry {size:,}",
            f"expected {promised.size:,} acknowledged entries, only {size:,} are there",
        )
    if edge_at(promised.size, tile_hashes(connection, name)).root() != promised.root:
        raise CorruptLog(place, f"expected the root of the first {promised.size:,} entries")
    return [f"{place}: slot {number} is damaged; the other holds" for number in damaged]


def tile_hashes(connection: sqlite3.Connection, name: str) -> TileHashes:
    """Return how to look up hashes of the log's tree, as `releve.journal.tree` asks for them."""

    def hashes(level: int, start: int, stop: int) -> list[bytes]:
        if level == 0:
            found = connection.execute(
                "SELECT leaf FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx", (start, stop)
            )
        else:
            found = connection.execute(
                "SELECT hash FROM tile WHERE level = ? AND idx >= ? AND idx < ? ORDER BY idx",
                (level, start, stop),
            )
        row = list(itertools.takewhile(is_hash, (value for (value,) in found)))
        if len(row) != stop - start:
            where = f"entry {start + len(row):,}" if level == 0 else f"tile {level}/{start + len(row):,}"
            raise CorruptLog(f"{name} {where}", "expected a hash")
        return row

    return hashes


def is_hash(value: object) -> bool:
    """Return whether a value of a column is a hash."""
    return isinstance(value, bytes) and len(value) == HASH_BYTES


def is_damage(error: Exception) -> bool:
    """Return whether an error of SQLite speaks of a damaged file, rather than of a disk or a lock."""
    if not isinstance(error, sqlite3.OperationalError):
        return True
    # Without a code it is Python's own: a TEXT that is no UTF-8.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
