"""Re-hash everything a log promises, and say where it is not true.

Nothing is believed: every entry against its leaf, its envelope, its lane and its body; every blob against its name;
tree, right edge, head, signed checkpoint and head file against what the entries give; SQLite's own structures last.
Works beside a running recorder, in short reads.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from releve.journal import entry as entries
from releve.journal import facts, folder, head, opening
from releve.journal.blobs import BlobStore
from releve.journal.entry import ACT, LANES, Envelope, lane_of
from releve.journal.errors import CorruptLog, EntryError, FolderError, JournalError, NoteError
from releve.journal.folder import Log
from releve.journal.keys import KeysLocked
from releve.journal.note import Checkpoint, Verifier, open_note, read_checkpoint
from releve.journal.reader import LogReader
from releve.journal.tree import TILE_WIDTH, Edge, edge_at, leaf_hash

CHUNK = 512
_ROW = "SELECT idx, lane, stored, leaf, blob, redacted FROM entry "

Progress = Callable[[int, int], None]
Row = tuple[int, int, bytes | None, bytes, bytes | None, int | None]


class Finding(NamedTuple):
    """Something that is not as promised. `entry` is the index when one entry is meant."""

    log: str
    place: str
    expected: str
    entry: int | None = None

    def __str__(self) -> str:
        return f"{self.log} {self.place}: expected {self.expected}"


def verify_folder(data: Path, progress: Progress | None = None) -> Iterator[Finding]:
    """Yield every finding in every log of the data folder, own and mirrored."""
    for log in folder.every_log(data):
        yield from verify_log(data, log, progress)


def verify_log(data: Path, log: Log, progress: Progress | None = None) -> Iterator[Finding]:
    """Yield every finding in one log. `progress` is told (entries done, entries in all)."""
    try:
        with LogReader(log.path, folder.blobs_path(data)) as reader:
            yield from _Verification(data, log, reader, progress).findings()
    except CorruptLog as error:
        yield Finding(log.name, error.place.removeprefix(log.name).strip() or "file", _stated(error))
    except opening.SQLITE_ERRORS as error:
        yield Finding(log.name, "file", f"a readable SQLite file ({_code(error)})")


class _Verification:
    def __init__(self, data: Path, log: Log, reader: LogReader, progress: Progress | None) -> None:
        self._data = data
        self._log = log
        self._reader = reader
        self._connection = reader.connection
        self._progress = progress or (lambda done, total: None)
        self._blobs = BlobStore(folder.blobs_path(data))
        self._edge = Edge()
        self._whole = True  # every leaf was there to build the tree
        self._stamp = (-1, -1)
        self._dictionary: int | None = None
        self._acts = self._blob_rows = 0
        self._opened: facts.JournalOpened | None = None

    def findings(self) -> Iterator[Finding]:
        # The promise first: a recorder that goes on meanwhile only makes the log longer than what we hold it to.
        promised: head.Head | None = None
        damaged: list[int] = []
        head_path = self._log.path.with_suffix(".head")
        try:
            promised, damaged = _read_promise(head_path)
        except FileNotFoundError:
            yield self._found("head file", "it beside the log")
        for slot in damaged:
            yield self._found(f"head file slot {slot}", "a whole slot")
        row, last, tiles = self._snapshot()
        if last + 1 != row.size:
            yield self._found(f"entry {min(last + 1, row.size):,}", f"{row.size:,} entries, not {last + 1:,}")
        yield from self._check_schema()
        roots = {row.size: b"", promised.size if promised else -1: b""}
        for start in range(0, row.size, CHUNK):
            yield from self._check_chunk(start, min(start + CHUNK, row.size), roots)
            self._progress(min(start + CHUNK, row.size), row.size)
        yield from self._check_indexes(row.size)
        yield from self._check_head(row, tiles)
        if promised is not None:
            if promised.size > row.size:
                yield self._found(
                    f"entry {row.size:,}", f"the {promised.size:,} entries that were acknowledged (head file)"
                )
            elif self._whole and roots[promised.size] != promised.root:
                yield self._found("head file", f"the root of the first {promised.size:,} entries")
        yield from self._check_opened(row)
        for (problem,) in self._connection.execute("PRAGMA integrity_check(10)"):
            if problem != "ok":
                yield self._found("file", f"sound SQLite pages ({problem})")

    def _snapshot(self) -> tuple[opening.HeadRow, int, int]:
        self._connection.execute("BEGIN")
        try:
            row = opening.read_head(self._connection, self._log.name)
            last = self._connection.execute("SELECT max(idx) FROM entry").fetchone()[0]
            tiles = self._connection.execute("SELECT count(*) FROM tile").fetchone()[0]
        finally:
            self._connection.execute("COMMIT")
        return row, -1 if last is None else last, tiles

    def _check_schema(self) -> Iterator[Finding]:
        expected = sqlite3.connect(":memory:")
        expected.executescript(opening.SCHEMA)
        schema = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name"
        if self._connection.execute(schema).fetchall() != expected.execute(schema).fetchall():
            yield self._found("tables", "those of the format")
        expected.close()

    def _check_chunk(self, start: int, stop: int, roots: dict[int, bytes]) -> Iterator[Finding]:
        expected = start
        for row in self._rows(start, stop):
            if isinstance(row, Finding):
                yield row
                continue
            for missing in range(expected, row[0]):
                self._whole = False
                yield self._at(missing, "a row")
            expected = row[0] + 1
            yield from self._check_entry(row)
            if self._whole:
                yield from self._grow(row[0], row[3])
                if row[0] + 1 in roots:
                    roots[row[0] + 1] = self._edge.root()
        for missing in range(expected, stop):
            self._whole = False
            yield self._at(missing, "a row")

    def _rows(self, start: int, stop: int) -> "Iterator[Row | Finding]":
        try:
            rows = self._connection.execute(
                _ROW + "WHERE idx >= ? AND idx < ? ORDER BY idx", (start, stop)
            ).fetchall()
        except opening.SQLITE_ERRORS:
            for index in range(start, stop):  # one by one, to name those that cannot be read
                try:
                    row = self._connection.execute(_ROW + "WHERE idx = ?", (index,)).fetchone()
                except opening.SQLITE_ERRORS as error:
                    yield self._at(index, f"a readable row ({_code(error)})")
                else:
                    if row is not None:
                        yield self._typed(row)
            return
        yield from map(self._typed, rows)

    def _typed(self, row: Row) -> "Row | Finding":
        # A bit in the header of a record turns a hash into a number, or into nothing.
        index, lane, stored, leaf, blob, redacted = row
        are_bytes = all(value is None or isinstance(value, bytes) for value in (stored, blob))
        are_numbers = isinstance(lane, int) and (redacted is None or isinstance(redacted, int))
        if are_bytes and are_numbers and opening.is_hash(leaf):
            return row
        return self._at(index, "columns of the types of the table")

    def _check_entry(self, row: Row) -> Iterator[Finding]:
        index, lane, stored, leaf, blob, redacted = row
        if stored is None:
            yield from self._check_redacted(index, lane, leaf, blob, redacted)
            return
        if redacted is not None:
            yield self._at(index, "no bytes, because a redaction points here, or no redaction")
        if leaf_hash(stored) != leaf:
            yield self._at(index, "bytes that give its leaf hash")
        try:
            envelope = entries.decode(stored)
        except EntryError as error:
            yield self._at(index, f"an envelope ({error})")
            return
        if (envelope.origin, envelope.epoch, envelope.index) != (self._log.origin, self._log.epoch, index):
            yield self._at(index, f"origin, epoch and index {self._log.name} {index} in the envelope")
        self._acts += lane == ACT
        if envelope.kind == entries.UNREADABLE:
            return  # of a later version: kept and carried, not understood
        if lane != LANES[lane_of(envelope.kind)]:
            yield self._at(index, "the lane of its kind")
        stamp = (envelope.wall_ms, envelope.counter)
        if stamp <= self._stamp:
            yield self._at(index, "a hybrid clock after the entry before")
        self._stamp = stamp
        yield from self._check_body(index, envelope, blob)

    def _check_body(self, index: int, envelope: Envelope, blob: bytes | None) -> Iterator[Finding]:
        if envelope.encoding == entries.BLOB:
            self._blob_rows += 1
            if blob != envelope.body:
                yield self._at(index, "its blob's name in the column blob")
            elif not self._indexed(blob, index):
                yield self._at(index, "its blob in the index of blobs")
            size = self._blobs.size(envelope.body)
            if size is None:
                yield self._at(index, "its blob in the folder blobs")
            elif size != envelope.size or not self._blobs.intact(envelope.body):
                yield self._at(index, "a blob that is what its name says")
            return
        if blob is not None:
            yield self._at(index, "no blob")
        try:
            body = self._reader.unpack(envelope)
            if envelope.kind == "journal.dictionary.1":
                self._dictionary = index
            elif envelope.kind == "journal.redaction.1":
                target = facts.read_redaction(body).index
                found = self._connection.execute(
                    "SELECT redacted FROM entry WHERE idx = ?", (target,)
                ).fetchone()
                if found is None or found[0] != index:
                    yield self._at(index, f"entry {target:,} to be redacted by this one")
            elif index == 0:
                self._opened = facts.read_opened(body)
        except (JournalError, *opening.SQLITE_ERRORS) as error:
            yield self._at(index, f"a body ({error})")

    def _check_redacted(
        self, index: int, lane: int, leaf: bytes, blob: bytes | None, redaction: int | None
    ) -> Iterator[Finding]:
        self._acts += lane == ACT
        if blob is not None:
            yield self._at(index, "no blob, it is redacted")
        if redaction is None:
            yield self._at(index, "its bytes, or the redaction that removed them")
            return
        try:
            act = self._reader.get(redaction)
            fact = facts.read_redaction(act.body)
            envelope = entries.decode(fact.envelope)
        except (JournalError, *opening.SQLITE_ERRORS):
            yield self._at(index, f"a redaction at entry {redaction:,}")
            return
        if act.kind != "journal.redaction.1" or (fact.index, fact.leaf) != (index, leaf):
            yield self._at(index, f"entry {redaction:,} to redact this entry and state its leaf hash")
        if envelope.index != index or lane != LANES[lane_of(envelope.kind)]:
            yield self._at(index, f"this entry's envelope restated in entry {redaction:,}")
        self._stamp = max(self._stamp, (envelope.wall_ms, envelope.counter))

    def _grow(self, index: int, leaf: bytes) -> Iterator[Finding]:
        for level, at, expected in self._edge.append(leaf):
            try:
                found = self._connection.execute(
                    "SELECT hash FROM tile WHERE level = ? AND idx = ?", (level, at)
                ).fetchone()
            except opening.SQLITE_ERRORS as error:
                yield self._found(f"tile {level}/{at:,}", f"a readable row ({_code(error)})")
                continue
            if found is None or found[0] != expected:
                width = TILE_WIDTH**level
                yield self._found(
                    f"tile {level}/{at:,}", f"the hash of entries {index + 1 - width:,} to {index:,}", index
                )

    def _check_indexes(self, size: int) -> Iterator[Finding]:
        # Counted up to `size`, so that a recorder at work does not disturb.
        for name, condition, expected in (
            ("acts", "lane = 1", self._acts),
            ("blobs", "blob IS NOT NULL", self._blob_rows),
        ):
            counted = f"SELECT count(*) FROM entry INDEXED BY {name} WHERE {condition} AND idx < ?"  # noqa: S608
            agrees = (
                f"SELECT idx FROM entry NOT INDEXED WHERE {condition} AND idx < ? EXCEPT "  # noqa: S608
                f"SELECT idx FROM entry INDEXED BY {name} WHERE {condition} AND idx < ?"
            )
            try:
                if self._connection.execute(counted, (size,)).fetchone()[0] != expected:
                    yield self._found(f"index {name}", f"{expected:,} entries")
                for (index,) in self._connection.execute(agrees, (size, size)):
                    yield self._at(index, f"it in the index {name}")
            except opening.SQLITE_ERRORS as error:
                yield self._found(f"index {name}", f"it readable ({_code(error)})")

    def _check_head(self, row: opening.HeadRow, tiles: int) -> Iterator[Finding]:
        if row.dictionary != self._dictionary:
            yield self._found("head", "the index of the last dictionary")
        if not self._whole:
            yield self._found("tree", "every leaf; it could not be built again")
            return
        level, complete = 1, 0
        while row.size >= TILE_WIDTH**level:
            complete += row.size // TILE_WIDTH**level
            level += 1
        if tiles != complete:
            yield self._found("tiles", f"{complete:,} of them, not {tiles:,}")
        if row.root != self._edge.root():
            yield self._found("head root", f"the root of the {row.size:,} entries")
        if row.edge != self._edge.pack():
            yield self._found("head edge", f"the right edge of the {row.size:,} entries")

    def _check_opened(self, row: opening.HeadRow) -> Iterator[Finding]:
        opened = self._opened
        if opened is None:
            yield self._at(0, "a journal.opened.1, which names the key")
            return
        if (opened.origin, opened.epoch) != (self._log.origin, self._log.epoch):
            yield self._at(0, f"it to open {self._log.name}")
        try:
            verifier = Verifier.from_vkey(opened.key)
            stated = read_checkpoint(open_note(row.checkpoint, verifier))
            if stated != Checkpoint(f"releve/{self._log.name}", row.size, row.root):
                yield self._found("checkpoint", "origin, size and root of the head")
            if row.checkpoint.count("\n") != 5:
                yield self._found("checkpoint", "five lines")
        except NoteError as error:
            yield self._found("checkpoint", f"a checkpoint signed by this log ({error})")
            return
        try:
            key = folder.read_key(self._data, self._log)
            if key.signer.verifier.vkey != opened.key or key.exercise != opened.exercise:
                yield self._found("key file", "the key and the exercise mark of entry 0")
        except KeysLocked:
            pass  # a locked island is verified all the same: entry 0 names the key
        except (FolderError, NoteError) as error:
            if folder.key_path(self._data, self._log.origin, self._log.epoch).exists():
                yield self._found("key file", f"it readable ({error})")
        yield from self._check_before(opened)

    def _check_before(self, opened: facts.JournalOpened) -> Iterator[Finding]:
        earlier = Log(
            opened.origin, opened.epoch - 1, folder.log_path(self._data, opened.origin, opened.epoch - 1)
        )
        if opened.before is None or not earlier.path.exists():
            return
        try:
            with LogReader(earlier.path, folder.blobs_path(self._data)) as reader:
                if not _restates(reader, opened.before):
                    yield self._at(0, f"a checkpoint of {earlier.name}")
        except (JournalError, *opening.SQLITE_ERRORS):
            return  # that log's own verification says what is wrong with it

    def _indexed(self, blob: bytes, index: int) -> bool:
        found = self._connection.execute(
            "SELECT 1 FROM entry INDEXED BY blobs WHERE blob = ? AND idx = ?", (blob, index)
        ).fetchone()
        return found is not None

    def _at(self, index: int, expected: str) -> Finding:
        return Finding(self._log.name, f"entry {index:,}", expected, index)

    def _found(self, place: str, expected: str, entry: int | None = None) -> Finding:
        return Finding(self._log.name, place, expected, entry)


def _read_promise(path: Path) -> tuple[head.Head | None, list[int]]:
    promised, damaged = head.read(path)
    for _ in range(3):
        if not damaged:
            break
        time.sleep(0.02)  # a recorder may have been writing this very slot
        promised, damaged = head.read(path)
    return promised, damaged


def _stated(error: CorruptLog) -> str:
    return error.problem.removeprefix("expected ")


def _code(error: Exception) -> str:
    return getattr(error, "sqlite_errorname", type(error).__name__)


def _restates(reader: LogReader, before: str) -> bool:
    """Return whether a checkpoint is one of this log: after a restore others may bring more of it than it was."""
    if reader.checkpoint() == before:
        return True
    try:
        stated = read_checkpoint(open_note(before, Verifier.from_vkey(reader.opened().key)))
    except NoteError:
        return False
    return stated.size <= reader.size and edge_at(stated.size, reader.tile_hashes()).root() == stated.root
