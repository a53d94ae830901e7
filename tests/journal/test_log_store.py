import shutil
import sqlite3
import stat
from pathlib import Path

import msgspec
import pytest
from pymerkle import InmemoryTree
from recorder_here import SATURDAY_0310_US, draft, flip, message, new_island, read_only, small_disk

from releve.journal import entry as entries
from releve.journal import facts, folder, head
from releve.journal.blobs import BlobStore
from releve.journal.entry import Submission
from releve.journal.errors import CorruptLog, DraftRefused, EntryError, FolderError, RecorderBusy
from releve.journal.folder import Log
from releve.journal.note import Verifier, open_note, read_checkpoint
from releve.journal.reader import LogReader
from releve.journal.tree import (
    edge_at,
    inclusion_holds,
    inclusion_proof,
    leaf_hash,
)
from releve.journal.verify import verify_folder


def submissions(start: int, count: int, kind: str = "message.hl7v2") -> list[Submission]:
    """Return invented messages, as the recorder gets them."""
    return [Submission(kind, message(number), "mllp:10.0.0.5") for number in range(start, start + count)]


def test_a_new_log_says_whose_it_is(data: Path, log: Log) -> None:
    """Origin and key stand in the first entry, or two islands' logs could be exchanged."""
    with LogReader(log.path) as reader:
        opened = reader.opened()

        assert reader.size == 2
        assert (opened.origin, opened.epoch, opened.exercise, opened.before) == ("centre", 1, True, None)
        assert opened.key == folder.read_key(data, log).signer.verifier.vkey
        assert reader.get(1).kind == "journal.dictionary.1"
        assert facts.read_dictionary(reader.get(1).body).dictionary == folder.shipped_dictionary()[1]


def test_only_the_island_itself_may_read_its_files(data: Path, log: Log) -> None:
    """The key signs for the island; the log holds every patient."""
    assert stat.S_IMODE(folder.key_path(data, "centre", 1).stat().st_mode) == 0o600
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    folder.key_path(data, "centre", 1).chmod(0o644)
    with pytest.raises(FolderError, match="0600"):
        folder.open_writer(data)


def test_what_was_appended_is_read_back_by_lane(data: Path, log: Log) -> None:
    """The fold takes acts first; everything must be there, in order, unaltered."""
    writer = folder.open_writer(data)
    first = writer.append(
        [*submissions(0, 3), Submission("crisis.note.1", b"\x80", "screen", "w:1", 5, ("ward:UF1",))],
        SATURDAY_0310_US,
    )
    writer.append(submissions(4, 2), SATURDAY_0310_US)
    writer.close()

    with LogReader(log.path) as reader:
        assert first == 2
        assert [entry.index for entry in reader.read(0, 100)] == list(range(8))
        assert [entry.body for entry in reader.read(2, 3, "feed")] == [message(number) for number in range(3)]
        assert [entry.index for entry in reader.read(0, 100, "act")] == [0, 1, 5]
        act = reader.get(5)
        assert (act.author, act.occurred_at_us, act.subjects, act.source) == (
            "w:1",
            5,
            ("ward:UF1",),
            "screen",
        )
        assert act.recorded_at_us == SATURDAY_0310_US
        stamps = [entry.hlc for entry in reader.read(0, 100)]
        assert stamps == sorted(set(stamps))
        with pytest.raises(EntryError, match="entry 8"):
            reader.get(8)


def test_the_acts_of_a_long_log_are_found_through_their_index(data: Path, log: Log) -> None:
    """A year of feed must not be read to find the one declared cut."""
    with LogReader(log.path) as reader:
        plan = reader.connection.execute(
            "EXPLAIN QUERY PLAN SELECT idx, stored FROM entry WHERE lane = 1 AND idx >= ? ORDER BY idx LIMIT 9",
            (0,),
        ).fetchall()

    assert "USING INDEX acts" in str(plan) or "USING COVERING INDEX acts" in str(plan)


