"""Files cut from the logs on this disk."""

import shutil
import sqlite3
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from grown import SATURDAY_0310_US, grow, island

from releve.islands.exchange import layout, publish
from releve.islands.exchange.cosign import cosigned_path
from releve.islands.exchange.layout import LayoutError
from releve.islands.exchange.publish import Publisher
from releve.islands.exchange.source import SourceGone, SourceTooLarge
from releve.journal import folder
from releve.journal.blobs import BlobStore
from releve.journal.entry import Submission
from releve.journal.note import Verifier, open_note, read_checkpoint
from releve.journal.reader import LogReader
from releve.journal.tree import TILE_WIDTH, edge_at, leaf_hash

MANY = 1 << 24


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return the data folder of the island centre, with 600 entries."""
    island(tmp_path, "centre", entries=598)
    return tmp_path


def body(publisher: Publisher, path: str) -> bytes:
    """Return a file that must be there."""
    found = publisher.get(path, MANY)
    assert found is not None, path
    return found


def test_a_log_can_be_put_together_from_its_files_alone(data: Path) -> None:
    """Another island has nothing but these files: they must give the signed root, and every entry its leaf."""
    publisher = Publisher(data)
    with LogReader(folder.log_path(data, "centre", 1)) as reader:
        key, root = reader.opened().key, reader.head().root
        stored = [reader.stored(index) for index in range(600)]

    checkpoint = read_checkpoint(
        open_note(body(publisher, "centre/1/checkpoint").decode(), Verifier.from_vkey(key))
    )
    leaves: list[bytes] = []
    entries: list[bytes | None] = []
    for number, width in ((0, 256), (1, 256), (2, 88)):
        leaves += layout.hashes_of(body(publisher, layout.tile_path("centre", 1, 0, number, width)), width)
        entries += layout.entries_of(body(publisher, layout.entries_path("centre", 1, number, width)), width)
    above = layout.hashes_of(body(publisher, layout.tile_path("centre", 1, 1, 0, 2)), 2)

    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == ("releve/centre/1", 600, root)
    assert entries == stored
    assert leaves == [leaf_hash(entry) for entry in entries if entry is not None]
    assert edge_at(600, lambda level, start, stop: (leaves, above)[level][start:stop]).root() == root
    assert body(publisher, "logs") == b"centre/1 600\n"


def test_no_width_is_cut_beyond_the_head_and_each_one_below_it_is(data: Path) -> None:
    """Who pulls asks for what the checkpoint it holds says, which may be an older one."""
    publisher = Publisher(data)

    for width in (1, 87, 88):
        assert len(body(publisher, layout.tile_path("centre", 1, 0, 2, width))) == 32 * width
        assert (
            len(layout.entries_of(body(publisher, layout.entries_path("centre", 1, 2, width)), width))
            == width
        )
    for path in (
        layout.tile_path("centre", 1, 0, 2, 89), layout.tile_path("centre", 1, 0, 2),
        layout.entries_path("centre", 1, 2, 89), layout.entries_path("centre", 1, 2),
        layout.tile_path("centre", 1, 1, 0, 3), layout.tile_path("centre", 1, 1, 1, 1),
        layout.tile_path("centre", 1, 2, 0, 1), layout.tile_path("centre", 1, 63, 0, 1),
        layout.tile_path("centre", 1, 0, 10**18 - 1), layout.entries_path("centre", 1, 36028797018963967),
        "centre/2/checkpoint", "nord/1/checkpoint", "centre-audit/1/checkpoint", layout.blob_path(bytes(32)),
    ):  # fmt: skip
        assert publisher.get(path, MANY) is None, path
    with pytest.raises(LayoutError):
        publisher.get("../keys/centre.1.key", MANY)


def test_what_grows_is_seen_at_once_and_full_tiles_never_change(data: Path) -> None:
    """A reader kept open must not stand still at the size it first saw."""
    publisher = Publisher(data)
    first = publisher.find(layout.tile_path("centre", 1, 0, 0))
    bundled = publisher.find(layout.entries_path("centre", 1, 0))
    assert first is not None
    assert first.immutable
    assert bundled is not None
    assert not bundled.immutable  # a redaction takes bytes out of it

    grow(data, 500)

    assert body(publisher, "logs") == b"centre/1 1100\n"
    assert publisher.find(layout.tile_path("centre", 1, 0, 0)) == first
    assert len(body(publisher, layout.tile_path("centre", 1, 1, 0, 4))) == 128


def test_a_redacted_entry_has_no_bytes_and_keeps_its_leaf(data: Path) -> None:
    """What was removed must not leave the island again; the tree must still hold."""
    before = layout.entries_of(body(Publisher(data), layout.entries_path("centre", 1, 0)), TILE_WIDTH)
    writer = folder.open_writer(data)
    writer.redact(7, "wrong patient", "colonel", SATURDAY_0310_US)
    writer.close()

    publisher = Publisher(data)
    entries = layout.entries_of(body(publisher, layout.entries_path("centre", 1, 0)), TILE_WIDTH)
    leaves = layout.hashes_of(body(publisher, layout.tile_path("centre", 1, 0, 0)), TILE_WIDTH)

    assert before[7] is not None
    assert entries == [*before[:7], None, *before[8:]]
    assert leaves[7] == leaf_hash(before[7])


def test_only_a_blob_that_an_entry_names_is_handed_out(data: Path) -> None:
    """A file under blobs that no log names may be one whose entry was redacted."""
    large = b"scanned page" * 5000
    digest = BlobStore(data / "blobs").put(large)
    publisher = Publisher(data)
    assert publisher.get(layout.blob_path(digest), MANY) is None

    writer = folder.open_writer(data)
    index = writer.append(
        [Submission("message.hl7v2", digest, "mllp:10.0.0.5", blob_bytes=len(large))], SATURDAY_0310_US
    )

    assert publisher.get(layout.blob_path(digest), MANY) == large
    with pytest.raises(SourceTooLarge):
        publisher.get(layout.blob_path(digest), len(large) - 1)
    writer.redact(index, "wrong patient", "colonel", SATURDAY_0310_US)
    writer.close()
    BlobStore(data / "blobs").put(large)
    assert publisher.get(layout.blob_path(digest), MANY) is None


def test_a_blob_that_is_named_and_gone_is_not_found(data: Path) -> None:
    """Another island may hold it: it is asked for there."""
    digest = BlobStore(data / "blobs").put(b"scanned page" * 5000)
    writer = folder.open_writer(data)
    writer.append([Submission("message.hl7v2", digest, "mllp:10.0.0.5", blob_bytes=60_000)], SATURDAY_0310_US)
    writer.close()
    BlobStore(data / "blobs").remove(digest)

    assert sha256(b"scanned page" * 5000).digest() == digest
    assert Publisher(data).get(layout.blob_path(digest), MANY) is None


def test_a_mirrors_checkpoint_carries_the_cosignatures_of_that_size_alone(data: Path) -> None:
    """A cosignature over another size says nothing of this one."""
    path = cosigned_path(data, "centre", 1)
    path.parent.mkdir(parents=True)
    publisher = Publisher(data)
    plain = body(publisher, "centre/1/checkpoint")

    path.write_text("600\n— releve/nord/mirror AAAA\nnot a signature\n— cut off", "utf-8")
    assert body(publisher, "centre/1/checkpoint") == plain + "— releve/nord/mirror AAAA\n".encode()
    path.write_text("599\n— releve/nord/mirror AAAA\n", "utf-8")
    assert body(publisher, "centre/1/checkpoint") == plain
    path.write_text("", "utf-8")
    assert body(publisher, "centre/1/checkpoint") == plain
    path.write_text("600\n" + "— releve/nord/mirror AAAA\n" * 2000, "utf-8")
    assert len(plain) < len(body(publisher, "centre/1/checkpoint")) <= layout.CHECKPOINT_BYTES_MAX


def test_a_log_that_was_replaced_is_opened_again_and_one_that_went_is_not_there(data: Path) -> None:
    """A mirror put back from a stick has another file; the old one would be served for ever."""
    publisher = Publisher(data)
    assert body(publisher, "logs") == b"centre/1 600\n"
    other = data / "other"
    island(other, "centre", entries=8)
    path = folder.log_path(data, "centre", 1)

    shutil.copy(folder.log_path(other, "centre", 1), path.with_suffix(".new"))
    for beside in ("-wal", "-shm"):
        path.with_name(path.name + beside).unlink(missing_ok=True)
    path.with_suffix(".new").rename(path)
    assert body(publisher, "logs") == b"centre/1 10\n"
    path.unlink()
    assert body(publisher, "logs") == b""
    assert publisher.get("centre/1/checkpoint", MANY) is None
    publisher.close()


def test_a_damaged_log_hides_no_other(data: Path) -> None:
    """One bad sector must not end the exchange of everything else."""
    spoilt = folder.log_path(data, "nord", 1)
    spoilt.parent.mkdir()
    spoilt.write_bytes(b"no database" * 1000)
    with sqlite3.connect(folder.log_path(data, "nord", 2)) as empty:
        empty.execute("CREATE TABLE other (x)")
    publisher = Publisher(data)

    assert body(publisher, "logs") == b"centre/1 600\n"
    for path in ("nord/1/checkpoint", "nord/2/checkpoint", layout.entries_path("nord", 2, 0, 1)):
        with pytest.raises(SourceGone):
            publisher.get(path, MANY)


def test_a_damaged_log_hides_no_blob_of_another(data: Path) -> None:
    """The body may be named by the healthy log."""
    digest = BlobStore(data / "blobs").put(b"scanned page" * 5000)
    writer = folder.open_writer(data)
    writer.append([Submission("message.hl7v2", digest, "mllp:10.0.0.5", blob_bytes=60_000)], SATURDAY_0310_US)
    writer.close()
    spoilt = folder.log_path(data, "a", 1)
    spoilt.parent.mkdir()
    spoilt.write_bytes(b"no database" * 1000)

    assert Publisher(data).get(layout.blob_path(digest), MANY) is not None


def test_no_more_logs_are_held_open_than_a_process_may(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The audit begins a log a month on each island: after some years there are hundreds."""
    monkeypatch.setattr(publish, "READERS_MAX", 3)
    for number in range(6):
        target = folder.log_path(data, f"island-{number}", 1)
        target.parent.mkdir()
        shutil.copy(folder.log_path(data, "centre", 1), target)
    publisher = Publisher(data)

    assert len(body(publisher, "logs").splitlines()) == 7
    assert len(publisher._readers) == 3
    assert body(publisher, layout.tile_path("island-0", 1, 0, 0))


