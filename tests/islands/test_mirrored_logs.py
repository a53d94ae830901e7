"""What is pulled is what was recorded, whole, proved and signed for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from three_islands import Island, islands

from releve.islands.exchange import layout
from releve.journal import folder, verify
from releve.journal.reader import LogReader


@pytest.fixture
def three(tmp_path: Path) -> Iterator[list[Island]]:
    """Return islands a, b and c that know one another."""
    made = islands(tmp_path, "a", "b", "c")
    yield made
    for island in made:
        island.close()


def stored(island: Island, origin: str, epoch: int = 1) -> list[bytes | None]:
    """Return the stored bytes of all entries of a log."""
    with LogReader(folder.log_path(island.data, origin, epoch)) as reader:
        return [row[0] for row in reader.connection.execute("SELECT stored FROM entry ORDER BY idx")]


def findings(island: Island) -> list[str]:
    """Return what a full check of every log of the island finds."""
    return [str(finding) for finding in verify.verify_folder(island.data)]


@pytest.mark.parametrize("count", [1, 253, 254, 255, 600])
def test_a_copy_holds_every_entry_byte_for_byte_and_passes_the_full_check(
    three: list[Island], count: int
) -> None:
    """An island that burns lives on in its copies: one wrong byte there is a lost fact."""
    a, b, _ = three
    a.record(count)
    assert b.pull(a) == count + 2
    assert stored(b, "a") == stored(a, "a")
    for more in (1, 255, 256, 1):
        a.record(more)
        b.pull(a)
        assert stored(b, "a") == stored(a, "a")
    assert findings(b) == []


def test_what_a_peer_signs_that_it_keeps_is_seen_by_the_island_and_by_the_third(three: list[Island]) -> None:
    """ "Saved on three islands" is said only when two others have signed for it."""
    a, b, c = three
    a.record(3)
    b.pull(a)
    a.pull(b)
    c.pull(b)
    assert a.puller is not None
    assert c.puller is not None
    assert a.puller.copies["a/1"]["b"].size == 5
    assert c.puller.copies["a/1"]["b"].size == 5


def test_a_relay_carries_a_log_when_its_island_cannot_be_reached(three: list[Island]) -> None:
    """C is cut from A, B sees both: C must still learn what A recorded."""
    a, b, c = three
    a.record(700)
    b.pull(a)
    c.pull(b)  # a log nobody holds yet is taken from anyone at once
    assert stored(c, "a") == stored(a, "a")
    a.record(10)
    b.pull(a)
    for _ in range(8):
        c.pull(b)
    assert stored(c, "a") == stored(a, "a")


def test_a_redacted_entry_loses_its_bytes_in_every_copy_and_keeps_its_place(three: list[Island]) -> None:
    """Who has a body removed means all copies that can be reached; proofs must hold all the same."""
    a, b, c = three
    a.record(300)
    b.pull(a)
    a.writer.redact(17, "wrong person", "m. roux", a.clock.us)
    a.writer.redact(290, "wrong person", "m. roux", a.clock.us)
    b.pull(a)
    assert stored(b, "a")[17] is None
    assert stored(b, "a")[290] is None
    c.pull(a)  # never had the bytes
    assert findings(b) == findings(c) == []


def test_a_body_that_is_a_blob_comes_along_and_the_copy_is_signed_for_only_with_it(
    three: list[Island],
) -> None:
    """A signature over an entry whose document is not here would promise what nobody has."""
    a, b, c = three
    a.record(2, size=40_000)
    missing = next((a.data / "blobs").glob("*/*"))
    body = missing.read_bytes()
    missing.unlink()
    b.pull(a)
    assert stored(b, "a") == stored(a, "a"), "entries are kept without their blob"
    assert b.puller is not None
    assert b.puller.logs()["a/1"].whole < 4
    c.pull(b)
    assert c.puller is not None
    assert "b" not in c.puller.copies.get("a/1", {})
    missing.write_bytes(body)
    for _ in range(12):
        b.pull(a)
    assert b.puller.logs()["a/1"].whole == 4
    c.pull(b)
    assert c.puller.copies["a/1"]["b"].size == 4
    assert findings(b) == []


def test_a_new_epoch_is_believed_when_the_key_of_the_one_before_handed_over(three: list[Island]) -> None:
    """An island that goes on with a new key needs no managers' meeting at 3 a.m., as long as the old key says so."""
    a, b, _ = three
    a.record(3)
    b.pull(a)
    a.new_epoch()
    a.record(4)
    b.pull(a)
    assert stored(b, "a", 2) == stored(a, "a", 2)
    a.record(4)
    b.pull(a)
    assert stored(b, "a", 2) == stored(a, "a", 2)


def test_bytes_that_go_while_they_are_pulled_come_to_count_with_the_redaction(three: list[Island]) -> None:
    """Between checkpoint and bundle somebody redacts: nothing is believed without its reason, nothing is lost."""
    a, b, _ = three
    a.record(300)
    old = a.publisher.get("a/1/checkpoint", 1 << 14)
    a.writer.redact(5, "wrong person", "x", a.clock.us)

    class Late:
        def get(self, path: str, limit: int) -> bytes | None:
            return old if path == "a/1/checkpoint" else a.publisher.get(path, limit)

        def close(self) -> None:
            pass

    b.pull(Late(), "a")  # type: ignore[arg-type]
    assert b.size("a") == 0
    b.pull(a)
    assert stored(b, "a") == stored(a, "a")
    assert findings(b) == []


def test_who_keeps_bytes_back_for_ever_is_told_of(three: list[Island]) -> None:
    """An entry without bytes and without a redaction is neither held nor silently waited for."""
    a, b, _ = three
    a.record(20)
    held_back = a.publisher.get("a/1/tile/entries/000.p/22", 1 << 20)
    assert held_back is not None
    entries: list[bytes | None] = list(layout.entries_of(held_back, 22))
    entries[7] = None

    class Keeping:
        def get(self, path: str, limit: int) -> bytes | None:
            return layout.bundle(entries) if "entries" in path else a.publisher.get(path, limit)

        def close(self) -> None:
            pass

    for _ in range(50):
        b.pull(Keeping(), "a")  # type: ignore[arg-type]
    assert b.puller is not None
    assert [told.what for told in b.puller.refused] == ["removed"]
    assert b.size("a") == 0
    b.clock.us += 70_000_000
    b.pull(a)
    assert stored(b, "a") == stored(a, "a"), "who has the bytes is believed all the same"