def test_root_and_proofs_are_those_of_the_stored_bytes(data: Path, log: Log) -> None:
    """Leaf = the stored bytes, so that anyone holding the file can recompute everything."""
    writer = folder.open_writer(data)
    for number in range(0, 600, 100):
        writer.append(submissions(number, 100), SATURDAY_0310_US)
    writer.close()
    oracle = InmemoryTree(algorithm="sha256")

    with LogReader(log.path) as reader:
        for index in range(reader.size):
            stored = reader.stored(index)
            assert stored is not None
            oracle.append_entry(stored)
        size, root, hashes = reader.size, reader.head().root, reader.tile_hashes()

        assert root == oracle.get_root()
        checkpoint = read_checkpoint(open_note(reader.checkpoint(), Verifier.from_vkey(reader.opened().key)))
        assert checkpoint == ("releve/centre/1", size, root)
        path = inclusion_proof(300, size, hashes)
        assert inclusion_holds(hashes(0, 300, 301)[0], 300, size, path, root)
        with pytest.raises(EntryError):
            reader.stored(size)


def test_one_writer_at_a_time(data: Path, log: Log) -> None:
    """Two writers of one log fork it, and both would be right."""
    writer = folder.open_writer(data)

    with pytest.raises(RecorderBusy):
        folder.open_writer(data)
    with pytest.raises(RecorderBusy):
        folder.start_epoch(data, "test", SATURDAY_0310_US)

    writer.close()
    folder.open_writer(data).close()


def test_an_unknown_kind_is_kept_untouched(data: Path, log: Log) -> None:
    """Someone's newer department may have written it."""
    writer = folder.open_writer(data)
    writer.append([Submission("dialysis.session.9", b"\xff\x00", "screen")], SATURDAY_0310_US)
    writer.close()

    with LogReader(log.path) as reader:
        entry = reader.get(2)
        assert (entry.kind, entry.body, entry.lane) == ("dialysis.session.9", b"\xff\x00", "act")
    assert list(verify_folder(data)) == []


def test_an_entry_of_a_later_format_is_listed_and_verified(data: Path, log: Log) -> None:
    """N and N-1 stand side by side while the islands are upgraded one at a time."""
    writer = folder.open_writer(data)
    batch = writer._batch(SATURDAY_0310_US)
    batch.add(submissions(0, 1))
    later = msgspec.msgpack.encode([2, "centre", 1, 2, {"new": True}])
    index, lane, _, _, blob = batch.rows[0]
    batch.edge = writer._edge.copy()
    batch.edge.append(leaf_hash(later))
    batch.rows = [(index, lane, later, leaf_hash(later), blob)]
    writer._commit(batch)
    writer.append(submissions(1, 1), SATURDAY_0310_US)
    writer.close()

    with LogReader(log.path) as reader:
        assert [entry.kind for entry in reader.read(2, 9)] == [entries.UNREADABLE, "message.hl7v2"]
        assert reader.get(2).body == later
    assert list(verify_folder(data)) == []


def test_a_redacted_entry_loses_its_bytes_and_the_log_still_verifies(data: Path, log: Log) -> None:
    """A court can order a removal; the tree must not fall over it, and the removal itself must be signed."""
    secret = b"SECRET-OF-A-PATIENT" * 9
    writer = folder.open_writer(data)
    writer.append([Submission("message.hl7v2", secret, "mllp:10.0.0.5", "", 7, ("pid:1",))], SATURDAY_0310_US)
    writer.append(submissions(0, 1), SATURDAY_0310_US)
    root_before = writer.root

    act = writer.redact(2, "order of the court 12/2026", "w:9", SATURDAY_0310_US)

    with LogReader(log.path) as reader:
        gone, why = reader.get(2), facts.read_redaction(reader.get(act).body)
        assert (gone.redacted, gone.body, gone.kind, gone.occurred_at_us) == (True, b"", "message.hl7v2", 7)
        assert reader.stored(2) is None
        assert (why.index, why.reason) == (2, "order of the court 12/2026")
        assert edge_at(4, reader.tile_hashes()).root() == root_before
        assert reader.get(act).author == "w:9"
    for path in log.path.parent.iterdir():
        assert b"SECRET-OF-A-PATIENT" not in path.read_bytes()
    for again, expected in ((2, "bytes"), (99, "bytes"), (0, "stays"), (act, "stays")):
        with pytest.raises(DraftRefused, match=expected):
            writer.redact(again, "again", "w:9", SATURDAY_0310_US)
    writer.close()
    assert list(verify_folder(data)) == []
    folder.open_writer(data).close()