def test_a_log_taken_for_one_that_never_changes_is_opened_again_when_it_does(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the journal may only be read, SQLite opens a mirror at rest so; its next entries would never be seen."""

    class AtRest(LogReader):
        def __init__(self, path: Path, blobs: Path | None = None) -> None:
            super().__init__(path, blobs)
            if not path.with_name(f"{path.name}-wal").exists():
                self.connection.close()
                self.connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)

    path = folder.log_path(data, "centre", 1)
    with sqlite3.connect(path) as log:
        log.execute("PRAGMA journal_mode = DELETE")
    log.close()
    monkeypatch.setattr(publish, "LogReader", AtRest)
    publisher = Publisher(data)
    assert body(publisher, "logs") == b"centre/1 600\n"

    grow(data, 100)

    assert body(publisher, "logs") == b"centre/1 700\n"


def test_what_is_written_is_seen_through_a_journal_that_may_only_be_read(data: Path) -> None:
    """The unit of the publisher gets the journal read-only: it must not stand still at what it saw first."""
    shown = data.parent / "shown"
    shown.mkdir()
    if subprocess.run(["mount", "--bind", data, shown], capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here (needs root): a read-only journal was not tested")
    publisher = Publisher(shown)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", shown], check=True)
        assert body(publisher, "logs") == b"centre/1 600\n"
        for size in (605, 610):
            grow(data, 5)
            assert body(publisher, "logs") == b"centre/1 %d\n" % size
            assert layout.entries_of(
                body(publisher, layout.entries_path("centre", 1, 2, size - 512)), size - 512
            )
    finally:
        publisher.close()
        subprocess.run(["umount", shown], check=True)
