"""Every bit of what a log keeps is turned over; `verify` must say so, and where."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from recorder_here import SATURDAY_0310_US, flip, message

from releve.journal import folder
from releve.journal.blobs import BlobStore
from releve.journal.entry import Submission
from releve.journal.errors import JournalError
from releve.journal.folder import Log
from releve.journal.reader import LogReader
from releve.journal.verify import Finding, verify_log


@pytest.fixture
def small_log(data: Path, monkeypatch: pytest.MonkeyPatch) -> Log:
    """Return a closed log of seven entries whose dictionary is small, so that every bit can be tried."""
    monkeypatch.setattr(folder, "shipped_dictionary", lambda: ("small", b"MSH|^~\\&|GAM|CH-VALMONT|" * 8))
    log = folder.create_island(data, "centre", True, "CH", SATURDAY_0310_US)
    writer = folder.open_writer(data)
    writer.append([Submission("message.hl7v2", message(number), "mllp:10.0.0.5") for number in range(3)], 1)
    writer.append([Submission("crisis.note.1", b"\x81\xa1a\x01", "screen", "w:1")], 2)
    writer.redact(3, "order", "w:1", 3)
    writer.close()
    return log


class Touched:
    """A log under change: one value is altered, verified and put back."""

    def __init__(self, data: Path, log: Log) -> None:
        self.data, self.log = data, log
        self.connection = sqlite3.connect(log.path, isolation_level=None)
        self.connection.execute("PRAGMA synchronous = OFF")

    def findings(self) -> list[Finding]:
        return list(verify_log(self.data, self.log))

    def with_value(self, table: str, column: str, where: str, value: object) -> list[Finding]:
        read = f"SELECT {column} FROM {table} WHERE {where}"
        write = f"UPDATE {table} SET {column} = ? WHERE {where}"
        before = self.connection.execute(read).fetchone()[0]
        self.connection.execute(write, (value,))
        try:
            return self.findings()
        finally:
            self.connection.execute(write, (before,))

    def every_bit(
        self, table: str, column: str, where: str, bits: Callable[[int], Iterator[int]]
    ) -> Iterator[tuple[int, list[Finding]]]:
        value = self.connection.execute(f"SELECT {column} FROM {table} WHERE {where}").fetchone()[0]
        raw = value.encode() if isinstance(value, str) else value
        for bit in bits(8 * len(raw)):
            changed = bytearray(raw)
            changed[bit // 8] ^= 1 << bit % 8
            new: object = bytes(changed)
            if isinstance(value, str):
                try:
                    new = changed.decode()
                except UnicodeDecodeError:
                    continue  # a TEXT that is no text is found when it is read
            yield bit, self.with_value(table, column, where, new)


def every(count: int) -> Iterator[int]:
    """Return each bit."""
    return iter(range(count))


def one_a_byte(count: int) -> Iterator[int]:
    """Return one bit of each byte, chosen by a printed rule."""
    return (at + at // 8 * 5 % 8 for at in range(0, count, 8))


@pytest.fixture
def touched(data: Path, small_log: Log) -> Iterator[Touched]:
    """Return the small log, ready to be altered."""
    touched = Touched(data, small_log)
    assert touched.findings() == []
    yield touched
    assert touched.findings() == []
    touched.connection.close()


@pytest.mark.parametrize(
    ("index", "bits"),
    [(0, one_a_byte), (1, one_a_byte), (2, every), (4, one_a_byte), (5, every), (6, one_a_byte)],
)
def test_any_flipped_bit_of_stored_bytes_is_found_at_its_entry(
    touched: Touched, index: int, bits: Callable[[int], Iterator[int]]
) -> None:
    """A dose that changed by one bit on a worn disk must be seen before it is read as true."""
    for bit, findings in touched.every_bit("entry", "stored", f"idx = {index}", bits):
        assert index in {finding.entry for finding in findings}, f"bit {bit} of entry {index} went unseen"
        assert f"centre/1 entry {index}: " in str(next(f for f in findings if f.entry == index))


@pytest.mark.parametrize("index", [0, 2, 3, 6])
def test_any_flipped_bit_of_a_leaf_hash_is_found_at_its_entry(touched: Touched, index: int) -> None:
    """The leaf is what stands in for bytes that a redaction removed."""
    for bit, findings in touched.every_bit("entry", "leaf", f"idx = {index}", every):
        assert index in {finding.entry for finding in findings}, f"bit {bit} went unseen"


@pytest.mark.parametrize(
    ("column", "place"), [("root", "head root"), ("edge", "head edge"), ("checkpoint", "checkpoint")]
)
def test_any_flipped_bit_of_the_head_is_found(touched: Touched, column: str, place: str) -> None:
    """The head is what the island signs and what others compare."""
    for bit, findings in touched.every_bit("head", column, "one = 1", every):
        assert place in {finding.place for finding in findings}, f"bit {bit} of {column} went unseen"


@pytest.mark.parametrize(
    ("table", "column", "where", "value", "place"),
    [
        ("entry", "lane", "idx = 2", 1, "entry 2"),
        ("entry", "lane", "idx = 5", 0, "entry 5"),
        ("entry", "lane", "idx = 2", 3, "entry 2"),
        ("entry", "blob", "idx = 2", bytes(32), "entry 2"),
        ("entry", "redacted", "idx = 2", 6, "entry 2"),
        ("entry", "redacted", "idx = 3", 5, "entry 3"),
        ("entry", "redacted", "idx = 3", None, "entry 3"),
        ("entry", "stored", "idx = 2", None, "entry 2"),
        ("entry", "idx", "idx = 5", 9, "entry 5"),
        ("head", "size", "one = 1", 6, "entry 6"),
        ("head", "size", "one = 1", 8, "entry 7"),
        ("head", "dictionary", "one = 1", 0, "head"),
        ("head", "dictionary", "one = 1", None, "head"),
    ],
)
def test_any_other_column_is_held_to_the_entries(
    data: Path, small_log: Log, table: str, column: str, where: str, value: object, place: str
) -> None:
    """Columns beside the stored bytes only serve speed: they must say the same."""
    touched = Touched(data, small_log)

    findings = touched.with_value(table, column, where, value)

    assert place in {finding.place for finding in findings}


def test_any_flipped_bit_of_a_tile_is_found(data: Path, log: Log) -> None:
    """Proofs are cut from tiles; a wrong one makes true entries look forged."""
    writer = folder.open_writer(data)
    writer.append([Submission("message.hl7v2", b"x", "s") for _ in range(300)], 1)
    writer.close()
    touched = Touched(data, log)

    for _, findings in touched.every_bit("tile", "hash", "level = 1 AND idx = 0", one_a_byte):
        assert [finding.place for finding in findings] == ["tile 1/0"]
    assert "tile 1/0" in {finding.place for finding in touched.with_value("tile", "idx", "level = 1", 3)}
    touched.connection.execute("DELETE FROM tile")
    assert {finding.place for finding in touched.findings()} == {"tile 1/0", "tiles"}


def test_a_damaged_index_is_found(data: Path, log: Log) -> None:
    """A cut that the fold cannot find through the index did not happen, for the wards."""
    writer = folder.open_writer(data)
    writer.append([Submission("crisis.note.1", b"x", "s") for _ in range(300)], 1)
    writer.close()
    connection = sqlite3.connect(log.path)
    page = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'acts'").fetchone()[0]
    connection.close()
    content = log.path.read_bytes()[(page - 1) * 4096 : page * 4096]
    # In a leaf page of the index, the cells (idx of one act each) stand at the end.
    flip(log.path, page * 4096 - 1, 0)

    places = {finding.place for finding in verify_log(data, log)}

    assert content[0] in (2, 10)
    assert any("index acts" in place or place.startswith("entry ") or place == "file" for place in places)


def test_a_flipped_bit_anywhere_in_the_file_is_found_or_touches_nothing(data: Path, small_log: Log) -> None:
    """Sampled over all pages: free space may change unseen, content may not."""
    content = small_log.path.read_bytes()
    before = everything(data, small_log)
    chance = random.Random(1953)
    unseen = 0

    for _ in range(500):
        at, bit = chance.randrange(len(content)), chance.randrange(8)
        flip(small_log.path, at, bit)
        findings = list(verify_log(data, small_log))
        if not findings:
            unseen += 1
            assert everything(data, small_log) == before, f"byte {at} bit {bit} changed content unseen"
        small_log.path.write_bytes(content)
        for beside in ("-wal", "-shm"):
            small_log.path.with_name(small_log.path.name + beside).unlink(missing_ok=True)

    assert unseen < 500


def everything(data: Path, log: Log) -> list[object]:
    """Return all that a reader can get from a log."""
    try:
        with LogReader(log.path, data / "blobs") as reader:
            tables = [
                reader.connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
                for table in ("entry", "head", "tile")
            ]
            return [*tables, reader.read(0, 100), reader.read(0, 100, "act")]
    except (JournalError, sqlite3.Error, UnicodeDecodeError) as error:
        return [str(error)]


def test_a_flipped_bit_of_a_blob_is_found_at_its_entry(data: Path, log: Log) -> None:
    """An image altered on the disk must not be shown as the one that was taken."""
    blobs = BlobStore(data / "blobs")
    digest = blobs.put(b"DICM" * 20_000)
    writer = folder.open_writer(data)
    writer.append([Submission("message.dicom", digest, "dicom", blob_bytes=80_000)], 1)
    writer.close()
    for at in (0, 40_000, 79_999):
        flip(blobs.path(digest), at, at % 8)
        assert [finding.entry for finding in verify_log(data, log)] == [2]
        flip(blobs.path(digest), at, at % 8)
    assert list(verify_log(data, log)) == []


def test_another_key_or_another_exercise_mark_is_found(data: Path, log: Log) -> None:
    """The key file says who may go on writing."""
    key = folder.key_path(data, "centre", 1)
    text = key.read_text()
    for changed in (text.replace("exercise: yes", "exercise: no"), "nothing", text.replace("+KEY+", "+KEX+")):
        key.write_text(changed)
        assert {finding.place for finding in verify_log(data, log)} == {"key file"}


def test_progress_is_told(data: Path, log: Log) -> None:
    """Anything over two seconds shows how far it came."""
    writer = folder.open_writer(data)
    writer.append([Submission("message.hl7v2", b"x", "s") for _ in range(600)], 1)
    writer.close()
    told: list[tuple[int, int]] = []

    assert list(verify_log(data, log, lambda done, total: told.append((done, total)))) == []

    assert told == [(512, 602), (602, 602)]


def test_verifying_beside_a_working_writer_finds_nothing(data: Path, log: Log) -> None:
    """It must be possible to check while the hospital sends."""
    writer = folder.open_writer(data)
    writer.append([Submission("message.hl7v2", message(number), "s") for number in range(1500)], 1)

    def append(done: int, total: int) -> None:
        writer.append([Submission("crisis.note.1", b"x", "s")] * 3, 2)

    assert list(verify_log(data, log, append)) == []
    writer.close()