def test_redacting_the_last_entry_that_names_a_blob_removes_the_blob(data: Path, log: Log) -> None:
    """A document received twice goes only when both entries are gone."""
    blobs = BlobStore(data / "blobs")
    body = b"DICM" * 20_000
    digest = blobs.put(body)
    scan = Submission("paper.scan.1", digest, "scan", blob_bytes=len(body))
    writer = folder.open_writer(data)
    writer.append([scan, scan], SATURDAY_0310_US)

    writer.redact(2, "r", "w", SATURDAY_0310_US)
    assert blobs.get(digest) == body
    writer.redact(3, "r", "w", SATURDAY_0310_US)
    assert blobs.get(digest) is None
    writer.close()
    assert list(verify_folder(data)) == []


def test_an_entry_whose_blob_is_lost_is_still_readable(data: Path, log: Log) -> None:
    """The envelope says what is missing and from where it can be fetched."""
    blobs = BlobStore(data / "blobs")
    digest = blobs.put(b"x" * 40_000)
    writer = folder.open_writer(data)
    writer.append([Submission("paper.scan.1", digest, "scan", blob_bytes=40_000)], SATURDAY_0310_US)
    writer.close()
    blobs.remove(digest)

    with LogReader(log.path) as reader:
        entry = reader.get(2)

    assert (entry.missing, entry.body, entry.kind) == (True, b"", "paper.scan.1")
    assert [finding.entry for finding in verify_folder(data)] == [2]


def test_a_log_shorter_than_its_promise_is_refused_with_a_way_out(data: Path, log: Log) -> None:
    """SQLite drops damaged frames in silence: without the head file, acknowledged entries would just be gone."""
    writer = folder.open_writer(data)
    writer.append(submissions(0, 3), SATURDAY_0310_US)
    writer.close()
    promise = head.HeadFile(log.path.with_suffix(".head"))
    promise.write(7, bytes(32))
    promise.close()

    with pytest.raises(CorruptLog, match=r"centre/1 entry 5: expected 7 .*releve journal verify") as caught:
        folder.open_writer(data)

    assert "new-epoch" in caught.value.way_out
    with LogReader(log.path) as reader:
        assert reader.size == 5
    assert any("7 entries that were acknowledged" in str(finding) for finding in verify_folder(data))


def test_a_log_that_disagrees_with_its_promise_is_refused(data: Path, log: Log) -> None:
    """A log put back from a forged copy has the right length and the wrong root."""
    promise = head.HeadFile(log.path.with_suffix(".head"))
    promise.write(2, bytes(32))
    promise.close()

    with pytest.raises(CorruptLog, match="head file"):
        folder.open_writer(data)
    log.path.with_suffix(".head").write_bytes(bytes(8192))
    with pytest.raises(CorruptLog, match="whole slot"):
        folder.open_writer(data)
    log.path.with_suffix(".head").unlink()
    with pytest.raises(CorruptLog, match="beside the log"):
        folder.open_writer(data)
    assert any(finding.place == "head file" for finding in verify_folder(data))


