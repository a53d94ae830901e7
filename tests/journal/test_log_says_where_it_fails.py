"""What is damaged, refused or taken away below a log is said with its place, by whoever meets it first."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import msgspec
import pytest
from recorder_here import SATURDAY_0310_US, message
from torn_disk import torn_disk

from releve.journal import entry as entries
from releve.journal import facts, folder, opening
from releve.journal.entry import Envelope, Submission
from releve.journal.errors import (
    CorruptLog,
    DraftRefused,
    EntryError,
    FolderError,
    StorageFailed,
    StorageFull,
)
from releve.journal.folder import Log
from releve.journal.note import Signer
from releve.journal.reader import LogReader
from releve.journal.store import LogWriter
from releve.journal.verify import verify_folder, verify_log


@pytest.fixture
def grown(data: Path, log: Log) -> Log:
    """Return a closed log of 300 messages, one of them redacted."""
    writer = folder.open_writer(data)
    writer.append([Submission("message.hl7v2", message(number), "mllp:1") for number in range(300)], 1)
    writer.redact(4, "wrong person", "w:1", 2)
    writer.close()
    return log


def forced(log: Log, statement: str) -> None:
    """Write into a table what its types do not allow, as a flipped bit does."""
    loose = "replace(replace(replace(sql, ' NOT NULL', ''), ') STRICT, ', ') '), ') STRICT', ')')"
    connection = sqlite3.connect(log.path, isolation_level=None)
    tables = connection.execute("SELECT sql, name FROM sqlite_schema WHERE type = 'table'").fetchall()
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(f"UPDATE sqlite_schema SET sql = {loose} WHERE type = 'table'")
    connection.close()
    connection = sqlite3.connect(log.path, isolation_level=None)
    connection.execute(statement)
    connection.execute("PRAGMA writable_schema = ON")
    connection.executemany("UPDATE sqlite_schema SET sql = ? WHERE name = ?", tables)
    connection.close()


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE entry SET leaf = NULL WHERE idx = 300", "entry 300"),
        ("UPDATE entry SET leaf = NULL WHERE idx = 7", "entry 7"),
        ("UPDATE entry SET stored = 'text' WHERE idx = 301", "entry 301"),
        ("UPDATE entry SET redacted = 'text' WHERE idx = 4", "entry 4"),
        ("UPDATE head SET root = NULL", "head"),
        ("UPDATE head SET size = 'many'", "head"),
        ("UPDATE head SET checkpoint = x'00'", "head"),
        ("UPDATE tile SET hash = 'text'", "tile 1/0"),
    ],
)
def test_a_value_of_another_type_is_named_and_stops_nothing_else(
    data: Path, grown: Log, statement: str, place: str
) -> None:
    """A bit in the header of a record makes a number of a hash: no reader may stumble over it."""
    forced(grown, statement)

    assert place in {finding.place for finding in verify_log(data, grown)}
    with contextlib.suppress(CorruptLog):
        folder.open_writer(data).close()
    with contextlib.suppress(CorruptLog, EntryError), LogReader(grown.path) as reader:
        assert reader.size == 303
        reader.outlines(0, 400)
        reader.read(0, 400)


def test_an_entry_without_bytes_or_reason_is_no_entry(data: Path, grown: Log) -> None:
    """It was removed by nobody: that is damage, not a redaction."""
    forced(grown, "UPDATE entry SET redacted = NULL WHERE idx = 4")

    with LogReader(grown.path) as reader:
        for read in (reader.read, reader.outlines):
            with pytest.raises(EntryError, match="entry 4"):
                read(0, 10)


def test_a_redacted_entry_that_still_names_a_blob_is_found(data: Path, grown: Log) -> None:
    """What was removed must not lead to its body any more."""
    with sqlite3.connect(grown.path) as connection:
        connection.execute("UPDATE entry SET blob = zeroblob(32) WHERE idx = 4")
    connection.close()

    assert "entry 4" in {finding.place for finding in verify_log(data, grown)}


def test_a_checkpoint_with_another_line_in_it_is_found(data: Path, grown: Log) -> None:
    """The log's own copy carries its own signature only."""
    with sqlite3.connect(grown.path) as connection:
        connection.execute("UPDATE head SET checkpoint = checkpoint || '— x aaaaaaaa' || char(10)")
    connection.close()

    assert "checkpoint" in {finding.place for finding in verify_log(data, grown)}


def test_a_log_of_another_key_is_not_written_to(data: Path, grown: Log) -> None:
    """Two keys in one log would be a fork that nobody could tell from a forgery."""
    other = Signer("releve/centre/1", b"k" * 32)
    with pytest.raises(CorruptLog, match="checkpoint"):
        LogWriter(grown.path, signer=other, blobs=data / "blobs", recorder="x")
    with LogReader(grown.path) as reader:
        head = reader.head()
    note = other.sign(f"releve/centre/1\n{head.size}\n{head.checkpoint.splitlines()[2]}\n")
    with sqlite3.connect(grown.path) as connection:
        connection.execute("UPDATE head SET checkpoint = ?", (note,))
    connection.close()
    with pytest.raises(CorruptLog, match="public key"):
        LogWriter(grown.path, signer=other, blobs=data / "blobs", recorder="x")


