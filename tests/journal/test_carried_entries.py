"""An epoch ends with a signed entry, and what a later one restates of it is proved by the tree that was signed."""

from pathlib import Path

import msgspec
import pytest

from releve.journal import carried, folder
from releve.journal.carried import Opener
from releve.journal.entry import Entry, Submission
from releve.journal.errors import EntryError, FolderError
from releve.journal.folder import Log, create_island, open_writer, own_log, roll_epoch
from releve.journal.reader import LogReader
from releve.journal.verify import verify_folder

SATURDAY_0310_US = 1_795_226_999_000_000  # 2026-11-21T02:09:59Z


def words(number: int) -> bytes:
    """Return a message that compresses, so that its dictionary is needed to read it."""
    return b"MSH|^~\\&|GAM|CHV|RELEVE|CHV|20261121||ADT^A01^ADT_A01|%06d|P|2.5\rPID|1||%d^^^CHV" % (
        number,
        number,
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return an island with six hundred messages in its first epoch."""
    data = tmp_path / "a"
    create_island(data, "a", True, "Valmont", SATURDAY_0310_US)
    writer = open_writer(data)
    writer.append([Submission("message.hl7v2", words(n), "mllp:1") for n in range(600)], SATURDAY_0310_US)
    writer.close()
    return data


def carry(
    data: Path, closed: Log, indexes: list[int], change: bytes = b"", whole: tuple[int, ...] = ()
) -> list[Entry]:
    """Carry these entries into the epoch being written, and return the carriers.

    `change` replaces stored bytes; of the 256s in `whole` all leaves are restated.
    """
    with LogReader(closed.path) as reader:
        head, key = reader.head(), reader.opened().key
        hashes = reader.tile_hashes()
        dictionary = (1, reader.stored(1) or b"")
        writer = open_writer(data)
        restated = carried.carried_epoch(1, head.size, head.checkpoint, key, hashes, [dictionary], whole)
        by = writer.append([Submission(carried.EPOCH_KIND, carried.write_carried(restated), "test")], 1)
        for index in indexes:
            stored = change or reader.stored(index) or b""
            fact = carried.carried_entry(1, index, by, stored, head.size, hashes, whole)
            writer.append([Submission(carried.FEED_KIND, carried.write_carried(fact), "test")], 1)
        name, start = writer.name, by + 1
        writer.close()
    with LogReader(folder.log_path(data, "a", int(name[2:]))) as reader:
        return reader.read(start, 100)


def opener(data: Path) -> Opener:
    """Return what opens carried entries of this folder."""

    def fetch(log: str, index: int) -> Entry:
        origin, _, epoch = log.partition("/")
        with LogReader(folder.log_path(data, origin, int(epoch))) as reader:
            return reader.get(index)

    return Opener(fetch, lambda digest: None)


def test_an_epoch_ends_with_a_signed_entry_and_the_next_one_follows(data: Path) -> None:
    """Whoever holds the closed file can tell that nothing of it is missing, and whose key goes on."""
    begun = roll_epoch(data, "a week has passed", SATURDAY_0310_US)
    assert begun.name == "a/2" == own_log(data).name
    with LogReader(folder.log_path(data, "a", 1)) as before, LogReader(begun.path) as after:
        assert before.get(before.size - 1).kind == "journal.closed.1"
        assert after.opened().before == before.checkpoint()
        assert after.opened().handover
    assert list(verify_folder(data)) == []


def test_nothing_is_ever_appended_behind_the_end(data: Path) -> None:
    """Power may fail between the end of one epoch and the beginning of the next: the start after it goes on there."""
    writer = open_writer(data)
    writer.end("a week has passed", SATURDAY_0310_US)
    writer.close()
    writer = open_writer(data)
    assert (writer.epoch, writer.size) == (2, 2)
    writer.close()
    assert list(verify_folder(data)) == []


def test_a_carried_entry_reads_as_the_one_it_was(data: Path) -> None:
    """The old file may go: what is restated has the same place, moment and words, from the middle and from the end."""
    closed = own_log(data)
    roll_epoch(data, "a week has passed", SATURDAY_0310_US)
    with LogReader(closed.path) as reader:
        originals = [reader.get(index) for index in (2, 255, 256, 511, 512, 601)]
    for whole in ((), (0,), (0, 1)):
        carriers = carry(data, closed, [one.index for one in originals], whole=whole)[-len(originals) :]
        opened = [original for _, original in opener(data).open_all("a/2", carriers)]
        assert opened == originals
        assert {one.lane for one in carriers} == {"feed"}


def test_what_did_not_stand_in_the_signed_tree_is_no_carried_entry(data: Path) -> None:
    """Whoever owns the island later cannot put words into the week before."""
    closed = own_log(data)
    roll_epoch(data, "a week has passed", SATURDAY_0310_US)
    with LogReader(closed.path) as reader:
        other = reader.stored(3) or b""
    for index, whole in ((4, ()), (4, (0,)), (600, ())):
        (forged,) = carry(data, closed, [index], other, whole)[-1:]
        with pytest.raises(EntryError, match="signed tree"):
            opener(data).open("a/2", forged)


def test_no_island_restates_the_epochs_of_another(data: Path) -> None:
    """The same proof in another island's log counts for nothing: it has no say in what this one recorded."""
    closed = own_log(data)
    roll_epoch(data, "a week has passed", SATURDAY_0310_US)
    (carrier,) = carry(data, closed, [4])
    original = opener(data)
    stranger = Opener(lambda _, index: original._fetch("a/2", index), lambda digest: None)
    with pytest.raises(EntryError, match="earlier epoch of the island"):
        stranger.open("c/2", carrier)


def test_an_epoch_does_not_end_where_the_next_could_not_begin(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind its last entry there is no way back: an island without a next epoch would record nothing."""
    monkeypatch.setattr(folder, "ROLL_BYTES_FREE", 1 << 62)
    with pytest.raises(FolderError, match="room on the disk"):
        roll_epoch(data, "a week has passed", SATURDAY_0310_US)
    writer = open_writer(data)
    assert (writer.epoch, writer.ended) == (1, False)
    writer.close()


def test_leaves_that_are_not_those_of_the_tree_prove_nothing(data: Path) -> None:
    """Restated leaves stand in for the proof of 256 entries: one of them wrong, and none is believed."""
    closed = own_log(data)
    roll_epoch(data, "a week has passed", SATURDAY_0310_US)
    with LogReader(closed.path) as reader:
        head, key = reader.head(), reader.opened().key
        hashes = reader.tile_hashes()
        restated = carried.carried_epoch(1, head.size, head.checkpoint, key, hashes, [], (0,))
    forged = msgspec.structs.replace(restated, leaves={0: restated.leaves[0][32:] + bytes(32)})
    writer = open_writer(data)
    by = writer.append([Submission(carried.EPOCH_KIND, carried.write_carried(forged), "test")], 1)
    writer.close()
    with pytest.raises(EntryError, match="leaves that give the hash"):
        opener(data).epoch("a/2", by)


def test_only_so_many_closed_epochs_are_kept_open_at_a_time(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An island may carry forward from any number of epochs; each one kept open is a tree in memory."""
    monkeypatch.setattr(carried, "RESTATED_MAX", 1)
    closed = own_log(data)
    roll_epoch(data, "a week has passed", SATURDAY_0310_US)
    carriers = [carry(data, closed, [index])[-1] for index in (2, 3)]
    opens = opener(data)

    assert [one.index for _, one in opens.open_all("a/2", [*carriers, *carriers])] == [2, 3, 2, 3]
    assert len(opens._restated) == 1