def test_a_damaged_slot_is_a_warning_and_is_written_again(data: Path, log: Log) -> None:
    """One of two slots is enough; at three in the morning the island must come up."""
    flip(log.path.with_suffix(".head"), 20, 0)
    writer = folder.open_writer(data)

    assert any("slot" in warning for warning in writer.warnings)
    writer.append(submissions(0, 1), SATURDAY_0310_US)
    writer.append(submissions(1, 1), SATURDAY_0310_US)
    writer.close()

    assert head.read(log.path.with_suffix(".head"))[1] == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ("UPDATE head SET root = zeroblob(32)", "head"),
        ("UPDATE head SET edge = zeroblob(31)", "head"),
        ("UPDATE head SET size = size + 1", "checkpoint"),
        ("UPDATE head SET checkpoint = replace(checkpoint, '/1', '/2')", "checkpoint"),
        ("DELETE FROM head", "head"),
        ("UPDATE entry SET stored = zeroblob(9) WHERE idx = 4", "entry 4"),
        ("UPDATE entry SET leaf = zeroblob(32) WHERE idx = 3", r"entry 3|tree"),
        ("DELETE FROM entry WHERE idx = 4", "entry 4"),
        ("DELETE FROM entry WHERE idx = 3", "entry 3"),
        ("PRAGMA user_version = 9", "format"),
        ("PRAGMA application_id = 9", "application_id"),
    ],
)
def test_a_log_is_not_opened_for_writing_on_a_damaged_edge(
    data: Path, log: Log, change: str, place: str
) -> None:
    """Whatever is appended to a wrong edge is lost with it."""
    writer = folder.open_writer(data)
    writer.append(submissions(0, 3), SATURDAY_0310_US)
    writer.close()
    connection = sqlite3.connect(log.path)
    connection.execute(change)
    connection.commit()
    connection.close()

    with pytest.raises(CorruptLog, match=place):
        folder.open_writer(data)
    assert list(verify_folder(data))


def test_a_file_that_is_no_log_is_refused(data: Path, log: Log) -> None:
    """A restored backup can be anything."""
    log.path.write_bytes(b"not SQLite at all" * 100)

    with pytest.raises(CorruptLog):
        folder.open_writer(data)
    assert [finding.log for finding in verify_folder(data)] == ["centre/1"]
    log.path.unlink()
    with pytest.raises(CorruptLog, match="file of the log"):
        folder.open_writer(data)


def test_a_damaged_log_is_left_behind_for_a_new_epoch(data: Path, log: Log) -> None:
    """Care goes on: the old log stays for the investigators, the new one says why it began."""
    writer = folder.open_writer(data)
    writer.append(submissions(0, 3), SATURDAY_0310_US)
    writer.close()
    with LogReader(log.path) as reader:
        last = reader.checkpoint()

    second = folder.start_epoch(data, "test of the way out", SATURDAY_0310_US + 1)
    second.path.write_bytes(b"damaged")
    third = folder.start_epoch(data, "damaged", SATURDAY_0310_US + 2)

    assert (second.name, third.name, folder.own_log(data)) == ("centre/2", "centre/3", third)
    with LogReader(third.path) as reader:
        opened = reader.opened()
        assert (opened.before, opened.exercise, opened.reason) == (None, True, "damaged")
    writer = folder.open_writer(data)
    writer.append(submissions(9, 1), SATURDAY_0310_US)
    writer.close()
    with LogReader(log.path) as reader:
        assert reader.checkpoint() == last
    assert {finding.log for finding in verify_folder(data)} == {"centre/2"}


def test_a_new_epoch_names_the_end_of_the_one_before(data: Path, log: Log) -> None:
    """Otherwise an epoch could be left out and nobody would see it."""
    with LogReader(log.path) as reader:
        last, stamp = reader.checkpoint(), reader.get(1).hlc

    second = folder.start_epoch(data, "size", SATURDAY_0310_US - 10_000_000)

    with LogReader(second.path) as reader:
        assert reader.opened().before == last
        assert reader.get(0).hlc > stamp
        assert reader.opened().key != folder.read_key(data, log).signer.verifier.vkey
    assert list(verify_folder(data)) == []


def test_an_exercise_never_becomes_real(data: Path, log: Log) -> None:
    """Invented patients must not reach a real ward, nor the other way round."""
    folder.key_path(data, "centre", 1).unlink()
    with pytest.raises(FolderError, match="exercise"):
        folder.create_island(data, "centre", False, "CH", SATURDAY_0310_US)

    again = folder.create_island(data, "centre", True, "CH", SATURDAY_0310_US)

    assert again.epoch == 2
    with LogReader(log.path) as before, LogReader(again.path) as reader:
        assert reader.opened().before == before.checkpoint()
    key = folder.key_path(data, "centre", 2)
    key.write_text(key.read_text().replace("exercise: yes", "exercise: no"))
    with pytest.raises(CorruptLog, match="exercise"):
        folder.open_writer(data)