def test_an_entry_that_cannot_be_read_keeps_the_log_closed(data: Path, log: Log) -> None:
    """The stamp of the last entry is where the clock goes on from."""
    writer = folder.open_writer(data)
    batch = writer._batch(SATURDAY_0310_US)
    batch.add([Submission("message.hl7v2", b"x", "s")])
    index, lane, _, _, blob = batch.rows[0]
    other = b"\xc1"
    batch.rows[0] = (index, lane, other, opening.leaf_hash(other), blob)
    batch.edge = writer._edge.copy()
    batch.edge.append(opening.leaf_hash(other))
    writer._commit(batch)
    writer.close()

    with pytest.raises(CorruptLog, match="readable entries"):
        folder.open_writer(data)


def test_an_epoch_before_that_is_damaged_is_told_once(data: Path, grown: Log) -> None:
    """Its own verification says what is wrong with it; the epoch after says nothing it cannot know."""
    second = folder.start_epoch(data, "test", SATURDAY_0310_US)
    assert list(verify_folder(data)) == []
    grown.path.write_bytes(b"damaged")

    assert {finding.log for finding in verify_folder(data)} == {grown.name}
    assert list(verify_log(data, second)) == []


def test_a_checkpoint_before_that_was_never_signed_is_found(data: Path, grown: Log) -> None:
    """An epoch that names another past than the one that lies beside it."""
    folder.start_epoch(data, "test", SATURDAY_0310_US)
    grown.path.unlink()
    grown.path.with_suffix(".head").unlink()
    (data / "elsewhere").mkdir()
    other = folder.create_island(data / "elsewhere", "centre", True, "CH", SATURDAY_0310_US)
    other.path.rename(grown.path)
    other.path.with_suffix(".head").rename(grown.path.with_suffix(".head"))

    assert ("centre/2", "entry 0") in {(finding.log, finding.place) for finding in verify_folder(data)}


@pytest.fixture
def failing(data: Path, log: Log, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], LogWriter]]:
    """Return how to get a writer on a disk that refuses everything with this code of SQLite."""
    with torn_disk(monkeypatch) as disk:
        writer = folder.open_writer(data)

        def refuse(code: int) -> LogWriter:
            disk.fails = lambda disk, what: code
            return writer

        yield refuse
        disk.fails = lambda disk, what: 0
        writer.close()


@pytest.mark.parametrize(
    ("code", "error"), [(apsw.SQLITE_FULL, StorageFull), (apsw.SQLITE_IOERR_WRITE, StorageFailed)]
)
def test_a_disk_that_refuses_is_told_and_the_log_goes_on_after_it(
    failing: Callable[[int], LogWriter], code: int, error: type[Exception]
) -> None:
    """The sender keeps its message only when it is told."""
    writer = failing(0)
    writer.append([Submission("message.hl7v2", message(1), "s")], 1)
    with pytest.raises(error):
        failing(code).empty_wal()
    assert writer.empty_wal() is False, "it is closed until it was checked again"
    with pytest.raises(error):
        writer.append([Submission("message.hl7v2", message(2), "s")], 2)
    failing(0)
    writer.append([Submission("message.hl7v2", message(3), "s")], 3)
    with LogReader(writer.path) as reader:
        assert [entry.body for entry in reader.read(2, 9)] == [message(1), message(3)]


ENVELOPE = Envelope(
    version=1, origin="centre", epoch=1, index=7, wall_ms=1, counter=0, occurred_at_us=None, recorded_at_us=1,
    author="", recorder="x", source="x", kind="message.hl7v2", subjects=(), salt=bytes(16), encoding=0,
    dictionary=None, size=1, body=b"x",
)  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "A b"},
        {"author": "x" * 5000},
        {"subjects": ("x",) * 5000},
        {"subjects": ("x" * 5000,)},
        {"recorded_at_us": -1},
        {"wall_ms": 1 << 62},
        {"counter": 1 << 32},
        {"occurred_at_us": 1 << 62},
    ],
)
def test_an_envelope_that_no_recorder_writes_is_refused(change: dict[str, object]) -> None:
    """Another island may sign anything; what no page could show is not kept."""
    entries.check_envelope(ENVELOPE)
    with pytest.raises(EntryError):
        entries.check_envelope(msgspec.structs.replace(ENVELOPE, **change))


def test_keys_of_two_islands_or_a_key_of_another_name_are_refused(data: Path, log: Log) -> None:
    """Which log is ours is read from the keys: it must be one."""
    with pytest.raises(FolderError, match="named releve/other"):
        folder.create_island(
            data.parent / "other", "other", True, "CH", 1, signer=Signer.generate("releve/x/1")
        )
    audit = folder.begin_audit(data, SATURDAY_0310_US)
    with pytest.raises(FolderError, match="no audit yet"):
        folder.begin_audit(data, SATURDAY_0310_US)
    assert audit.path.exists()
    key = folder.key_path(data, "centre", 1)
    (key.parent / "other.1.key").write_bytes(key.read_bytes())
    with pytest.raises(FolderError, match="one origin"):
        folder.own_log(data)


def test_nothing_is_redacted_twice_nor_of_the_journal_itself(data: Path, grown: Log) -> None:
    """An act that changes nothing would still be read as one."""
    writer = folder.open_writer(data)
    for index in (4, 0, 1, 9999):
        with pytest.raises(DraftRefused):
            writer.redact(index, "again", "w:1", 3)
    writer.close()


def test_facts_of_the_journal_are_read_or_refused() -> None:
    """They are the only bodies the exchange reads."""
    for read in (facts.read_opened, facts.read_dictionary, facts.read_redaction):
        for body in (b"", b"\xc1", b"\x91" * 5000):
            with pytest.raises(EntryError):
                read(body)