def test_an_island_is_not_created_over_another(data: Path, log: Log) -> None:
    """`init` typed twice must not cost a hospital its journal."""
    for origin in ("centre", "other"):
        with pytest.raises(FolderError, match="nothing was changed"):
            folder.create_island(data, origin, True, "CH", SATURDAY_0310_US)
    with pytest.raises(FolderError, match="island name"):
        folder.create_island(data / "x", "../up", True, "CH", SATURDAY_0310_US)


def test_an_interrupted_beginning_can_be_begun_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The power may fail during `init`, too."""
    data = tmp_path / "data"

    def fail(path: Path, key: object) -> None:
        raise OSError(5, "power")

    with monkeypatch.context() as broken:
        broken.setattr(folder, "_write_key", fail)
        with pytest.raises(OSError, match="power"):
            new_island(data)
    with pytest.raises(FolderError, match="key of an island"):
        folder.own_log(data)

    log = new_island(data)

    folder.open_writer(data).close()
    assert folder.own_log(data) == log


def test_every_log_of_the_folder_is_listed(data: Path, log: Log) -> None:
    """Mirrored logs stand beside the own one and are folded the same way."""
    other = data / "journal" / "nord" / "3.sqlite3"
    other.parent.mkdir()
    other.write_bytes(log.path.read_bytes())
    (data / "journal" / "nord" / "x.sqlite3").write_bytes(b"")

    assert [found.name for found in folder.logs(data)] == ["centre/1", "nord/3"]
    assert folder.own_log(data).name == "centre/1"
    found = {str(finding) for finding in verify_folder(data)}
    assert any("origin, epoch and index nord/3 0" in line for line in found)


def test_a_closed_log_can_be_read_from_a_medium_that_cannot_be_written(
    tmp_path: Path, data: Path, log: Log
) -> None:
    """A stick with its switch on, an archive on a read-only share."""
    with small_disk(tmp_path / "stick", megabytes=4) as stick:
        copy = stick / "centre"
        shutil.copytree(log.path.parent, copy)
        read_only(stick)

        with LogReader(copy / "1.sqlite3", data / "blobs") as reader:
            assert reader.size == 2
            assert reader.get(1).kind == "journal.dictionary.1"


def test_the_write_ahead_log_does_not_grow_with_readers_at_work(data: Path, log: Log) -> None:
    """A fold that reads all night must not fill the disk with a file nobody empties."""
    writer = folder.open_writer(data)
    readers = [LogReader(log.path) for _ in range(3)]
    wal = log.path.with_name("1.sqlite3-wal")
    largest = 0

    for number in range(0, 6000, 20):
        writer.append(submissions(number, 20), SATURDAY_0310_US)
        for reader in readers:
            assert reader.read(number, 5)
        if writer.wal_pages > 300:
            assert writer.empty_wal()
        largest = max(largest, wal.stat().st_size)

    assert largest < 16 * 1024 * 1024
    for reader in readers:
        reader.close()
    writer.close()
    assert not wal.exists()


def test_a_reader_in_the_way_only_delays_emptying(data: Path, log: Log) -> None:
    """Someone's long query must not stop the recorder."""
    writer = folder.open_writer(data)
    with LogReader(log.path) as reader:
        reader.connection.execute("BEGIN")
        reader.connection.execute("SELECT count(*) FROM entry").fetchone()
        writer.append(submissions(0, 10), SATURDAY_0310_US)

        assert not writer.empty_wal(wait_ms=1)
        writer.append(submissions(10, 10), SATURDAY_0310_US)
        reader.connection.execute("COMMIT")
        assert writer.empty_wal(wait_ms=1)
        assert reader.size == 22
    writer.close()


def test_a_message_takes_less_than_its_target(data: Path, log: Log) -> None:
    """Ten years of a hospital's feed must fit the island's disk."""
    writer = folder.open_writer(data)
    writer.append(
        [Submission("message.hl7v2", draft(1, padding=900).body, "mllp:10.0.0.5")], SATURDAY_0310_US
    )
    writer.close()

    with LogReader(log.path) as reader:
        assert reader.outlines(2, 1)[0].stored_bytes < 400
